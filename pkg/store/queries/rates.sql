-- What arrived in the last minute, hour and day, without imports, and how
-- long it took from first being seen to being visible.
WITH {now:DateTime64(3, 'UTC')} AS now
SELECT
    countIf(revision = 0 AND seen_at > now - INTERVAL 1 MINUTE) AS minute,
    countIf(revision = 0 AND seen_at > now - INTERVAL 1 HOUR) AS hour,
    countIf(revision = 0) AS day,
    countIf(revision = 0 AND copy_of != 0) AS copies,
    countIf(revision > 0) AS revisions,
    ifNotFinite(quantileIf(0.5)(dateDiff('millisecond', seen_at, landed_at), revision = 0 AND seen_at > now - INTERVAL 1 HOUR), 0) AS p50_ms,
    ifNotFinite(quantileIf(0.95)(dateDiff('millisecond', seen_at, landed_at), revision = 0 AND seen_at > now - INTERVAL 1 HOUR), 0) AS p95_ms
FROM articles
WHERE seen_at > now - INTERVAL 1 DAY AND NOT backlog
