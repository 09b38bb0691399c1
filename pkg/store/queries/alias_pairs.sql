-- What is known of pairs of names, those with most evidence first: of some names, or of all that have as many originals and sources.
SELECT from_id, into_id, kind, form, name, patterns, originals, explicit, against, sources, first_at, last_at, state, same_as, named
FROM alias_pairs
WHERE (empty({ids:Array(String)}) OR from_id IN {ids:Array(String)} OR into_id IN {ids:Array(String)})
    AND originals >= {originals:UInt32} AND sources >= {sources:UInt32}
ORDER BY originals DESC, from_id, into_id
LIMIT {limit:UInt32}
