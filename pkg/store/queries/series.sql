-- Coverage of one entity by step, with what was ingested in the same step.
SELECT
    time,
    sum(c.articles) AS articles,
    sum(c.originals) AS originals,
    toUInt64(articles - originals) AS copies,
    sum(c.ingested) AS ingested,
    if(ingested = 0, 0, articles / ingested) AS share
FROM
(
    SELECT toDateTime(time, 'UTC') AS time, articles, originals, 0 AS ingested
    FROM coverage(entity = {entity:String}, from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, step = {step:UInt32})
    UNION ALL
    SELECT toStartOfInterval(ts, toIntervalSecond({step:UInt32}), 'UTC') AS time, 0, 0, countIf(revision = 0)
    FROM articles
    WHERE ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
    GROUP BY time
) AS c
GROUP BY time
ORDER BY time WITH FILL FROM {first:DateTime} TO {last:DateTime} STEP {step:UInt32}
