-- Where the live stream starts, how much history lies before it, a mark that
-- changes whenever an entity is merged or split, and which replay holds.
WITH
    (SELECT min(seen_at) FROM articles WHERE revision = 0 AND NOT backlog) AS live,
    (SELECT countIf(NOT backlog AND revision = 0) FROM articles) AS articles
SELECT
    live,
    articles > 0 AS has_live,
    (SELECT count() FROM articles WHERE backlog AND revision = 0 AND ts >= {from:DateTime64(3, 'UTC')} AND ts < live) AS history,
    (SELECT groupBitXor(cityHash64(entity_id, canonical_id)) FROM entity_merges) AS merges,
    (SELECT toUInt32OrZero(any(extract(create_table_query, 'CONSTRAINT generation CHECK generation = ([0-9]+)'))) FROM system.tables WHERE database = currentDatabase() AND name = 'mentions') AS replays
