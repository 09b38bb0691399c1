-- Since when each source is known: seen live, or dated before the live stream
-- starts. Only articles that were seen from a time on are looked at.
SELECT toString(source) AS name, min(if(backlog, ts, seen_at)) AS since
FROM articles
WHERE revision = 0 AND seen_at >= {seen:DateTime64(3, 'UTC')} AND NOT (backlog AND ts >= {live:DateTime64(3, 'UTC')})
GROUP BY name
ORDER BY name
