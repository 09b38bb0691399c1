-- sources: each that published is described, once by the documents
SELECT count(), countIf(n != 1), arrayStringConcat(groupArrayIf(5)(source, n != 1), ', ')
FROM
(
    SELECT a.source AS source, s.n AS n
    FROM (SELECT DISTINCT toString(source) AS source FROM articles WHERE seen_at >= {from} AND seen_at < {to}) AS a
    LEFT JOIN (SELECT toString(source) AS source, countIf(topic = 'documents') AS n FROM sources GROUP BY source) AS s ON s.source = a.source
)
