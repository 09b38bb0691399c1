-- The next articles of a month in one later revision, by time and id.
SELECT article_id, source, language, title, text, seen_at, ts, copy_of, story_id, text_from, backlog, words, epoch, part, off, landed_at
FROM articles
WHERE toYYYYMM(seen_at) = {month:UInt32} AND revision = {revision:UInt32}
    AND epoch >= {from_epoch:UInt32} AND epoch <= {to_epoch:UInt32} AND off >= {low:UInt64} AND off < {high:UInt64}
    AND (epoch, off) >= ({from_epoch:UInt32}, {from_off:UInt64}) AND (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64})
    AND article_id IN
    (
        SELECT article_id FROM articles
        WHERE revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}
            AND article_id IN (SELECT article_id FROM articles WHERE revision = {revision:UInt32})
    )
    AND ts >= {after:DateTime64(3)} AND (ts, article_id) > ({after:DateTime64(3)}, {after_id:UInt64})
ORDER BY ts, article_id
LIMIT {limit:UInt32}
SETTINGS max_block_size = 256, max_threads = 2
