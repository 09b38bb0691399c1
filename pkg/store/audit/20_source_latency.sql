-- source_latency: equals a recount, the quantiles of many articles as near as they are estimated
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(source, wrong), ', ')
FROM
(
    SELECT
        if(r.source = '', v.source, r.source) AS source,
        v.articles != r.n
            OR r.n <= 8000 AND (abs(v.p50_s - r.q[2]) > 0.5 OR abs(v.p95_s - r.q[5]) > 0.5)
            OR v.p50_s < r.q[1] - 0.5 OR v.p50_s > r.q[3] + 0.5 OR v.p95_s < r.q[4] - 0.5 OR v.p95_s > r.q[6] + 0.5 AS wrong
    FROM
    (
        SELECT toString(a.source) AS source, uniqExact(a.article_id) AS n, quantilesExactInclusive(0.42, 0.5, 0.58, 0.9, 0.95, 0.99)(a.late) AS q
        FROM (SELECT article_id, source, dateDiff('second', assumeNotNull(published_at), seen_at) AS late
            FROM articles WHERE revision = 0 AND NOT backlog AND published_at >= toDateTime64('1990-01-01 00:00:00.001', 3, 'UTC')) AS a
        GROUP BY source
    ) AS r
    FULL JOIN (SELECT toString(s.source) AS source, s.articles AS articles, s.p50_s AS p50_s, s.p95_s AS p95_s FROM source_latency AS s) AS v ON v.source = r.source
)
