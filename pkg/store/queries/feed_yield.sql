-- What the polls of one feed brought by step, beside what its rhythm made one
-- expect.
SELECT
    toStartOfInterval(at, toIntervalSecond({step:UInt32}), 'UTC') AS time,
    count() AS polls,
    countIf(notEmpty(error) AND class != 'moved') AS failed,
    countIf(gap) AS gaps,
    sum(new_items) AS new_items,
    sum(expected_items) AS expected
FROM fetches
WHERE feed_url = {feed:String} AND at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
GROUP BY time
ORDER BY time WITH FILL FROM {first:DateTime} TO {last:DateTime} STEP {step:UInt32}
