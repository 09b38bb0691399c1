-- What each merged entity counts under, chains followed to their end: after
-- a -> b and b -> c all three count under c. What `knowledge` said last of an
-- entity is in force, a split among it; what documents say of it decides
-- nothing. No command makes a circle; in one that is there nevertheless, all
-- count under its first id.
CREATE VIEW entity_merges AS
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
    )
SELECT
    entity_id,
    argMax(if(c.back = 0, c.last, arrayMin(arraySlice(c.path, c.back))), length(c.path)) AS canonical_id
FROM chain AS c
GROUP BY entity_id
HAVING canonical_id != entity_id;

-- The newest description of each entity, and the id that it counts under.
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
        argMax(e.aliases, e.landed_at) AS aliases,
        argMax(e.origin, e.landed_at) AS origin,
        argMaxIf(e.same_as, (e.epoch, e.off, e.landed_at), e.topic != 'documents') AS same_as,
        argMax(e.country, e.landed_at) AS country,
        argMax(e.lat, e.landed_at) AS lat,
        argMax(e.lon, e.landed_at) AS lon,
        argMax(e.refs, e.landed_at) AS refs,
        min(e.first_seen_at) AS first_seen_at
    FROM entities AS e
    GROUP BY entity_id
) AS d
LEFT JOIN entity_merges AS m ON m.entity_id = d.entity_id;

-- Every stored id that counts under the same entity as the one given, the one
-- that they count under first.
DROP VIEW IF EXISTS merged_ids;

CREATE VIEW merged_ids AS
WITH
    arrayFirst(x -> x.1 = {entity:String}, merges).2 AS into,
    if(into = '', {entity:String}, into) AS canonical
SELECT arrayJoin(arrayPushFront(arraySort(arrayMap(x -> x.1, arrayFilter(x -> x.2 = canonical, merges))), canonical)) AS entity_id
FROM (SELECT groupArray((m.entity_id, m.canonical_id)) AS merges FROM entity_merges AS m);

-- The articles that name an entity in a time, merges resolved, each once: an
-- article that names two of the merged ids, or one first and the other in a
-- revision, counts where the first of them stands.
-- SELECT * FROM articles_naming(entity = 'per/…', from = '2026-01-01', to = '2026-02-01')
CREATE VIEW articles_naming AS
WITH (SELECT groupArray(i.entity_id) FROM merged_ids(entity = {entity:String}) AS i) AS ids
SELECT
    article_id,
    min(m.ts) AS ts,
    any(m.source) AS source,
    any(m.language) AS language,
    any(m.story_id) AS story_id,
    max(m.original) AS original,
    max(m.backlog) AS backlog,
    max(m.in_title) AS in_title,
    max(m.in_lead) AS in_lead,
    sum(m.n) AS occurrences
FROM mentions AS m
WHERE m.entity_id IN (SELECT arrayJoin(ids)) AND m.ts >= {from:DateTime64(3, 'UTC')} AND m.ts < {to:DateTime64(3, 'UTC')}
GROUP BY article_id
HAVING min(m.revision) = 0 OR article_id NOT IN
    (
        SELECT article_id
        FROM mentions
        WHERE entity_id IN (SELECT arrayJoin(if(length(ids) > 1, ids, []))) AND ts < {from:DateTime64(3, 'UTC')}
    );

-- Coverage of one entity with its merges resolved: distinct articles by step.
-- Each counts in one step only, so that steps add up.
-- SELECT * FROM coverage(entity = 'per/…', from = '2026-01-01', to = '2026-02-01', step = 3600)
DROP VIEW IF EXISTS coverage;

CREATE VIEW coverage AS
SELECT
    toStartOfInterval(a.ts, toIntervalSecond({step:UInt32})) AS time,
    count() AS articles,
    countIf(a.original) AS originals,
    countIf(a.in_title) AS in_title,
    countIf(a.backlog) AS backlog,
    uniqExact(a.source) AS sources,
    sum(a.occurrences) AS occurrences
FROM articles_naming(entity = {entity:String}, from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}) AS a
GROUP BY time
ORDER BY time;

-- Who is named in the same articles as the entity given, merges resolved.
DROP VIEW IF EXISTS co_mentions;

CREATE VIEW co_mentions AS
WITH (SELECT groupArray(i.entity_id) FROM merged_ids(entity = {entity:String}) AS i) AS ids
SELECT
    if(s.canonical_id = '', m.entity_id, s.canonical_id) AS entity_id,
    any(m.kind) AS kind,
    uniqExactMerge(m.articles) AS articles,
    uniqExactMerge(m.originals) AS originals
FROM
(
    SELECT entity_id, any(kind) AS kind, uniqExactState(article_id) AS articles, uniqExactStateIf(article_id, original) AS originals
    FROM mentions
    WHERE article_id IN
        (
            SELECT article_id FROM mentions
            WHERE entity_id IN (SELECT arrayJoin(ids)) AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        )
        AND entity_id NOT IN (SELECT arrayJoin(ids))
    GROUP BY entity_id
) AS m
LEFT JOIN entity_merges AS s ON s.entity_id = m.entity_id
GROUP BY entity_id
ORDER BY articles DESC, entity_id;

-- An entity's part of all articles of the day, merges resolved: distinct
-- articles. Most entities are in no merge, and are read from the projection.
DROP VIEW IF EXISTS share_of_voice;

CREATE VIEW share_of_voice AS
WITH merged AS
(
    SELECT entity_id, canonical_id FROM entity_merges
    UNION DISTINCT
    SELECT canonical_id AS entity_id, canonical_id FROM entity_merges
)
SELECT
    c.day AS day,
    c.entity_id AS entity_id,
    c.articles AS articles,
    c.originals AS originals,
    i.articles AS ingested,
    c.articles / i.articles AS share
FROM
(
    SELECT d.day AS day, d.entity_id AS entity_id, d.articles AS articles, d.originals AS originals
    FROM coverage_daily AS d
    WHERE d.entity_id NOT IN (SELECT entity_id FROM merged)
    UNION ALL
    SELECT toDate(f.ts) AS day, f.id AS entity_id, count() AS articles, countIf(f.original) AS originals
    FROM
    (
        SELECT s.canonical_id AS id, m.article_id AS article_id, min(m.ts) AS ts, max(m.original) AS original
        FROM mentions AS m
        INNER JOIN merged AS s ON s.entity_id = m.entity_id
        WHERE m.entity_id IN (SELECT entity_id FROM merged)
        GROUP BY id, article_id
    ) AS f
    GROUP BY day, entity_id
) AS c
INNER JOIN
(
    SELECT toDate(hour) AS day, sum(h.articles) AS articles FROM ingest_hourly AS h GROUP BY day
) AS i ON i.day = c.day;
