-- How many mentions a replay copies as they are, by month: those of articles
-- outside its range, and of articles that are not kept any more.
SELECT toUInt32(toYYYYMM(seen_at)) AS month, toUInt16(0) AS revision, count() AS rows
FROM mentions
WHERE epoch >= {from_epoch:UInt32} AND epoch <= {to_epoch:UInt32} AND off >= {low:UInt64} AND off < {high:UInt64}
    AND (epoch, off) >= ({from_epoch:UInt32}, {from_off:UInt64}) AND (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64})
    AND (seen_at < {floor:DateTime64(3)}
        OR {ranged:Bool} AND revision = 0 AND NOT (seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)})
        OR {ranged:Bool} AND revision > 0 AND article_id NOT IN
        (
            SELECT article_id FROM articles
            WHERE revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}
                AND article_id IN (SELECT article_id FROM articles WHERE revision > 0)
        ))
GROUP BY month
ORDER BY month
