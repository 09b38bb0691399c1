-- Follows merges to their end: after a -> b and b -> c, both count under c. What
-- `knowledge` said last of an entity is in force. In a circle all count under
-- its first id. Nothing is written where the last message is resolved already.
INSERT INTO resolved_merges (entity_id, canonical_id, version)
WITH RECURSIVE
    direct AS
    (
        SELECT entity_id, argMax(same_as, (epoch, off, landed_at)) AS next
        FROM entities
        WHERE topic != 'documents'
        GROUP BY entity_id
        HAVING next != '' AND next != entity_id
    ),
    chain AS
    (
        SELECT entity_id, next AS last, [entity_id, next] AS path, toUInt64(0) AS back
        FROM direct
        UNION ALL
        SELECT c.entity_id, d.next, arrayPushBack(c.path, d.next), indexOf(c.path, d.next)
        FROM chain AS c
        INNER JOIN direct AS d ON d.entity_id = c.last
        WHERE c.back = 0
    ),
    (SELECT max(bitShiftLeft(toUInt64(epoch), 40) + off) FROM entities WHERE topic != 'documents') AS said
SELECT entity_id, if(max(into) = entity_id, '', max(into)) AS canonical_id, said AS version
FROM
(
    SELECT entity_id, argMax(if(c.back = 0, c.last, arrayMin(arraySlice(c.path, c.back))), length(c.path)) AS into
    FROM chain AS c
    GROUP BY entity_id
    UNION ALL
    SELECT entity_id, '' AS into FROM resolved_merges GROUP BY entity_id
)
WHERE said > (SELECT max(version) FROM resolved_merges)
    OR (SELECT count() FROM resolved_merges) = 0
GROUP BY entity_id
