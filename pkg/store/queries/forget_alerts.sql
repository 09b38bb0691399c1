-- Blanks the titles of forgotten articles in alerts.
ALTER TABLE alerts
UPDATE titles = arrayMap((t, i) -> if(has({ids:Array(UInt64)}, top_articles[i]), '', t), titles, arrayEnumerate(titles))
WHERE hasAny(top_articles, {ids:Array(UInt64)})
