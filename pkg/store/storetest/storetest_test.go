package storetest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	e := enginetest.StartClickHouse(t)
	s, err := store.Open(store.Config{Addr: []string{e.SQL}, Database: e.Database, User: e.Writer.User, Password: e.Writer.Password, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestMigrate: a copy has the tables, views, columns and rows that migrations
// make, works, and is up to date.
func TestMigrate(t *testing.T) {
	real, first, copied := open(t), open(t), open(t)
	if err := real.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	storetest.Migrate(t, first)
	storetest.Migrate(t, copied)
	for _, sql := range []string{
		"SELECT create_table_query FROM system.tables WHERE database = currentDatabase() ORDER BY name",
		"SELECT toString(tuple(name, engine_full, total_rows, comment)) FROM system.tables WHERE database = currentDatabase() ORDER BY name",
		"SELECT toString(tuple(* EXCEPT (database, uuid))) FROM system.columns WHERE database = currentDatabase() ORDER BY table, position",
		"SELECT toString(tuple(table, name, query)) FROM system.projections WHERE database = currentDatabase() ORDER BY table, name",
		"SELECT toString(tuple(version, name, checksum)) FROM migrations ORDER BY version",
		"SELECT toString(tuple(* EXCEPT at)) FROM epochs ORDER BY epoch",
	} {
		of := func(s *store.Store) []string {
			rows, err := s.Strings(t.Context(), sql)
			if err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				rows[i] = strings.ReplaceAll(rows[i], s.Database()+".", "")
			}
			return rows
		}
		want := of(real)
		if len(want) == 0 {
			t.Errorf("nothing comes of %s", sql)
		}
		for what, s := range map[string]*store.Store{"first": first, "copied": copied} {
			if got := of(s); !slices.Equal(got, want) {
				t.Errorf("%s, %s:\n got %s\nwant %s", what, sql, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
			}
		}
	}
	// It is taken for a migrated one, and works.
	if err := copied.Migrate(t.Context()); err != nil {
		t.Error(err)
	}
	if err := copied.SelfTest(t.Context()); err != nil {
		t.Error(err)
	}
}
