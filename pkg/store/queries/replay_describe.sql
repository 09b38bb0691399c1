-- Describes entities that the shadow table mentions and that have no row.
INSERT INTO entities (entity_id, kind, name, aliases, origin, same_as, country, lat, lon, refs, first_seen_at, topic, epoch, part, off, landed_at)
SELECT entity_id, any(kind), argMax(surface, n), [], 'learned', '', '', 0, 0, map(), min(seen_at), 'replay', {to_epoch:UInt32}, 0, min(off), now64(3)
FROM mentions_replay
WHERE entity_id NOT IN (SELECT entity_id FROM entities)
GROUP BY entity_id
