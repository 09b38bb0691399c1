-- feed_health: sums equal those of the fetches
SELECT count(), countIf(h.polls != f.polls OR h.new_items != f.items), arrayStringConcat(groupArrayIf(5)(toString(h.feed_url), h.polls != f.polls OR h.new_items != f.items), ', ')
FROM feed_health AS h
INNER JOIN (SELECT feed_url, uniqExact(epoch, part, off) AS polls, sum(new_items) AS items FROM fetches GROUP BY feed_url) AS f ON f.feed_url = h.feed_url
