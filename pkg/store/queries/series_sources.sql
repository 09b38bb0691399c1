-- Coverage of one entity by step and source, restricted to some sources: a
-- collection, or the panel of those that delivered at both ends of the range.
WITH
    {from:DateTime64(3, 'UTC')} AS t0,
    {to:DateTime64(3, 'UTC')} AS t1,
    chosen AS
    (
        SELECT source
        FROM articles
        WHERE ts >= t0 AND ts < t1 AND revision = 0
            AND ({collection:String} = '' OR source IN (SELECT source FROM sources WHERE has(collections, {collection:String})))
        GROUP BY source
        HAVING NOT {panel:Bool}
            OR (countIf(ts < addSeconds(t0, intDiv({seconds:UInt32}, 10))) > 0 AND countIf(ts >= addSeconds(t1, -intDiv({seconds:UInt32}, 10))) > 0)
    )
SELECT
    toString(if({by_source:Bool}, c.source, '')) AS source,
    time,
    sum(c.articles) AS articles,
    sum(c.originals) AS originals,
    toUInt64(articles - originals) AS copies,
    sum(c.ingested) AS ingested,
    if(ingested = 0, 0, articles / ingested) AS share
FROM
(
    SELECT source, toStartOfInterval(ts, toIntervalSecond({step:UInt32}), 'UTC') AS time,
        count() AS articles, countIf(original) AS originals, 0 AS ingested
    FROM articles_naming(entity = {entity:String}, from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')})
    WHERE source IN (SELECT source FROM chosen)
    GROUP BY source, time
    UNION ALL
    SELECT source, toStartOfInterval(ts, toIntervalSecond({step:UInt32}), 'UTC') AS time, 0, 0, countIf(revision = 0)
    FROM articles
    WHERE ts >= t0 AND ts < t1 AND source IN (SELECT source FROM chosen)
    GROUP BY source, time
) AS c
GROUP BY source, time
ORDER BY source, time
