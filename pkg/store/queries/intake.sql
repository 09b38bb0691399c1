-- What the last poll of every feed said of the intake: silence, failure, and
-- when the next poll was planned.
SELECT feed_url, source, silent, missing, class, error, last_poll, last_success, last_new, next_poll
FROM feed_states(now = {now:DateTime64(3, 'UTC')})
