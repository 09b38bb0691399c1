-- The story that an article belongs to; a story's id is that of an article in it.
SELECT story_id, title, first_at, last_at, originals, copies, sources
FROM stories
WHERE story_id IN (SELECT story_id FROM articles WHERE article_id = {article:UInt64})
ORDER BY story_id
LIMIT 1
