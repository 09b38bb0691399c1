package land

import (
	"context"
	"time"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/text"
)

// index is the judge's state together with the offset it stands at. The state
// is a fold over the rows of `articles` below that offset, whether they were
// decided here or read back.
type index struct {
	cfg   judge.Config
	store *store.Store
	judge *judge.Judge
	epoch uint32
	part  uint16
	next  uint64
	clean bool // false while decisions are folded that have not landed
	terms []uint64
}

func newIndex(cfg judge.Config, s *store.Store) *index {
	return &index{cfg: cfg, store: s, judge: judge.New(cfg)}
}

// restore folds what is missing below offset to. It starts afresh only where
// the state cannot be continued: on the first call, in another epoch, or after
// decisions that did not land.
func (x *index) restore(ctx context.Context, epoch uint32, part uint16, to uint64) error {
	if x.clean && x.epoch == epoch && x.part == part && x.next <= to {
		if x.next == to {
			return nil
		}
		x.clean = false
		err := x.store.Fold(ctx, store.Range{Epoch: epoch, Part: part, From: x.next, To: to}, store.Mark{Epoch: epoch}, x.fold)
		return x.stand(to, err)
	}
	x.clean, x.epoch, x.part = false, epoch, part
	x.judge = judge.New(x.cfg)
	r := store.Range{Epoch: epoch, Part: part, To: to}
	start, ok, err := x.store.WindowStart(ctx, r, x.cfg.Copies.Window)
	if err != nil {
		return err
	}
	if ok {
		err = x.store.Fold(ctx, r, start, x.fold)
	}
	return x.stand(to, err)
}

func (x *index) stand(at uint64, err error) error {
	if err == nil {
		x.next, x.clean = at, true
	}
	return err
}

func (x *index) fold(s *store.Stored) error {
	in := &judge.Input{TextRank: news.TextRank(s.TextFrom)}
	in.ID, in.SeenAt, in.TS, in.Source, in.Language = uint64(s.ID), s.SeenAt, s.TS, s.Source, s.Language
	in.BodyHash, in.Sketch, in.Words, in.Entities = s.BodyHash, s.Sketch, s.Words, s.Entities
	in.Title = x.titleTerms(s.Title)
	x.judge.Fold(in, verdict(s))
	return nil
}

func (x *index) input(d *news.Document) *judge.Input {
	in := &judge.Input{TextRank: news.TextRank(d.TextFrom)}
	in.ID, in.SeenAt, in.TS, in.Source, in.Language = uint64(d.ID), d.SeenAt, d.TS, d.Source, d.Language
	in.BodyHash, in.Sketch, in.Words = uint64(d.BodyHash), d.Sketch, d.Words
	in.Title = x.titleTerms(d.Title)
	for i := range d.Mentions {
		in.Entities = append(in.Entities, d.Mentions[i].EntityID)
	}
	return in
}

// titleTerms returns a slice of its own: the judge keeps it.
func (x *index) titleTerms(title string) []uint64 {
	x.terms = text.AppendTerms(x.terms[:0], title)
	return append([]uint64(nil), x.terms...)
}

// verdict reads a decision back from its row.
func verdict(s *store.Stored) judge.Verdict {
	v := judge.Verdict{Kind: judge.Original, CopyOf: uint64(s.CopyOf), Story: uint64(s.StoryID), Similarity: s.Similarity, Revision: s.Revision}
	switch {
	case s.Revision > 0:
		v.Kind = judge.Revision
	case s.CopyOf != 0:
		v.Kind = judge.Copy
	}
	return v
}

// known is what the judge has to hear of an article that its window does not
// hold.
func known(r *store.Revisions) *judge.Known {
	if r == nil {
		return nil
	}
	return &judge.Known{
		Revision: r.Latest.Revision, BodyHash: r.Latest.BodyHash, Words: r.Latest.Words, TextRank: news.TextRank(r.Latest.TextFrom),
		SeenAt: r.Latest.SeenAt, CopyOf: uint64(r.First.CopyOf), Story: uint64(r.First.StoryID), Similarity: r.First.Similarity,
	}
}

// nameCache remembers which names have a row already. It forgets everything
// at once when it is full; the store knows the rest.
type nameCache struct{ names map[string]bool }

const maxNames = 400_000

func (c *nameCache) has(n string) bool { return c.names[n] }

func (c *nameCache) add(n string) {
	if c.names == nil || len(c.names) >= maxNames {
		c.names = make(map[string]bool)
	}
	c.names[n] = true
}

// millis is the precision in which times are stored, and so judged.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
