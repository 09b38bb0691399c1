-- coverage_hourly: equals a distinct recount
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(entity_id || ' at ' || toString(hour), wrong), ', ')
FROM
(
    SELECT entity_id, hour, sum(a) != 0 OR sum(o) != 0 OR sum(t) != 0 OR sum(l) != 0 OR sum(b) != 0 OR sum(s) != 0 AS wrong
    FROM
    (
        SELECT entity_id, hour, toInt64(articles) AS a, toInt64(originals) AS o, toInt64(in_title) AS t, toInt64(in_lead) AS l,
            toInt64(backlog) AS b, toInt64(occurrences) AS s
        FROM coverage_hourly
        WHERE {slice:entity_id}
        UNION ALL
        SELECT m.entity_id, toStartOfHour(m.ts) AS hour, -1, -toInt64(max(m.original)), -toInt64(max(m.in_title)), -toInt64(max(m.in_lead)),
            -toInt64(max(m.backlog)), -toInt64(sum(m.n))
        FROM mentions AS m
        WHERE {slice:m.entity_id}
        GROUP BY m.entity_id, hour, m.article_id
    )
    WHERE {touched:hour:mentions}
    GROUP BY entity_id, hour
)
