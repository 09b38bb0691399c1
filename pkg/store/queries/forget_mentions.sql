-- Removes the mentions of articles that are forgotten with their counts.
ALTER TABLE mentions
DELETE WHERE (article_id, revision) IN (SELECT article_id, revision FROM articles WHERE text_from = 'forgotten' AND empty(entities))
