-- The forms in which articles first write an entity, merges resolved.
SELECT surface, uniqExact(article_id) AS articles
FROM mentions
WHERE entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String})) AND surface != ''
GROUP BY surface
ORDER BY articles DESC, surface
LIMIT {limit:UInt32}
