-- alerts: each state of an alert stands once
SELECT count(), countIf(n > 1), arrayStringConcat(groupArrayIf(10)(lower(hex(alert_id)), n > 1), ', ')
FROM
(
    SELECT alert_id, state, count() AS n FROM alerts WHERE at >= {from} AND at < {to} GROUP BY alert_id, state
)
