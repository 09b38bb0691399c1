-- The copies of one original, as they came.
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
WHERE a.copy_of = {article:UInt64}
GROUP BY article_id
ORDER BY ts, seen_at, article_id
LIMIT {limit:UInt32}
