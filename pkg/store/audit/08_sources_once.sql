-- sources: each that published is described, at most once by the documents
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(source, wrong), ', ')
FROM
(
    SELECT a.source AS source, s.rows = 0 OR s.documents > 1 AS wrong
    FROM (SELECT DISTINCT toString(source) AS source FROM articles WHERE seen_at >= {from} AND seen_at < {to}) AS a
    LEFT JOIN (SELECT toString(source) AS source, count() AS rows, countIf(topic = 'documents') AS documents FROM sources GROUP BY source) AS s ON s.source = a.source
)
