-- Their mentions.
INSERT INTO mentions (entity_id, kind, article_id, story_id, source, language, ts, seen_at, original, backlog, n, in_title, in_lead, surface, first_at, score,
    text_from, model, epoch, off, landed_at)
SELECT n.id, n.kind, article_id, sipHash64(leader), source, language, ts, seen_at, NOT copy, backlog,
    1 + toUInt16(pow(cityHash64(a, k, 'n') % 1000 / 1000, 4) * 8), cityHash64(root, k, 'title') % 100 < 8, cityHash64(root, k, 'lead') % 100 < 25,
    if(cityHash64(a, k, 'surface') % 2 = 0, n.name, splitByChar(' ', n.name)[-1]), cityHash64(a, k, 'first') % 2500, .5 + (cityHash64(a, k, 'score') % 50) / 100,
    text_from, 'en-1', 1, a, landed_at
FROM (SELECT *, arrayJoin(ranks) AS k FROM bench_articles(from = {from}, rows = {rows}, step = {step})) AS m
INNER JOIN bench_names AS n ON n.k = m.k;
