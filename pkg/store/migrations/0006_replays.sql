-- Every row of mentions says by which derivation of the mentions it was made: 0
-- by the stages as they ran, more by a replay. A table that a replay has made
-- takes rows of its own generation alone, by a constraint; what a process sends
-- late that was paused through the exchange of the tables is refused by it.
ALTER TABLE mentions ADD COLUMN IF NOT EXISTS generation UInt32 AFTER model;

-- How far replays have come, one row for each step; the one with the highest
-- step of the highest generation is in force. Every article below epoch and off
-- is in the shadow table; state 'swapped': the shadow has taken the place of
-- mentions there.
CREATE TABLE replays
(
    generation UInt32,
    step       UInt64,
    at         DateTime64(3, 'UTC') DEFAULT now64(3),
    state      LowCardinality(String),
    epoch      UInt32,
    off        UInt64,
    detail     String
)
ENGINE = MergeTree
ORDER BY (generation, step)
SETTINGS non_replicated_deduplication_window = 10000;
