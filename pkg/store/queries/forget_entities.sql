-- Removes names that only forgotten articles have taught.
ALTER TABLE entities
DELETE WHERE origin = 'learned' AND topic = 'documents' AND entity_id IN {names:Array(String)}
