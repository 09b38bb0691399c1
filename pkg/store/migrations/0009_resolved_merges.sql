-- What `entity_merges` gives, resolved whenever a merge or split lands and not
-- with each query. The newest version of an entity is in force, '' is not
-- merged; a version is the place of the last message of `knowledge` that it
-- rests on, so that what a paused process resolves late does not count.
CREATE TABLE resolved_merges
(
    entity_id    String,
    canonical_id String,
    version      UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY entity_id;

INSERT INTO resolved_merges
SELECT entity_id, canonical_id, (SELECT max(bitShiftLeft(toUInt64(epoch), 40) + off) FROM entities WHERE topic != 'documents') AS version
FROM entity_merges
WHERE (SELECT count() FROM resolved_merges) = 0;

DROP VIEW IF EXISTS entity_merges;

CREATE VIEW entity_merges AS
SELECT entity_id, argMax(r.canonical_id, r.version) AS canonical_id
FROM resolved_merges AS r
GROUP BY entity_id
HAVING canonical_id != '';
