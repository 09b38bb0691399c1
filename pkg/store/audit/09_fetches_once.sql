-- fetches: one row for an offset
SELECT count(), countIf(n > 1), arrayStringConcat(groupArrayIf(5)(toString(part) || '/' || toString(off), n > 1), ', ')
FROM
(
    SELECT epoch, part, off, count() AS n FROM fetches WHERE at >= {from} AND at < {to} GROUP BY epoch, part, off
)
