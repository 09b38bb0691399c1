-- How many mentions, and entities, two tables of mentions hold up to where the
-- newer one took over.
SELECT countIf(side = 0) AS before, countIf(side = 1) AS after, uniqIf(entity_id, side = 0) AS entities_before, uniqIf(entity_id, side = 1) AS entities_after
FROM
(
    SELECT entity_id, 0 AS side FROM mentions_before
    WHERE (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64}) AND ({all:Bool} OR revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}
        OR revision > 0 AND article_id IN (SELECT article_id FROM articles WHERE revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}))
    UNION ALL
    SELECT entity_id, 1 AS side FROM mentions_after WHERE (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64})
)
