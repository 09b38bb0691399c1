-- The state of all feeds that were polled since a time, at their last poll:
-- how many are late by now, and how many fail.
SELECT
    count() AS feeds,
    countIf(next_poll > toDateTime64(0, 3, 'UTC') AND next_poll < {late:DateTime64(3, 'UTC')}) AS overdue,
    countIf(error != '') AS failing,
    max(last_poll) AS last,
    maxIf(last_success, error != '') AS failing_since,
    if(failing = 0, '', arrayElement(topKIf(1)(class, error != ''), 1)) AS common
FROM
(
    SELECT
        feed_url,
        max(f.at) AS last_poll,
        maxIf(f.at, f.error = '') AS last_success,
        argMax(f.next_poll, f.at) AS next_poll,
        argMax(f.error, f.at) AS error,
        argMax(f.class, f.at) AS class
    FROM fetches AS f
    WHERE f.at >= {from:DateTime64(3, 'UTC')}
    GROUP BY feed_url
)
