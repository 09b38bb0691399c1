package store_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

var audited = time.Date(2026, 3, 10, 8, 0, 0, 0, time.UTC)

// sound inserts rows of every kind: originals, a copy, a revision, backlog.
func sound(t testing.TB, s *store.Store) {
	t.Helper()
	var rows []*store.ArticleRow
	var mentions []store.MentionRow
	var entities []store.EntityRow
	var sources []store.SourceRow
	seen := map[string]bool{}
	add := func(off int, id, copyOf, story news.ID, revision uint16, counted int, names ...string) {
		d := document(id, audited.Add(time.Duration(off)*20*time.Minute))
		d.Source, d.Published = fmt.Sprintf("s%d.example", id%3), d.SeenAt.Add(-time.Duration(off)*time.Minute)
		d.Backlog = off == 3
		if d.Backlog {
			d.TS = d.TS.AddDate(-3, 0, 0)
		}
		d.Mentions = nil
		for _, n := range names {
			d.Mentions = append(d.Mentions, news.Mention{EntityID: n, Kind: news.PER, Name: n, N: 2, Surface: n, InTitle: off%2 == 0, Score: .5})
		}
		r := &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: uint64(off), LandedAt: d.SeenAt}, Doc: d, Revision: revision, CopyOf: copyOf, StoryID: story}
		rows = append(rows, r)
		if !seen[d.Source] {
			seen[d.Source] = true
			sources = append(sources, store.SourceRow{Origin: r.Origin, Topic: news.TopicDocuments, Source: d.Source, SeenAt: d.SeenAt})
		}
		for i := range d.Mentions[len(d.Mentions)-counted:] {
			m := &d.Mentions[len(d.Mentions)-counted+i]
			mentions = append(mentions, store.MentionRow{ArticleRow: r, Mention: m})
			if !seen[m.EntityID] {
				seen[m.EntityID] = true
				entities = append(entities, store.EntityRow{Origin: r.Origin, Topic: news.TopicDocuments, Mention: m, SeenAt: d.SeenAt})
			}
		}
	}
	add(0, 1, 0, 1, 0, 2, "per/a", "per/b")
	add(1, 2, 1, 1, 0, 2, "per/a", "per/b")
	add(2, 3, 0, 1, 0, 1, "per/a")
	add(3, 4, 0, 4, 0, 1, "per/c")
	add(4, 1, 0, 1, 1, 1, "per/a", "per/b", "per/d")
	add(5, 5, 0, 5, 0, 0)
	fetch := store.FetchRow{Origin: store.Origin{Epoch: 1, Off: 0, LandedAt: audited}, Fetch: &news.Fetch{FeedURL: "f", At: audited, NewItems: 3}}
	alert := store.AlertRow{Origin: store.Origin{Epoch: 1, Off: 0, LandedAt: audited}, Alert: &news.Alert{ID: 9, EntityID: "per/a", State: news.AlertFiring, At: audited, Since: audited}}
	for _, b := range []store.Batch{
		store.ArticleBatch(rows), store.MentionBatch(mentions), store.EntityBatch(entities), store.SourceBatch(sources),
		store.FetchBatch([]store.FetchRow{fetch}), store.AlertBatch([]store.AlertRow{alert}),
	} {
		if err := s.Insert(context.Background(), "sound", b); err != nil {
			t.Fatal(err)
		}
	}
}

// problems names the checks that find some, of those that are looked at: all
// where none is named.
func problems(t testing.TB, s *store.Store, from, to time.Time, look ...string) (names []string) {
	t.Helper()
	found, err := s.RecountSome(context.Background(), from, to, func(name string) bool {
		return len(look) == 0 && !slices.Contains(store.Sampled, name) || slices.Contains(look, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Problems > 0 {
			names = append(names, f.Name)
		}
		if f.What == "" || f.Problems > 0 && f.Detail == "" || f.Problems > f.Looked+1 {
			t.Errorf("%+v", f)
		}
	}
	return names
}

// TestRecount: the audit is silent on sound rows, and every fault is found by
// the checks that ought to.
func TestRecount(t *testing.T) {
	s := open(t)
	s.SliceAudit(8)
	ctx := context.Background()
	if got := problems(t, s, time.Time{}, time.Time{}); len(got) > 0 {
		t.Errorf("empty database: %v", got)
	}
	sound(t, s)
	if got := problems(t, s, time.Time{}, time.Time{}); len(got) > 0 {
		t.Fatalf("sound rows: %v", got)
	}
	if got := problems(t, s, audited.Add(30*time.Minute), audited.Add(90*time.Minute)); len(got) > 0 {
		t.Errorf("a part of sound rows: %v", got)
	}
	tables := []string{"articles", "mentions", "entities", "sources", "fetches", "alerts"}
	for _, table := range tables {
		if err := s.Exec(ctx, "CREATE TABLE kept_"+table+" ENGINE = MergeTree ORDER BY tuple() AS SELECT * FROM "+table); err != nil {
			t.Fatal(err)
		}
	}
	again := func(table, where string) string {
		return "INSERT INTO " + table + " SELECT * FROM kept_" + table + " WHERE " + where
	}
	replaced := func(table, change, where string) []string {
		return []string{"ALTER TABLE " + table + " DELETE WHERE " + where + " SETTINGS mutations_sync = 2",
			"INSERT INTO " + table + " SELECT * REPLACE (" + change + ") FROM kept_" + table + " WHERE " + where}
	}
	gone := func(table, where string) []string {
		return []string{"ALTER TABLE " + table + " DELETE WHERE " + where + " SETTINGS mutations_sync = 2"}
	}
	for _, c := range []struct {
		what string
		sql  []string
		want string // checks that must find it
	}{
		{"an article twice", []string{again("articles", "off = 2")}, "articles_once article_offsets_once ingest_hourly"},
		{"a revision without its article", gone("articles", "off = 0"), "articles_once mentions_agree copies_of_originals stories_begin"},
		{"an article that is gone", gone("articles", "off = 3"), "mentions_agree"},
		{"a mention twice", []string{again("mentions", "off = 2")}, "mentions_once coverage_hourly coverage_daily"},
		{"a mention that is gone", gone("mentions", "off = 2"), "mentions_complete"},
		{"a revision's mention that is gone", gone("mentions", "off = 4"), "mentions_complete"},
		{"a mention too many", replaced("mentions", "'per/x' AS entity_id", "off = 2"), "mentions_complete entities_once"},
		{"an orphan", replaced("mentions", "77 AS article_id", "off = 3"), "mentions_agree"},
		{"a mention of a revision that it was not in", replaced("mentions", "0 AS revision", "off = 4"), "mentions_agree"},
		{"a mention of another story", replaced("mentions", "3 AS story_id", "off = 1"), "mentions_agree"},
		{"a copy counted as an original", replaced("mentions", "true AS original", "off = 1"), "mentions_agree"},
		{"a mention at another time", replaced("mentions", "ts + 3600 AS ts", "off = 2"), "mentions_agree"},
		{"a copy of a copy", replaced("articles", "2 AS copy_of", "off = 2"), "copies_of_originals"},
		{"a copy of nothing", replaced("articles", "99 AS copy_of", "off = 1"), "copies_of_originals"},
		{"a copy in another story", replaced("articles", "4 AS story_id", "off = 1"), "copies_of_originals"},
		{"a story that nobody began", replaced("articles", "98 AS story_id", "off = 5"), "stories_begin"},
		{"an entity twice", []string{again("entities", "entity_id = 'per/a'")}, "entities_once"},
		{"an entity that is gone", gone("entities", "entity_id = 'per/d'"), "entities_once"},
		{"a source twice", []string{again("sources", "1")}, "sources_once"},
		{"a source that is gone", gone("sources", "1"), "sources_once"},
		{"a fetch twice", []string{again("fetches", "1")}, "fetches_once feed_health"},
		{"an alert twice", []string{again("alerts", "1")}, "alerts_once"},
	} {
		for _, q := range c.sql {
			if err := s.Exec(ctx, q); err != nil {
				t.Fatalf("%s: %v", c.what, err)
			}
		}
		if got := problems(t, s, time.Time{}, time.Time{}, strings.Fields(c.want)...); len(got) != len(strings.Fields(c.want)) {
			t.Errorf("%s: found by %v, want %s", c.what, got, c.want)
		}
		for _, table := range tables {
			if !strings.Contains(strings.Join(c.sql, " "), " "+table+" ") {
				continue
			}
			for _, q := range []string{"TRUNCATE TABLE " + table, again(table, "1")} {
				if err := s.Exec(ctx, q); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if got := problems(t, s, time.Time{}, time.Time{}); len(got) > 0 {
		t.Errorf("at the end: %v", got)
	}
	// What knowledge says of an entity first needs no second row.
	for _, q := range []string{"TRUNCATE TABLE entities", "INSERT INTO entities SELECT * REPLACE ('knowledge' AS topic) FROM kept_entities"} {
		if err := s.Exec(ctx, q); err != nil {
			t.Fatal(err)
		}
	}
	if got := problems(t, s, time.Time{}, time.Time{}); len(got) > 0 {
		t.Errorf("entities that knowledge described: %v", got)
	}
}

func TestLastAndMissing(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	if _, ok, err := s.Last(ctx, store.Articles, news.TopicDocuments, 3, 0); ok || err != nil {
		t.Error(ok, err)
	}
	sound(t, s)
	for _, c := range []struct {
		table, topic string
		off          uint64
		what         string
	}{
		{store.Articles, news.TopicDocuments, 5, "0000000000000005"},
		{store.Fetches, news.TopicFetches, 0, fmt.Sprint(audited.UnixMilli(), " f")},
		{store.Alerts, news.TopicAlerts, 0, "0000000000000009firing"},
	} {
		r, ok, err := s.Last(ctx, c.table, c.topic, 3, 0)
		if !ok || err != nil || r.Epoch != 1 || r.Off != c.off || r.What != c.what {
			t.Errorf("%s: %+v %v %v", c.table, r, ok, err)
		}
	}
	missing, err := s.Missing(ctx, []news.ID{1, 6, 5, 6, 1 << 63})
	slices.Sort(missing)
	if err != nil || !slices.Equal(missing, []news.ID{6, 1 << 63}) {
		t.Errorf("missing %v, %v", missing, err)
	}
}

// BenchmarkRecount measures an audit of 100,000 articles with 1,000,000
// mentions, and the fold of the same; set DATELINE_BENCH to run it.
func BenchmarkRecount(b *testing.B) {
	if os.Getenv("DATELINE_BENCH") == "" {
		b.Skip("set DATELINE_BENCH to fill 100,000 articles first")
	}
	s := open(b)
	ctx := context.Background()
	for _, q := range []string{
		`INSERT INTO articles (article_id, revision, source, language, title, seen_at, ts, story_id, words, text, entities, body_hash, sketch, epoch, part, off)
			SELECT number + 1, 0, 's' || toString(number % 300), 'en', 'title ' || toString(number), toDateTime64('2026-03-01', 3) + number * 5 AS seen_at, seen_at, number + 1, 400,
				repeat('word ' || toString(number), 200), arrayMap(i -> 'per/' || toString(cityHash64(number, i) % 50000), range(10)), number,
				arrayMap(i -> toUInt32(cityHash64(number, i)), range(200)), 1, 0, number FROM numbers(100000)`,
		`INSERT INTO mentions (entity_id, kind, article_id, story_id, source, language, ts, seen_at, original, n, epoch, part, off)
			SELECT arrayJoin(arrayDistinct(entities)), 'PER', article_id, story_id, source, language, ts, seen_at, 1, 1, epoch, part, off FROM articles`,
		`INSERT INTO entities (entity_id, topic) SELECT DISTINCT entity_id, 'documents' FROM mentions`,
		`INSERT INTO sources (source, topic) SELECT DISTINCT source, 'documents' FROM articles`,
	} {
		if err := s.Exec(ctx, q); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("audit", func(b *testing.B) {
		for b.Loop() {
			if got := problems(b, s, time.Time{}, time.Time{}); len(got) > 0 {
				b.Fatal(got)
			}
		}
	})
	b.Run("fold", func(b *testing.B) {
		n := 0
		for b.Loop() {
			if err := s.Fold(ctx, store.Range{Epoch: 1, To: 1 << 40}, store.Mark{Epoch: 1}, func(*store.Stored) error { n++; return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("known", func(b *testing.B) {
		ids := make([]news.ID, 500)
		for i := range ids {
			ids[i] = news.ID(1 + i*200)
		}
		for b.Loop() {
			if found, err := s.Known(ctx, ids, store.Range{Epoch: 1, From: 1 << 30, To: 1 << 30}); err != nil || len(found) != len(ids) {
				b.Fatal(len(found), err)
			}
		}
	})
}
