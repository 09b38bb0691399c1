package store

import "strings"

// Backfill is the statement that takes the polls from before feed_polls over.
func Backfill() string {
	ms, err := loadMigrations(migrationFiles)
	if err != nil {
		return ""
	}
	for _, m := range ms {
		for _, q := range m.sql {
			if strings.HasPrefix(q, "INSERT INTO feed_polls") {
				return q
			}
		}
	}
	return ""
}

// SliceAudit makes the audit group n mentions at once, about.
func (s *Store) SliceAudit(n uint64) { s.slice = n }
