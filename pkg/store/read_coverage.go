package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// TopQuery asks which entities were covered most in [From, To) of the analysis
// clock. Kind, Source and Language restrict it where they are not empty.
type TopQuery struct {
	From, To               time.Time
	Kind, Source, Language string
	Limit                  int // 20 where 0, at most MaxRows
}

// TopEntity is one line of the answer. Counts are of distinct articles with
// merges resolved; Ingested is the denominator, all articles under the same
// restrictions on time, source and language.
type TopEntity struct {
	EntityID  string  `json:"entity_id"`
	Name      string  `json:"name"`
	Kind      string  `json:"kind"`
	Articles  uint64  `json:"articles"`
	Originals uint64  `json:"originals"`
	Copies    uint64  `json:"copies"`
	Sources   uint64  `json:"sources"`
	Ingested  uint64  `json:"ingested"`
	Share     float64 `json:"share"` // Articles / Ingested, 0..1
}

// Statement is the query that answers q.
func (q TopQuery) Statement() Statement {
	limit := atMost(q.Limit, 20)
	return Statement{"top", map[string]any{
		"from": q.From, "to": q.To, "kind": q.Kind, "source": q.Source, "language": q.Language, "limit": limit, "candidates": 3*limit + 20,
	}}
}

// Top answers q.
func (s *Store) Top(ctx context.Context, q TopQuery) ([]TopEntity, error) {
	return read(ctx, s, q.Statement(), func(r driver.Rows, e *TopEntity) error {
		return r.Scan(&e.EntityID, &e.Name, &e.Kind, &e.Articles, &e.Originals, &e.Copies, &e.Sources, &e.Ingested, &e.Share)
	})
}

// SeriesQuery asks for the coverage of one entity in [From, To), in steps that
// are aligned to the Unix epoch. With an empty Entity it asks for everything
// that was ingested.
type SeriesQuery struct {
	Entity     string
	From, To   time.Time
	Step       time.Duration // whole seconds, a minute or more, at most MaxBuckets of them
	BySource   bool          // one series for each source
	Collection string        // only sources of this collection
	Panel      bool          // only sources that delivered in the first and in the last tenth of the range
}

// Bucket is one step of a series; its counts are of distinct articles.
type Bucket struct {
	Time      time.Time `json:"time"` // start of the step
	Articles  uint64    `json:"articles"`
	Originals uint64    `json:"originals"`
	Copies    uint64    `json:"copies"`
	Ingested  uint64    `json:"ingested"` // all articles of the step: the denominator
	Share     float64   `json:"share"`    // Articles / Ingested, 0..1
}

// Series is one line: every step of the range in order, zeros included.
type Series struct {
	Source  string   `json:"source,omitempty"` // where asked by source
	Buckets []Bucket `json:"buckets"`
}

// Validate tells what is wrong with the range or the step.
func (q SeriesQuery) Validate() error {
	switch {
	case !q.From.Before(q.To):
		return fmt.Errorf("series: from %s is not before to %s", q.From.UTC().Format(time.RFC3339), q.To.UTC().Format(time.RFC3339))
	case q.From.Year() < 1970 || q.To.Year() > 2100:
		return fmt.Errorf("series: the range has to lie between 1970 and 2100")
	case q.Step < time.Minute || q.Step%time.Second != 0:
		return fmt.Errorf("series: step %v, want whole seconds, 1m or more", q.Step)
	case q.To.Sub(q.From)/q.Step >= MaxBuckets:
		return fmt.Errorf("series: %d steps of %v, at most %d; take a longer step or a shorter range", q.To.Sub(q.From)/q.Step+1, q.Step, MaxBuckets)
	case q.Entity == "" && (q.BySource || q.Collection != "" || q.Panel):
		return fmt.Errorf("series: by source, collection and panel need an entity")
	}
	return nil
}

// bounds are the starts of the first step and of the one after the last.
func (q SeriesQuery) bounds() (first, last time.Time) {
	step := int64(q.Step / time.Second)
	floor := func(t time.Time) int64 { return t.Unix() / step * step }
	end := q.To.Add(-time.Millisecond)
	return time.Unix(floor(q.From), 0).UTC(), time.Unix(floor(end)+step, 0).UTC()
}

// Statement is the query that answers q.
func (q SeriesQuery) Statement() Statement {
	first, last := q.bounds()
	p := map[string]any{"from": q.From, "to": q.To, "step": uint32(q.Step / time.Second), "entity": q.Entity, "first": first, "last": last}
	switch {
	case q.Entity == "":
		return Statement{"ingest", p}
	case q.BySource || q.Collection != "" || q.Panel:
		p["by_source"], p["collection"], p["panel"] = q.BySource, q.Collection, q.Panel
		p["seconds"] = uint32(q.To.Sub(q.From) / time.Second)
		return Statement{"series_sources", p}
	}
	return Statement{"series", p}
}

// Series answers q: one series, or one for each source that covered the entity
// at all, most articles first, at most MaxRows.
func (s *Store) Series(ctx context.Context, q SeriesQuery) ([]Series, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	st := q.Statement()
	type row struct {
		source string
		Bucket
	}
	rows, err := read(ctx, s, st, func(r driver.Rows, b *row) error {
		into := []any{&b.Time, &b.Articles, &b.Originals, &b.Copies, &b.Ingested, &b.Share}
		if st.Name == "series_sources" {
			into = append([]any{&b.source}, into...)
		}
		return r.Scan(into...)
	})
	if err != nil {
		return nil, err
	}
	var out []Series
	var empty []Bucket
	for first, last := q.bounds(); first.Before(last); first = first.Add(q.Step) {
		empty = append(empty, Bucket{Time: first})
	}
	for _, r := range rows {
		if len(out) == 0 || out[len(out)-1].Source != r.source {
			out = append(out, Series{r.source, append([]Bucket(nil), empty...)})
		}
		if i := int(r.Time.Sub(empty[0].Time) / q.Step); i >= 0 && i < len(empty) {
			r.Time = r.Time.UTC()
			out[len(out)-1].Buckets[i] = r.Bucket
		}
	}
	if q.BySource {
		return covered(out), nil
	}
	if len(out) == 0 {
		out = []Series{{Buckets: empty}}
	}
	return out, nil
}

// EntityQuery asks for something about one entity in [From, To).
type EntityQuery struct {
	Entity    string
	From, To  time.Time
	Limit     int
	Originals bool // leave copies out, where articles are listed
}

func (q EntityQuery) params(usual int) map[string]any {
	return map[string]any{"entity": q.Entity, "from": q.From, "to": q.To, "limit": atMost(q.Limit, usual), "originals": q.Originals}
}

// Entity is one entity under the id that it counts under.
type Entity struct {
	EntityID    string            `json:"entity_id"`
	Kind        string            `json:"kind"`
	Name        string            `json:"name"`
	Aliases     []string          `json:"aliases"`
	Origin      string            `json:"origin"` // table, learned or watchlist
	Country     string            `json:"country,omitempty"`
	Refs        map[string]string `json:"refs,omitempty"`
	FirstSeenAt time.Time         `json:"first_seen_at"`
	IDs         []string          `json:"ids"` // every stored id that counts under it
}

// Entity gives the entity that id counts under, or ErrNotFound.
func (s *Store) Entity(ctx context.Context, id string) (Entity, error) {
	return one(ctx, s, EntityStatement(id), func(r driver.Rows, e *Entity) error {
		return r.Scan(&e.EntityID, &e.Kind, &e.Name, &e.Aliases, &e.Origin, &e.Country, &e.Refs, &e.FirstSeenAt, &e.IDs)
	})
}

// EntityStatement is the query behind Entity.
func EntityStatement(id string) Statement { return Statement{"entity", map[string]any{"entity": id}} }

// SourceCount is how much one source wrote of an entity, and at all.
type SourceCount struct {
	Source    string  `json:"source"`
	Articles  uint64  `json:"articles"`
	Originals uint64  `json:"originals"`
	Ingested  uint64  `json:"ingested"`
	Share     float64 `json:"share"`
}

// SourcesStatement is the query behind EntitySources.
func (q EntityQuery) SourcesStatement() Statement { return Statement{"entity_sources", q.params(15)} }

// EntitySources gives the sources that cover an entity most.
func (s *Store) EntitySources(ctx context.Context, q EntityQuery) ([]SourceCount, error) {
	return read(ctx, s, q.SourcesStatement(), func(r driver.Rows, c *SourceCount) error {
		return r.Scan(&c.Source, &c.Articles, &c.Originals, &c.Ingested, &c.Share)
	})
}

// NameCount is an entity and in how many articles it stands.
type NameCount struct {
	EntityID  string `json:"entity_id"`
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Articles  uint64 `json:"articles"`
	Originals uint64 `json:"originals,omitempty"`
}

// CoMentionsStatement is the query behind CoMentions.
func (q EntityQuery) CoMentionsStatement() Statement { return Statement{"co_mentions", q.params(15)} }

// CoMentions gives who is named in the same articles most.
func (s *Store) CoMentions(ctx context.Context, q EntityQuery) ([]NameCount, error) {
	return read(ctx, s, q.CoMentionsStatement(), func(r driver.Rows, c *NameCount) error {
		return r.Scan(&c.EntityID, &c.Name, &c.Kind, &c.Articles, &c.Originals)
	})
}

// Names gives the entities named in the articles, those in most first.
func (s *Store) Names(ctx context.Context, articles []news.ID, limit int) ([]NameCount, error) {
	if len(articles) == 0 {
		return []NameCount{}, nil
	}
	st := Statement{"names", map[string]any{"articles": numbers(articles), "limit": atMost(limit, 30)}}
	return read(ctx, s, st, func(r driver.Rows, c *NameCount) error {
		var occurrences uint64
		return r.Scan(&c.EntityID, &c.Name, &c.Kind, &c.Articles, &occurrences)
	})
}

// SearchStatement is the query behind SearchEntities.
func SearchStatement(prefix string, limit int) Statement {
	p := strings.ToLower(strings.TrimSpace(prefix))
	return Statement{"search_entities", map[string]any{"prefix": p, "inner": " " + p, "limit": atMost(limit, 20)}}
}

// SearchEntities finds entities by the start of a name, of a word in it or of
// the id, those with most articles first.
func (s *Store) SearchEntities(ctx context.Context, prefix string, limit int) ([]NameCount, error) {
	if strings.TrimSpace(prefix) == "" {
		return []NameCount{}, nil
	}
	return read(ctx, s, SearchStatement(prefix, limit), func(r driver.Rows, c *NameCount) error {
		return r.Scan(&c.EntityID, &c.Name, &c.Kind, &c.Articles)
	})
}
