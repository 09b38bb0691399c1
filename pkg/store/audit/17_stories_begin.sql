-- articles: a story bears the id of an article, and that is an original which begins it
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(lower(hex(story_id)), wrong), ', ')
FROM
(
    SELECT s.story_id AS story_id, f.n = 0 OR f.copy_of != 0 OR f.own != f.story AS wrong
    FROM (SELECT DISTINCT story_id FROM articles WHERE seen_at >= {from} AND seen_at < {to}) AS s
    LEFT JOIN (SELECT article_id AS own, story_id AS story, copy_of, 1 AS n FROM articles WHERE revision = 0) AS f ON f.own = s.story_id
)
