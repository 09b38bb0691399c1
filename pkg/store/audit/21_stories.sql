-- stories: equals a recount, each article once and as its first revision was decided
SELECT count(), countIf(wrong), arrayStringConcat(groupArrayIf(10)(lower(hex(story_id)), wrong), ', ')
FROM
(
    SELECT story_id, countIf(side = 1) != 1 OR countIf(side = 0) != 1 OR sum(counts) != 0 AS wrong
    FROM
    (
        SELECT v.story_id AS story_id, 1 AS side, toInt64(cityHash64(v.title, v.first_at, v.last_at, v.originals, v.copies, v.sources)) AS counts
        FROM stories AS v
        UNION ALL
        SELECT story_id, 0, -toInt64(cityHash64(
            if(anyIf(title, id = story_id) != '', anyIf(title, id = story_id), argMinIf(first_title, (ts, id), original AND first_title != '')),
            min(ts), max(ts), countIf(original), countIf(NOT original), uniqExactArray(sources)))
        FROM
        (
            SELECT article_id AS id, argMin(a.story_id, a.revision) AS story_id, argMin(a.copy_of, a.revision) = 0 AS original,
                argMin(a.ts, a.revision) AS ts, argMax(a.title, a.revision) AS title, argMin(a.title, a.revision) AS first_title,
                groupUniqArray(toString(a.source)) AS sources
            FROM articles AS a
            GROUP BY article_id
        )
        GROUP BY story_id
    )
    WHERE story_id IN (SELECT story_id FROM articles WHERE seen_at >= {from} AND seen_at < {to})
    GROUP BY story_id
)
