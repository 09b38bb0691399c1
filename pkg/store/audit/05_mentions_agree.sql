-- mentions: each belongs to a revision of an article, and its copied columns equal those
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(lower(hex(article_id)), wrong), ', ')
FROM
(
    SELECT
        m.article_id AS article_id,
        a.n = 0 OR m.story_id != a.story_id OR m.source != a.source OR m.language != a.language OR m.ts != a.ts OR m.seen_at != a.seen_at
            OR m.original != (a.copy_of = 0) OR m.backlog != a.backlog OR m.epoch != a.epoch OR m.part != a.part OR m.off != a.off
            OR m.text_from != a.text_from AS wrong
    FROM mentions AS m
    LEFT JOIN
    (
        SELECT article_id, revision, story_id, source, language, ts, seen_at, copy_of, backlog, epoch, part, off, text_from, 1 AS n
        FROM articles
        WHERE seen_at >= {from} AND seen_at < {to}
    ) AS a ON a.article_id = m.article_id AND a.revision = m.revision
    WHERE m.seen_at >= {from} AND m.seen_at < {to}
)
SETTINGS join_algorithm = 'grace_hash'
