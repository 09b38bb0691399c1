-- Feeds whose last poll since a time called them silent: they bring less than
-- they ever did. What is missing most stands first. Beside each, how many feeds
-- of its source were polled.
SELECT
    feed_url,
    source,
    last_new,
    missing,
    rate,
    class,
    error,
    last_poll,
    next_poll,
    source_feeds
FROM
(
    SELECT
        feed_url,
        argMax(f.source, f.at) AS source,
        argMax(f.last_new, f.at) AS last_new,
        argMax(f.missing, f.at) AS missing,
        argMax(f.rate, f.at) AS rate,
        argMax(f.class, f.at) AS class,
        argMax(f.error, f.at) AS error,
        max(f.at) AS last_poll,
        argMax(f.next_poll, f.at) AS next_poll,
        argMax(f.silent, f.at) AS silent,
        count() OVER (PARTITION BY source) AS source_feeds
    FROM fetches AS f
    WHERE f.at >= {from:DateTime64(3, 'UTC')}
    GROUP BY feed_url
)
WHERE silent
ORDER BY missing DESC, feed_url
LIMIT {limit:UInt32}
