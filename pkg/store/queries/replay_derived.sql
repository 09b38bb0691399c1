-- How many mentions of some articles, in one revision, stand in the shadow table.
SELECT count() FROM mentions_replay WHERE article_id IN {ids:Array(UInt64)} AND revision = {revision:UInt32}
