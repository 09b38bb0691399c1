-- The articles that landed last. Live ones only where live is true.
SELECT
    article_id, title, url, source, language, ts, seen_at, landed_at, copy_of, story_id, revision, backlog, words
FROM articles
WHERE (epoch, off) IN
    (
        SELECT epoch, off FROM articles
        WHERE NOT ({live:Bool} AND backlog)
        ORDER BY seen_at DESC, epoch DESC, off DESC
        LIMIT {limit:UInt32}
    )
ORDER BY seen_at DESC, epoch DESC, off DESC
LIMIT {limit:UInt32}
