-- Originals by entity in one window of the live stream, where no entity was
-- ever merged, from sources that are known long enough.
SELECT entity_id, uniqExact(article_id) AS originals, uniqExact(source) AS sources
FROM mentions
WHERE seen_at >= {from:DateTime64(3, 'UTC')} AND seen_at < {to:DateTime64(3, 'UTC')} AND NOT backlog AND original
    AND toUnixTimestamp64Milli(seen_at) >= transform(toString(source), splitByChar('\n', {sources:String}), {ready:Array(UInt64)}, toUInt64(0))
GROUP BY entity_id
ORDER BY originals DESC, entity_id
