-- articles_current: one row for each article
SELECT
    (SELECT uniqExact(article_id) FROM articles) AS n,
    abs(toInt64(n) - toInt64((SELECT count() FROM articles_current))) AS wrong,
    'the view has another number of rows'
