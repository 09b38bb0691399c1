-- The last days on which an entity was named, and the articles of all days.
SELECT toDate(time) AS day, articles, originals, sum(articles) OVER () AS total
FROM coverage(entity = {entity:String}, from = toDateTime64('1971-01-01 00:00:00', 3, 'UTC'), to = toDateTime64('2199-01-01 00:00:00', 3, 'UTC'), step = 86400)
ORDER BY day DESC
LIMIT {limit:UInt32}
