package store

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/dateline/dateline/pkg/news"
)

// AliasEvidence is the table of what originals say of two names being one.
const AliasEvidence = "alias_evidence"

// Original is an article that is no copy, as it was decided at an offset.
type Original struct {
	ID          news.ID
	Source      string
	Title, Text string
	TS, SeenAt  time.Time
	Mark
}

// Originals gives the originals decided at a run of offsets, in their order.
func (s *Store) Originals(ctx context.Context, r Range) ([]Original, error) {
	st := Statement{"alias_originals", map[string]any{"epoch": r.Epoch, "from": r.From, "to": r.To}}
	return read(ctx, s, st, func(rows driver.Rows, o *Original) error {
		return rows.Scan((*uint64)(&o.ID), &o.Source, &o.Title, &o.Text, &o.TS, &o.SeenAt, &o.Epoch, &o.Off)
	})
}

// DecidedEpochs gives, for each epoch from one on, in order, the offset behind
// the last document that was decided in it.
func (s *Store) DecidedEpochs(ctx context.Context, from uint32) ([]Mark, error) {
	rows, err := s.conn.Query(ctx, "SELECT epoch, max(off) + 1 FROM articles WHERE epoch >= ? GROUP BY epoch ORDER BY epoch", from)
	var out []Mark
	if err == nil {
		err = each(rows, func() error {
			var m Mark
			err := rows.Scan(&m.Epoch, &m.Off)
			out = append(out, m)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("decided epochs: %w", err)
	}
	return out, nil
}

// EvidenceRow is one row of `alias_evidence`.
type EvidenceRow struct {
	*Original
	From, Into, Kind, Pattern, Form, Name string
	LandedAt                              time.Time
}

var evidenceColumns = columns{
	{"from_id", "String"}, {"into_id", "String"}, {"kind", "LowCardinality(String)"}, {"pattern", "LowCardinality(String)"}, {"form", "String"}, {"name", "String"},
	{"article_id", "UInt64"}, {"source", "LowCardinality(String)"}, {"ts", stamp}, {"seen_at", stamp}, {"epoch", "UInt32"}, {"off", "UInt64"}, {"landed_at", stamp},
}

// EvidenceBatch makes a batch for `alias_evidence`.
func EvidenceBatch(rows []EvidenceRow) Batch {
	return newBatch(AliasEvidence, evidenceColumns, len(rows), func(i int) uint64 { return rows[i].Off }, func(i int) []any {
		r := &rows[i]
		return []any{r.From, r.Into, r.Kind, r.Pattern, r.Form, r.Name, uint64(r.ID), r.Source, r.TS, r.SeenAt, r.Epoch, r.Off, r.LandedAt}
	})
}

// AliasPair is what is known of two names, see `alias_pairs` in docs/sql.md.
type AliasPair struct {
	From      string    `json:"from_id"`
	Into      string    `json:"into_id"`
	Kind      string    `json:"kind"`
	Form      string    `json:"form"`
	Name      string    `json:"name"`
	Patterns  []string  `json:"patterns"`
	Originals uint64    `json:"originals,string"`
	Explicit  uint64    `json:"explicit,string"`
	Against   uint64    `json:"against,string"`
	Sources   uint64    `json:"sources,string"`
	First     time.Time `json:"first_at"`
	Last      time.Time `json:"last_at"`
	State     string    `json:"state"` // open, merged or split
	SameAs    string    `json:"same_as,omitempty"`
	Named     bool      `json:"named"` // there are articles that name From by itself
}

func scanPair(r driver.Rows, p *AliasPair) error {
	return r.Scan(&p.From, &p.Into, &p.Kind, &p.Form, &p.Name, &p.Patterns, &p.Originals, &p.Explicit, &p.Against, &p.Sources, &p.First, &p.Last, &p.State, &p.SameAs, &p.Named)
}

// PairsOf gives the pairs that some names are the first of.
func (s *Store) PairsOf(ctx context.Context, from []string) ([]AliasPair, error) {
	return read(ctx, s, Statement{"alias_pairs_of", map[string]any{"ids": from}}, scanPair)
}

// PairsStatement is the query behind Pairs.
func PairsStatement(ids []string, originals, sources uint64) Statement {
	return Statement{"alias_pairs", map[string]any{"ids": ids, "originals": uint32(originals), "sources": uint32(sources), "limit": uint32(MaxRows)}}
}

// Pairs gives the pairs that ids are in, or with none all that have as many
// originals and sources, at most MaxRows.
func (s *Store) Pairs(ctx context.Context, ids []string, originals, sources uint64) ([]AliasPair, error) {
	return read(ctx, s, PairsStatement(ids, originals, sources), scanPair)
}

// MergeSaid is what was said of an entity: that it counts under another, or,
// where same_as is empty, under itself again.
type MergeSaid struct {
	At   time.Time
	From string
	Said map[string]string
}

// MergeHistory gives all that was ever said of merging some entities, or of
// merging others into them, the oldest first, at most MaxRows.
func (s *Store) MergeHistory(ctx context.Context, ids []string) ([]MergeSaid, error) {
	return read(ctx, s, MergeHistoryStatement(ids), func(r driver.Rows, m *MergeSaid) error {
		return r.Scan(&m.At, &m.From, &m.Said)
	})
}

// MergeHistoryStatement is the query behind MergeHistory.
func MergeHistoryStatement(ids []string) Statement {
	return Statement{"merge_history", map[string]any{"ids": ids, "limit": uint32(MaxRows)}}
}

// Named tells which entities have been named by documents.
func (s *Store) Named(ctx context.Context, ids []string) (map[string]bool, error) {
	return s.KnownNames(ctx, Entities, ids, Range{})
}

// evidenceLeft counts the forgotten articles of which it is still known what
// they said of names.
func (s *Store) evidenceLeft(ctx context.Context) (uint64, error) {
	return one(ctx, s, Statement{Name: "forget_evidence_left"}, func(r driver.Rows, n *uint64) error { return r.Scan(n) })
}

// DayCount is what was written of an entity on one day.
type DayCount struct {
	Day       time.Time `json:"day"`
	Articles  uint64    `json:"articles,string"`
	Originals uint64    `json:"originals,string"`
}

// EntityDays gives the last days on which an entity was named, the newest
// first, and how many articles have named it at all.
func (s *Store) EntityDays(ctx context.Context, entity string, limit int) (days []DayCount, articles uint64, err error) {
	days, err = read(ctx, s, Statement{"entity_days", map[string]any{"entity": entity, "limit": atMost(limit, 14)}}, func(r driver.Rows, d *DayCount) error {
		return r.Scan(&d.Day, &d.Articles, &d.Originals, &articles)
	})
	return days, articles, err
}

// SurfaceCount is a form of an entity's name and how many articles write it
// first.
type SurfaceCount struct {
	Surface  string `json:"surface"`
	Articles uint64 `json:"articles,string"`
}

// EntitySurfaces gives the forms in which articles write an entity, the most
// frequent first.
func (s *Store) EntitySurfaces(ctx context.Context, entity string, limit int) ([]SurfaceCount, error) {
	return read(ctx, s, Statement{"entity_surfaces", map[string]any{"entity": entity, "limit": atMost(limit, 12)}}, func(r driver.Rows, c *SurfaceCount) error {
		return r.Scan(&c.Surface, &c.Articles)
	})
}
