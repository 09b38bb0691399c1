package store

import (
	"strings"
	"testing"
)

// TestReplicated: every table of a replicated database is replicated, with a
// window for tokens, and what is made so is SQL. That a cluster takes it is not
// shown here: it needs Keeper.
func TestReplicated(t *testing.T) {
	s := fresh(t)
	cfg := DefaultConfig()
	if got := cfg.createDatabase(); got != "CREATE DATABASE IF NOT EXISTS dateline" {
		t.Error(got)
	}
	plain := cfg
	cfg.Replicated = true
	if cfg.ForReader().Replicated {
		t.Error("the reader waits for replicas")
	}
	ms, err := loadMigrations(migrationFiles)
	if err != nil {
		t.Fatal(err)
	}
	asked := []string{cfg.createDatabase()}
	for _, m := range ms {
		for _, q := range m.sql {
			if plain.render(q) != q {
				t.Errorf("a single server gets %s", plain.render(q))
			}
			if !strings.HasPrefix(q, "CREATE TABLE") {
				continue
			}
			got := cfg.render(q)
			if !strings.Contains(got, "ENGINE = Replicated") || strings.Contains(got, "non_replicated") {
				t.Errorf("%04d_%s: not replicated: %s", m.version, m.name, got)
			}
			if strings.Contains(q, "non_replicated_deduplication_window") != strings.Contains(got, "replicated_deduplication_window_seconds") {
				t.Errorf("%04d_%s: without a window for tokens: %s", m.version, m.name, got)
			}
			asked = append(asked, got)
		}
	}
	for _, q := range asked {
		if err := s.Exec(t.Context(), "EXPLAIN AST "+q); err != nil {
			t.Errorf("%v\n%s", err, q)
		}
	}
}
