-- What changed about the measuring itself: models, merges, feeds, settings.
SELECT at, what, detail
FROM changes
WHERE at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
ORDER BY at DESC, what, detail
LIMIT {limit:UInt32}
