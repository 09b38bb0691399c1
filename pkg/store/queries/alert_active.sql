-- How many entities could raise an alert at all: those with enough originals
-- over a month.
SELECT count() AS entities
FROM
(
    SELECT entity_id
    FROM coverage_hourly
    WHERE hour >= {from:DateTime64(3, 'UTC')} AND hour < {to:DateTime64(3, 'UTC')}
    GROUP BY entity_id
    HAVING sum(originals) >= {least:UInt32}
)
