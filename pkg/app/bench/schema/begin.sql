-- An invented press: articles of 60 days from 2,000 sources, 40 % of them copies
-- and three originals a story on average, each naming about ten of 50,000
-- entities that are drawn after Zipf (shifted by 20, so that the first is named
-- by 6 % of all articles); stories share four of their names, copies all. Its
-- newest articles have texts of 400 words and sketches. {syllables} is a list of
-- 64 syllables; {from} and {rows} are a run of articles, {step} the milliseconds
-- between two, {texts} the first that has a text.

CREATE TABLE IF NOT EXISTS bench_names (k UInt32, kind LowCardinality(String), id String, name String) ENGINE = MergeTree ORDER BY k;

INSERT INTO bench_names
SELECT k, kind, concat(lower(kind), '/', first, '-', last), initcap(concat(first, ' ', last))
FROM
(
    SELECT
        number AS k,
        cityHash64(k, 'name') AS h,
        multiIf(k % 100 < 45, 'PER', k % 100 < 75, 'ORG', 'LOC') AS kind,
        concat({syllables}[1 + bitAnd(bitShiftRight(h, 0), 63)], {syllables}[1 + bitAnd(bitShiftRight(h, 6), 63)], if(bitAnd(h, 1) = 1, {syllables}[1 + bitAnd(bitShiftRight(h, 32), 63)], '')) AS first,
        concat({syllables}[1 + bitAnd(bitShiftRight(h, 12), 63)], {syllables}[1 + bitAnd(bitShiftRight(h, 18), 63)], {syllables}[1 + bitAnd(bitShiftRight(h, 24), 63)]) AS last
    FROM numbers(50003)
);

CREATE VIEW IF NOT EXISTS bench_articles AS
SELECT
    number AS a,
    sipHash64(a) AS article_id,
    fromUnixTimestamp64Milli(toInt64(1772323200000 + a * {step:UInt64} + cityHash64(a, 'at') % {step:UInt64}), 'UTC') AS seen_at,
    a % 5 >= 3 AND a > 4000 AS copy,
    if(copy, a - a % 5 - 5 * (1 + cityHash64(a, 'of') % 400) + cityHash64(a, 'which') % 3, a) AS root,
    if(root % 5 = 0 OR root < 2000, root, root - root % 5 - 5 * (cityHash64(root, 'story') % 300)) AS leader,
    if(cityHash64(a, 'minute') % 3 = 0, 60000, 1000) AS grain,
    toInt64(pow(cityHash64(a, 'lag') / 18446744073709551616., 4) * 21600000) AS lag,
    fromUnixTimestamp64Milli(intDiv(toUnixTimestamp64Milli(seen_at) - lag, grain) * grain, 'UTC') AS ts,
    toUInt32(pow(2000, cityHash64(a, 'source') / 18446744073709551616.)) - 1 AS src,
    cityHash64(src, 'source') AS h,
    concat({syllables}[1 + bitAnd(bitShiftRight(h, 0), 63)], {syllables}[1 + bitAnd(bitShiftRight(h, 6), 63)], {syllables}[1 + bitAnd(bitShiftRight(h, 12), 63)], ['-times', '-herald', '-post', 'news', '-daily', '-gazette', 'wire', '-echo'][1 + h % 8], '.example') AS source,
    multiIf(h % 100 < 80, 'en', h % 100 < 86, 'de', h % 100 < 92, 'fr', h % 100 < 96, 'es', 'it') AS language,
    a < 20000 AS backlog,
    ['feed', 'feed', 'feed', 'feed', 'feed', 'feed', 'feed', 'page', 'page', 'teaser'][1 + cityHash64(a, 'from') % 10] AS text_from,
    fromUnixTimestamp64Milli(toInt64(1772323200000 + (intDiv(a, 50) + 1) * 50 * {step:UInt64} + 700), 'UTC') AS landed_at,
    arrayDistinct(arrayMap(i -> toUInt32(pow(2382., cityHash64(if(i < 4, leader, root), i) / 18446744073709551616.) * 21) - 20, range(10))) AS ranks
FROM numbers({from:UInt64}, {rows:UInt64});
