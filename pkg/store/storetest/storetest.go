// Package storetest gives tests a migrated database for a third of what the
// migrations cost.
//
// The first one of a process is migrated as anywhere; those that follow get its
// tables, views and rows as they stood then. That both are the same is held by
// this package's test. Tests of migrations themselves call Migrate of the store.
package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/dateline/dateline/pkg/store"
)

// Migrate brings an empty database to the newest version.
func Migrate(t testing.TB, s *store.Store) {
	t.Helper()
	if err := migrated.give(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

// migrated is what the migrations have made in this process.
var migrated template

// template holds statements, with here for the name of the database.
type template struct {
	sync.Mutex
	creates, inserts []string
}

// here cannot stand in a statement.
const here = "\x00."

func (m *template) give(ctx context.Context, s *store.Store) error {
	m.Lock()
	first := m.creates == nil
	if first {
		defer m.Unlock()
		if err := s.Migrate(ctx); err != nil {
			return err
		}
		return m.take(ctx, s)
	}
	creates, inserts := m.creates, m.inserts
	m.Unlock()
	return replay(ctx, s, creates, inserts)
}

// take reads what stands in a database that has just been migrated.
func (m *template) take(ctx context.Context, s *store.Store) error {
	creates, err := s.Strings(ctx, "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY engine LIKE '%View', name")
	if err != nil {
		return fmt.Errorf("read what the migrations have made: %w", err)
	}
	full, err := s.Strings(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase() AND total_rows > 0 ORDER BY name")
	if err != nil {
		return fmt.Errorf("read where the migrations have left rows: %w", err)
	}
	var inserts []string
	for _, table := range full {
		rows, err := s.Strings(ctx, "SELECT formatRow('Values', *) FROM "+table)
		if err != nil {
			return fmt.Errorf("read the rows of %s: %w", table, err)
		}
		inserts = append(inserts, "INSERT INTO "+here+table+" VALUES "+strings.Join(rows, ", "))
	}
	for i, q := range creates {
		creates[i] = strings.ReplaceAll(q, s.Database()+".", here)
	}
	m.creates, m.inserts = creates, inserts
	return nil
}

// replay makes the tables, then the views, again and again those whose views
// were not there yet, and then the rows.
func replay(ctx context.Context, s *store.Store, creates, inserts []string) error {
	const unknownTable = 60
	for len(creates) > 0 {
		var later []string
		var missing error
		for _, q := range creates {
			err := s.Exec(ctx, strings.ReplaceAll(q, here, s.Database()+"."))
			if store.Code(err) == unknownTable {
				later, missing = append(later, q), err
			} else if err != nil {
				return fmt.Errorf("%s: %w", q, err)
			}
		}
		if len(later) == len(creates) {
			return missing
		}
		creates = later
	}
	for _, q := range inserts {
		if err := s.Exec(ctx, strings.ReplaceAll(q, here, s.Database()+".")); err != nil {
			return fmt.Errorf("%s: %w", q, err)
		}
	}
	return nil
}
