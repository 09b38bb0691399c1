package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
)

const day = 24 * time.Hour

func TestRetentionIsLongEnough(t *testing.T) {
	for _, c := range []struct {
		r    store.Retention
		want string // of the error
	}{
		{store.Retention{}, ""},
		{store.Retention{TextDays: 15, ArticlesDays: 90, MentionsDays: 90, FetchesDays: 30, AlertsDays: 31}, ""},
		{store.Retention{TextDays: 14}, "text_days is 14, want 0 (for ever) or 15 or more"},
		{store.Retention{TextDays: -1}, "text_days is -1"},
		{store.Retention{MentionsDays: 60}, "mentions_days is 60, want 0 (for ever) or 61"},
		{store.Retention{ArticlesDays: 60, MentionsDays: 60}, "articles_days is 60, want 0 (for ever) or 61"},
		{store.Retention{ArticlesDays: 90}, "mentions would stay without their articles"},
		{store.Retention{ArticlesDays: 90, MentionsDays: 91}, "set mentions_days to 90 or less"},
		{store.Retention{FetchesDays: 7}, "fetches_days is 7"},
		{store.Retention{AlertsDays: 30}, "alerts_days is 30, want 0 (for ever) or 31"},
	} {
		err := c.r.Validate(7*day, 60*day)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.r, err, c.want)
		}
	}
	if err := (store.Retention{TextDays: 15}).Validate(8*day, 0); err == nil {
		t.Error("text that goes before the window has passed is accepted")
	}
	now := time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)
	if got := (store.Retention{TextDays: 15}).Whole(now, 7*day); !got.IsZero() {
		t.Errorf("rows are whole from %v on, want always", got)
	}
	if got := (store.Retention{ArticlesDays: 100, MentionsDays: 70}).Whole(now, 7*day); !got.Equal(now.Add(-62 * day)) {
		t.Errorf("rows are whole from %v on", got)
	}
}

// TestRetention: what the configuration says is brought into force once, is
// noted, and can be taken back; text goes before its row.
func TestRetention(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	with := func(r store.Retention) *store.Store {
		cfg := store.DefaultConfig()
		cfg.Addr, cfg.Database, cfg.User, cfg.Password, cfg.Retention = []string{e.SQL}, e.Database, e.Writer.User, e.Writer.Password, r
		s, err := store.Open(cfg)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s := with(store.Retention{})
	storetest.Migrate(t, s)
	is := func(what, sql, want string) {
		t.Helper()
		if got, err := s.Strings(t.Context(), sql); err != nil || strings.Join(got, "; ") != want {
			t.Errorf("%s: %v, %v; want %s", what, got, err, want)
		}
	}
	run := func(sql ...string) {
		t.Helper()
		for _, q := range sql {
			if err := s.Exec(t.Context(), q); err != nil {
				t.Fatal(err)
			}
		}
	}
	run(`INSERT INTO articles (article_id, title, text, summary, words, sketch, seen_at, ts) SELECT number, 'Title', 'Text', 'Summary', 1, [1], now64(3) - toIntervalDay(number) AS at, at
			FROM numbers(1, 80) WHERE number IN (1, 30, 80)`,
		"INSERT INTO mentions (entity_id, article_id, seen_at, ts) SELECT 'per/a', article_id, seen_at, ts FROM articles",
		"ALTER TABLE fetches MODIFY TTL toDateTime(at) + toIntervalMonth(3)")
	for range 2 {
		if err := with(store.Retention{TextDays: 20, ArticlesDays: 70, MentionsDays: 70}).ApplyRetention(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run("OPTIMIZE TABLE articles FINAL SETTINGS mutations_sync = 2", "OPTIMIZE TABLE mentions FINAL")
	is("articles", "SELECT toString((article_id, title, text, summary, words, sketch)) FROM articles ORDER BY article_id",
		"(1,'Title','Text','Summary',1,[1]); (30,'Title','','',1,[])")
	is("by id, from the projection", "SELECT toString(article_id) FROM articles WHERE article_id IN (30, 80)", "30")
	is("mentions", "SELECT toString(article_id) FROM mentions ORDER BY article_id", "1; 30")
	is("coverage, from the projection", "SELECT toString(sum(c.articles)) FROM coverage_daily AS c WHERE c.entity_id = 'per/a'", "2")
	is("changes", "SELECT detail FROM changes WHERE what = 'retention' ORDER BY detail",
		"articles is kept 70 days, was kept for ever; articles.sketch is kept 20 days, was kept for ever; articles.summary is kept 20 days, was kept for ever; "+
			"articles.terms is kept 20 days, was kept for ever; articles.text is kept 20 days, was kept for ever; mentions is kept 70 days, was kept for ever")
	run("TRUNCATE TABLE changes")
	if err := with(store.Retention{MentionsDays: 90}).ApplyRetention(t.Context()); err != nil {
		t.Fatal(err)
	}
	is("changes, taken back", "SELECT count() || ' ' || max(detail) FROM changes", "6 mentions is kept 90 days, was kept 70 days")
	is("what is left", "SELECT name FROM system.tables WHERE database = currentDatabase() AND create_table_query LIKE '%TTL toDateTime%' ORDER BY name", "fetches; mentions")
}
