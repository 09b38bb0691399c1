-- The newest articles that name an entity, each with the newest of its revisions.
SELECT
    article_id,
    argMax(a.title, a.revision) AS title,
    argMax(a.url, a.revision) AS url,
    argMin(a.source, a.revision) AS source,
    argMin(a.language, a.revision) AS language,
    argMin(a.ts, a.revision) AS ts,
    min(a.seen_at) AS seen_at,
    min(a.landed_at) AS landed_at,
    argMin(a.copy_of, a.revision) AS copy_of,
    argMin(a.story_id, a.revision) AS story_id,
    max(a.revision) AS revision,
    argMin(a.backlog, a.revision) AS backlog,
    argMax(a.words, a.revision) AS words
FROM articles AS a
WHERE (a.ts, a.article_id) IN
    (
        SELECT ts, article_id FROM articles
        WHERE article_id IN
        (
            SELECT article_id
            FROM mentions
            WHERE entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String}))
                AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
                AND (original OR NOT {originals:Bool})
            GROUP BY article_id
            ORDER BY max(ts) DESC
            LIMIT {limit:UInt32}
        )
    )
GROUP BY article_id
ORDER BY ts DESC, article_id
LIMIT {limit:UInt32}
