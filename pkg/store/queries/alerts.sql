-- The alerts of a time, each in its newest state.
SELECT
    alert_id,
    argMax(a.rule, (a.at, a.epoch, a.off)) AS rule,
    any(a.entity_id) AS entity_id,
    argMax(a.name, (a.at, a.epoch, a.off)) AS name,
    argMax(a.entities, (a.at, a.epoch, a.off)) AS entities,
    argMax(a.state, (a.at, a.epoch, a.off)) AS state,
    min(a.since) AS since,
    max(a.at) AS last_at,
    argMax(a.window_s, (a.at, a.epoch, a.off)) AS window_s,
    argMax(a.observed, (a.state = 'firing', a.at)) AS observed,
    argMax(a.expected, (a.state = 'firing', a.at)) AS expected,
    argMax(a.low, (a.state = 'firing', a.at)) AS low,
    argMax(a.high, (a.state = 'firing', a.at)) AS high,
    argMax(a.p, (a.state = 'firing', a.at)) AS p,
    argMax(a.q, (a.state = 'firing', a.at)) AS q,
    argMax(a.originals, (a.state = 'firing', a.at)) AS originals,
    argMax(a.copies, (a.state = 'firing', a.at)) AS copies,
    argMax(a.sources, (a.state = 'firing', a.at)) AS sources,
    argMax(a.top_articles, (a.state = 'firing', a.at)) AS top_articles,
    argMax(a.titles, (a.state = 'firing', a.at)) AS titles,
    argMax(a.stories, (a.state = 'firing', a.at)) AS stories,
    argMax(a.completeness, (a.at, a.epoch, a.off)) AS completeness,
    argMax(a.baseline_days, (a.at, a.epoch, a.off)) AS baseline_days,
    argMax(a.reason, (a.state = 'firing', a.at)) AS reason
FROM alerts AS a
WHERE a.at >= {from:DateTime64(3, 'UTC')} AND a.at < {to:DateTime64(3, 'UTC')}
    AND ({entity:String} = '' OR a.entity_id IN (SELECT entity_id FROM merged_ids(entity = {entity:String})))
GROUP BY alert_id
ORDER BY last_at DESC, alert_id
LIMIT {limit:UInt32}
