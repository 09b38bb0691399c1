-- How many rows of articles a replay has to derive, by revision and month. An
-- article belongs to the range that it was first seen in, with its revisions.
SELECT toUInt32(toYYYYMM(seen_at)) AS month, revision, count() AS rows
FROM articles
WHERE epoch >= {from_epoch:UInt32} AND epoch <= {to_epoch:UInt32} AND off >= {low:UInt64} AND off < {high:UInt64}
    AND (epoch, off) >= ({from_epoch:UInt32}, {from_off:UInt64}) AND (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64})
    AND (revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}
        OR revision > 0 AND article_id IN
        (
            SELECT article_id FROM articles
            WHERE revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}
                AND article_id IN (SELECT article_id FROM articles WHERE revision > 0)
        ))
GROUP BY month, revision
ORDER BY revision, month
