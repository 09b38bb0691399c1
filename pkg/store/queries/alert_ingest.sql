-- Originals by step, of all that was ingested from sources that are known long
-- enough: live ones when they were seen, before that the backlog by its dates.
SELECT toInt64(intDiv(toUnixTimestamp64Milli(at), toInt64({step:UInt32}) * 1000)) AS bucket, count() AS originals
FROM
(
    SELECT if(backlog, ts, seen_at) AS at, source
    FROM articles
    WHERE revision = 0 AND copy_of = 0
        AND ts >= {from:DateTime64(3, 'UTC')} - INTERVAL 31 DAY AND ts < {to:DateTime64(3, 'UTC')} + INTERVAL 1 DAY
        AND if(backlog, ts < {live:DateTime64(3, 'UTC')}, seen_at >= {live:DateTime64(3, 'UTC')})
) AS a
WHERE at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
    AND toUnixTimestamp64Milli(at) >= transform(toString(source), splitByChar('\n', {sources:String}), {ready:Array(UInt64)}, toUInt64(0))
GROUP BY bucket
ORDER BY bucket
