-- The entities covered most, merges resolved, distinct articles counted. Plain
-- counts by stored id, which merges can only lower, pick three times as many
-- candidates as are asked for; these are then counted exactly.
WITH
    merges AS (SELECT entity_id, canonical_id AS into FROM entity_merges),
    candidates AS
    (
        SELECT if(s.into = '', m.entity_id, s.into) AS id
        FROM
        (
            SELECT p.entity_id AS entity_id, count() AS articles
            FROM mentions AS p
            WHERE p.ts >= {from:DateTime64(3, 'UTC')} AND p.ts < {to:DateTime64(3, 'UTC')}
                AND ({kind:String} = '' OR p.kind = {kind:String})
                AND ({source:String} = '' OR p.source = {source:String})
                AND ({language:String} = '' OR p.language = {language:String})
            GROUP BY p.entity_id
        ) AS m
        LEFT JOIN merges AS s ON s.entity_id = m.entity_id
        GROUP BY id
        ORDER BY sum(m.articles) DESC, id
        LIMIT {candidates:UInt32}
    ),
    counted AS
    (
        SELECT
            if(s.into = '', m.entity_id, s.into) AS id,
            any(m.kind) AS kind,
            uniqExact(m.article_id) AS articles,
            uniqExactIf(m.article_id, m.original) AS originals,
            uniqExact(m.source) AS sources
        FROM mentions AS m
        LEFT JOIN merges AS s ON s.entity_id = m.entity_id
        WHERE m.ts >= {from:DateTime64(3, 'UTC')} AND m.ts < {to:DateTime64(3, 'UTC')}
            AND ({kind:String} = '' OR m.kind = {kind:String})
            AND ({source:String} = '' OR m.source = {source:String})
            AND ({language:String} = '' OR m.language = {language:String})
            AND m.entity_id IN
            (
                SELECT id FROM candidates
                UNION ALL
                SELECT entity_id FROM merges WHERE into IN (SELECT id FROM candidates)
            )
        GROUP BY id
        ORDER BY articles DESC, id
        LIMIT {limit:UInt32}
    ),
    (
        SELECT countIf(revision = 0)
        FROM articles
        WHERE ts >= {from:DateTime64(3, 'UTC')} AND ts < {to:DateTime64(3, 'UTC')}
            AND ({source:String} = '' OR source = {source:String})
            AND ({language:String} = '' OR language = {language:String})
    ) AS ingested
SELECT
    c.id AS entity_id,
    if(e.name = '', c.id, e.name) AS name,
    c.kind AS kind,
    c.articles AS articles,
    c.originals AS originals,
    toUInt64(c.articles - c.originals) AS copies,
    c.sources AS sources,
    ingested,
    if(ingested = 0, 0, c.articles / ingested) AS share
FROM counted AS c
LEFT JOIN (SELECT e.entity_id AS entity_id, argMaxIf(e.name, e.landed_at, e.name != '') AS name FROM entities AS e WHERE e.entity_id IN (SELECT id FROM counted) GROUP BY entity_id) AS e ON e.entity_id = c.id
ORDER BY articles DESC, entity_id
