-- The latest text of some articles, as far as it is compared, but for what a
-- range of offsets brought.
SELECT article_id, substring(text, 1, {bytes:UInt32}) AS text
FROM articles
WHERE (ts, article_id) IN
    (
        SELECT ts, article_id FROM articles
        WHERE article_id IN {articles:Array(UInt64)} AND NOT (epoch = {epoch:UInt32} AND part = {part:UInt32} AND off >= {from:UInt64} AND off < {to:UInt64})
        ORDER BY article_id, revision DESC
        LIMIT 1 BY article_id
    )
    AND NOT (epoch = {epoch:UInt32} AND part = {part:UInt32} AND off >= {from:UInt64} AND off < {to:UInt64})
ORDER BY article_id, revision DESC
LIMIT 1 BY article_id
