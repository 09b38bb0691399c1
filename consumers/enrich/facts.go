package enrich

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// facts is what `knowledge` says, as far as it has been read.
//
// Of its types this stage applies alias: the value's entity_id is the entity
// that a learned id, the name of the fact, stands for. Everything else is for
// other stages.
type facts struct {
	mu      sync.RWMutex
	next    int64
	aliases map[string]alias // learned entity id -> entity
}

type alias struct{ id, kind, name string }

func newFacts() *facts { return &facts{aliases: map[string]alias{}} }

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
	switch {
	case k == nil:
		if len(m.Value) == 0 {
			delete(f.aliases, aliasKey(string(m.Key)))
		}
	case k.Type == "alias" && k.Value["entity_id"] == "":
		delete(f.aliases, k.Name)
	case k.Type == "alias":
		f.aliases[k.Name] = alias{k.Value["entity_id"], k.Value["kind"], k.Value["name"]}
	}
	return nil
}

// aliasKey gives the name of an alias from its key, type/name.
func aliasKey(key string) string {
	const prefix = "alias/"
	if len(key) > len(prefix) && key[:len(prefix)] == prefix {
		return key[len(prefix):]
	}
	return ""
}

// apply renames the entities that an alias explains. Two that become one are
// added up. With them comes the offset of `knowledge` below which everything
// has been applied.
func (f *facts) apply(ms []news.Mention) ([]news.Mention, int64) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if len(f.aliases) == 0 {
		return ms, f.next
	}
	at := map[string]int{}
	out := ms[:0]
	for _, m := range ms {
		if a, ok := f.aliases[m.EntityID]; ok {
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
	return out, f.next
}
