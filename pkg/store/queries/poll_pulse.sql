-- The polls of a time taken together: whether any were made, and whether most
-- of the feeds failed in them.
SELECT
    count() AS fetches,
    uniqExact(feed_url) AS feeds,
    countIf(notEmpty(error) AND class != 'moved') AS failures,
    uniqExactIf(feed_url, notEmpty(error) AND class != 'moved') AS failed_feeds,
    uniqExactIf(feed_url, silent) AS silent,
    sum(expected_items) AS expected,
    sum(new_items) AS new_items,
    max(at) AS last
FROM fetches
WHERE at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
