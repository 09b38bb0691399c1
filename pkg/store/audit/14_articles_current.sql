-- articles_current: one row for each article, as its first revision was decided and with the text of its newest
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(lower(hex(article_id)), wrong), ', ')
FROM
(
    SELECT article_id, countIf(side = 1) != 1 OR sum(newest) != 0 OR sum(first) != 0 AS wrong
    FROM
    (
        SELECT article_id, 1 AS side,
            toInt64(cityHash64(toUInt64(revision), words, toString(text_from), title, url, revised_at)) AS newest,
            toInt64(cityHash64(ts, seen_at, copy_of, story_id, toString(source), toUInt8(backlog))) AS first
        FROM articles_current
        UNION ALL
        SELECT a.article_id AS article_id, 0,
            -toInt64(cityHash64(toUInt64(a.revision), a.words, toString(a.text_from), a.title, a.url, a.seen_at)), 0
        FROM articles AS a
        ORDER BY a.article_id, a.revision DESC
        LIMIT 1 BY a.article_id
        UNION ALL
        SELECT a.article_id AS article_id, 0, 0,
            -toInt64(cityHash64(a.ts, a.seen_at, a.copy_of, a.story_id, toString(a.source), toUInt8(a.backlog)))
        FROM articles AS a
        ORDER BY a.article_id, a.revision
        LIMIT 1 BY a.article_id
    )
    WHERE {touched:article_id:articles}
    GROUP BY article_id
)
