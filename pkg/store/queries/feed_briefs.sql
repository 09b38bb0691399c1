-- The state of every feed at a time, from its last poll.
SELECT feed_url, source, state, failures, last_poll, last_success, last_new, next_poll, rate
FROM feed_states(now = {now:DateTime64(3, 'UTC')})
