-- What originals say of two names being one: a row for each pair, article and
-- way of saying it. A row that comes twice is one: readers count articles.
CREATE TABLE alias_evidence
(
    from_id    String,
    into_id    String,
    kind       LowCardinality(String),
    pattern    LowCardinality(String),
    form       String,
    name       String,
    article_id UInt64,
    source     LowCardinality(String),
    ts         DateTime64(3, 'UTC'),
    seen_at    DateTime64(3, 'UTC'),
    epoch      UInt32,
    off        UInt64,
    landed_at  DateTime64(3, 'UTC'),
    INDEX into_ids into_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(landed_at)
PARTITION BY toYYYYMM(seen_at)
ORDER BY (from_id, into_id, article_id, pattern);

-- The evidence of each pair, merges resolved: for, against, and the lower bound
-- of the share that means into_id by from_id (Wilson 1927, one-sided 95 %).
-- named: there are articles that name from_id by itself.
CREATE VIEW alias_pairs AS
SELECT
    p.from_id AS from_id,
    p.into_id AS into_id,
    p.kind AS kind,
    p.form AS form,
    p.name AS name,
    p.patterns AS patterns,
    p.originals AS originals,
    p.explicit AS explicit,
    toUInt64(t.articles - p.originals) AS against,
    p.sources AS sources,
    p.first_at AS first_at,
    p.last_at AS last_at,
    greatest(0, (originals + 1.353013 - 1.645 * sqrt(originals * against / t.articles + 0.676506)) / (t.articles + 2.706025)) AS share,
    multiIf(s.said = 0, 'open', s.same_as = '', 'split', 'merged') AS state,
    s.same_as AS same_as,
    toBool(s.named) AS named
FROM
(
    SELECT
        e.from_id AS from_id,
        if(m.canonical_id = '', e.into_id, m.canonical_id) AS into_id,
        any(e.kind) AS kind,
        argMax(e.form, (e.ts, e.form)) AS form,
        argMax(e.name, (e.ts, e.name)) AS name,
        arraySort(groupUniqArrayIf(e.pattern, e.pattern != 'clash')) AS patterns,
        uniqExactIf(e.article_id, e.pattern != 'clash') AS originals,
        uniqExactIf(e.article_id, e.pattern NOT IN ('clash', 'short', 'spelling')) AS explicit,
        uniqExactIf(e.source, e.pattern != 'clash') AS sources,
        minIf(e.ts, e.pattern != 'clash') AS first_at,
        maxIf(e.ts, e.pattern != 'clash') AS last_at
    FROM alias_evidence AS e
    LEFT JOIN entity_merges AS m ON m.entity_id = e.into_id
    GROUP BY from_id, into_id
    HAVING originals > 0
) AS p
INNER JOIN (SELECT from_id, uniqExact(article_id) AS articles FROM alias_evidence GROUP BY from_id) AS t ON t.from_id = p.from_id
LEFT JOIN
(
    SELECT
        entity_id,
        argMaxIf(e.same_as, (e.epoch, e.off, e.landed_at), e.topic != 'documents') AS same_as,
        countIf(e.topic != 'documents') AS said,
        countIf(e.topic = 'documents') > 0 AS named
    FROM entities AS e
    WHERE e.entity_id IN (SELECT from_id FROM alias_evidence)
    GROUP BY entity_id
) AS s ON s.entity_id = p.from_id;

-- As before; a merge or split says nothing of where an entity comes from.
DROP VIEW IF EXISTS entities_current;

CREATE VIEW entities_current AS
SELECT
    d.entity_id AS entity_id,
    d.kind AS kind,
    d.name AS name,
    d.aliases AS aliases,
    d.origin AS origin,
    d.same_as AS same_as,
    if(m.canonical_id = '', d.entity_id, m.canonical_id) AS canonical_id,
    d.country AS country,
    d.lat AS lat,
    d.lon AS lon,
    d.refs AS refs,
    d.first_seen_at AS first_seen_at
FROM
(
    SELECT
        entity_id,
        argMaxIf(e.kind, e.landed_at, e.kind != '') AS kind,
        argMaxIf(e.name, e.landed_at, e.name != '') AS name,
        argMaxIf(e.aliases, e.landed_at, notEmpty(e.aliases)) AS aliases,
        argMax(e.origin, (e.topic = 'documents', e.landed_at)) AS origin,
        argMaxIf(e.same_as, (e.epoch, e.off, e.landed_at), e.topic != 'documents') AS same_as,
        argMax(e.country, (e.topic = 'documents', e.landed_at)) AS country,
        argMax(e.lat, (e.topic = 'documents', e.landed_at)) AS lat,
        argMax(e.lon, (e.topic = 'documents', e.landed_at)) AS lon,
        argMax(e.refs, (e.topic = 'documents', e.landed_at)) AS refs,
        min(e.first_seen_at) AS first_seen_at
    FROM entities AS e
    GROUP BY entity_id
) AS d
LEFT JOIN entity_merges AS m ON m.entity_id = d.entity_id;
