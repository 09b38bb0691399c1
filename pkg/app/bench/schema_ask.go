package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// numbers runs a query that gives names, each with as many amounts.
func (f *filled) numbers(ctx context.Context, s *store.Store, sql string, each func(name string, v []float64)) error {
	rows, err := s.Strings(ctx, sql)
	if err != nil {
		return err
	}
	for _, r := range rows {
		var name string
		v := make([]float64, 3)
		if _, err := fmt.Sscan(r, &name, &v[0], &v[1], &v[2]); err != nil {
			return fmt.Errorf("%q: %w", r, err)
		}
		each(name, v)
	}
	return nil
}

// disk measures what tables, columns and projections take. Indices and marks
// are part of the tables.
func (f *filled) disk(ctx context.Context) error {
	err := f.numbers(ctx, f.store, `SELECT concat(table, ' ', toString(sum(rows)), ' ', toString(sum(bytes_on_disk)), ' ', toString(count())) FROM system.parts
		WHERE active AND database = currentDatabase() AND table IN ('articles', 'mentions') GROUP BY table ORDER BY table`, func(table string, v []float64) {
		f.res.add("disk, "+table, v[1]/v[0], "bytes/row", fmt.Sprintf("%.0f rows, %.1f MB in %.0f parts, projections and indices included", v[0], v[1]/1e6, v[2]))
	})
	if err != nil {
		return err
	}
	err = f.numbers(ctx, f.store, `SELECT concat(table, '.', name, ' ', toString(sum(rows)), ' ', toString(sum(bytes_on_disk)), ' 0') FROM system.projection_parts
		WHERE active AND database = currentDatabase() GROUP BY table, name ORDER BY table, name`, func(name string, v []float64) {
		f.res.add("disk, projection "+name, v[1]/1e6, "MB", fmt.Sprintf("%.0f rows", v[0]))
	})
	if err != nil {
		return err
	}
	return f.numbers(ctx, f.store, `SELECT concat(table, '.', name, ' ', toString(data_compressed_bytes), ' ', toString(data_uncompressed_bytes), ' 0') FROM system.columns
		WHERE database = currentDatabase() AND table IN ('articles', 'mentions') AND data_uncompressed_bytes > 0 ORDER BY table, data_compressed_bytes DESC`, func(name string, v []float64) {
		f.res.add("disk, column "+name, v[0]/1e6, "MB", fmt.Sprintf("%.1f MB before compression", v[1]/1e6))
	})
}

// inserts measures batches as land sends them.
func (f *filled) inserts(ctx context.Context, s *store.Store, of string) error {
	const batches, docs = 20, 200
	var wall []float64
	cpu := cpuTime()
	for b := range batches {
		var articles []*store.ArticleRow
		var mentions []store.MentionRow
		f.sent++
		for i := range docs {
			n := f.sent*docs + i
			at := f.end().Add(time.Duration(n) * time.Second)
			d := &news.Document{ID: news.ID(uint64(n) * 0x9e3779b97f4a7c15), URL: fmt.Sprintf("https://site%d.example/%d", n%2000, n), Source: fmt.Sprintf("site%d.example", n%2000),
				Language: "en", Title: "An invented title", Text: fmt.Sprint(n, syllables, syllables, syllables), TextFrom: news.FromFeed, SeenAt: at, TS: at, Words: 192, Sketch: make([]uint32, 200)}
			for k := range perArticle {
				d.Mentions = append(d.Mentions, news.Mention{EntityID: fmt.Sprintf("per/name-%d", (n*perArticle+k)*7919%50000), Kind: news.PER, N: 1, Surface: "Name", FirstAt: k * 100, Score: .9})
			}
			a := &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: uint64(10_000_000 + n), LandedAt: at}, Doc: d, StoryID: d.ID}
			articles = append(articles, a)
			for k := range d.Mentions {
				mentions = append(mentions, store.MentionRow{ArticleRow: a, Mention: &d.Mentions[k]})
			}
		}
		began := time.Now()
		for _, rows := range []store.Batch{store.ArticleBatch(articles), store.MentionBatch(mentions)} {
			if err := s.Insert(ctx, fmt.Sprintf("bench/%s/%d", of, b), rows); err != nil {
				return err
			}
		}
		wall = append(wall, time.Since(began).Seconds()*1000)
	}
	note := fmt.Sprintf("%d articles and %d mentions in two inserts; CPU time %.1f ms, merges meanwhile included", docs, docs*perArticle, (cpuTime()-cpu).Seconds()*1000/batches)
	wall = sorted(wall)
	f.res.add(of+"insert, p50", quantile(wall, .5), "ms", note)
	f.res.add(of+"insert, p95", quantile(wall, .95), "ms", "")
	return nil
}

// question is something that people, pages or alerts ask.
type question struct {
	name string
	ask  func(context.Context, *store.Store) error
}

// ask measures the questions, each warmed up by one run.
func (f *filled) ask(ctx context.Context, s *store.Store, of string, questions []question) error {
	for _, q := range questions {
		var wall []float64
		var cpu time.Duration
		for run := range f.opt.Runs + 1 {
			began, spent := time.Now(), cpuTime()
			if err := q.ask(ctx, s); err != nil {
				return fmt.Errorf("%s%s: %w", of, q.name, err)
			}
			if run > 0 {
				wall, cpu = append(wall, time.Since(began).Seconds()*1000), cpu+cpuTime()-spent
			}
		}
		wall = sorted(wall)
		f.res.add(of+q.name+", p50", quantile(wall, .5), "ms", fmt.Sprintf("p95 %.1f ms, CPU time %.1f ms, %d runs", quantile(wall, .95), cpu.Seconds()*1000/float64(f.opt.Runs), f.opt.Runs))
		fmt.Fprintf(f.progress, "%s%s: p50 %.1f ms, p95 %.1f ms, CPU time %.1f ms\n", of, q.name, quantile(wall, .5), quantile(wall, .95), cpu.Seconds()*1000/float64(f.opt.Runs))
	}
	return nil
}
