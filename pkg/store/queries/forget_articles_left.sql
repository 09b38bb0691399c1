-- Articles that are to be forgotten, by id or by site, and of which something is left.
SELECT DISTINCT article_id
FROM articles
WHERE
    (article_id IN {ids:Array(UInt64)}
        OR {by_site:Bool} AND (
            arrayExists(s -> source = s OR endsWith(splitByChar(':', splitByChar('/', concat('.', source))[1])[1], concat('.', s)), {sites:Array(String)})
            OR arrayExists(s -> endsWith(concat('.', lower(domain(canonical_url))), concat('.', s)) OR endsWith(concat('.', lower(domain(url))), concat('.', s)), {sites:Array(String)})))
    AND (text_from != 'forgotten' OR NOT {keep:Bool} AND notEmpty(entities))
