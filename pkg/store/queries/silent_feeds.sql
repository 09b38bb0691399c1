-- Feeds whose last poll, no older than a time, called them silent: they bring
-- less than they ever did. What is missing most stands first.
SELECT feed_url, source, last_new, missing, rate, class, error, last_poll, next_poll, source_feeds
FROM
(
    SELECT feed_url, source, last_new, missing, rate, class, error, last_poll, next_poll, silent, count() OVER (PARTITION BY source) AS source_feeds
    FROM feed_states(now = {from:DateTime64(3, 'UTC')})
    WHERE last_poll >= {from:DateTime64(3, 'UTC')}
)
WHERE silent
ORDER BY missing DESC, feed_url
LIMIT {limit:UInt32}
