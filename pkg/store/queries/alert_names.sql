-- The names of some entities.
SELECT entity_id, if(name = '', entity_id, name) AS name
FROM entities_current
WHERE entity_id IN (SELECT arrayJoin(splitByChar('\n', {entities:String})))
