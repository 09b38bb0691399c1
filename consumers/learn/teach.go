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

// teach merges the touched names whose evidence suffices, and splits those that
// the stream merged and whose evidence does not hold any more. Both are judged
// by all that is stored, and what was said stands in `knowledge`, so that the
// same articles, in whatever batches and however often they are read, end in
// the same.
func (l *Learner) teach(ctx context.Context, touched map[string]bool) error {
	var names []string
	for n := range touched {
		names = append(names, n)
	}
	slices.Sort(names)
	var ripe, merged []store.AliasPair
	for chunk := range slices.Chunk(names, maxAsked) {
		pairs, err := l.archive.PairsOf(ctx, chunk)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			switch e := Evidence(&p); {
			case p.State == "open" && p.Named && e.Judge() == alias.Applied:
				ripe = append(ripe, p)
			case p.State == "merged" && !e.Holds():
				merged = append(merged, p)
			}
		}
	}
	if len(ripe)+len(merged) == 0 {
		return nil
	}
	// ClickHouse may lag behind what was said; the topic does not.
	said, stream, err := merges(ctx, l.bus)
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
	say := func(k *news.Knowledge) {
		msgs = append(msgs, bus.Message{Topic: news.TopicKnowledge, Key: []byte(k.Type + "/" + k.Name), Value: news.Encode(k)})
	}
	now := l.now().UTC().Truncate(time.Second)
	for _, p := range merged {
		// What a person said is that person's to take back.
		if !stream[p.From] || said[p.From] == "" || last(said, p.From) != p.Into {
			continue
		}
		say(Split(&p, said[p.From], now))
		said[p.From] = ""
		l.split.Inc()
		l.log.Info("two names are not one after all", "from", p.From, "into", p.Into, "originals", p.Originals, "against", p.Against, "sources", p.Sources)
	}
	splits := len(msgs)
	for _, p := range ripe {
		// Whatever was said of a name holds, a split above all.
		if _, done := said[p.From]; done || !known[p.Into] || leads(said, p.Into, p.From) {
			continue
		}
		said[p.From] = p.Into
		say(Merge(&p, now))
		l.log.Info("two names are one", "from", p.From, "into", p.Into, "originals", p.Originals, "against", p.Against, "sources", p.Sources, "patterns", strings.Join(p.Patterns, ","))
	}
	if len(msgs) == 0 {
		return nil
	}
	l.merged.Add(float64(len(msgs) - splits))
	return l.bus.Publish(ctx, msgs...)
}

// Evidence gives what is stored of a pair as it is judged.
func Evidence(p *store.AliasPair) *alias.Evidence {
	return &alias.Evidence{From: p.From, Into: p.Into, Kind: p.Kind, Form: p.Form, Name: p.Name, Patterns: p.Patterns,
		Originals: p.Originals, Explicit: p.Explicit, Against: p.Against, Sources: p.Sources, First: p.First, Last: p.Last}
}

// Merge is the message that merges a pair, with its evidence.
func Merge(p *store.AliasPair, at time.Time) *news.Knowledge {
	k := told(p, at)
	k.Value["same_as"], k.Value["kind"], k.Value["name"] = p.Into, p.Kind, p.Form
	return k
}

// Split is the message that takes the merge of a pair back, with its evidence
// now. from is what it was merged into.
func Split(p *store.AliasPair, from string, at time.Time) *news.Knowledge {
	k := told(p, at)
	k.Value["same_as"], k.Value["from"] = "", from
	return k
}

func told(p *store.AliasPair, at time.Time) *news.Knowledge {
	n := func(v uint64) string { return strconv.FormatUint(v, 10) }
	return &news.Knowledge{V: news.Version, Type: alias.MergeType, Name: p.From, At: at, Value: map[string]string{
		"by": "stream", "patterns": strings.Join(p.Patterns, ","),
		"originals": n(p.Originals), "against": n(p.Against), "sources": n(p.Sources),
		"share": strconv.FormatFloat(Evidence(p).Share(), 'f', 3, 64),
	}}
}

// last follows the merges from a name to what it counts under in the end.
func last(said map[string]string, id string) string {
	for range said {
		next := said[id]
		if next == "" {
			break
		}
		id = next
	}
	return id
}

// merges gives what `knowledge` says of each name, empty where it was split,
// and of which names the stream itself said it.
func merges(ctx context.Context, b *bus.Bus) (out map[string]string, stream map[string]bool, err error) {
	out, stream = map[string]string{}, map[string]bool{}
	_, err = b.ReadAll(ctx, news.TopicKnowledge, 0, func(m bus.Message) error {
		if len(m.Value) == 0 {
			return nil // a tombstone says nothing of entities that have rows
		}
		k, err := news.Decode[news.Knowledge](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return err
		}
		if err == nil && k.Type == alias.MergeType {
			out[k.Name], stream[k.Name] = k.Value["same_as"], k.Value["by"] == "stream"
		}
		return nil
	})
	return out, stream, err
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
