-- The articles that name some entities in one window of the live stream,
-- copies included, merges resolved.
WITH
    merged AS (SELECT entity_id, canonical_id AS into FROM entity_merges),
    asked AS (SELECT arrayJoin(splitByChar('\n', {entities:String})) AS entity_id),
    named AS
    (
        SELECT if(s.into = '', m.entity_id, s.into) AS id, m.article_id AS article_id, any(m.story_id) AS story_id, toString(any(m.source)) AS source,
            max(m.original) AS original, max(m.in_title) AS in_title, min(m.seen_at) AS seen_at
        FROM mentions AS m
        LEFT JOIN merged AS s ON s.entity_id = m.entity_id
        WHERE m.entity_id IN (SELECT entity_id FROM asked UNION ALL SELECT entity_id FROM merged WHERE into IN (SELECT entity_id FROM asked))
            AND m.seen_at >= {from:DateTime64(3, 'UTC')} AND m.seen_at < {to:DateTime64(3, 'UTC')} AND NOT m.backlog
            AND toUnixTimestamp64Milli(m.seen_at) >= transform(toString(m.source), splitByChar('\n', {sources:String}), {ready:Array(UInt64)}, toUInt64(0))
        GROUP BY id, article_id
        ORDER BY id, seen_at, article_id
        LIMIT 5000 BY id
    )
SELECT n.id AS entity_id, n.article_id AS article_id, n.story_id AS story_id, n.source AS source, n.original AS original, n.in_title AS in_title,
    a.copy_of AS copy_of, a.title AS title
FROM named AS n
LEFT JOIN
(
    SELECT article_id, argMin(copy_of, revision) AS copy_of, argMax(title, revision) AS title
    FROM articles
    WHERE ts >= {from:DateTime64(3, 'UTC')} - INTERVAL 31 DAY AND article_id IN (SELECT article_id FROM named)
    GROUP BY article_id
) AS a ON a.article_id = n.article_id
ORDER BY entity_id, n.seen_at, article_id
