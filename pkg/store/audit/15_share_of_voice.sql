-- share_of_voice: equals coverage over ingest, recounted
SELECT count(), countIf(abs(s.share - m.n / i.n) > 1e-9), arrayStringConcat(groupArrayIf(5)(s.entity_id || ' on ' || toString(s.day), abs(s.share - m.n / i.n) > 1e-9), ', ')
FROM share_of_voice AS s
INNER JOIN (SELECT entity_id, toDate(ts) AS day, uniqExact(article_id) AS n FROM mentions GROUP BY entity_id, day) AS m ON m.entity_id = s.entity_id AND m.day = s.day
INNER JOIN (SELECT toDate(ts) AS day, uniqExact(article_id) AS n FROM articles WHERE revision = 0 GROUP BY day) AS i ON i.day = s.day
