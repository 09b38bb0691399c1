-- What a poll knows beyond its answer: the class of the result, the source
-- that the feed counts for, its rhythm and when it is polled next, and whether
-- it has fallen silent. Rows from before have the defaults: zero is not known.
ALTER TABLE fetches
    ADD COLUMN IF NOT EXISTS class LowCardinality(String) AFTER error,
    ADD COLUMN IF NOT EXISTS source LowCardinality(String) AFTER class,
    ADD COLUMN IF NOT EXISTS rate Float32 AFTER source,
    ADD COLUMN IF NOT EXISTS next_poll DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) AFTER rate,
    ADD COLUMN IF NOT EXISTS last_new DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)) AFTER next_poll,
    ADD COLUMN IF NOT EXISTS failures UInt32 AFTER last_new,
    ADD COLUMN IF NOT EXISTS recovered UInt32 AFTER failures,
    ADD COLUMN IF NOT EXISTS missing Float32 AFTER recovered,
    ADD COLUMN IF NOT EXISTS silent Bool AFTER missing;
