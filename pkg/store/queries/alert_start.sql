-- Where the live stream starts, how much history lies before it, and a mark
-- that changes whenever an entity is merged or split.
WITH
    merged AS
    (
        SELECT entity_id, argMax(same_as, landed_at) AS into
        FROM entities
        WHERE entity_id IN (SELECT entity_id FROM entities WHERE same_as != '')
        GROUP BY entity_id
        HAVING into != ''
    ),
    (SELECT min(seen_at) FROM articles WHERE revision = 0 AND NOT backlog) AS live,
    (SELECT countIf(NOT backlog AND revision = 0) FROM articles) AS articles
SELECT
    live,
    articles > 0 AS has_live,
    (SELECT count() FROM articles WHERE backlog AND revision = 0 AND ts >= {from:DateTime64(3, 'UTC')} AND ts < live) AS history,
    (SELECT groupBitXor(cityHash64(entity_id, into)) FROM merged) AS merges
