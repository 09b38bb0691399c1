-- How much is stored.
SELECT
    i.articles AS articles,
    i.originals AS originals,
    i.backlog AS backlog,
    (SELECT count() FROM mentions) AS mentions,
    (SELECT uniqExact(entity_id) FROM entities) AS entities,
    i.sources AS sources,
    (SELECT uniqExact(feed_url) FROM feed_polls) AS feeds,
    (SELECT min(ts) FROM articles) AS first,
    (SELECT max(ts) FROM articles) AS last
FROM
(
    SELECT sum(articles) AS articles, sum(originals) AS originals, sum(backlog) AS backlog, uniqExact(source) AS sources
    FROM ingest_hourly
) AS i
