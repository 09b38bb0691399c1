package land

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// tables are what a lander needs of ClickHouse.
type tables interface {
	rows
	epochs
	history
	archive
	NewEpoch(ctx context.Context, reason string) (uint32, error)
}

// memory is tables with the rules of ClickHouse for inserts: a block becomes
// one part for each month, each part has its token recorded first and appears
// then, and a part whose token is recorded already is left out.
type memory struct {
	numbering uint32
	data      map[string][]row
	tokens    map[string]bool // table, month, token
	twice     []string        // rows that stand where another one stood
}

type row struct {
	topic string
	epoch uint32
	part  uint16
	off   uint64
	key   string // what it is about
	text  string // all of it, but for landed_at and the epoch
	month string
	body  string
	*store.Stored
	names []string
}

func newMemory() *memory {
	return &memory{numbering: 1, data: map[string][]row{}, tokens: map[string]bool{}}
}

var errServer = errors.New("the server has died")

// Insert stores a batch.
func (m *memory) Insert(_ context.Context, token string, b store.Batch) error {
	return m.insert(token, b, -1, false)
}

// insert stores parts until the one with number crash, whose token is recorded
// where torn; then the server dies.
func (m *memory) insert(token string, b store.Batch, crash int, torn bool) error {
	if err := m.check(b); err != nil {
		return err
	}
	all := m.read(b)
	var months []string
	for _, r := range all {
		if !slices.Contains(months, r.month) {
			months = append(months, r.month)
		}
	}
	for i, month := range months {
		t := b.Table + " " + month + " " + token
		if i == crash && !torn {
			return errServer
		}
		if m.tokens[t] {
			continue
		}
		m.tokens[t] = true
		if i == crash {
			return errServer
		}
		for _, r := range all {
			if r.month != month {
				continue
			}
			for _, o := range m.data[b.Table] {
				if o.off == r.off && o.epoch == r.epoch && o.topic == r.topic && o.key == r.key {
					m.twice = append(m.twice, b.Table+" "+r.text)
				}
			}
			m.data[b.Table] = append(m.data[b.Table], r)
		}
	}
	return nil
}

// Probe tells whether the rows would be taken.
func (m *memory) Probe(_ context.Context, b store.Batch) error { return m.check(b) }

// check refuses poison: articles of one source, and mentions of one entity.
func (m *memory) check(b store.Batch) (err error) {
	for _, r := range m.read(b) {
		if b.Table == store.Articles && r.Source == "poison.example" || b.Table == store.Mentions && r.key == "per/poison" {
			err = fmt.Errorf("%s: %w", r.text, store.ErrRow)
		}
	}
	return err
}

func (*memory) read(b store.Batch) (out []row) {
	cols := b.Columns()
	b.Each(func(off uint64, values []any) {
		r := row{off: off, Stored: &store.Stored{}}
		var text strings.Builder
		for i, c := range cols {
			v := values[i]
			switch c {
			case "epoch":
				r.epoch = v.(uint32)
			case "part":
				r.part = v.(uint16)
			case "topic":
				r.topic = v.(string)
			case "seen_at", "first_seen_at":
				r.month, r.SeenAt = v.(time.Time).UTC().Format("200601"), v.(time.Time).UTC()
			case "article_id":
				r.ID = news.ID(v.(uint64))
			case "entity_id", "source":
				if b.Table != store.Articles && r.key == "" {
					r.key = v.(string)
				}
			}
			r.fill(c, v)
			if c != "landed_at" && c != "epoch" && c != "sketch" && c != "terms" && c != "text" {
				fmt.Fprint(&text, c, "=", v, " ")
			}
		}
		r.Epoch, r.Part, r.Off, r.text = r.epoch, r.part, off, text.String()
		out = append(out, r)
	})
	return out
}

func (r *row) fill(column string, v any) {
	switch column {
	case "revision":
		r.Revision = v.(uint16)
	case "source":
		r.Source = v.(string)
	case "language":
		r.Language = v.(string)
	case "title":
		r.Title, _ = v.(string)
	case "ts":
		r.TS = v.(time.Time).UTC()
	case "copy_of":
		r.CopyOf = news.ID(v.(uint64))
	case "similarity":
		r.Similarity = v.(float32)
	case "story_id":
		r.StoryID = news.ID(v.(uint64))
	case "text":
		r.body, _ = v.(string)
	case "words":
		r.Words = int(v.(uint32))
	case "text_from":
		r.TextFrom = v.(string)
	case "backlog":
		r.Backlog = v.(bool)
	case "body_hash":
		r.BodyHash = v.(uint64)
	case "sketch":
		r.Sketch = v.([]uint32)
	case "terms":
		r.Terms = v.([]uint32)
	case "entities":
		r.names = v.([]string)
		r.Entities = r.names
	}
}

// inside tells whether a row comes from a range.
func (r *row) inside(table string, x store.Range) bool {
	return r.epoch == x.Epoch && r.part == x.Part && r.off >= x.From && r.off < x.To && (r.topic == x.Topic || table == store.Articles || table == store.Mentions)
}

// Landed counts the rows of a range by offset.
func (m *memory) Landed(_ context.Context, table string, x store.Range) (map[uint64]int, error) {
	out := map[uint64]int{}
	for _, r := range m.data[table] {
		if r.inside(table, x) {
			out[r.off]++
		}
	}
	return out, nil
}

// Epoch is the one in force.
func (m *memory) Epoch(context.Context) (uint32, error) { return m.numbering, nil }

// NewEpoch starts the next one.
func (m *memory) NewEpoch(context.Context, string) (uint32, error) {
	m.numbering++
	return m.numbering, nil
}

// Last gives the last row of articles.
func (m *memory) Last(_ context.Context, table, _ string, epoch uint32, _ uint16) (last store.Row, ok bool, err error) {
	for _, r := range m.data[table] {
		if r.epoch <= epoch && (!ok || r.epoch > last.Epoch || r.epoch == last.Epoch && r.off > last.Off) {
			last, ok = store.Row{Epoch: r.epoch, Off: r.off, What: r.ID.String()}, true
		}
	}
	return last, ok, nil
}

// ordered gives the articles below a range's end in the order of decisions.
func (m *memory) ordered(x store.Range) []row {
	var out []row
	for _, r := range m.data[store.Articles] {
		if r.epoch < x.Epoch || r.epoch == x.Epoch && r.off < x.To {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b row) int {
		if a.epoch != b.epoch {
			return int(a.epoch) - int(b.epoch)
		}
		return int(a.off) - int(b.off)
	})
	return out
}

// WindowStart is as in the store.
func (m *memory) WindowStart(_ context.Context, x store.Range, window time.Duration) (store.Mark, bool, error) {
	all := m.ordered(x)
	var newest time.Time
	for _, r := range all {
		if r.SeenAt.After(newest) {
			newest = r.SeenAt
		}
	}
	for _, r := range all {
		if !r.SeenAt.Before(newest.Add(-window)) {
			return store.Mark{Epoch: r.epoch, Off: r.off}, true, nil
		}
	}
	return store.Mark{}, false, nil
}

// Fold is as in the store.
func (m *memory) Fold(_ context.Context, x store.Range, start store.Mark, f func(*store.Stored) error) error {
	for _, r := range m.ordered(x) {
		if r.epoch == x.Epoch && r.off < x.From || r.epoch < start.Epoch || r.epoch == start.Epoch && r.off < start.Off {
			continue
		}
		s := *r.Stored
		if err := f(&s); err != nil {
			return err
		}
	}
	return nil
}

// Adopted is as in the store.
func (m *memory) Adopted(_ context.Context, x store.Range) (map[uint64]*store.Stored, error) {
	out := map[uint64]*store.Stored{}
	for _, r := range m.data[store.Articles] {
		if r.inside(store.Articles, x) {
			s := *r.Stored
			out[r.off] = &s
		}
	}
	return out, nil
}

// Known is as in the store.
func (m *memory) Known(_ context.Context, ids []news.ID, x store.Range) (map[news.ID]*store.Revisions, error) {
	out := map[news.ID]*store.Revisions{}
	for _, r := range m.data[store.Articles] {
		if !slices.Contains(ids, r.ID) || r.inside(store.Articles, x) {
			continue
		}
		k := out[r.ID]
		if k == nil {
			k = &store.Revisions{First: r.Stored, Latest: r.Stored}
			out[r.ID] = k
		}
		if r.Revision < k.First.Revision {
			k.First = r.Stored
		}
		if r.Revision > k.Latest.Revision {
			k.Latest = r.Stored
		}
	}
	return out, nil
}

// Mentioned is as in the store.
func (m *memory) Mentioned(_ context.Context, ids []news.ID, x store.Range) (map[news.ID]map[string]bool, error) {
	out := map[news.ID]map[string]bool{}
	for _, r := range m.data[store.Mentions] {
		if slices.Contains(ids, r.ID) && !r.inside(store.Mentions, x) {
			if out[r.ID] == nil {
				out[r.ID] = map[string]bool{}
			}
			out[r.ID][r.key] = true
		}
	}
	return out, nil
}

// KnownNames is as in the store.
func (m *memory) KnownNames(_ context.Context, table string, names []string, x store.Range) (map[string]bool, error) {
	out := map[string]bool{}
	for _, r := range m.data[table] {
		if !r.inside(table, x) && slices.Contains(names, r.key) {
			out[r.key] = true
		}
	}
	return out, nil
}
