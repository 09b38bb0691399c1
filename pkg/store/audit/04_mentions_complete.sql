-- mentions: what an article names is counted, and nothing else is, since the last replay
WITH (SELECT if(count() = 0, (toUInt32(0), toUInt64(0)), argMax((epoch, off), generation)) FROM replays WHERE state = 'swapped') AS replayed
SELECT count(), countIf(named != counted), arrayStringConcat(groupArrayIf(10)(entity_id || ' in ' || lower(hex(article_id)), named != counted), ', ')
FROM
(
    SELECT article_id, entity_id, max(named) AS named, max(counted) AS counted
    FROM
    (
        SELECT article_id, arrayJoin(entities) AS entity_id, 1 AS named, 0 AS counted FROM articles WHERE {slice:article_id} AND seen_at >= {from} AND seen_at < {to} AND (epoch, off) >= replayed
        UNION ALL
        SELECT article_id, entity_id, 0 AS named, 1 AS counted FROM mentions WHERE {slice:article_id} AND seen_at >= {from} AND seen_at < {to} AND (epoch, off) >= replayed
    )
    GROUP BY article_id, entity_id
)
WHERE article_id IN (SELECT article_id FROM articles WHERE seen_at >= {from} AND seen_at < {to})
    AND (counted = 1 OR article_id NOT IN (SELECT article_id FROM articles WHERE seen_at < {from} OR (epoch, off) < replayed))
