-- fetches: each poll of a feed stands once
SELECT count(), countIf(n > 1), arrayStringConcat(groupArrayIf(10)(toString(feed_url) || ' at ' || toString(at), n > 1), ', ')
FROM
(
    SELECT feed_url, at, count() AS n FROM fetches WHERE at >= {from} AND at < {to} GROUP BY feed_url, at
)
