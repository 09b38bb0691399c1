-- feed_health: the last polls of each feed, and its sums up to the newest poll, equal those of the fetches
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(feed, wrong), ', ')
FROM
(
    SELECT
        f.feed AS feed,
        -- A feed's polls land in their order: one with a later poll has moved on
        -- since the fetches were read, and says nothing.
        s.last_poll <= f.last_poll AND (s.last_poll != f.last_poll OR s.last_success != f.last_success OR s.last_gap != f.last_gap OR s.first_poll != f.first_poll OR s.error != f.error
            OR c.polls_7d != f.polls_7d OR c.new_7d != f.new_7d OR c.gaps_7d != f.gaps_7d OR c.polls_24h != f.polls_24h OR c.new_24h != f.new_24h) AS wrong
    FROM
    (
        SELECT
            toString(r.feed_url) AS feed,
            min(r.at) AS first_poll,
            max(r.at) AS last_poll,
            maxIf(r.at, r.error = '' OR r.class = 'moved') AS last_success,
            maxIf(r.at, r.gap) AS last_gap,
            argMax(r.error, r.at) AS error,
            uniqExactIf((r.epoch, r.part, r.off), r.at >= {newest} - INTERVAL 7 DAY) AS polls_7d,
            uniqExactIf((r.epoch, r.part, r.off), r.at >= {newest} - INTERVAL 1 DAY) AS polls_24h,
            sumIf(r.new_items, r.at >= {newest} - INTERVAL 7 DAY) AS new_7d,
            sumIf(r.new_items, r.at >= {newest} - INTERVAL 1 DAY) AS new_24h,
            countIf(r.gap AND r.at >= {newest} - INTERVAL 7 DAY) AS gaps_7d
        FROM fetches AS r
        WHERE r.at <= {newest}
        GROUP BY feed
    ) AS f
    LEFT JOIN feed_states(now = {newest}) AS s ON s.feed_url = f.feed
    LEFT JOIN feed_counts(now = {newest}) AS c ON c.feed_url = f.feed
)
