-- A run of the articles.
INSERT INTO articles (article_id, url, canonical_url, source, feed_url, title, language, published_at, seen_at, landed_at, ts, copy_of, similarity, story_id,
    words, text_from, backlog, summary, text, entities, body_hash, sketch, model, epoch, off)
SELECT article_id,
    concat('https://www.', source, '/', formatDateTime(ts, '%Y/%m/%d'), '/', replaceAll(arrayStringConcat(arrayMap(i -> concat({syllables}[1 + bitAnd(bitShiftRight((cityHash64(toUInt32(pow(cityHash64(root, i) / 18446744073709551616., 3) * 4000)) AS w), 0), 63)], {syllables}[1 + bitAnd(bitShiftRight(w, 6), 63)], if(bitAnd(w, 4096) = 0, {syllables}[1 + bitAnd(bitShiftRight(w, 13), 63)], '')), range(7)), ' '), ' ', '-'), '-', toString(a)) AS url,
    url, source,
    concat('https://www.', source, '/rss/', ['top', 'world', 'business', 'politics'][1 + cityHash64(a, 'feed') % 4], '.xml'),
    initcap(arrayStringConcat(arrayMap(i -> concat({syllables}[1 + bitAnd(bitShiftRight((cityHash64(toUInt32(pow(cityHash64(root, i) / 18446744073709551616., 3) * 4000)) AS w), 0), 63)], {syllables}[1 + bitAnd(bitShiftRight(w, 6), 63)], if(bitAnd(w, 4096) = 0, {syllables}[1 + bitAnd(bitShiftRight(w, 13), 63)], '')), range(9)), ' ')), language, ts, seen_at, landed_at, ts,
    if(copy, sipHash64(root), 0), if(copy, .5 + (cityHash64(a, 'similarity') % 50) / 100, 0), sipHash64(leader),
    400, text_from, backlog,
    arrayStringConcat(arrayMap(i -> concat({syllables}[1 + bitAnd(bitShiftRight((cityHash64(toUInt32(pow(cityHash64(root, i) / 18446744073709551616., 3) * 4000)) AS w), 0), 63)], {syllables}[1 + bitAnd(bitShiftRight(w, 6), 63)], if(bitAnd(w, 4096) = 0, {syllables}[1 + bitAnd(bitShiftRight(w, 13), 63)], '')), range(25)), ' '),
    arrayStringConcat(arrayMap(i -> concat({syllables}[1 + bitAnd(bitShiftRight((cityHash64(toUInt32(pow(cityHash64(root, i) / 18446744073709551616., 3) * 4000)) AS w), 0), 63)], {syllables}[1 + bitAnd(bitShiftRight(w, 6), 63)], if(bitAnd(w, 4096) = 0, {syllables}[1 + bitAnd(bitShiftRight(w, 13), 63)], '')), range(if(a < {texts}, 0, 400))), ' '),
    arrayMap(k -> transform(k, (SELECT groupArray(k) FROM bench_names), (SELECT groupArray(id) FROM bench_names), ''), ranks),
    cityHash64(root), arrayMap(i -> toUInt32(cityHash64(root, i, 'sketch')), range(if(a < {texts}, 0, 200))), 'en-1', 1, a
FROM bench_articles(from = {from}, rows = {rows}, step = {step});
