-- Originals by entity in one window of the live stream, merges resolved, from
-- sources that are known long enough. An article that a revision brings to an
-- entity which it counted for before is not counted again.
WITH
    merged AS (SELECT entity_id, canonical_id AS into FROM entity_merges),
    named AS
    (
        SELECT if(s.into = '', m.entity_id, s.into) AS id, m.article_id AS article_id, any(m.source) AS source, min(m.revision) AS revision
        FROM mentions AS m
        LEFT JOIN merged AS s ON s.entity_id = m.entity_id
        WHERE m.seen_at >= {from:DateTime64(3, 'UTC')} AND m.seen_at < {to:DateTime64(3, 'UTC')} AND NOT m.backlog AND m.original
            AND toUnixTimestamp64Milli(m.seen_at) >= transform(toString(m.source), splitByChar('\n', {sources:String}), {ready:Array(UInt64)}, toUInt64(0))
        GROUP BY id, article_id
    )
SELECT id AS entity_id, count() AS originals, uniqExact(source) AS sources
FROM named
WHERE revision = 0 OR (id, article_id) NOT IN
    (
        SELECT if(s.into = '', m.entity_id, s.into), m.article_id
        FROM mentions AS m
        LEFT JOIN merged AS s ON s.entity_id = m.entity_id
        WHERE m.entity_id IN (SELECT entity_id FROM merged UNION ALL SELECT into FROM merged)
            AND m.article_id IN (SELECT article_id FROM named WHERE revision > 0)
            AND m.seen_at < {from:DateTime64(3, 'UTC')}
    )
GROUP BY entity_id
ORDER BY originals DESC, entity_id
