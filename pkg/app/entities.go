package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dateline/dateline/consumers/learn"
	"github.com/dateline/dateline/pkg/alias"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// Proposal is a pair of names with what its evidence suffices for.
type Proposal struct {
	store.AliasPair
	Share float64 `json:"share"` // lower bound of the share that means into_id
	Level string  `json:"level"` // noted, proposed or applied: what the evidence suffices for
}

func proposals(pairs []store.AliasPair) []Proposal {
	out := make([]Proposal, len(pairs))
	for i, p := range pairs {
		e := learn.Evidence(&p)
		out[i] = Proposal{p, e.Share(), e.Judge().String()}
	}
	return out
}

// Proposals gives the pairs of names whose evidence suffices to be proposed or
// more, those with most evidence first, at most store.MaxRows. Open ones alone,
// unless all are asked for: pairs that are merged, or were split again, too. A
// pair is left out as long as no article names its first name by itself.
func (a *App) Proposals(ctx context.Context, all bool) ([]Proposal, error) {
	need := alias.Needs
	pairs, err := a.Reader.Pairs(ctx, nil, min(need.ProposeSaid.Originals, need.ProposeUsed.Originals), min(need.ProposeSaid.Sources, need.ProposeUsed.Sources))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(proposals(pairs), func(p Proposal) bool {
		return p.Level == alias.Noted.String() || !p.Named || !all && p.State != "open"
	}), nil
}

// MergeEntities makes one entity count under another, from now on and in all
// that is stored.
func (a *App) MergeEntities(ctx context.Context, from, into, why string) error {
	if from == into {
		return fmt.Errorf("%s is one entity already", from)
	}
	for _, id := range []string{from, into} {
		if _, err := a.Reader.Entity(ctx, id); errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("there is no entity %s; `dateline entities show NAME` finds ids by names", id)
		} else if err != nil {
			return err
		}
	}
	said, err := a.merges(ctx)
	if err != nil {
		return err
	}
	if said[from] == into {
		return fmt.Errorf("%s counts under %s already", from, into)
	}
	for id, n := into, 0; id != "" && n <= len(said); id, n = said[id], n+1 {
		if id == from {
			return fmt.Errorf("%s counts under %s: split it first (`dateline entities split %s`)", into, from, into)
		}
	}
	k := &news.Knowledge{V: news.Version, Type: alias.MergeType, Name: from, At: a.Now().UTC().Truncate(time.Second), Value: map[string]string{"same_as": into, "by": "person"}}
	if why != "" {
		k.Value["why"] = why
	}
	return a.say(ctx, []*news.Knowledge{k})
}

// SplitEntity makes an entity count under itself again. What split it was said
// by a person: the stream does not merge it any more.
func (a *App) SplitEntity(ctx context.Context, id, why string) error {
	said, err := a.merges(ctx)
	if err != nil {
		return err
	}
	if said[id] == "" {
		return fmt.Errorf("%s is merged into nothing; `dateline entities show %s` tells what is merged into it", id, id)
	}
	k := &news.Knowledge{V: news.Version, Type: alias.MergeType, Name: id, At: a.Now().UTC().Truncate(time.Second), Value: map[string]string{"same_as": "", "from": said[id], "by": "person"}}
	if why != "" {
		k.Value["why"] = why
	}
	return a.say(ctx, []*news.Knowledge{k})
}

// merges gives what `knowledge` says that entities are merged into; empty where
// they were split.
func (a *App) merges(ctx context.Context) (map[string]string, error) {
	said := map[string]string{}
	return said, a.knowledge(ctx, alias.MergeType, func(name string, k *news.Knowledge) error {
		if k != nil {
			said[name] = k.Value["same_as"]
		}
		return nil
	})
}

// Portrait is what is known of an entity.
type Portrait struct {
	store.Entity
	Articles  uint64               `json:"articles,string"`
	Watched   bool                 `json:"watched"`   // on the watchlist
	Merges    []Merge              `json:"merges"`    // all that was said: into it, and of it; splits too
	Proposals []Proposal           `json:"proposals"` // open or split
	Days      []store.DayCount     `json:"days"`      // the last ones on which it was named
	Sources   []store.SourceCount  `json:"sources"`   // those that name it most
	Surfaces  []store.SurfaceCount `json:"surfaces"`
}

// Merge is what was said of an entity counting under another; Into is empty
// where it was split.
type Merge struct {
	From  string            `json:"from_id"`
	Into  string            `json:"into_id"`
	At    time.Time         `json:"at"`
	Value map[string]string `json:"evidence,omitempty"`
}

// Portrait gives what is known of an entity, by its id.
func (a *App) Portrait(ctx context.Context, id string) (*Portrait, error) {
	d, err := a.Reader.Entity(ctx, id)
	if err != nil {
		return nil, err
	}
	p := &Portrait{Entity: d, Merges: []Merge{}}
	said, err := a.Reader.MergeHistory(ctx, append([]string{d.EntityID, id}, d.IDs...))
	if err != nil {
		return nil, err
	}
	for _, m := range said {
		p.Merges = append(p.Merges, Merge{m.From, m.Said["same_as"], m.At, m.Said})
	}
	watched, err := a.watched(ctx)
	if err != nil {
		return nil, err
	}
	_, p.Watched = watched[d.EntityID]
	pairs, err := a.Reader.Pairs(ctx, d.IDs, 1, 1)
	if err != nil {
		return nil, err
	}
	p.Proposals = slices.DeleteFunc(proposals(pairs), func(x Proposal) bool { return x.Level == alias.Noted.String() || !x.Named || x.State == "merged" })
	if p.Days, p.Articles, err = a.Reader.EntityDays(ctx, d.EntityID, 14); err != nil {
		return nil, err
	}
	ever := store.EntityQuery{Entity: d.EntityID, From: time.Unix(0, 0), To: a.Now().AddDate(1, 0, 0), Limit: 10}
	if p.Sources, err = a.Reader.EntitySources(ctx, ever); err != nil {
		return nil, err
	}
	p.Surfaces, err = a.Reader.EntitySurfaces(ctx, d.EntityID, 12)
	return p, err
}

// EntityNamed gives the id that a name most likely means: that of the entity of
// this name, or whose name begins so, which most articles name.
func (a *App) EntityNamed(ctx context.Context, name string) (string, error) {
	list, err := a.Reader.SearchEntities(ctx, name, 5)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fmt.Errorf("%w: no entity is called %q", store.ErrNotFound, name)
	}
	for _, e := range list {
		if e.Name == name {
			return e.EntityID, nil
		}
	}
	return list[0].EntityID, nil
}
