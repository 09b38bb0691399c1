-- Forgotten articles whose titles stand in alerts.
SELECT DISTINCT shown.1
FROM
(
    SELECT arrayJoin(arrayZip(arraySlice(top_articles, 1, length(titles)), arraySlice(titles, 1, length(top_articles)))) AS shown
    FROM alerts
)
WHERE shown.2 != '' AND shown.1 IN (SELECT article_id FROM articles WHERE text_from = 'forgotten')
