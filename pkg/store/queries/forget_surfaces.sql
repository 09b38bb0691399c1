-- Blanks what the mentions of forgotten articles quote.
ALTER TABLE mentions
UPDATE surface = '', first_at = -1, text_from = 'forgotten'
WHERE text_from != 'forgotten' AND (article_id, revision) IN (SELECT article_id, revision FROM articles WHERE text_from = 'forgotten')
