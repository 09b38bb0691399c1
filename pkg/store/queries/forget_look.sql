-- What a tombstone would cover: rows that are not forgotten yet, by source.
SELECT source, uniqExact(article_id) AS articles, countIf(revision > 0) AS revisions, min(seen_at) AS first, max(seen_at) AS last
FROM articles
WHERE
    (article_id IN {ids:Array(UInt64)}
        OR {by_site:Bool} AND (
            arrayExists(s -> source = s OR endsWith(splitByChar(':', splitByChar('/', concat('.', source))[1])[1], concat('.', s)), {sites:Array(String)})
            OR arrayExists(s -> endsWith(concat('.', lower(domain(canonical_url))), concat('.', s)) OR endsWith(concat('.', lower(domain(url))), concat('.', s)), {sites:Array(String)})))
    AND (text_from != 'forgotten' OR NOT {keep:Bool} AND notEmpty(entities))
GROUP BY source
ORDER BY articles DESC, source
