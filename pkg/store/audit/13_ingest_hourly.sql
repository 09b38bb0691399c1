-- ingest_hourly: equals a distinct recount
SELECT count(), countIf(v != r), arrayStringConcat(groupArrayIf(5)(source || ' at ' || toString(hour), v != r), ', ')
FROM
(
    SELECT source, language, hour, groupArrayIf(t, side = 'view' AND t.1 > 0) AS v, groupArrayIf(t, side = 'rows') AS r
    FROM
    (
        SELECT 'view' AS side, toString(source) AS source, toString(language) AS language, hour, (articles, originals, backlog) AS t FROM ingest_hourly
        UNION ALL
        SELECT 'rows' AS side, toString(source), toString(language), toStartOfHour(ts) AS hour,
            (uniqExact(article_id), uniqExactIf(article_id, copy_of = 0), uniqExactIf(article_id, backlog)) AS t
        FROM articles
        WHERE revision = 0
        GROUP BY source, language, hour
    )
    GROUP BY source, language, hour
)
