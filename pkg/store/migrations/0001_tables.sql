-- Tables are append-only. Every row names the message that caused it: the
-- epoch of the edition, the partition and the offset. A month of first-seen
-- time is a partition, so that an import of old articles stays one part.
-- The deduplication window is what makes a repeated insert land once.

CREATE TABLE articles
(
    article_id    UInt64,
    revision      UInt16,
    url           String CODEC(ZSTD(3)),
    canonical_url String CODEC(ZSTD(3)),
    source        LowCardinality(String),
    via           LowCardinality(String),
    feed_url      LowCardinality(String),
    tags          Array(LowCardinality(String)),
    title         String CODEC(ZSTD(3)),
    author        String CODEC(ZSTD(3)),
    language      LowCardinality(String),
    section       LowCardinality(String),
    published_at  Nullable(DateTime64(3, 'UTC')),
    seen_at       DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    landed_at     DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    ts            DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    copy_of       UInt64,
    similarity    Float32,
    story_id      UInt64,
    words         UInt32,
    text_from     LowCardinality(String),
    backlog       Bool,
    summary       String CODEC(ZSTD(3)),
    text          String CODEC(ZSTD(3)),
    entities      Array(String) CODEC(ZSTD(1)),
    body_hash     UInt64,
    sketch        Array(UInt32) CODEC(ZSTD(1)),
    model         LowCardinality(String),
    knowledge     Int64,
    epoch         UInt32,
    part          UInt16,
    off           UInt64 CODEC(Delta, ZSTD(1)),
    INDEX off_range off TYPE minmax GRANULARITY 1,
    INDEX landed_range landed_at TYPE minmax GRANULARITY 1,
    INDEX seen_range seen_at TYPE minmax GRANULARITY 1,
    PROJECTION by_id
    (
        SELECT article_id, revision, source, seen_at, ts, copy_of, story_id, words, text_from, backlog, body_hash, epoch, part, off
        ORDER BY article_id
    ),
    PROJECTION ingest
    (
        SELECT toStartOfHour(ts), source, language, countIf(revision = 0), countIf(revision = 0 AND copy_of = 0), countIf(revision = 0 AND backlog)
        GROUP BY toStartOfHour(ts), source, language
    )
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(seen_at)
ORDER BY (ts, article_id)
SETTINGS non_replicated_deduplication_window = 10000, index_granularity = 2048;

CREATE TABLE mentions
(
    entity_id  String CODEC(ZSTD(1)),
    kind       LowCardinality(String),
    article_id UInt64,
    revision   UInt16,
    story_id   UInt64,
    source     LowCardinality(String),
    language   LowCardinality(String),
    ts         DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    seen_at    DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    original   Bool,
    backlog    Bool,
    n          UInt16,
    in_title   Bool,
    in_lead    Bool,
    surface    String CODEC(ZSTD(1)),
    first_at   Int32,
    score      Float32,
    text_from  LowCardinality(String),
    model      LowCardinality(String),
    epoch      UInt32,
    part       UInt16,
    off        UInt64 CODEC(Delta, ZSTD(1)),
    landed_at  DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    INDEX off_range off TYPE minmax GRANULARITY 1,
    INDEX landed_range landed_at TYPE minmax GRANULARITY 1,
    INDEX seen_range seen_at TYPE minmax GRANULARITY 1,
    INDEX article_filter article_id TYPE bloom_filter GRANULARITY 1,
    PROJECTION hourly
    (
        SELECT entity_id, toStartOfHour(ts), count(), countIf(original), countIf(in_title), countIf(in_lead), countIf(backlog), sum(n)
        GROUP BY entity_id, toStartOfHour(ts)
    )
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(seen_at)
ORDER BY (entity_id, ts)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE entities
(
    entity_id     String,
    kind          LowCardinality(String),
    name          String,
    aliases       Array(String),
    origin        LowCardinality(String),
    same_as       String,
    country       LowCardinality(String),
    lat           Float64,
    lon           Float64,
    refs          Map(LowCardinality(String), String),
    first_seen_at DateTime64(3, 'UTC'),
    topic         LowCardinality(String),
    epoch         UInt32,
    part          UInt16,
    off           UInt64,
    landed_at     DateTime64(3, 'UTC'),
    INDEX off_range off TYPE minmax GRANULARITY 1,
    INDEX landed_range landed_at TYPE minmax GRANULARITY 1,
    INDEX merged same_as TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(first_seen_at)
ORDER BY entity_id
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE sources
(
    source        LowCardinality(String),
    name          String,
    country       LowCardinality(String),
    language      LowCardinality(String),
    type          LowCardinality(String),
    tier          UInt8,
    tags          Array(LowCardinality(String)),
    collections   Array(LowCardinality(String)),
    first_seen_at DateTime64(3, 'UTC'),
    topic         LowCardinality(String),
    epoch         UInt32,
    part          UInt16,
    off           UInt64,
    landed_at     DateTime64(3, 'UTC'),
    INDEX off_range off TYPE minmax GRANULARITY 1,
    INDEX landed_range landed_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(first_seen_at)
ORDER BY source
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE fetches
(
    feed_url       LowCardinality(String),
    at             DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    status         UInt16,
    bytes          UInt32,
    took_ms        UInt32,
    items          UInt32,
    new_items      UInt32,
    gap            Bool,
    expected_items Float32,
    error          String CODEC(ZSTD(1)),
    epoch          UInt32,
    part           UInt16,
    off            UInt64 CODEC(Delta, ZSTD(1)),
    landed_at      DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    INDEX off_range off TYPE minmax GRANULARITY 1,
    INDEX landed_range landed_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (feed_url, at)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE alerts
(
    alert_id      UInt64,
    rule          LowCardinality(String),
    entity_id     String,
    name          String,
    entities      Array(String),
    state         LowCardinality(String),
    since         DateTime64(3, 'UTC'),
    at            DateTime64(3, 'UTC'),
    window_s      UInt32,
    observed      Float64,
    expected      Float64,
    low           Float64,
    high          Float64,
    p             Float64,
    q             Float64,
    originals     UInt32,
    copies        UInt32,
    sources       Array(String),
    top_articles  Array(UInt64),
    titles        Array(String),
    stories       Array(UInt64),
    completeness  Float32,
    baseline_days Float32,
    reason        String,
    verdict       LowCardinality(String),
    epoch         UInt32,
    part          UInt16,
    off           UInt64,
    landed_at     DateTime64(3, 'UTC'),
    INDEX off_range off TYPE minmax GRANULARITY 1,
    INDEX landed_range landed_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (at, alert_id)
SETTINGS non_replicated_deduplication_window = 10000;

CREATE TABLE changes
(
    at        DateTime64(3, 'UTC'),
    what      LowCardinality(String),
    detail    String,
    topic     LowCardinality(String),
    epoch     UInt32,
    part      UInt16,
    off       UInt64,
    landed_at DateTime64(3, 'UTC'),
    INDEX off_range off TYPE minmax GRANULARITY 1,
    INDEX landed_range landed_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY (at, what)
SETTINGS non_replicated_deduplication_window = 10000;

-- One row for each start of a new numbering of offsets, the newest in force.
CREATE TABLE epochs
(
    epoch  UInt32,
    at     DateTime64(3, 'UTC') DEFAULT now64(3),
    reason String
)
ENGINE = MergeTree
ORDER BY epoch;

INSERT INTO epochs (epoch, reason) VALUES (1, 'first start');
