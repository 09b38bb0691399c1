-- Entities by the start of their name, of a word in it, or of their id.
WITH found AS
(
    SELECT canonical_id AS id, any(kind) AS kind, anyIf(name, entity_id = canonical_id) AS main, any(name) AS other
    FROM entities_current
    WHERE startsWith(lowerUTF8(name), {prefix:String}) OR position(lowerUTF8(name), {inner:String}) > 0
        OR arrayExists(x -> startsWith(lowerUTF8(x), {prefix:String}), aliases) OR startsWith(entity_id, {prefix:String})
    GROUP BY id
)
SELECT f.id AS entity_id, if(f.main = '', f.other, f.main) AS name, f.kind AS kind, m.articles AS articles
FROM found AS f
LEFT JOIN
(
    SELECT entity_id, sum(articles) AS articles FROM coverage_daily WHERE entity_id IN (SELECT id FROM found) GROUP BY entity_id
) AS m ON m.entity_id = f.id
ORDER BY articles DESC, entity_id
LIMIT {limit:UInt32}
