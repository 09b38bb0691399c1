-- One entity under the id that it counts under, with every name and stored id.
SELECT
    anyIf(e.entity_id, e.same_as = '') AS id,
    anyIf(e.kind, e.same_as = '') AS kind,
    anyIf(e.name, e.same_as = '') AS name,
    arrayDistinct(arrayConcat(arrayFlatten(groupArray(e.aliases)), groupArray(e.name))) AS aliases,
    anyIf(e.origin, e.same_as = '') AS origin,
    anyIf(e.country, e.same_as = '') AS country,
    anyIf(e.refs, e.same_as = '') AS refs,
    min(e.first_seen_at) AS first_seen_at,
    arraySort(groupArray(e.entity_id)) AS ids
FROM entities_current AS e
WHERE e.entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String}))
HAVING id != ''
