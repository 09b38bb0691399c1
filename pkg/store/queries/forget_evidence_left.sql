-- What forgotten articles said of names and is there still.
SELECT uniqExact(article_id) FROM alias_evidence
WHERE article_id IN (SELECT article_id FROM articles WHERE text_from = 'forgotten')
