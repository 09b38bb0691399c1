-- forgotten: nothing is left of what is to be forgotten, and nothing quotes it
WITH
    (SELECT groupArray(substring(name, 6)) FROM (SELECT name, argMax(lifted, (epoch, said)) AS up FROM forgotten WHERE startsWith(name, 'site/') GROUP BY name) WHERE NOT up) AS sites
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(lower(hex(id)), wrong), ', ')
FROM
(
    SELECT
        article_id AS id,
        text_from != 'forgotten' OR notEmpty(url) OR notEmpty(title) OR notEmpty(summary) OR notEmpty(text) AS wrong
    FROM articles
    WHERE seen_at >= {from} AND seen_at < {to} AND
    (
        article_id IN
        (
            SELECT reinterpretAsUInt64(reverse(unhex(substring(name, 9))))
            FROM (SELECT name, argMax(lifted, (epoch, said)) AS up FROM forgotten WHERE startsWith(name, 'article/') GROUP BY name)
            WHERE NOT up
        )
        OR notEmpty(sites) AND arrayExists(s -> source = s OR endsWith(concat('.', source), concat('.', s)) OR endsWith(concat('.', domain(canonical_url)), concat('.', s)), sites)
    )
    UNION ALL
    SELECT
        article_id AS id,
        text_from != 'forgotten' OR notEmpty(surface)
            OR (article_id, revision) IN (SELECT article_id, revision FROM articles WHERE text_from = 'forgotten' AND empty(entities)) AS wrong
    FROM mentions
    WHERE seen_at >= {from} AND seen_at < {to}
        AND (article_id, revision) IN (SELECT article_id, revision FROM articles WHERE text_from = 'forgotten')
)
