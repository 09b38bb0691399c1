package store_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
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
	storetest.Migrate(t, w)
	text := string(raw)
	for _, p := range undocumented(t, r, text, nil) {
		t.Error(p)
	}
	// It would find what is missing.
	coverage := regexp.MustCompile(`(?s)\n### coverage\n.*?\n### `)
	for _, c := range []struct{ text, want string }{
		{strings.Replace(text, "\n### coverage\n", "\n", 1), "coverage is not documented"},
		{text + "\n### nothing\n", "nothing does not exist"},
		{coverage.ReplaceAllStringFunc(text, func(s string) string { return docSQL.ReplaceAllString(s, "") }), "coverage has no example"},
		{coverage.ReplaceAllStringFunc(text, func(s string) string { return docColumns.ReplaceAllString(s, "") }), "coverage has no columns"},
		{coverage.ReplaceAllStringFunc(text, func(s string) string { return strings.Replace(s, "`articles` UInt64", "`articles` UInt8", 1) }), "coverage has the columns"},
		{coverage.ReplaceAllStringFunc(text, func(s string) string { return strings.Replace(s, "```sql\n", "```sql\nno ", 1) }), "coverage: "},
	} {
		if got := undocumented(t, r, c.text, []string{"coverage"}); len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("found %q, want %s", got, c.want)
		}
	}
}

// undocumented tells what is wrong with the document; only says which sections
// are looked into, where it says anything.
func undocumented(t *testing.T, s *store.Store, text string, only []string) (problems []string) {
	t.Helper()
	report := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	have, err := s.Strings(t.Context(), `SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'MaterializedView' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	at := docSection.FindAllStringSubmatchIndex(text, -1)
	for i, m := range at {
		name, end := text[m[2]:m[3]], len(text)
		if i+1 < len(at) {
			end = at[i+1][0]
		}
		named = append(named, name)
		if !slices.Contains(have, name) {
			report("%s does not exist", name)
			continue
		}
		if only != nil && !slices.Contains(only, name) {
			continue
		}
		section := text[m[1]:end]
		examples := docSQL.FindAllStringSubmatch(section, -1)
		if len(examples) == 0 {
			report("%s has no example", name)
			continue
		}
		for _, x := range examples {
			var sb strings.Builder
			if err := s.Query(t.Context(), x[1], store.TableRows(&sb)); err != nil {
				report("%s: %v\n%s", name, err, x[1])
			}
		}
		if len(problems) > 0 {
			continue
		}
		c := docColumns.FindStringSubmatch(section)
		if c == nil {
			report("%s has no columns", name)
		} else if got := columnsOf(t, s, call(examples[0][1], name)); got != c[1] {
			report("%s has the columns %s, documented are %s", name, got, c[1])
		}
	}
	for _, name := range have {
		if !slices.Contains(named, name) {
			report("%s is not documented", name)
		}
	}
	return problems
}

// call is how an example names a table or view, with its parameters.
func call(sql, name string) string {
	i := strings.Index(sql, name+"(")
	if i < 0 {
		return name
	}
	depth := 0
	for k, r := range sql[i:] {
		switch r {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return sql[i : i+k+1]
			}
		}
	}
	return name
}

// columnsOf writes the columns of a table or view as the document does.
func columnsOf(t *testing.T, s *store.Store, from string) string {
	t.Helper()
	var sb strings.Builder
	if err := s.Query(t.Context(), "DESCRIBE TABLE (SELECT * FROM "+from+")", tabbed{&sb}); err != nil {
		t.Fatal(from, err)
	}
	return strings.ReplaceAll(strings.TrimSuffix(sb.String(), ", "), "LowCardinality(String)", "String*")
}

// tabbed writes names and types.
type tabbed struct{ *strings.Builder }

func (tabbed) Columns([]store.Column) error { return nil }
func (w tabbed) Row(v []any) error {
	_, err := fmt.Fprintf(w, "`%v` %v, ", v[0], v[1])
	return err
}
func (tabbed) Close() error { return nil }
