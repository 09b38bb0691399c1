-- Removes what forgotten articles said of names.
ALTER TABLE alias_evidence
DELETE WHERE article_id IN (SELECT article_id FROM articles WHERE text_from = 'forgotten')
