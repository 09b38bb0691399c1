-- One entity under the id that it counts under, with every name and stored id.
SELECT
    any(e.canonical_id) AS id,
    argMax(e.kind, (e.entity_id = e.canonical_id, e.kind != '')) AS kind,
    argMax(e.name, (e.name != '', e.entity_id = e.canonical_id)) AS name,
    arrayDistinct(arrayFilter(x -> x != '', arrayConcat(arrayFlatten(groupArray(e.aliases)), groupArray(e.name)))) AS aliases,
    argMax(e.origin, e.entity_id = e.canonical_id) AS origin,
    argMax(e.country, e.entity_id = e.canonical_id) AS country,
    argMax(e.refs, e.entity_id = e.canonical_id) AS refs,
    min(e.first_seen_at) AS first_seen_at,
    arraySort(groupArray(e.entity_id)) AS ids
FROM entities_current AS e
WHERE e.entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String}))
HAVING id != ''
