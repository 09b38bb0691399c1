-- Articles by an address, whatever their id was made of, and by id.
SELECT DISTINCT article_id, copy_of
FROM articles
WHERE revision = 0 AND (article_id IN {ids:Array(UInt64)} OR canonical_url IN {addresses:Array(String)} OR url IN {addresses:Array(String)})
