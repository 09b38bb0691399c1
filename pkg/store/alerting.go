package store

import (
	"context"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// Origins is what the live stream of an edition starts from.
type Origins struct {
	Live    time.Time // when the first live article was seen; zero where there is none yet
	History uint64    // backlog articles that are dated before it, and not before the time asked for
	Merges  uint64    // changes with every merge and split; 0 where there is none
	Replays uint32    // generation of the mentions: a replay counts otherwise, all through
}

// Origins looks at the whole of `articles`, three narrow columns of it.
func (s *Store) Origins(ctx context.Context, from time.Time) (Origins, error) {
	st := Statement{"alert_start", map[string]any{"from": from}}
	return one(ctx, s, st, func(r driver.Rows, o *Origins) error {
		var has bool
		err := r.Scan(&o.Live, &has, &o.History, &o.Merges, &o.Replays)
		o.Live = o.Live.UTC()
		if !has {
			o.Live = time.Time{}
		}
		return err
	})
}

// SourceStart is since when a source is known.
type SourceStart struct {
	Source string
	Since  time.Time
}

// SourceStarts tells since when sources are known, from the articles that were
// seen from a time on: when a live one was seen, or the date of a backlog one
// that lies before the start of the live stream.
func (s *Store) SourceStarts(ctx context.Context, seen, live time.Time) ([]SourceStart, error) {
	st := Statement{"alert_sources", map[string]any{"seen": seen, "live": live}}
	return read(ctx, s, st, func(r driver.Rows, v *SourceStart) error { return r.Scan(&v.Source, &v.Since) })
}

// AlertRange is a run of time [From, To) of which articles are counted: live
// ones by seen_at, and before Live the backlog by ts. What a source named in
// Ready published before its time there is left out.
type AlertRange struct {
	From, To, Live time.Time
	Ready          []SourceStart
	Merged         bool // some entities were merged into others
}

func (q AlertRange) params(more map[string]any) map[string]any {
	names, ready := make([]string, len(q.Ready)), make([]uint64, len(q.Ready))
	for i, s := range q.Ready {
		names[i], ready[i] = s.Source, uint64(max(0, s.Since.UnixMilli()))
	}
	if len(ready) == 0 {
		ready = []uint64{0} // as many as splitting an empty string gives
	}
	p := map[string]any{"from": q.From, "to": q.To, "live": q.Live, "sources": strings.Join(names, "\n"), "ready": ready}
	for k, v := range more {
		p[k] = v
	}
	return p
}

// StepCount is a number of originals in one step; Bucket counts steps from the
// Unix epoch. Entity is empty where all that was ingested is counted.
type StepCount struct {
	Entity    string
	Bucket    int64
	Originals uint64
}

// IngestedOriginals counts all originals by step; steps without any are left
// out.
func (s *Store) IngestedOriginals(ctx context.Context, q AlertRange, step time.Duration) ([]StepCount, error) {
	st := Statement{"alert_ingest", q.params(map[string]any{"step": uint32(step / time.Second)})}
	return read(ctx, s, st, func(r driver.Rows, c *StepCount) error { return r.Scan(&c.Bucket, &c.Originals) })
}

// EntityOriginals counts the originals that name entities by entity and step,
// merges resolved; steps without any are left out.
func (s *Store) EntityOriginals(ctx context.Context, q AlertRange, step time.Duration, entities []string) ([]StepCount, error) {
	st := Statement{"alert_history", q.params(map[string]any{"step": uint32(step / time.Second), "entities": strings.Join(entities, "\n")})}
	return read(ctx, s, st, func(r driver.Rows, c *StepCount) error { return r.Scan(&c.Entity, &c.Bucket, &c.Originals) })
}

// WindowCount is the coverage of one entity in one window.
type WindowCount struct {
	Entity    string
	Originals uint64 // distinct original articles
	Sources   uint64 // distinct sources of these
}

// WindowCounts counts the live originals of every entity named in the range,
// merges resolved.
func (s *Store) WindowCounts(ctx context.Context, q AlertRange) ([]WindowCount, error) {
	st := Statement{"alert_counts", q.params(nil)}
	if q.Merged { // resolving merges costs as much as the rest
		st.Name = "alert_counts_merged"
	}
	return read(ctx, s, st, func(r driver.Rows, c *WindowCount) error {
		return r.Scan(&c.Entity, &c.Originals, &c.Sources)
	})
}

// EntitiesWith counts the entities with at least so many originals in
// [from, to) of the analysis clock, before merges.
func (s *Store) EntitiesWith(ctx context.Context, from, to time.Time, originals int) (uint64, error) {
	st := Statement{"alert_active", map[string]any{"from": from, "to": to, "least": uint32(originals)}}
	return one(ctx, s, st, func(r driver.Rows, n *uint64) error { return r.Scan(n) })
}

// Named is an article that names an entity.
type Named struct {
	Entity   string
	Article  news.ID
	Story    news.ID
	Source   string
	Original bool
	InTitle  bool
	CopyOf   news.ID
	Title    string
}

// NamedIn gives the live articles of the range that name the entities, at most
// 5,000 of each, by entity and in the order in which they were seen.
func (s *Store) NamedIn(ctx context.Context, q AlertRange, entities []string) ([]Named, error) {
	st := Statement{"alert_articles", q.params(map[string]any{"entities": strings.Join(entities, "\n")})}
	return read(ctx, s, st, func(r driver.Rows, n *Named) error {
		return r.Scan(&n.Entity, (*uint64)(&n.Article), (*uint64)(&n.Story), &n.Source, &n.Original, &n.InTitle, (*uint64)(&n.CopyOf), &n.Title)
	})
}

// EntityNames gives the names of those of the entities that are stored.
func (s *Store) EntityNames(ctx context.Context, entities []string) (map[string]string, error) {
	st := Statement{"alert_names", map[string]any{"entities": strings.Join(entities, "\n")}}
	rows, err := read(ctx, s, st, func(r driver.Rows, v *[2]string) error { return r.Scan(&v[0], &v[1]) })
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(rows))
	for _, v := range rows {
		out[v[0]] = v[1]
	}
	return out, nil
}
