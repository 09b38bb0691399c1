-- Every stored revision of one article, oldest first.
SELECT
    article_id, revision, url, canonical_url, source, via, feed_url, title, author, language, published_at, seen_at,
    landed_at, ts, copy_of, similarity, story_id, words, text_from, backlog, summary, text, entities, model, epoch, part, off
FROM articles
WHERE (ts, article_id) IN (SELECT ts, article_id FROM articles WHERE article_id = {article:UInt64})
ORDER BY revision
LIMIT 200
