-- Names that only forgotten articles have taught, and that nothing mentions.
SELECT DISTINCT entity_id
FROM entities
WHERE origin = 'learned' AND topic = 'documents'
    AND (epoch, part, off) IN (SELECT epoch, part, off FROM articles WHERE text_from = 'forgotten')
    AND entity_id NOT IN (SELECT entity_id FROM merge(currentDatabase(), '^mentions'))
