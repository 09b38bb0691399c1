package enrich

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/watch"
)

// facts is what `knowledge` says, as far as it has been read.
//
// Of its types this stage applies two. alias: the value's entity_id is the
// entity that a learned id, the name of the fact, stands for. watchlist: names
// that the user wants found, see package watch. Everything else is for other
// stages.
type facts struct {
	limits watch.Config
	mu     sync.Mutex
	next   int64
	// What was said since told was made is not in it; the maps are copied when
	// the next one is made.
	aliases   map[string]alias // learned entity id -> entity
	entries   map[string]watch.Entry
	renamed   bool // aliases have changed
	rewatched bool // entries have changed
	told      *told
}

type alias struct{ id, kind, name string }

// told is what was known at one moment. It is immutable.
type told struct {
	next    int64 // offset of `knowledge` below which everything is applied
	aliases map[string]alias
	list    *watch.List
	left    int // entries that were too many
}

func newFacts(limits watch.Config) *facts {
	return &facts{limits: limits, aliases: map[string]alias{}, entries: map[string]watch.Entry{}, told: &told{list: watch.Compile(nil)}}
}

// now gives what is known. A list of many entries takes a moment to make.
func (f *facts) now() *told {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.told.next == f.next {
		return f.told
	}
	t := *f.told
	t.next = f.next
	if f.renamed {
		t.aliases = maps.Clone(f.aliases)
	}
	if f.rewatched {
		var fit []watch.Entry
		fit, t.left = f.limits.Fit(slices.Collect(maps.Values(f.entries)))
		t.list = watch.Compile(fit)
	}
	f.told, f.renamed, f.rewatched = &t, false, false
	return f.told
}

// load reads the topic to its end, and returns that.
func (f *facts) load(ctx context.Context, b *bus.Bus, log *slog.Logger) (int64, error) {
	end, err := b.ReadAll(ctx, news.TopicKnowledge, 0, func(m bus.Message) error { return f.take(m, log) })
	if err != nil {
		return 0, fmt.Errorf("read knowledge: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = end // the last offsets may have been compacted away
	return end, nil
}

// follow takes what comes from an offset on, until ctx ends. Where the log
// does not hold the offset any more, it is read again from its start.
func (f *facts) follow(ctx context.Context, b *bus.Bus, from int64, log *slog.Logger) error {
	for {
		err := b.Follow(ctx, news.TopicKnowledge, 0, from, func(m bus.Message) error { return f.take(m, log) })
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, bus.ErrOutOfRange) {
			log.Warn("knowledge has moved on, reading it again", "offset", from)
			if from, err = f.load(ctx, b, log); err == nil {
				continue
			}
		}
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("follow knowledge: %w", err)
		}
		return nil
	}
}

// take applies one message. One that cannot be read is passed over here: land
// reads the topic too, and puts it with the dead letters. A newer version ends
// the stage, since documents would be made without what it says.
func (f *facts) take(m bus.Message, log *slog.Logger) error {
	var k *news.Knowledge
	if len(m.Value) > 0 {
		var err error
		k, err = news.Decode[news.Knowledge](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return fmt.Errorf("knowledge, offset %d: %w", m.Offset, err)
		}
		if err != nil {
			log.Warn("knowledge that cannot be read is passed over", "offset", m.Offset, "err", err)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.next = m.Offset + 1
	kind, name := "", ""
	if k != nil {
		kind, name = k.Type, k.Name
	} else if len(m.Value) == 0 {
		kind, name, _ = strings.Cut(string(m.Key), "/")
	}
	switch {
	case kind == "alias" && (k == nil || k.Value["entity_id"] == ""):
		delete(f.aliases, name)
		f.renamed = true
	case kind == "alias":
		f.aliases[name] = alias{k.Value["entity_id"], k.Value["kind"], k.Value["name"]}
		f.renamed = true
	case kind == watch.Type && (k == nil || watch.Removed(k)):
		delete(f.entries, name)
		f.rewatched = true
	case kind == watch.Type:
		e, err := watch.FromKnowledge(k)
		if err != nil {
			log.Warn("an entry of the watchlist is passed over", "offset", m.Offset, "err", err)
			return nil
		}
		if len(f.entries) < 2*f.limits.Entries || f.entries[name].ID != "" { // more than that are not even held
			f.entries[name] = e
			f.rewatched = true
		}
	}
	return nil
}

// apply renames the entities that an alias explains; what the user watches is
// named already. Two that become one are added up.
func (t *told) apply(ms []news.Mention) []news.Mention {
	if len(t.aliases) == 0 {
		return ms
	}
	at := map[string]int{}
	out := ms[:0]
	for _, m := range ms {
		if a, ok := t.aliases[m.EntityID]; ok && m.Origin != entity.Watched {
			m.EntityID, m.Origin = a.id, "learned"
			if a.kind != "" {
				m.Kind = a.kind
			}
			if a.name != "" {
				m.Name = a.name
			}
		}
		i, seen := at[m.EntityID]
		if !seen {
			at[m.EntityID] = len(out)
			out = append(out, m)
			continue
		}
		o := &out[i]
		o.N += m.N
		o.InTitle, o.InLead, o.Score = o.InTitle || m.InTitle, o.InLead || m.InLead, max(o.Score, m.Score)
		if m.FirstAt >= 0 && (o.FirstAt < 0 || m.FirstAt < o.FirstAt) {
			o.FirstAt, o.Surface = m.FirstAt, m.Surface
		}
	}
	return out
}
