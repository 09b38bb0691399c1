-- What is known of the pairs of some names.
SELECT from_id, into_id, kind, form, name, patterns, originals, explicit, against, sources, first_at, last_at, state, same_as, named
FROM alias_pairs
WHERE from_id IN {ids:Array(String)}
ORDER BY originals DESC, from_id, into_id
