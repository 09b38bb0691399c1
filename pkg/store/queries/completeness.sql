-- How much of what was expected is covered: the expected yield of the polls
-- that answered and missed nothing, over that of all polls. What a failed poll
-- was expected to bring is covered by the next answer, where that has no gap.
WITH
    (
        SELECT sum(t.expected_items)
        FROM
        (
            SELECT toString(feed_url) AS feed, at, expected_items
            FROM fetches
            WHERE notEmpty(error) AND expected_items > 0 AND at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
        ) AS t
        ASOF INNER JOIN
        (
            SELECT toString(feed_url) AS feed, at, gap FROM fetches WHERE recovered > 0 AND at >= {from:DateTime64(3, 'UTC')}
        ) AS r ON r.feed = t.feed AND r.at > t.at
        WHERE NOT r.gap
    ) AS recovered_items
SELECT
    count() AS polls,
    countIf(gap) AS gaps,
    countIf(notEmpty(error) AND class != 'moved') AS failures,
    sum(expected_items) AS expected,
    sumIf(expected_items, NOT gap AND empty(error)) + recovered_items AS covered,
    if(expected > 0, covered / expected, toFloat64(polls > failures)) AS completeness
FROM fetches
WHERE at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
