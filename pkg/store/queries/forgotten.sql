-- Tombstones, with the newest word on each: in force, or lifted.
SELECT
    name,
    argMax(f.at, (f.epoch, f.said)) AS at,
    argMax(f.reason, (f.epoch, f.said)) AS reason,
    argMax(f.keep_counts, (f.epoch, f.said)) AS keep_counts,
    argMax(f.lifted, (f.epoch, f.said)) AS lifted,
    max((f.epoch, f.said)).1 AS newest_epoch,
    max((f.epoch, f.said)).2 AS newest_said
FROM forgotten AS f
GROUP BY name
ORDER BY at, name
