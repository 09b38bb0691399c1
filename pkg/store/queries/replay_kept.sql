-- The mentions that some articles have, in one revision.
SELECT entity_id, kind, article_id, revision, story_id, source, language, ts, seen_at, original, backlog, n, in_title, in_lead,
    surface, first_at, score, text_from, model, epoch, part, off, landed_at
FROM mentions
WHERE article_id IN {ids:Array(UInt64)} AND revision = {revision:UInt32}
ORDER BY entity_id, article_id
