-- Their descriptions, and a merge of every fiftieth entity into the one before.
INSERT INTO entities (entity_id, kind, name, origin, first_seen_at, topic, epoch, off) SELECT id, kind, name, 'learned', '2026-03-01', 'documents', 1, k FROM bench_names;

INSERT INTO entities (entity_id, kind, name, origin, same_as, first_seen_at, topic, epoch, off, landed_at)
SELECT m.id, m.kind, m.name, 'learned', b.id, '2026-03-02', 'knowledge', 1, m.k, '2026-03-03'
FROM bench_names AS m
INNER JOIN (SELECT k + 1 AS k, id FROM bench_names) AS b ON b.k = m.k
WHERE m.k % 50 = 49;

INSERT INTO sources (source, name, first_seen_at, topic, epoch) SELECT DISTINCT source, source, '2026-03-01', 'documents', 1 FROM articles;
