-- The state of the feeds from their polls since a time, trouble first.
SELECT
    feed_url,
    max(f.at) AS last_poll,
    maxIf(f.at, f.error = '') AS last_success,
    argMax(f.status, f.at) AS status,
    argMax(f.error, f.at) AS error,
    count() AS polls,
    countIf(f.error != '') AS failures,
    countIf(f.gap) AS gaps,
    sum(f.new_items) AS new_items,
    sum(f.expected_items) AS expected_items,
    argMax(f.items, (f.items > 0, f.at)) AS items,
    toUInt32(ifNotFinite(quantile(0.5)(f.took_ms), 0)) AS took_ms
FROM fetches AS f
WHERE at >= {from:DateTime64(3, 'UTC')}
GROUP BY feed_url
ORDER BY error = '', gaps DESC, failures DESC, feed_url
LIMIT {limit:UInt32}
