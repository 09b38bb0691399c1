-- Originals of some entities by step, merges resolved, each article counted
-- once: live ones when they were seen, before that the backlog by its dates.
WITH
    merged AS (SELECT entity_id, canonical_id AS into FROM entity_merges),
    asked AS (SELECT arrayJoin(splitByChar('\n', {entities:String})) AS entity_id)
SELECT id AS entity_id, toInt64(intDiv(toUnixTimestamp64Milli(at), toInt64({step:UInt32}) * 1000)) AS bucket, count() AS originals
FROM
(
    SELECT if(s.into = '', m.entity_id, s.into) AS id, m.article_id AS article_id, min(if(m.backlog, m.ts, m.seen_at)) AS at
    FROM mentions AS m
    LEFT JOIN merged AS s ON s.entity_id = m.entity_id
    WHERE m.entity_id IN (SELECT entity_id FROM asked UNION ALL SELECT entity_id FROM merged WHERE into IN (SELECT entity_id FROM asked))
        AND m.original AND m.ts >= {from:DateTime64(3, 'UTC')} - INTERVAL 31 DAY
        AND if(m.backlog, m.ts < {live:DateTime64(3, 'UTC')}, m.seen_at >= {live:DateTime64(3, 'UTC')})
        AND toUnixTimestamp64Milli(if(m.backlog, m.ts, m.seen_at))
            >= transform(toString(m.source), splitByChar('\n', {sources:String}), {ready:Array(UInt64)}, toUInt64(0))
    GROUP BY id, article_id
) AS counted
WHERE at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
GROUP BY entity_id, bucket
ORDER BY entity_id, bucket
