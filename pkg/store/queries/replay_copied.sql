-- How many mentions of a month stand in the shadow table within a run of its
-- order.
SELECT count()
FROM mentions_replay
WHERE toYYYYMM(seen_at) = {month:UInt32}
    AND (epoch, off) >= ({from_epoch:UInt32}, {from_off:UInt64}) AND (epoch, off) < ({to_epoch:UInt32}, {to_off:UInt64})
    AND entity_id >= {after_entity:String} AND entity_id <= {last_entity:String}
    AND (entity_id, ts, article_id) > ({after_entity:String}, {after:DateTime64(3)}, {after_id:UInt64})
    AND (entity_id, ts, article_id) <= ({last_entity:String}, {last:DateTime64(3)}, {last_id:UInt64})
