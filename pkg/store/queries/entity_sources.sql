-- Which sources cover an entity most, beside all that they delivered.
WITH {from:DateTime64(3, 'UTC')} AS t0, {to:DateTime64(3, 'UTC')} AS t1
SELECT
    m.source AS source,
    uniqExact(m.article_id) AS articles,
    uniqExactIf(m.article_id, m.original) AS originals,
    any(i.articles) AS ingested,
    if(ingested = 0, 0, articles / ingested) AS share
FROM mentions AS m
LEFT JOIN
(
    SELECT source, countIf(revision = 0) AS articles FROM articles WHERE ts >= t0 AND ts < t1 GROUP BY source
) AS i ON i.source = m.source
WHERE m.entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String})) AND m.ts >= t0 AND m.ts < t1
GROUP BY m.source
ORDER BY articles DESC, source
LIMIT {limit:UInt32}
