-- What was ingested by step: the denominator of every share.
SELECT
    toStartOfInterval(ts, toIntervalSecond({step:UInt32}), 'UTC') AS time,
    countIf(revision = 0) AS articles,
    countIf(revision = 0 AND copy_of = 0) AS originals,
    toUInt64(articles - originals) AS copies,
    articles AS ingested,
    toFloat64(ingested > 0) AS share
FROM articles
WHERE ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
GROUP BY time
ORDER BY time WITH FILL FROM {first:DateTime} TO {last:DateTime} STEP {step:UInt32}
