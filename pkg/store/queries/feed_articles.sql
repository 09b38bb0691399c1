-- The newest articles that came by one feed, each with its first title.
SELECT
    article_id, title, url, source, language, ts, seen_at, landed_at, copy_of, story_id, revision, backlog, words
FROM articles
WHERE feed_url = {feed:String} AND revision = 0 AND ts >= {from:DateTime64(3, 'UTC')}
ORDER BY ts DESC, article_id
LIMIT {limit:UInt32}
