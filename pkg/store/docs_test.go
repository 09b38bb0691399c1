package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/store"
)

var (
	docSection = regexp.MustCompile(`(?m)^### (\w+)\n`)
	docColumns = regexp.MustCompile(`(?m)^Columns: (.*)\.$`)
	docSQL     = regexp.MustCompile("(?s)```sql\n(.*?)```\n")
)

// TestDocumentedSQL: docs/sql.md names every table and view with the columns
// that it has, and each of its examples runs.
func TestDocumentedSQL(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "sql.md"))
	if err != nil {
		t.Fatal(err)
	}
	e := enginetest.StartClickHouse(t)
	w, r := openAs(t, e, e.Writer), openAs(t, e, e.Reader)
	if err := w.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	have, err := w.Strings(t.Context(), `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'MaterializedView' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	text := string(raw)
	at := docSection.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		name, end := text[m[2]:m[3]], len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		section := text[m[1]:end]
		named = append(named, name)
		if c := docColumns.FindStringSubmatch(section); c != nil {
			got, err := w.Strings(t.Context(), "SELECT arrayStringConcat(groupArray('`' || name || '` ' || type), ', ') FROM (SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = ? ORDER BY position)", name)
			if want := strings.ReplaceAll(c[1], "String*", "LowCardinality(String)"); err != nil || got[0] != want {
				t.Errorf("%s, %v\nhas        %s\ndocumented %s", name, err, strings.ReplaceAll(strings.Join(got, ""), "LowCardinality(String)", "String*"), c[1])
			}
		}
		examples := docSQL.FindAllStringSubmatch(section, -1)
		if len(examples) == 0 {
			t.Errorf("%s has no example", name)
		}
		for _, x := range examples {
			var sb strings.Builder
			if err := r.Query(t.Context(), x[1], store.TableRows(&sb)); err != nil {
				t.Errorf("%s: %v\n%s", name, err, x[1])
			}
		}
	}
	slices.Sort(named)
	if !slices.Equal(named, have) {
		t.Errorf("documented %v\nthere are   %v", named, have)
	}
}
