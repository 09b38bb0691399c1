-- coverage_hourly: equals a distinct recount
SELECT count(), countIf(v != r), arrayStringConcat(groupArrayIf(5)(entity_id || ' at ' || toString(hour), v != r), ', ')
FROM
(
    SELECT entity_id, hour, groupArrayIf(t, side = 'view') AS v, groupArrayIf(t, side = 'rows') AS r
    FROM
    (
        SELECT 'view' AS side, entity_id, hour, (articles, originals, in_title, in_lead, backlog, occurrences) AS t
        FROM coverage_hourly
        UNION ALL
        SELECT 'rows' AS side, entity_id, toStartOfHour(ts) AS hour,
            (uniqExact(article_id), uniqExactIf(article_id, original), uniqExactIf(article_id, in_title), uniqExactIf(article_id, in_lead), uniqExactIf(article_id, backlog), sum(n)) AS t
        FROM (SELECT entity_id, ts, article_id, original, in_title, in_lead, backlog, n, rowNumberInAllBlocks() FROM mentions)
        GROUP BY entity_id, hour
    )
    GROUP BY entity_id, hour
)
