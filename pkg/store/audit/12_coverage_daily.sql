-- coverage_daily: equals a distinct recount
SELECT count(), countIf(v != r), arrayStringConcat(groupArrayIf(5)(entity_id || ' on ' || toString(day), v != r), ', ')
FROM
(
    SELECT entity_id, day, groupArrayIf(t, side = 'view') AS v, groupArrayIf(t, side = 'rows') AS r
    FROM
    (
        SELECT 'view' AS side, entity_id, day, (articles, originals, in_title, occurrences) AS t FROM coverage_daily
        UNION ALL
        SELECT 'rows' AS side, entity_id, toDate(ts) AS day,
            (uniqExact(article_id), uniqExactIf(article_id, original), uniqExactIf(article_id, in_title), sum(n)) AS t
        FROM mentions
        GROUP BY entity_id, day
    )
    GROUP BY entity_id, day
)
