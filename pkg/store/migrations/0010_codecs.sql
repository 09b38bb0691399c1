-- Codecs, and a copy of the mentions in the order of their articles, chosen by
-- what docs/schema.md measures. Parts take them as they are merged; the copy is
-- made of old parts in the background.
ALTER TABLE mentions
    MODIFY COLUMN article_id UInt64 CODEC(Delta, ZSTD(1)),
    MODIFY COLUMN story_id UInt64 CODEC(ZSTD(1)),
    MODIFY COLUMN source LowCardinality(String) CODEC(ZSTD(1)),
    MODIFY COLUMN language LowCardinality(String) CODEC(ZSTD(1)),
    MODIFY COLUMN original Bool CODEC(ZSTD(1)),
    MODIFY COLUMN n UInt16 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN in_title Bool CODEC(ZSTD(1)),
    MODIFY COLUMN in_lead Bool CODEC(ZSTD(1)),
    MODIFY COLUMN first_at Int32 CODEC(T64, ZSTD(1)),
    MODIFY COLUMN score Float32 CODEC(ZSTD(1)),
    MODIFY COLUMN text_from LowCardinality(String) CODEC(ZSTD(1));

ALTER TABLE mentions ADD PROJECTION IF NOT EXISTS by_article
(
    SELECT article_id, entity_id, kind, n, original, epoch, part, off
    ORDER BY article_id
);

ALTER TABLE mentions MATERIALIZE PROJECTION by_article SETTINGS mutations_sync = 0;

ALTER TABLE mentions DROP INDEX IF EXISTS article_filter;
