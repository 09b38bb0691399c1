-- coverage_daily: equals a distinct recount
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(entity_id || ' on ' || toString(day), wrong), ', ')
FROM
(
    SELECT entity_id, day, sum(a) != 0 OR sum(o) != 0 OR sum(t) != 0 OR sum(l) != 0 OR sum(b) != 0 OR sum(s) != 0 AS wrong
    FROM
    (
        SELECT entity_id, day, toInt64(articles) AS a, toInt64(originals) AS o, toInt64(in_title) AS t, toInt64(in_lead) AS l,
            toInt64(backlog) AS b, toInt64(occurrences) AS s
        FROM coverage_daily
        WHERE {slice:entity_id}
        UNION ALL
        SELECT m.entity_id, toDate(m.ts) AS day, -1, -toInt64(max(m.original)), -toInt64(max(m.in_title)), -toInt64(max(m.in_lead)),
            -toInt64(max(m.backlog)), -toInt64(sum(m.n))
        FROM mentions AS m
        WHERE {slice:m.entity_id}
        GROUP BY m.entity_id, day, m.article_id
    )
    WHERE {touched:day:mentions}
    GROUP BY entity_id, day
)
