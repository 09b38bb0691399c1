-- How the coverage of entities differs between two tables of mentions, up to
-- where the newer one took over: those that differ most.
SELECT d.entity_id AS entity_id, d.kind AS kind, any(e.name) AS name, any(d.before) AS before, any(d.after) AS after
FROM
(
    SELECT entity_id, any(kind) AS kind, countIf(side = 0) AS before, countIf(side = 1) AS after
    FROM
    (
        SELECT entity_id, kind, 0 AS side FROM mentions_before
        WHERE (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64}) AND ({all:Bool} OR revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}
            OR revision > 0 AND article_id IN (SELECT article_id FROM articles WHERE revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}))
        UNION ALL
        SELECT entity_id, kind, 1 AS side FROM mentions_after WHERE (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64})
    )
    GROUP BY entity_id
    HAVING before != after
    ORDER BY abs(toInt64(after) - toInt64(before)) DESC, entity_id
    LIMIT {limit:UInt32}
) AS d
LEFT JOIN entities AS e ON e.entity_id = d.entity_id
GROUP BY d.entity_id, d.kind
ORDER BY abs(toInt64(after) - toInt64(before)) DESC, entity_id
SETTINGS max_bytes_before_external_group_by = 157286400, max_bytes_ratio_before_external_group_by = 0
