package learn

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/alias"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// maxAsked is how many names one query asks for.
const maxAsked = 1000

// teach merges the touched names whose evidence suffices.
func (l *Learner) teach(ctx context.Context, touched map[string]bool) error {
	var names []string
	for n := range touched {
		names = append(names, n)
	}
	slices.Sort(names)
	var ripe []store.AliasPair
	for chunk := range slices.Chunk(names, maxAsked) {
		pairs, err := l.archive.PairsOf(ctx, chunk)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			if e := Evidence(&p); p.State == "open" && p.Named && e.Judge() == alias.Applied {
				ripe = append(ripe, p)
			}
		}
	}
	if len(ripe) == 0 {
		return nil
	}
	// ClickHouse may lag behind what was said; the topic does not.
	said, err := merges(ctx, l.bus)
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(ripe))
	for _, p := range ripe {
		ids = append(ids, p.Into)
	}
	known, err := l.archive.Named(ctx, ids)
	if err != nil {
		return err
	}
	var msgs []bus.Message
	for _, p := range ripe {
		// Whatever was said of a name holds, a split above all.
		if _, done := said[p.From]; done || !known[p.Into] || leads(said, p.Into, p.From) {
			continue
		}
		said[p.From] = p.Into
		k := Merge(&p, l.now().UTC().Truncate(time.Second))
		msgs = append(msgs, bus.Message{Topic: news.TopicKnowledge, Key: []byte(k.Type + "/" + k.Name), Value: news.Encode(k)})
		l.log.Info("two names are one", "from", p.From, "into", p.Into, "originals", p.Originals, "against", p.Against, "sources", p.Sources, "patterns", strings.Join(p.Patterns, ","))
	}
	if len(msgs) == 0 {
		return nil
	}
	l.merged.Add(float64(len(msgs)))
	return l.bus.Publish(ctx, msgs...)
}

// Evidence gives what is stored of a pair as it is judged.
func Evidence(p *store.AliasPair) *alias.Evidence {
	return &alias.Evidence{From: p.From, Into: p.Into, Kind: p.Kind, Form: p.Form, Name: p.Name, Patterns: p.Patterns,
		Originals: p.Originals, Explicit: p.Explicit, Against: p.Against, Sources: p.Sources, First: p.First, Last: p.Last}
}

// Merge is the message that merges a pair, with its evidence.
func Merge(p *store.AliasPair, at time.Time) *news.Knowledge {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	return &news.Knowledge{V: news.Version, Type: alias.MergeType, Name: p.From, At: at, Value: map[string]string{
		"same_as": p.Into, "kind": p.Kind, "name": p.Form, "by": "stream", "patterns": strings.Join(p.Patterns, ","),
		"originals": n(p.Originals), "against": n(p.Against), "sources": n(p.Sources),
		"share": strconv.FormatFloat(Evidence(p).Share(), 'f', 3, 64),
	}}
}

// merges gives what `knowledge` says of each name, empty where it was split.
func merges(ctx context.Context, b *bus.Bus) (map[string]string, error) {
	out := map[string]string{}
	_, err := b.ReadAll(ctx, news.TopicKnowledge, 0, func(m bus.Message) error {
		if len(m.Value) == 0 {
			return nil // a tombstone says nothing of entities that have rows
		}
		k, err := news.Decode[news.Knowledge](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return err
		}
		if err == nil && k.Type == alias.MergeType {
			out[k.Name] = k.Value["same_as"]
		}
		return nil
	})
	return out, err
}

// leads tells whether the merges lead from one name to another.
func leads(said map[string]string, from, to string) bool {
	for range len(said) + 1 {
		if from == to {
			return true
		}
		next := said[from]
		if next == "" {
			return false
		}
		from = next
	}
	return true // a circle already
}
