-- The entities named in some articles, with how many of these name them.
WITH named AS
(
    SELECT if(s.into = '', m.entity_id, s.into) AS id, any(m.kind) AS kind,
        uniqExactMerge(m.articles) AS articles, sum(m.occurrences) AS occurrences
    FROM
    (
        SELECT entity_id, any(kind) AS kind, uniqExactState(article_id) AS articles, sum(n) AS occurrences
        FROM mentions
        WHERE article_id IN {articles:Array(UInt64)}
        GROUP BY entity_id
    ) AS m
    LEFT JOIN (SELECT entity_id, canonical_id AS into FROM entity_merges) AS s ON s.entity_id = m.entity_id
    GROUP BY id
    ORDER BY articles DESC, occurrences DESC, id
    LIMIT {limit:UInt32}
)
SELECT n.id AS entity_id, if(e.name = '', n.id, e.name) AS name, n.kind AS kind, n.articles AS articles, n.occurrences AS occurrences
FROM named AS n
LEFT JOIN (SELECT e.entity_id AS entity_id, argMaxIf(e.name, e.landed_at, e.name != '') AS name FROM entities AS e WHERE e.entity_id IN (SELECT id FROM named) GROUP BY entity_id) AS e ON e.entity_id = n.id
ORDER BY articles DESC, occurrences DESC, entity_id
