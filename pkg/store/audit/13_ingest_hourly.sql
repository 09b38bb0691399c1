-- ingest_hourly: equals a distinct recount
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(source || ' at ' || toString(hour), wrong), ', ')
FROM
(
    SELECT source, language, hour, sum(a) != 0 OR sum(o) != 0 OR sum(b) != 0 AS wrong
    FROM
    (
        SELECT toString(source) AS source, toString(language) AS language, hour, toInt64(articles) AS a, toInt64(originals) AS o, toInt64(backlog) AS b
        FROM ingest_hourly
        UNION ALL
        SELECT toString(r.source) AS source, toString(r.language) AS language, toStartOfHour(r.ts) AS hour, -toInt64(uniqExact(r.article_id)),
            -toInt64(uniqExactIf(r.article_id, r.copy_of = 0)), -toInt64(uniqExactIf(r.article_id, r.backlog))
        FROM articles AS r
        WHERE r.revision = 0
        GROUP BY source, language, hour
    )
    WHERE {touched:hour:articles}
    GROUP BY source, language, hour
)
