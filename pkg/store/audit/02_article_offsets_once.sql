-- articles: one row for an offset
SELECT count(), countIf(n > 1), arrayStringConcat(groupArrayIf(10)(toString(off), n > 1), ', ')
FROM
(
    SELECT epoch, part, off, count() AS n FROM articles WHERE seen_at >= {from} AND seen_at < {to} GROUP BY epoch, part, off
)
