-- How much of what was expected is covered: the expected yield of the polls
-- that answered and missed nothing, over that of all polls.
SELECT
    count() AS polls,
    countIf(gap) AS gaps,
    countIf(error != '') AS failures,
    sum(expected_items) AS expected,
    sumIf(expected_items, NOT gap AND error = '') AS covered,
    if(expected > 0, covered / expected, toFloat64(polls > failures)) AS completeness
FROM fetches
WHERE at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
