-- Who is named in the same articles as an entity, with names.
WITH together AS
(
    SELECT entity_id, kind, articles, originals
    FROM co_mentions(entity = {entity:String}, from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')})
    ORDER BY articles DESC, entity_id
    LIMIT {limit:UInt32}
)
SELECT
    t.entity_id AS entity_id,
    if(e.name = '', t.entity_id, e.name) AS name,
    t.kind AS kind,
    t.articles AS articles,
    t.originals AS originals
FROM together AS t
LEFT JOIN (SELECT e.entity_id AS entity_id, argMaxIf(e.name, e.landed_at, e.name != '') AS name FROM entities AS e WHERE e.entity_id IN (SELECT entity_id FROM together) GROUP BY entity_id) AS e ON e.entity_id = t.entity_id
ORDER BY articles DESC, entity_id
