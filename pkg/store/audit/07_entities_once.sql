-- entities: each that is mentioned is described, once by the documents
SELECT count(), countIf(n != 1), arrayStringConcat(groupArrayIf(5)(entity_id, n != 1), ', ')
FROM
(
    SELECT m.entity_id AS entity_id, e.n AS n
    FROM (SELECT DISTINCT entity_id FROM mentions WHERE seen_at >= {from} AND seen_at < {to}) AS m
    LEFT JOIN (SELECT entity_id, countIf(topic = 'documents') AS n FROM entities GROUP BY entity_id) AS e ON e.entity_id = m.entity_id
)
