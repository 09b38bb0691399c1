package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// TestRecountOfViews: each view that gives something else than the rows is
// found, whatever it is that is wrong with it.
func TestRecountOfViews(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	exec := func(q string) {
		t.Helper()
		if err := s.Exec(ctx, q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
	sound(t, s)
	var merges []store.EntityRow
	for i, m := range [][2]string{{"per/c", "per/d"}, {"per/d", "per/b"}, {"per/x", "per/y"}, {"per/y", "per/x"}} {
		merges = append(merges, store.EntityRow{
			Origin: store.Origin{Epoch: 1, Off: uint64(i), LandedAt: audited}, Topic: news.TopicKnowledge, SameAs: m[1], SeenAt: audited,
			Mention: &news.Mention{EntityID: m[0], Kind: news.PER, Name: m[0], Origin: "learned"},
		})
	}
	if err := s.Insert(ctx, "merges", store.EntityBatch(merges)); err != nil {
		t.Fatal(err)
	}
	// found gives those of the checks that find something, all where none is named.
	found := func(from, to time.Time, checks ...string) (wrong []string) {
		t.Helper()
		list, err := s.RecountSome(ctx, from, to, func(name string) bool { return checks == nil || slices.Contains(checks, name) })
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			if r.Problems > 0 {
				wrong = append(wrong, r.Name+": "+r.Detail)
				wrong = append(wrong, r.Name)
			}
		}
		return wrong
	}
	before, after := audited.Add(-time.Hour), audited.Add(24*time.Hour)
	if got := found(before, after); len(got) > 0 {
		t.Fatalf("sound views: %v", got)
	}
	for _, c := range []struct{ view, as, want string }{
		{"coverage_hourly", "SELECT * REPLACE (articles + 1 AS articles) FROM kept_view", "coverage_hourly coverage_daily"},
		{"coverage_hourly", "SELECT * FROM kept_view WHERE entity_id != 'per/c'", "coverage_hourly"},
		{"coverage_daily", "SELECT * REPLACE (occurrences + 1 AS occurrences) FROM kept_view", "coverage_daily"},
		{"ingest_hourly", "SELECT * REPLACE (originals + 1 AS originals) FROM kept_view", "ingest_hourly"},
		{"articles_current", "SELECT * REPLACE (revision + 1 AS revision) FROM kept_view", "articles_current"},
		{"articles_current", "SELECT * REPLACE (story_id + 1 AS story_id) FROM kept_view", "articles_current"},
		{"articles_current", "SELECT * FROM kept_view UNION ALL SELECT * FROM kept_view WHERE article_id = 3", "articles_current"},
		{"source_latency", "SELECT * REPLACE (articles + 1 AS articles) FROM kept_view", "source_latency"},
		{"source_latency", "SELECT * REPLACE (p95_s + 1e6 AS p95_s) FROM kept_view", "source_latency"},
		{"entity_merges", "SELECT * FROM kept_view WHERE entity_id != 'per/d'", "entity_merges"},
		{"entity_merges", "SELECT * REPLACE ('per/c' AS canonical_id) FROM kept_view", "entity_merges coverage"},
		{"coverage", "SELECT * REPLACE (articles + 1 AS articles) FROM kept_view(entity = {entity:String}, from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, step = {step:UInt32})", "coverage"},
		{"co_mentions", "SELECT * FROM kept_view(entity = {entity:String}, from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}) LIMIT 0", "co_mentions"},
		{"story_timeline", "SELECT * FROM kept_view(story = {story:String}) LIMIT 1", "story_timeline"},
	} {
		exec("RENAME TABLE " + c.view + " TO kept_view")
		exec("CREATE VIEW " + c.view + " AS " + c.as)
		for want := range strings.FieldsSeq(c.want) {
			if got := found(before, after, want); !slices.Contains(got, want) {
				t.Errorf("%s as %q: not found by %s", c.view, c.as, want)
			}
		}
		exec("DROP VIEW " + c.view)
		exec("RENAME TABLE kept_view TO " + c.view)
	}
	// What falls into other hours is of another audit.
	exec("RENAME TABLE ingest_hourly TO kept_view")
	exec("CREATE VIEW ingest_hourly AS SELECT * REPLACE (if(hour < '2026-03-10 09:00:00', articles + 1, articles) AS articles) FROM kept_view")
	if got := found(audited, audited.Add(time.Minute), "ingest_hourly"); !slices.Contains(got, "ingest_hourly") {
		t.Errorf("within the range: %v", got)
	}
	if got := found(audited.Add(70*time.Minute), after, "ingest_hourly"); slices.Contains(got, "ingest_hourly") {
		t.Errorf("outside of the range: %v", got)
	}
}
