-- Which sources cover an entity most, beside all that they delivered.
WITH {from:DateTime64(3, 'UTC')} AS t0, {to:DateTime64(3, 'UTC')} AS t1
SELECT
    m.source AS source,
    count() AS articles,
    countIf(m.original) AS originals,
    any(i.articles) AS ingested,
    if(ingested = 0, 0, articles / ingested) AS share
FROM articles_naming(entity = {entity:String}, from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}) AS m
LEFT JOIN
(
    SELECT source, countIf(revision = 0) AS articles FROM articles WHERE ts >= t0 AND ts < t1 GROUP BY source
) AS i ON i.source = m.source
GROUP BY m.source
ORDER BY articles DESC, source
LIMIT {limit:UInt32}
