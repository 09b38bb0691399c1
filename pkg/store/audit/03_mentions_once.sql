-- mentions: an article counts once for an entity
SELECT count(), countIf(n > 1), arrayStringConcat(groupArrayIf(10)(entity_id || ' in ' || lower(hex(article_id)), n > 1), ', ')
FROM
(
    SELECT article_id, entity_id, count() AS n FROM mentions WHERE seen_at >= {from} AND seen_at < {to} AND {slice:article_id} GROUP BY article_id, entity_id
)
