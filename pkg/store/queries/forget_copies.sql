-- Articles that carry the same text as those given: their copies.
SELECT DISTINCT article_id
FROM articles
WHERE revision = 0 AND (copy_of IN {ids:Array(UInt64)} OR article_id IN {ids:Array(UInt64)})
