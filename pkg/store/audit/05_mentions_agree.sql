-- mentions: copied columns equal those of the article's revision
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(5)(lower(hex(article_id)), wrong), ', ')
FROM
(
    SELECT
        m.article_id AS article_id,
        a.n = 0 OR m.story_id != a.story_id OR m.source != a.source OR m.ts != a.ts OR m.original != (a.copy_of = 0)
            OR m.backlog != a.backlog OR m.off != a.off AS wrong
    FROM mentions AS m
    LEFT JOIN
    (
        SELECT article_id, revision, story_id, source, ts, copy_of, backlog, off, 1 AS n FROM articles
    ) AS a ON a.article_id = m.article_id AND a.revision = m.revision
    WHERE m.seen_at >= {from} AND m.seen_at < {to}
)
