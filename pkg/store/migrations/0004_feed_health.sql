-- What is known of each feed from its polls, a row for each: kept up by a
-- materialized view, so that the state of 100,000 feeds is read without going
-- through months of polls. Every column is a minimum, a maximum or the value of
-- the poll that landed last, so a poll that comes twice changes nothing.
CREATE TABLE feed_polls
(
    feed_url     String,
    first_poll   SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_poll    SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_success SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_new     SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    last_gap     SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    next_poll    SimpleAggregateFunction(anyLast, DateTime64(3, 'UTC')),
    status       SimpleAggregateFunction(anyLast, UInt16),
    class        SimpleAggregateFunction(anyLast, LowCardinality(String)),
    error        SimpleAggregateFunction(anyLast, String) CODEC(ZSTD(1)),
    source       SimpleAggregateFunction(anyLast, LowCardinality(String)),
    rate         SimpleAggregateFunction(anyLast, Float32),
    failures     SimpleAggregateFunction(anyLast, UInt32),
    missing      SimpleAggregateFunction(anyLast, Float32),
    silent       SimpleAggregateFunction(anyLast, Bool),
    items        SimpleAggregateFunction(anyLast, Nullable(UInt32)),
    took_ms      SimpleAggregateFunction(anyLast, Nullable(UInt32))
)
ENGINE = AggregatingMergeTree
ORDER BY feed_url
SETTINGS non_replicated_deduplication_window = 10000;

CREATE MATERIALIZED VIEW fetches_to_feed_polls TO feed_polls AS
SELECT
    toString(f.feed_url) AS feed_url,
    min(f.at) AS first_poll,
    max(f.at) AS last_poll,
    maxIf(f.at, empty(f.error) OR f.class = 'moved') AS last_success,
    greatest(maxIf(f.at, f.new_items > 0), max(f.last_new)) AS last_new,
    maxIf(f.at, f.gap) AS last_gap,
    argMax(f.next_poll, f.at) AS next_poll,
    argMax(f.status, f.at) AS status,
    argMax(f.class, f.at) AS class,
    argMax(f.error, f.at) AS error,
    argMax(f.source, f.at) AS source,
    argMax(f.rate, f.at) AS rate,
    argMax(f.failures, f.at) AS failures,
    argMax(f.missing, f.at) AS missing,
    argMax(f.silent, f.at) AS silent,
    nullIf(argMaxIf(f.items, f.at, f.items > 0), 0) AS items,
    if(countIf(empty(f.error)) = 0, NULL, argMaxIf(f.took_ms, f.at, empty(f.error))) AS took_ms
FROM fetches AS f
GROUP BY feed_url;

-- The polls from before this table.
INSERT INTO feed_polls
SELECT
    toString(f.feed_url) AS feed_url,
    min(f.at) AS first_poll,
    max(f.at) AS last_poll,
    maxIf(f.at, empty(f.error) OR f.class = 'moved') AS last_success,
    greatest(maxIf(f.at, f.new_items > 0), max(f.last_new)) AS last_new,
    maxIf(f.at, f.gap) AS last_gap,
    argMax(f.next_poll, f.at) AS next_poll,
    argMax(f.status, f.at) AS status,
    argMax(f.class, f.at) AS class,
    argMax(f.error, f.at) AS error,
    argMax(f.source, f.at) AS source,
    argMax(f.rate, f.at) AS rate,
    argMax(f.failures, f.at) AS failures,
    argMax(f.missing, f.at) AS missing,
    argMax(f.silent, f.at) AS silent,
    nullIf(argMaxIf(f.items, f.at, f.items > 0), 0) AS items,
    if(countIf(empty(f.error)) = 0, NULL, argMaxIf(f.took_ms, f.at, empty(f.error))) AS took_ms
FROM fetches AS f
GROUP BY feed_url;

-- The state of every feed at a time, and what to do about it.
-- SELECT * FROM feed_states(now = now())
CREATE VIEW feed_states AS
WITH
    {now:DateTime64(3, 'UTC')} AS asked,
    if(toUnixTimestamp(p.next_poll) = 0, p.last_poll + toIntervalDay(2),
        p.next_poll + toIntervalSecond(greatest(900, dateDiff('second', p.last_poll, p.next_poll)))) AS patience,
    p.failures >= 3 OR p.last_success < asked - toIntervalDay(2) AS lasting,
    notEmpty(p.error) AS failed
SELECT
    p.feed_url AS feed_url,
    CAST(p.source, 'LowCardinality(String)') AS source,
    multiIf(
        p.class = 'gone' OR p.status = 410, 'gone',
        p.class = 'moved', 'moved',
        patience < asked, 'overdue',
        failed AND p.status = 429, 'paused',
        failed AND NOT lasting, 'retrying',
        failed AND p.status IN (401, 402, 403, 407, 451), 'refused',
        failed, 'failing',
        p.silent, 'silent',
        p.last_gap >= asked - toIntervalDay(1), 'gap',
        took_ms > 10000, 'slow',
        p.first_poll >= asked - toIntervalDay(1), 'new',
        p.last_new < asked - toIntervalDay(7), 'quiet',
        'ok') AS state,
    multiIf(
        state = 'ok', '',
        state = 'overdue', 'It was due and has not been polled since: see that `dateline poll` runs and keeps up. A feed that was removed shows so too.',
        state = 'silent', concat('It answers, but brings less than it ever did: about ', toString(round(p.missing)), ' items are missing. Open it in a browser: it may have moved or ended, or be broken.'),
        state = 'gap', 'Within the last day it rolled over: nothing of what was newest at one poll was left at the next, so articles may have been missed. It is polled more often now. If this goes on, lower poll.min_interval.',
        state = 'slow', concat('Its last answer took ', toString(round(took_ms / 1000)), ' s. Nothing needs to be done as long as polls keep up.'),
        state = 'new', 'It has been polled for less than a day: its rhythm is being learned.',
        state = 'quiet', 'Nothing new for more than a week, which is not unusual for it. Remove it if it has ended.',
        failed, p.error,
        state = 'gone', 'Its publisher has retired it: remove it with `dateline feeds remove`.',
        '') AS advice,
    CAST(p.error, 'String') AS error,
    CAST(p.class, 'LowCardinality(String)') AS class,
    CAST(p.status, 'UInt16') AS status,
    CAST(p.failures, 'UInt32') AS failures,
    CAST(p.first_poll, 'DateTime64(3, \'UTC\')') AS first_poll,
    CAST(p.last_poll, 'DateTime64(3, \'UTC\')') AS last_poll,
    CAST(p.last_success, 'DateTime64(3, \'UTC\')') AS last_success,
    CAST(p.last_new, 'DateTime64(3, \'UTC\')') AS last_new,
    CAST(p.last_gap, 'DateTime64(3, \'UTC\')') AS last_gap,
    CAST(p.next_poll, 'DateTime64(3, \'UTC\')') AS next_poll,
    CAST(p.rate, 'Float32') AS rate,
    CAST(p.missing, 'Float32') AS missing,
    CAST(p.silent, 'Bool') AS silent,
    CAST(ifNull(p.items, 0), 'UInt32') AS items,
    CAST(ifNull(p.took_ms, 0), 'UInt32') AS took_ms
FROM feed_polls AS p FINAL;

-- The sums of each feed's polls over the day and the week before a time.
CREATE VIEW feed_counts AS
SELECT
    feed_url,
    countIf(recent) AS polls_24h,
    countIf(recent AND failed) AS failed_24h,
    countIf(recent AND gap) AS gaps_24h,
    countIf(recent AND status = 304) AS not_modified_24h,
    sumIf(new_items, recent) AS new_24h,
    sumIf(expected_items, recent) AS expected_24h,
    sumIf(bytes, recent) AS bytes_24h,
    count() AS polls_7d,
    countIf(failed) AS failed_7d,
    countIf(gap) AS gaps_7d,
    countIf(status = 304) AS not_modified_7d,
    sum(new_items) AS new_7d,
    sum(expected_items) AS expected_7d,
    toUInt32(ifNotFinite(quantileIf(0.5)(took_ms, recent), 0)) AS median_ms
FROM
(
    SELECT feed_url, at >= {now:DateTime64(3, 'UTC')} - toIntervalDay(1) AS recent, notEmpty(error) AND class != 'moved' AS failed,
        gap, status, new_items, expected_items, bytes, took_ms
    FROM fetches
    WHERE at >= {now:DateTime64(3, 'UTC')} - toIntervalDay(7) AND at <= {now:DateTime64(3, 'UTC')}
)
GROUP BY feed_url;

-- The state of every feed now, with the sums of its polls.
DROP VIEW IF EXISTS feed_health;

CREATE VIEW feed_health AS
SELECT
    s.*,
    f.* EXCEPT (feed_url),
    if(polls_7d = 0, 0, new_7d / polls_7d) AS yield
FROM feed_states(now = now64(3, 'UTC')) AS s
LEFT JOIN feed_counts(now = now64(3, 'UTC')) AS f ON f.feed_url = s.feed_url;

-- Sources by what their feeds bring together: one of which most feeds are
-- silent or failing is worth a look.
CREATE VIEW source_health AS
SELECT
    source,
    count() AS feeds,
    countIf(h.silent) AS silent_feeds,
    countIf(h.state IN ('failing', 'refused', 'gone')) AS failing_feeds,
    silent_feeds / feeds AS silent_share,
    max(h.last_success) AS last_success,
    max(h.last_new) AS last_new,
    sum(h.rate) AS rate,
    sumIf(h.missing, h.silent) AS missing,
    sum(h.new_24h) AS new_24h,
    sum(h.expected_24h) AS expected_24h,
    sum(h.new_7d) AS new_7d,
    sum(h.expected_7d) AS expected_7d
FROM feed_health AS h
GROUP BY source;

-- How much of what was expected is covered. What a failed poll was expected to
-- bring is covered by the next answer, where that has no gap.
DROP VIEW IF EXISTS completeness_hourly;

CREATE VIEW completeness_hourly AS
SELECT
    f.hour AS hour,
    arrayJoin(if(empty(s.collections), [''], s.collections)) AS collection,
    s.language AS language,
    sum(f.polls) AS polls,
    sum(f.gaps) AS gaps,
    sum(f.failures) AS failures,
    sum(f.expected) AS expected,
    sum(f.covered) AS covered,
    if(expected > 0, covered / expected, 1) AS completeness
FROM
(
    SELECT
        toStartOfHour(at) AS hour,
        source,
        1 AS polls,
        gap AS gaps,
        notEmpty(error) AND class != 'moved' AS failures,
        expected_items AS expected,
        if(gap OR notEmpty(error), 0, expected_items) AS covered
    FROM fetches
    UNION ALL
    SELECT toStartOfHour(t.at) AS hour, t.source AS source, 0, false, 0, 0, t.expected_items AS covered
    FROM (SELECT toString(feed_url) AS feed, at, source, expected_items FROM fetches WHERE notEmpty(error) AND expected_items > 0) AS t
    ASOF INNER JOIN (SELECT toString(feed_url) AS feed, at, gap FROM fetches WHERE recovered > 0) AS r ON r.feed = t.feed AND r.at > t.at
    WHERE NOT r.gap
) AS f
LEFT JOIN
(
    SELECT source, argMax(language, landed_at) AS language, argMax(collections, landed_at) AS collections
    FROM sources
    GROUP BY source
) AS s ON s.source = f.source
GROUP BY hour, collection, language;
