-- completeness_hourly: equals a recount that goes through the polls of each feed in their order
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(toString(hour), wrong), ', ')
FROM
(
    SELECT hour, sum(p) != 0 OR sum(g) != 0 OR sum(n) != 0 OR abs(sum(e)) > 1e-6 * sum(polls) OR abs(sum(c)) > 1e-6 * sum(polls) AS wrong
    FROM
    (
        SELECT h.hour AS hour, toInt64(h.polls) AS p, toInt64(h.gaps) AS g, toInt64(h.failures) AS n, h.expected AS e, h.covered AS c, h.polls AS polls
        FROM completeness_hourly AS h
        UNION ALL
        SELECT toStartOfHour(r.at) AS hour, -toInt64(sum(k.n)), -toInt64(sumIf(k.n, r.gap)), -toInt64(sumIf(k.n, r.failed)), -sum(k.n * r.expected),
            -sumIf(k.n * r.expected, if(r.error = '', NOT r.gap, NOT r.ended.2)), 0
        FROM
        (
            SELECT at, source, gap, error, error != '' AND class != 'moved' AS failed, toFloat64(expected_items) AS expected,
                min(if(recovered > 0, (at, gap), (toDateTime64('2200-01-01', 3, 'UTC'), true)))
                    OVER (PARTITION BY feed_url ORDER BY at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS ended
            FROM fetches
        ) AS r
        INNER JOIN
        (
            SELECT f.source AS source, toInt64(greatest(1, length(argMax(s.collections, s.landed_at)))) AS n
            FROM (SELECT DISTINCT source FROM fetches) AS f
            LEFT JOIN sources AS s ON s.source = f.source
            GROUP BY source
        ) AS k ON k.source = r.source
        GROUP BY hour
    )
    GROUP BY hour
)
