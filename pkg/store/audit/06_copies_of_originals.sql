-- articles: a copy points to an article that is an original itself, and shares its story
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(lower(hex(article_id)), wrong), ', ')
FROM
(
    SELECT c.article_id AS article_id, o.n = 0 OR o.copy_of != 0 OR o.story_id != c.story_id AS wrong
    FROM articles AS c
    LEFT JOIN (SELECT article_id, copy_of, story_id, 1 AS n FROM articles WHERE revision = 0) AS o ON o.article_id = c.copy_of
    WHERE c.copy_of != 0 AND c.seen_at >= {from} AND c.seen_at < {to}
)
