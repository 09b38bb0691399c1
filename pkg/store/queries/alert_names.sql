-- The names of some entities.
SELECT entity_id, if(name = '', entity_id, name) AS name
FROM
(
    SELECT e.entity_id AS entity_id, argMaxIf(e.name, e.landed_at, e.name != '') AS name
    FROM entities AS e
    WHERE e.entity_id IN (SELECT arrayJoin(splitByChar('\n', {entities:String})))
    GROUP BY entity_id
)
