package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// aMillion makes 125,000 articles of 60 days with 1,000,000 mentions of 30,000
// entities, some common and most rare, in 400 sources and 2,000 feeds.
var aMillion = []string{
	`INSERT INTO articles SELECT number + 1, 0, concat('https://s', toString(number % 400), '.example/', toString(number)), '', concat('s', toString(number % 400), '.example'),
		'', concat('https://s', toString(number % 2000), '.example/feed'), [], concat('Headline number ', toString(number)), '', 'en', '', NULL,
		toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + INTERVAL number * 41 SECOND, landed_at, landed_at, if(number % 3 = 0 AND number > 10, number - 5, 0), 0, number + 1, 400,
		'feed', 0, '', repeat('Some words of an article. ', 90), [], number, [], 'm', 0, 1, 0, number
		FROM (SELECT number, toDateTime64('2026-01-01 00:00:01', 3, 'UTC') + INTERVAL number * 41 SECOND AS landed_at FROM numbers(125000))`,
	`INSERT INTO mentions SELECT concat('per/name-', toString(toUInt32(30000 * pow(rand(1) / 4294967296, 4)))), ['PER', 'ORG', 'LOC'][1 + number % 3], intDiv(number, 8) + 1, 0, intDiv(number, 8) + 1,
		concat('s', toString(intDiv(number, 8) % 400), '.example'), 'en', toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + INTERVAL intDiv(number, 8) * 41 SECOND AS at, at,
		NOT (intDiv(number, 8) % 3 = 0), 0, 1, 0, 0, 'Name', 10, 1, 'feed', 'm', 1, 0, intDiv(number, 8), at FROM numbers(1000000)`,
	`INSERT INTO entities (entity_id, kind, name, same_as, first_seen_at) SELECT concat('per/name-', toString(number)), 'PER', concat('Name ', toString(number)),
		if(number % 50 = 49, concat('per/name-', toString(number - 1)), ''), toDateTime64('2026-01-01 00:00:00', 3, 'UTC') FROM numbers(30000)`,
	`INSERT INTO fetches (feed_url, at, status, items, expected_items) SELECT concat('https://s', toString(number % 2000), '.example/feed'),
		toDateTime64('2026-02-28 00:00:00', 3, 'UTC') + INTERVAL number SECOND, 200, 30, 1 FROM numbers(90000)`,
}

func BenchmarkReads(b *testing.B) {
	e := enginetest.StartClickHouse(b)
	w, s := openAs(b, e, e.Writer), openAs(b, e, e.Reader)
	if err := w.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
	for _, sql := range aMillion {
		if err := w.Query(b.Context(), sql+" SETTINGS max_block_size = 20000, min_insert_block_size_rows = 20000, min_insert_block_size_bytes = 0, max_threads = 1", failing{}); err != nil {
			b.Fatal(err)
		}
	}
	to := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	from := to.AddDate(0, 0, -28)
	common, rare := store.EntityQuery{Entity: "per/name-0", From: from, To: to}, store.EntityQuery{Entity: "per/name-4321", From: from, To: to}
	series := func(entity string, step time.Duration, by bool) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := s.Series(ctx, store.SeriesQuery{Entity: entity, From: from, To: to, Step: step, BySource: by})
			return err
		}
	}
	for _, c := range []struct {
		name string
		read func(context.Context) error
	}{
		{"Top", func(ctx context.Context) error { _, err := s.Top(ctx, store.TopQuery{From: from, To: to}); return err }},
		{"TopDay", func(ctx context.Context) error {
			_, err := s.Top(ctx, store.TopQuery{From: to.AddDate(0, 0, -1), To: to})
			return err
		}},
		{"SeriesDaily", series(common.Entity, 24*time.Hour, false)},
		{"SeriesHourly", series(common.Entity, time.Hour, false)},
		{"SeriesRare", series(rare.Entity, time.Hour, false)},
		{"SeriesBySource", series(common.Entity, 24*time.Hour, true)},
		{"Recent", func(ctx context.Context) error { _, err := s.Recent(ctx, 24, true); return err }},
		{"Rates", func(ctx context.Context) error { _, err := s.Rates(ctx, to); return err }},
		{"Entity", func(ctx context.Context) error { _, err := s.Entity(ctx, rare.Entity); return err }},
		{"EntityArticles", func(ctx context.Context) error { _, err := s.EntityArticles(ctx, common); return err }},
		{"EntitySources", func(ctx context.Context) error { _, err := s.EntitySources(ctx, common); return err }},
		{"CoMentions", func(ctx context.Context) error { _, err := s.CoMentions(ctx, common); return err }},
		{"CoMentionsRare", func(ctx context.Context) error { _, err := s.CoMentions(ctx, rare); return err }},
		{"Story", func(ctx context.Context) error { _, err := s.Story(ctx, 1000, 0); return err }},
		{"Article", func(ctx context.Context) error { _, err := s.Article(ctx, 1000); return err }},
		{"Copies", func(ctx context.Context) error { _, err := s.Copies(ctx, 1000, 0); return err }},
		{"Names", func(ctx context.Context) error { _, err := s.Names(ctx, []news.ID{1000}, 0); return err }},
		{"Search", func(ctx context.Context) error { _, err := s.SearchEntities(ctx, "name 12", 0); return err }},
		{"FeedBriefs", func(ctx context.Context) error { _, err := s.FeedBriefs(ctx, to); return err }},
		{"FeedDetails", func(ctx context.Context) error {
			_, err := s.FeedDetails(ctx, to, []string{"https://s1.example/feed", "https://s77.example/feed"})
			return err
		}},
		{"Completeness", func(ctx context.Context) error { _, err := s.Completeness(ctx, to.AddDate(0, 0, -1), to); return err }},
		{"Totals", func(ctx context.Context) error { _, err := s.Totals(ctx); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := c.read(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
