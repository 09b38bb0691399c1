-- The state of some feeds at a time, what to do about it, and the sums of
-- their polls over the day and the week before.
SELECT
    s.feed_url AS feed_url, source, state, advice, error, class, status, failures, first_poll, last_poll, last_success, last_new, last_gap,
    next_poll, rate, missing, silent, items, s.took_ms AS took_ms, median_ms,
    polls_24h, failed_24h, gaps_24h, not_modified_24h, new_24h, expected_24h, bytes_24h,
    polls_7d, failed_7d, gaps_7d, not_modified_7d, new_7d, expected_7d
FROM
(
    SELECT * FROM feed_states(now = {now:DateTime64(3, 'UTC')}) WHERE feed_url IN {feeds:Array(String)}
) AS s
LEFT JOIN
(
    SELECT * FROM feed_counts(now = {now:DateTime64(3, 'UTC')}) WHERE feed_url IN {feeds:Array(String)}
) AS f ON f.feed_url = s.feed_url
