package land

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// newerVersion tells whether a message is of a later version than this build
// reads. Whether it is a message at all is for the planner to say.
func newerVersion(value []byte) error {
	_, err := news.Decode[version](value)
	if errors.Is(err, news.ErrNewer) {
		return err
	}
	return nil
}

type version struct{}

// Validate accepts everything: only the version matters.
func (*version) Validate() error { return nil }

// decoded is a message with what it holds.
type decoded[T any] struct {
	bus.Message
	value *T
}

// decode reads a run of messages and sets those aside that cannot be used:
// what is not ours, and what ClickHouse refuses.
func decode[T any, P interface {
	*T
	news.Validator
}](msgs []bus.Message, bad map[uint64]error) (good []decoded[T], dead []deadLetter) {
	for _, m := range msgs {
		if err := bad[uint64(m.Offset)]; err != nil {
			dead = append(dead, deadLetter{m, err})
			continue
		}
		v, err := news.Decode[T, P](m.Value)
		if err != nil {
			dead = append(dead, deadLetter{m, err})
			continue
		}
		good = append(good, decoded[T]{m, v})
	}
	return good, dead
}

func origin(r store.Range, off int64, at time.Time) store.Origin {
	return store.Origin{Epoch: r.Epoch, Part: r.Part, Off: uint64(off), LandedAt: at}
}

// plain plans messages that need no decision: each becomes its rows.
type plain[T any, P interface {
	*T
	news.Validator
}] func(r store.Range, msgs []decoded[T], at time.Time) []store.Batch

func (plain[T, P]) restore(context.Context, uint32, uint16, uint64) error { return nil }

func (f plain[T, P]) plan(_ context.Context, r store.Range, msgs []bus.Message, bad map[uint64]error, at time.Time) (*plan, error) {
	var live []bus.Message
	for _, m := range msgs {
		if len(m.Value) > 0 { // a tombstone in a compacted topic says nothing here
			live = append(live, m)
		}
	}
	good, dead := decode[T, P](live, bad)
	return &plan{batches: f(r, good, at), dead: dead, counts: map[string]int{"row": len(good), "dead": len(dead)}}, nil
}

func fetchRows(r store.Range, msgs []decoded[news.Fetch], at time.Time) []store.Batch {
	rows := make([]store.FetchRow, len(msgs))
	for i, m := range msgs {
		rows[i] = store.FetchRow{Origin: origin(r, m.Offset, at), Fetch: m.value}
	}
	return []store.Batch{store.FetchBatch(rows)}
}

// knowledgeRows notes what was taught: every piece is a change that charts
// can show, and what describes a source or an entity is a row of its own.
func knowledgeRows(r store.Range, msgs []decoded[news.Knowledge], at time.Time) []store.Batch {
	var changes []store.ChangeRow
	var sources []store.SourceRow
	var entities []store.EntityRow
	for _, m := range msgs {
		k, o := m.value, origin(r, m.Offset, at)
		when := k.At
		if when.IsZero() {
			when = m.Time
		}
		changes = append(changes, store.ChangeRow{Origin: o, Topic: r.Topic, What: k.Type, Detail: k.Name + ": " + string(news.Encode(k.Value)), At: when})
		switch k.Type {
		case "source":
			tier, _ := strconv.ParseUint(k.Value["tier"], 10, 8)
			sources = append(sources, store.SourceRow{
				Origin: o, Topic: r.Topic, Source: k.Name, Name: k.Value["name"], Country: k.Value["country"], Language: k.Value["language"],
				Type: k.Value["type"], Tier: uint8(tier), Tags: words(k.Value["tags"]), Collections: words(k.Value["collections"]), SeenAt: when,
			})
		case "merge":
			entities = append(entities, store.EntityRow{
				Origin: o, Topic: r.Topic, SameAs: k.Value["same_as"], Aliases: words(k.Value["aliases"]), SeenAt: when,
				Mention: &news.Mention{EntityID: k.Name, Kind: k.Value["kind"], Name: k.Value["name"], Origin: "learned"},
			})
		}
	}
	return []store.Batch{store.ChangeBatch(changes), store.SourceBatch(sources), store.EntityBatch(entities)}
}

// alerts drops repeats: after a crash the alerter may publish a state twice.
type alerts struct{ l *Lander }

func (*alerts) restore(context.Context, uint32, uint16, uint64) error { return nil }

func (p *alerts) plan(ctx context.Context, r store.Range, msgs []bus.Message, bad map[uint64]error, at time.Time) (*plan, error) {
	good, dead := decode[news.Alert](msgs, bad)
	ids := make([]news.ID, len(good))
	for i, m := range good {
		ids[i] = m.value.ID
	}
	have, err := p.l.store.AlertStates(ctx, ids, r)
	if err != nil {
		return nil, err
	}
	var rows []store.AlertRow
	repeats := 0
	for _, m := range good {
		key := fmt.Sprint(m.value.ID, m.value.State)
		if have[key] {
			repeats++
			continue
		}
		have[key] = true
		rows = append(rows, store.AlertRow{Origin: origin(r, m.Offset, at), Alert: m.value})
	}
	return &plan{
		batches: []store.Batch{store.AlertBatch(rows)}, dead: dead,
		counts: map[string]int{"row": len(rows), "repeat": repeats, "dead": len(dead)},
	}, nil
}

// words splits a comma-separated value.
func words(s string) []string {
	var out []string
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
