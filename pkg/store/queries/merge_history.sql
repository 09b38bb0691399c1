-- What was said of some entities counting under others, the oldest first: rows
-- of `changes` are "ID: {…}".
SELECT at, splitByString(': ', detail)[1] AS from_id, JSONExtract(said, 'Map(String, String)') AS told
FROM (SELECT at, detail, epoch, off, substring(detail, position(detail, ': ') + 2) AS said FROM changes WHERE what = 'merge')
WHERE from_id IN {ids:Array(String)} OR told['same_as'] IN {ids:Array(String)} OR told['from'] IN {ids:Array(String)}
ORDER BY at, epoch, off
LIMIT {limit:UInt32}
