-- articles: no revision of an article stands twice, and each starts at revision 0
SELECT
    count(),
    countIf(twice OR gap),
    arrayStringConcat(groupArrayIf(10)(lower(hex(article_id)), twice OR gap), ', ')
FROM
(
    SELECT article_id, count() != uniqExact(revision) AS twice, max(revision) + 1 != uniqExact(revision) AS gap
    FROM articles
    GROUP BY article_id
    HAVING min(seen_at) >= {from} AND min(seen_at) < {to}
)
