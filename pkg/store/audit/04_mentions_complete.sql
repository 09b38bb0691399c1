-- mentions: what an article names is counted, and nothing else is
SELECT count(), countIf(named != counted), arrayStringConcat(groupArrayIf(5)(entity_id || ' in ' || lower(hex(article_id)), named != counted), ', ')
FROM
(
    SELECT article_id, entity_id, max(named) AS named, max(counted) AS counted
    FROM
    (
        SELECT article_id, arrayJoin(entities) AS entity_id, 1 AS named, 0 AS counted FROM articles WHERE seen_at >= {from} AND seen_at < {to}
        UNION ALL
        SELECT article_id, entity_id, 0 AS named, 1 AS counted FROM mentions WHERE seen_at >= {from} AND seen_at < {to}
    )
    GROUP BY article_id, entity_id
)
WHERE article_id IN (SELECT article_id FROM articles WHERE seen_at >= {from} AND seen_at < {to})
    AND (counted = 1 OR article_id NOT IN (SELECT article_id FROM articles WHERE seen_at < {from}))
