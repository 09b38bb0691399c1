package land

import (
	"context"
	"strconv"
	"strings"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

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
}](msgs []bus.Message, refused map[uint64]error) (good []decoded[T], dead []deadLetter) {
	for _, m := range msgs {
		if err := refused[uint64(m.Offset)]; err != nil {
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

func origin(j *job, off int64) store.Origin {
	return store.Origin{Epoch: j.Epoch, Part: j.Part, Off: uint64(off), LandedAt: j.at}
}

// plain plans messages that need no decision: each becomes its rows.
type plain[T any, P interface {
	*T
	news.Validator
}] struct {
	rows func(j *job, msgs []decoded[T]) []store.Batch
	is   func(v *T, row string) bool
}

func (plain[T, P]) restore(context.Context, uint32, uint16, uint64) error { return nil }

func (f plain[T, P]) same(m bus.Message, row string) (bool, error) {
	v, err := news.Decode[T, P](m.Value)
	return err == nil && f.is(v, row), err
}

func (f plain[T, P]) plan(_ context.Context, j *job) (*plan, error) {
	var live []bus.Message
	for _, m := range j.msgs {
		if len(m.Value) > 0 { // a tombstone in a compacted topic says nothing here
			live = append(live, m)
		}
	}
	good, dead := decode[T, P](live, j.refused)
	return &plan{batches: f.rows(j, good), dead: dead, counts: map[string]int{"row": len(good), "dead": len(dead)}}, nil
}

func sameKnowledge(k *news.Knowledge, row string) bool {
	return strings.HasPrefix(row, k.Type+" "+k.Name+": ")
}

// knowledgeRows notes what was taught: every piece is a change that charts
// can show, and what describes a source or an entity is a row of its own.
func knowledgeRows(j *job, msgs []decoded[news.Knowledge]) []store.Batch {
	var changes []store.ChangeRow
	var sources []store.SourceRow
	var entities []store.EntityRow
	for _, m := range msgs {
		k, o := m.value, origin(j, m.Offset)
		when := k.At
		if when.IsZero() {
			when = m.Time
		}
		changes = append(changes, store.ChangeRow{Origin: o, Topic: j.Topic, What: k.Type, Detail: k.Name + ": " + string(news.Encode(k.Value)), At: when})
		switch k.Type {
		case "source":
			tier, _ := strconv.ParseUint(k.Value["tier"], 10, 8)
			sources = append(sources, store.SourceRow{
				Origin: o, Topic: j.Topic, Source: k.Name, Name: k.Value["name"], Country: k.Value["country"], Language: k.Value["language"],
				Type: k.Value["type"], Tier: uint8(tier), Tags: words(k.Value["tags"]), Collections: words(k.Value["collections"]), SeenAt: when,
			})
		case "merge":
			entities = append(entities, store.EntityRow{
				Origin: o, Topic: j.Topic, SameAs: k.Value["same_as"], Aliases: words(k.Value["aliases"]), SeenAt: when,
				Mention: &news.Mention{EntityID: k.Name, Kind: k.Value["kind"], Name: k.Value["name"], Origin: "learned"},
			})
		}
	}
	return []store.Batch{store.ChangeBatch(changes), store.SourceBatch(sources), store.EntityBatch(entities)}
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
