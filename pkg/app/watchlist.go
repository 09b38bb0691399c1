package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/watch"
)

// Watchlist gives the entries that are in force, by id.
func (a *App) Watchlist(ctx context.Context) ([]watch.Entry, error) {
	have, err := a.watched(ctx)
	if err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(have), func(x, y watch.Entry) int { return cmp.Compare(x.ID, y.ID) }), nil
}

func (a *App) watched(ctx context.Context) (map[string]watch.Entry, error) {
	have := map[string]watch.Entry{}
	err := a.knowledge(ctx, watch.Type, func(name string, k *news.Knowledge) error {
		if k == nil || watch.Removed(k) {
			delete(have, name)
			return nil
		}
		e, err := watch.FromKnowledge(k)
		if err != nil {
			a.log.Warn("an entry of the watchlist cannot be read", "err", err)
			return nil
		}
		have[name] = e
		return nil
	})
	return have, err
}

// knowledge calls f for what was said of a type, oldest first; k is nil where a
// fact was taken away.
func (a *App) knowledge(ctx context.Context, kind string, f func(name string, k *news.Knowledge) error) error {
	_, err := a.Bus.ReadAll(ctx, news.TopicKnowledge, 0, func(m bus.Message) error {
		if len(m.Value) == 0 {
			if prefix := kind + "/"; len(m.Key) > len(prefix) && string(m.Key[:len(prefix)]) == prefix {
				return f(string(m.Key[len(prefix):]), nil)
			}
			return nil
		}
		k, err := news.Decode[news.Knowledge](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return err
		}
		if err != nil || k.Type != kind {
			return nil
		}
		return f(k.Name, k)
	})
	if err != nil {
		return fmt.Errorf("read knowledge: %w", err)
	}
	return nil
}

// say publishes pieces of knowledge.
func (a *App) say(ctx context.Context, list []*news.Knowledge) error {
	msgs := make([]bus.Message, len(list))
	for i, k := range list {
		msgs[i] = bus.Message{Topic: news.TopicKnowledge, Key: []byte(k.Type + "/" + k.Name), Value: news.Encode(k)}
	}
	return a.publish(ctx, msgs)
}

// Watched says what became of entries.
type Watched struct{ Added, Changed, Same int }

// AddWatched adds entries, or changes those of their ids. Either all are
// published, or, where the list would grow beyond its bounds, none.
func (a *App) AddWatched(ctx context.Context, entries []watch.Entry) (Watched, error) {
	var res Watched
	have, err := a.watched(ctx)
	if err != nil {
		return res, err
	}
	now := a.Now().UTC().Truncate(time.Second)
	var list []*news.Knowledge
	for _, e := range entries {
		old, known := have[e.ID]
		switch {
		case known && reflect.DeepEqual(old, e):
			res.Same++
			continue
		case known:
			res.Changed++
		default:
			res.Added++
		}
		have[e.ID] = e
		list = append(list, e.Knowledge(now))
	}
	if _, left := a.Config.Watchlist.Fit(slices.Collect(maps.Values(have))); left > 0 {
		return Watched{}, fmt.Errorf("%w: %d entries would be more than watchlist.entries (%d) and watchlist.bytes (%d) allow, by %d; nothing was added: raise them for every process, or add fewer",
			watch.ErrFull, len(have), a.Config.Watchlist.Entries, a.Config.Watchlist.Bytes, left)
	}
	return res, a.say(ctx, list)
}

// RemoveWatched takes entries back, by their ids or names, and gives what names
// none.
func (a *App) RemoveWatched(ctx context.Context, which []string) (removed int, unknown []string, err error) {
	have, err := a.watched(ctx)
	if err != nil {
		return 0, nil, err
	}
	now := a.Now().UTC().Truncate(time.Second)
	var list []*news.Knowledge
	for _, w := range which {
		var ids []string
		if _, ok := have[w]; ok {
			ids = []string{w}
		} else {
			for id, e := range have {
				if e.Name == w {
					ids = append(ids, id)
				}
			}
			slices.Sort(ids)
		}
		if len(ids) == 0 {
			unknown = append(unknown, w)
		}
		for _, id := range ids {
			delete(have, id)
			list = append(list, watch.Removal(id, now))
		}
	}
	return len(list), unknown, a.say(ctx, list)
}

// CompleteWatched gives entries without kind or id those that the tables have
// for their names: of several rows the most prominent. The kind of a name that
// they do not know is what the tagger makes of it, else they are organisations.
// It is for one goroutine.
func CompleteWatched(t *entity.Tables) func(*watch.Entry) {
	var p *entity.Pipeline // made where it is asked: its model takes a moment to read
	return func(e *watch.Entry) {
		if e.Kind != "" && e.ID != "" {
			return
		}
		for _, ref := range t.Lookup(e.Name) {
			if row := t.Entity(ref); e.Kind == "" || e.Kind == row.Kind.String() {
				e.Kind = row.Kind.String()
				if e.ID == "" {
					e.ID = row.ID
				}
				return
			}
		}
		if e.Kind != "" {
			return
		}
		if p == nil {
			p = entity.NewPipeline(t, entity.Options{})
		}
		e.Kind = entity.ORG.String()
		if ms, _ := p.Extract("", e.Name); len(ms) == 1 && ms[0].Start == 0 && int(ms[0].End) == len(e.Name) {
			e.Kind = ms[0].Kind.String()
		}
	}
}
