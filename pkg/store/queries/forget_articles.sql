-- Blanks every revision of the articles that are to be forgotten. What is left
-- is when it came, from whom, in which language, and what it was decided to be.
ALTER TABLE articles
UPDATE
    url = '', canonical_url = '', title = '', author = '', section = '', tags = [], summary = '', text = '',
    words = 0, body_hash = 0, sketch = [], terms = [], text_from = 'forgotten', entities = if({keep:Bool}, entities, [])
WHERE
    (article_id IN {ids:Array(UInt64)}
        OR {by_site:Bool} AND (
            arrayExists(s -> source = s OR endsWith(splitByChar(':', splitByChar('/', concat('.', source))[1])[1], concat('.', s)), {sites:Array(String)})
            OR arrayExists(s -> endsWith(concat('.', lower(domain(canonical_url))), concat('.', s)) OR endsWith(concat('.', lower(domain(url))), concat('.', s)), {sites:Array(String)})))
    AND (text_from != 'forgotten' OR NOT {keep:Bool} AND notEmpty(entities))
