-- The next mentions of a month that a replay copies as they are, in the order of
-- the table.
SELECT entity_id, kind, article_id, revision, story_id, source, language, ts, seen_at, original, backlog, n, in_title, in_lead,
    surface, first_at, score, text_from, model, epoch, part, off, landed_at
FROM mentions
WHERE toYYYYMM(seen_at) = {month:UInt32}
    AND epoch >= {from_epoch:UInt32} AND epoch <= {to_epoch:UInt32} AND off >= {low:UInt64} AND off < {high:UInt64}
    AND (epoch, off) >= ({from_epoch:UInt32}, {from_off:UInt64}) AND (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64})
    AND (seen_at < {floor:DateTime64(3)}
        OR {ranged:Bool} AND revision = 0 AND NOT (seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)})
        OR {ranged:Bool} AND revision > 0 AND article_id NOT IN
        (
            SELECT article_id FROM articles
            WHERE revision = 0 AND seen_at >= {seen_from:DateTime64(3)} AND seen_at < {seen_to:DateTime64(3)}
                AND article_id IN (SELECT article_id FROM articles WHERE revision > 0)
        ))
    AND entity_id >= {after_entity:String} AND (entity_id, ts, article_id) > ({after_entity:String}, {after:DateTime64(3)}, {after_id:UInt64})
ORDER BY entity_id, ts, article_id
LIMIT {limit:UInt32}
SETTINGS max_threads = 2
