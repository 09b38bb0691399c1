-- The last polls of one feed since a time, newest first; those with a gap
-- alone where gaps is true.
SELECT at, status, class, bytes, took_ms, items, new_items, expected_items, gap, recovered, error
FROM fetches
WHERE feed_url = {feed:String} AND at >= {from:DateTime64(3, 'UTC')} AND (gap OR NOT {gaps:Bool})
ORDER BY at DESC
LIMIT {limit:UInt32}
