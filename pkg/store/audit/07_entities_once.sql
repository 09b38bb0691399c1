-- entities: each that is mentioned is described, at most once by the documents
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(entity_id, wrong), ', ')
FROM
(
    SELECT m.entity_id AS entity_id, e.rows = 0 OR e.documents > 1 AS wrong
    FROM (SELECT DISTINCT entity_id FROM mentions WHERE seen_at >= {from} AND seen_at < {to}) AS m
    LEFT JOIN (SELECT entity_id, count() AS rows, countIf(topic = 'documents') AS documents FROM entities GROUP BY entity_id) AS e ON e.entity_id = m.entity_id
)
