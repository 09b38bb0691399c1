-- Coverage by stored entity id, before merges: answered from the projection
-- `hourly`, which is written in one piece with its part.
CREATE VIEW coverage_hourly AS
SELECT
    entity_id,
    toStartOfHour(ts) AS hour,
    count() AS articles,
    countIf(original) AS originals,
    countIf(in_title) AS in_title,
    countIf(in_lead) AS in_lead,
    countIf(backlog) AS backlog,
    sum(n) AS occurrences
FROM mentions
GROUP BY entity_id, toStartOfHour(ts);

CREATE VIEW coverage_daily AS
SELECT
    entity_id,
    toDate(hour) AS day,
    sum(c.articles) AS articles,
    sum(c.originals) AS originals,
    sum(c.in_title) AS in_title,
    sum(c.in_lead) AS in_lead,
    sum(c.backlog) AS backlog,
    sum(c.occurrences) AS occurrences
FROM coverage_hourly AS c
GROUP BY entity_id, day;

-- The newest description of each entity, and the id that it counts under.
CREATE VIEW entities_current AS
SELECT
    entity_id,
    argMax(e.kind, e.landed_at) AS kind,
    argMax(e.name, e.landed_at) AS name,
    argMax(e.aliases, e.landed_at) AS aliases,
    argMax(e.origin, e.landed_at) AS origin,
    argMax(e.same_as, e.landed_at) AS same_as,
    if(same_as = '', entity_id, same_as) AS canonical_id,
    argMax(e.country, e.landed_at) AS country,
    argMax(e.lat, e.landed_at) AS lat,
    argMax(e.lon, e.landed_at) AS lon,
    argMax(e.refs, e.landed_at) AS refs,
    min(e.first_seen_at) AS first_seen_at
FROM entities AS e
GROUP BY entity_id;

-- Every stored id that counts under the same canonical entity as the one given.
CREATE VIEW merged_ids AS
WITH (
    SELECT if(count() = 0 OR argMax(same_as, landed_at) = '', {entity:String}, argMax(same_as, landed_at))
    FROM entities WHERE entity_id = {entity:String}
) AS canonical
SELECT canonical AS entity_id
UNION DISTINCT
SELECT entity_id
FROM entities
WHERE entity_id IN (SELECT entity_id FROM entities WHERE same_as = canonical)
GROUP BY entity_id
HAVING argMax(same_as, landed_at) = canonical;

-- Coverage of one entity with its merges resolved: distinct articles by step.
-- SELECT * FROM coverage(entity = 'per/…', from = '2026-01-01', to = '2026-02-01', step = 3600)
CREATE VIEW coverage AS
SELECT
    toStartOfInterval(ts, toIntervalSecond({step:UInt32})) AS time,
    uniqExact(article_id) AS articles,
    uniqExactIf(article_id, original) AS originals,
    uniqExactIf(article_id, in_title) AS in_title,
    uniqExactIf(article_id, backlog) AS backlog,
    uniqExact(source) AS sources,
    sum(n) AS occurrences
FROM mentions
WHERE entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String}))
    AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
GROUP BY time
ORDER BY time;

-- The denominator: what was ingested at all.
CREATE VIEW ingest_hourly AS
SELECT
    toStartOfHour(ts) AS hour,
    source,
    language,
    countIf(revision = 0) AS articles,
    countIf(revision = 0 AND copy_of = 0) AS originals,
    countIf(revision = 0 AND backlog) AS backlog
FROM articles
GROUP BY toStartOfHour(ts), source, language;

-- The newest revision of every article; seen_at and ts stay those of the first.
CREATE VIEW articles_current AS
SELECT
    article_id,
    max(a.revision) AS revision,
    argMax(a.url, a.revision) AS url,
    argMin(a.canonical_url, a.revision) AS canonical_url,
    argMin(a.source, a.revision) AS source,
    argMin(a.via, a.revision) AS via,
    argMin(a.feed_url, a.revision) AS feed_url,
    argMax(a.title, a.revision) AS title,
    argMax(a.author, a.revision) AS author,
    argMax(a.language, a.revision) AS language,
    argMin(a.published_at, a.revision) AS published_at,
    min(a.seen_at) AS seen_at,
    max(a.seen_at) AS revised_at,
    argMin(a.ts, a.revision) AS ts,
    argMin(a.copy_of, a.revision) AS copy_of,
    argMin(a.similarity, a.revision) AS similarity,
    argMin(a.story_id, a.revision) AS story_id,
    argMax(a.words, a.revision) AS words,
    argMax(a.text_from, a.revision) AS text_from,
    argMin(a.backlog, a.revision) AS backlog,
    argMax(a.summary, a.revision) AS summary,
    argMax(a.text, a.revision) AS text,
    arrayDistinct(arrayFlatten(groupArray(a.entities))) AS entities
FROM articles AS a
GROUP BY article_id;

-- How much of what was expected is covered: expected yield of the polls that
-- answered and missed nothing, over that of all polls.
CREATE VIEW completeness_hourly AS
SELECT
    toStartOfHour(f.at) AS hour,
    arrayJoin(if(empty(s.collections), [''], s.collections)) AS collection,
    s.language AS language,
    count() AS polls,
    countIf(f.gap) AS gaps,
    countIf(f.error != '') AS failures,
    sum(f.expected_items) AS expected,
    sumIf(f.expected_items, NOT f.gap AND f.error = '') AS covered,
    if(expected > 0, covered / expected, 1) AS completeness
FROM fetches AS f
LEFT JOIN
(
    SELECT feed_url, anyLast(a.source) AS source, anyLast(a.language) AS language,
        groupUniqArrayArray(src.collections) AS collections
    FROM articles AS a
    LEFT JOIN sources AS src ON src.source = a.source
    GROUP BY feed_url
) AS s ON s.feed_url = f.feed_url
GROUP BY hour, collection, language;

-- An entity's part of all articles of the day.
CREATE VIEW share_of_voice AS
SELECT
    c.day AS day,
    c.entity_id AS entity_id,
    c.articles AS articles,
    c.originals AS originals,
    i.articles AS ingested,
    c.articles / i.articles AS share
FROM coverage_daily AS c
INNER JOIN
(
    SELECT toDate(hour) AS day, sum(h.articles) AS articles FROM ingest_hourly AS h GROUP BY day
) AS i ON i.day = c.day;

-- Who is named in the same articles as the entity given, merges resolved.
CREATE VIEW co_mentions AS
SELECT
    if(s.into = '', m.entity_id, s.into) AS entity_id,
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
            WHERE entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String}))
                AND ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
        )
        AND entity_id NOT IN (SELECT entity_id FROM merged_ids(entity = {entity:String}))
    GROUP BY entity_id
) AS m
LEFT JOIN (SELECT e.entity_id AS entity_id, e.same_as AS into FROM entities_current AS e WHERE e.same_as != '') AS s ON s.entity_id = m.entity_id
GROUP BY entity_id
ORDER BY articles DESC, entity_id;

-- The articles of one story as they came.
CREATE VIEW story_timeline AS
SELECT
    ts, seen_at, lower(leftPad(hex(article_id), 16, '0')) AS article, source, title, url, a.copy_of != 0 AS is_copy,
    if(a.copy_of = 0, '', lower(leftPad(hex(a.copy_of), 16, '0'))) AS copy_of, similarity, revision
FROM articles AS a
WHERE story_id = reinterpretAsUInt64(reverse(unhex({story:String})))
ORDER BY ts, off;

-- How long after publication an article is seen, live articles only.
CREATE VIEW source_latency AS
SELECT
    source,
    count() AS articles,
    quantile(0.5)(dateDiff('second', assumeNotNull(published_at), seen_at)) AS p50_s,
    quantile(0.95)(dateDiff('second', assumeNotNull(published_at), seen_at)) AS p95_s
FROM articles
WHERE revision = 0 AND NOT backlog AND published_at IS NOT NULL AND published_at > toDateTime64('1990-01-01', 3, 'UTC')
GROUP BY source;

-- The state of every feed, from its polls.
CREATE VIEW feed_health AS
SELECT
    feed_url,
    max(f.at) AS last_poll,
    maxIf(f.at, f.error = '') AS last_success,
    argMax(f.status, f.at) AS status,
    argMax(f.error, f.at) AS error,
    count() AS polls,
    countIf(f.error != '') AS failures,
    countIf(f.gap) AS gaps,
    sum(f.new_items) AS new_items,
    sum(f.expected_items) AS expected_items,
    argMax(f.items, (f.items > 0, f.at)) AS items
FROM fetches AS f
GROUP BY feed_url;
