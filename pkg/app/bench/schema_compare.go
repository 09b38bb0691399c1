package bench

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

const hour, day = time.Hour, 24 * time.Hour

// discard takes any result.
type discard struct{}

func (discard) Columns([]store.Column) error { return nil }
func (discard) Row([]any) error              { return nil }
func (discard) Close() error                 { return nil }

// questions are what is asked of all tables.
func (f *filled) questions() []question {
	var common, rare string
	var ids []news.ID
	var many []string
	known := func(ctx context.Context, s *store.Store) error { // of the press, read once
		if common != "" {
			return nil
		}
		names, err := f.store.Strings(ctx, "SELECT id FROM bench_names WHERE k BETWEEN 1 AND 5000 ORDER BY k")
		if err != nil {
			return err
		}
		found, err := f.store.Strings(ctx, "SELECT toString(article_id) FROM articles WHERE copy_of = 0 AND notEmpty(text) AND notEmpty(entities) ORDER BY article_id LIMIT 20")
		if err != nil || len(found) == 0 || len(names) < 5000 {
			return errors.Join(err, errors.New("the press has no names"))
		}
		for _, v := range found {
			id, err := strconv.ParseUint(v, 10, 64)
			if err != nil {
				return err
			}
			ids = append(ids, news.ID(id))
		}
		common, rare, many = names[0], names[4999], names[:200]
		return nil
	}
	to := f.end()
	series := func(which *string, days int, step time.Duration) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error {
			_, err := s.Series(ctx, store.SeriesQuery{Entity: *which, From: to.AddDate(0, 0, -days), To: to, Step: step})
			return err
		}
	}
	entity := func(which *string, days int) store.EntityQuery {
		return store.EntityQuery{Entity: *which, From: to.AddDate(0, 0, -days), To: to}
	}
	top := func(days int) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error {
			_, err := s.Top(ctx, store.TopQuery{From: to.AddDate(0, 0, -days), To: to})
			return err
		}
	}
	counts := func(window time.Duration, merged bool) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error {
			_, err := s.WindowCounts(ctx, store.AlertRange{From: to.Add(-day), To: to.Add(window - day), Live: to.AddDate(0, 0, -schemaDays), Merged: merged})
			return err
		}
	}
	sql := func(q string) func(context.Context, *store.Store) error {
		return func(ctx context.Context, s *store.Store) error {
			return s.Query(ctx, strings.NewReplacer("{common}", common, "{rare}", rare).Replace(q), discard{})
		}
	}
	all := []question{
		{"series of an entity by hour, 28 days", series(&common, 28, hour)},
		{"series of an entity by day, 28 days", series(&common, 28, day)},
		{"series of a rare entity by hour, 28 days", series(&rare, 28, hour)},
		{"series of all that was ingested by hour, 28 days", series(new(string), 28, hour)},
		{"coverage_hourly of an entity, all", sql("SELECT hour, articles FROM coverage_hourly WHERE entity_id = '{common}'")},
		{"coverage_daily of a rare entity, all", sql("SELECT day, articles FROM coverage_daily WHERE entity_id = '{rare}'")},
		{"share_of_voice of an entity, all", sql("SELECT day, share FROM share_of_voice WHERE entity_id = '{common}'")},
		{"top 20 of a day", top(1)},
		{"top 20 of a week", top(7)},
		{"articles of an entity", func(ctx context.Context, s *store.Store) error {
			_, err := s.EntityArticles(ctx, entity(&common, 28))
			return err
		}},
		{"sources of an entity, 28 days", func(ctx context.Context, s *store.Store) error {
			_, err := s.EntitySources(ctx, entity(&common, 28))
			return err
		}},
		{"named with an entity, a week", func(ctx context.Context, s *store.Store) error {
			_, err := s.CoMentions(ctx, entity(&common, 7))
			return err
		}},
		{"named with a rare entity, 28 days", func(ctx context.Context, s *store.Store) error {
			_, err := s.CoMentions(ctx, entity(&rare, 28))
			return err
		}},
		{"article by id", func(ctx context.Context, s *store.Store) error { _, err := s.Article(ctx, ids[0]); return err }},
		{"story by id", func(ctx context.Context, s *store.Store) error { _, err := s.Story(ctx, ids[0], 0); return err }},
		{"entities of an article", func(ctx context.Context, s *store.Store) error { _, err := s.Names(ctx, ids[:1], 0); return err }},
		{"land: what 20 articles name", func(ctx context.Context, s *store.Store) error {
			_, err := s.Mentioned(ctx, ids, store.Range{})
			return err
		}},
		{"land: 20 articles by id", func(ctx context.Context, s *store.Store) error {
			_, err := s.Known(ctx, ids, store.Range{})
			return err
		}},
		{"alerts: a window of 15 minutes", counts(15*time.Minute, false)},
		{"alerts: a window of a day", counts(day, false)},
		{"alerts: a window of a day, merges resolved", counts(day, true)},
		{"alerts: 60 days of 200 entities by hour", func(ctx context.Context, s *store.Store) error {
			_, err := s.EntityOriginals(ctx, store.AlertRange{From: to.AddDate(0, 0, -schemaDays), To: to, Live: to.AddDate(0, 0, -schemaDays)}, hour, many)
			return err
		}},
		{"alerts: 60 days of ingest by hour", func(ctx context.Context, s *store.Store) error {
			_, err := s.IngestedOriginals(ctx, store.AlertRange{From: to.AddDate(0, 0, -schemaDays), To: to, Live: to.AddDate(0, 0, -schemaDays)}, hour)
			return err
		}},
	}
	for i := range all {
		ask := all[i].ask
		all[i].ask = func(ctx context.Context, s *store.Store) error { return errors.Join(known(ctx, s), ask(ctx, s)) }
	}
	return all
}

// form is another form of the table of mentions: pairs of what stands in its
// CREATE and what takes its place.
type form struct {
	name  string
	pairs []string
}

const (
	entityString = "`entity_id` String CODEC(ZSTD(1))"
	entityLow    = "`entity_id` LowCardinality(String)"
	sorted0      = "ORDER BY (entity_id, ts)"
	projections  = "PROJECTION hourly "
)

var forms = []form{
	{"as it is", nil},
	{"entity_id LowCardinality", []string{entityString, entityLow}},
	{"ORDER BY (kind, entity_id, ts)", []string{sorted0, "ORDER BY (kind, entity_id, ts)"}},
	{"ORDER BY (kind, entity_id, ts), LowCardinality", []string{sorted0, "ORDER BY (kind, entity_id, ts)", entityString, entityLow}},
	{"ORDER BY (ts, entity_id)", []string{sorted0, "ORDER BY (ts, entity_id)"}},
	{"ORDER BY (toStartOfHour(ts), entity_id, ts)", []string{sorted0, "ORDER BY (toStartOfHour(ts), entity_id, ts)"}},
	{"DoubleDelta for times and offsets", []string{"Delta(8)", "DoubleDelta"}},
	{"T64 for times and offsets", []string{"Delta(8)", "T64"}},
	{"Gorilla for score", []string{"`score` Float32", "`score` Float32 CODEC(Gorilla, ZSTD(1))"}},
	{"ZSTD(3)", []string{"ZSTD(1)", "ZSTD(3)"}},
	{"index_granularity 2048", []string{"index_granularity = 8192", "index_granularity = 2048"}},
	{"with a projection by (hour, entity)", []string{projections, "PROJECTION top (SELECT toStartOfHour(ts), entity_id, kind, count() GROUP BY toStartOfHour(ts), entity_id, kind), " + projections}},
	{"with a projection by seen_at", []string{projections, "PROJECTION seen (SELECT entity_id, article_id, revision, source, seen_at, original, backlog ORDER BY seen_at), " + projections}},
}

// compare measures other forms of the table of mentions: each in a database of
// its own, with the same articles.
func (f *filled) compare(ctx context.Context) error {
	made, err := f.store.Strings(ctx, "SELECT create_table_query FROM system.tables WHERE database = currentDatabase() AND name = 'mentions'")
	if err != nil || len(made) != 1 {
		return errors.Join(err, errors.New("no table of mentions"))
	}
	for i, x := range forms {
		if err := f.try(ctx, x, strings.Replace(made[0], "CREATE TABLE bench.", fmt.Sprintf("CREATE TABLE form_%d.", i), 1), fmt.Sprintf("form_%d", i)); err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
	}
	return nil
}

func (f *filled) try(ctx context.Context, x form, create, database string) (err error) {
	for i := 0; i < len(x.pairs); i += 2 {
		if !strings.Contains(create, x.pairs[i]) {
			fmt.Fprintf(f.progress, "%s: left out, the table has no %s\n", x.name, x.pairs[i])
			return nil
		}
		create = strings.ReplaceAll(create, x.pairs[i], x.pairs[i+1])
	}
	s, err := f.open(ctx, database)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, s.Exec(context.WithoutCancel(ctx), "DROP DATABASE "+database), s.Close())
	}()
	if err := s.Exec(ctx, "DROP TABLE mentions"); err != nil {
		return err
	}
	if err := s.Exec(ctx, create); err != nil {
		return err
	}
	for _, table := range []string{store.Articles, store.Entities, store.Sources} {
		parts, err := f.store.Strings(ctx, "SELECT DISTINCT partition_id FROM system.parts WHERE active AND database = currentDatabase() AND table = ?", table)
		if err != nil {
			return err
		}
		for _, p := range parts {
			if err := s.Exec(ctx, fmt.Sprintf("ALTER TABLE %s ATTACH PARTITION ID '%s' FROM bench.%s", table, p, table)); err != nil {
				return err
			}
		}
	}
	cpu := cpuTime()
	for _, q := range []string{"INSERT INTO mentions SELECT * FROM bench.mentions SETTINGS max_insert_threads = 1, max_threads = 1", "OPTIMIZE TABLE mentions FINAL"} {
		if err := s.Exec(ctx, q); err != nil {
			return err
		}
	}
	of := x.name + ": "
	spent := (cpuTime() - cpu).Seconds()
	err = f.numbers(ctx, s, `SELECT concat('mentions ', toString(sum(rows)), ' ', toString(sum(bytes_on_disk)), ' ', toString(count())) FROM system.parts
		WHERE active AND database = currentDatabase() AND table = 'mentions'`, func(_ string, v []float64) {
		f.res.add(of+"disk", v[1]/v[0], "bytes/row", fmt.Sprintf("filled and merged in %.1f s CPU time", spent))
	})
	if err != nil {
		return err
	}
	if err := f.inserts(ctx, s, of); err != nil {
		return err
	}
	return f.ask(ctx, s, of, f.questions())
}
