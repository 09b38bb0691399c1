-- The articles that an address was stored for, the newest first.
SELECT DISTINCT article_id
FROM articles
WHERE url = {url:String} OR canonical_url = {url:String}
ORDER BY seen_at DESC
LIMIT 1
