-- The originals decided at a run of offsets, with their texts.
SELECT article_id, source, title, text, ts, seen_at, epoch, off
FROM articles
WHERE epoch = {epoch:UInt32} AND off >= {from:UInt64} AND off < {to:UInt64}
    AND revision = 0 AND copy_of = 0 AND text_from != 'forgotten'
ORDER BY off
