-- Mentions of forgotten articles that are to go, and such as stay and still quote them.
SELECT
    countIf((article_id, revision) IN (SELECT article_id, revision FROM articles WHERE text_from = 'forgotten' AND empty(entities))) AS extra,
    countIf(text_from != 'forgotten') AS quoting
FROM mentions
WHERE (article_id, revision) IN (SELECT article_id, revision FROM articles WHERE text_from = 'forgotten')
