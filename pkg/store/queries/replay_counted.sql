-- The entities that the shadow table counts for some articles before a revision.
SELECT article_id, entity_id FROM mentions_replay WHERE article_id IN {ids:Array(UInt64)} AND revision < {revision:UInt32}
