-- share_of_voice: equals coverage over ingest, recounted
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(entity_id || ' on ' || toString(day), wrong), ', ')
FROM
(
    SELECT s.entity_id AS entity_id, s.day AS day, s.ingested != i.n OR abs(s.share - s.articles / i.n) > 1e-9 AS wrong
    FROM share_of_voice AS s
    LEFT JOIN (SELECT toDate(ts) AS day, uniqExact(article_id) AS n FROM articles WHERE revision = 0 GROUP BY day) AS i ON i.day = s.day
)
