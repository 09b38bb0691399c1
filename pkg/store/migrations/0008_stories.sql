-- What a text is about, by which originals are grouped into stories; see
-- package story. Rows from before are compared by their titles.
ALTER TABLE articles ADD COLUMN IF NOT EXISTS terms Array(UInt32) CODEC(ZSTD(1)) AFTER sketch;

-- Each story with the newest title of the article that began it (or of its
-- first original that has one), and when its articles first came.
CREATE VIEW stories AS
SELECT
    story_id,
    if(began != '', began, told) AS title,
    first_at,
    last_at,
    originals,
    copies,
    sources
FROM
(
    SELECT
        a.story_id AS story_id,
        argMaxIf(a.title, a.revision, a.article_id = a.story_id) AS began,
        argMinIf(a.title, (a.ts, a.article_id), a.revision = 0 AND a.copy_of = 0 AND a.title != '') AS told,
        minIf(a.ts, a.revision = 0) AS first_at,
        maxIf(a.ts, a.revision = 0) AS last_at,
        uniqExactIf(a.article_id, a.copy_of = 0) AS originals,
        uniqExactIf(a.article_id, a.copy_of != 0) AS copies,
        uniqExact(a.source) AS sources
    FROM articles AS a
    GROUP BY a.story_id
);
