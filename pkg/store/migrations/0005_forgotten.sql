-- What is to be forgotten: tombstones that land has put in force, one row for
-- each message of `knowledge` that sets or lifts one. From `off` of the
-- documents on nothing comes in that the tombstone covers. The newest row of a
-- name holds.

CREATE TABLE forgotten
(
    name        String,
    at          DateTime64(3, 'UTC'),
    reason      String,
    keep_counts Bool,
    lifted      Bool,
    said        UInt64,
    epoch       UInt32,
    part        UInt16,
    off         UInt64,
    landed_at   DateTime64(3, 'UTC')
)
ENGINE = MergeTree
ORDER BY (name, epoch, said)
SETTINGS non_replicated_deduplication_window = 10000;
