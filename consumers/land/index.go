package land

import (
	"context"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/text"
)

// index is the judge's state together with the offset it stands at. The state
// is a fold over the rows of `articles` below that offset, whether they were
// decided here or read back, and over the decisions in ahead.
type index struct {
	cfg   judge.Config
	store history
	judge *judge.Judge
	epoch uint32
	part  uint16
	next  uint64
	clean bool // false: the judge has to be made anew
	ahead *decisions
	terms []uint64
	blank func(*store.Stored) *store.Stored // gives rows that are forgotten as they are once they have been blanked
}

// decisions are those on a range of offsets which are folded, and of which it
// is not known yet whether they have landed.
type decisions struct {
	store.Range
	refused  int
	verdicts map[uint64]judge.Verdict // by offset, of every good message
	due      map[uint64]time.Time     // when a text that came too soon may be a revision
	seen     map[uint64]time.Time     // when each was seen, by clocks that can be right
	language map[uint64]string        // of each, see speak
}

// hold tells whether what has landed of the range was decided in this way.
func (d *decisions) hold(landed map[uint64]*store.Stored) bool {
	for off, s := range landed {
		v, ok := d.verdicts[off]
		if v.Reason = ""; !ok || v != verdict(s) || !d.seen[off].Equal(s.SeenAt) {
			return false
		}
	}
	return true
}

// all tells whether everything that was to land is among what has landed.
func (d *decisions) all(landed map[uint64]*store.Stored) bool {
	n := 0
	for _, v := range d.verdicts {
		if v.Kind != judge.Same {
			n++
		}
	}
	return n == len(landed)
}

func newIndex(cfg judge.Config, s history) *index {
	return &index{cfg: cfg, store: s, judge: judge.New(cfg), blank: new(forgetter).blanked}
}

// restore folds what is missing below offset to. It starts afresh only where
// the state cannot be continued: on the first call, in another epoch, or after
// decisions that have landed otherwise. Where it is interrupted, the next call
// goes on.
func (x *index) restore(ctx context.Context, epoch uint32, part uint16, to uint64) error {
	if x.clean && x.epoch == epoch && x.part == part && x.next <= to {
		if err := x.settle(ctx, to); err != nil {
			return err
		}
		if x.clean {
			if x.next == to {
				return nil
			}
			err := x.store.Fold(ctx, store.Range{Epoch: epoch, Part: part, From: x.next, To: to}, store.Mark{Epoch: epoch}, x.fold)
			return x.stand(to, err)
		}
	}
	x.clean, x.ahead, x.epoch, x.part, x.next = false, nil, epoch, part, 0
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

// settle finds out what has become of decisions that were made ahead, where
// the state is wanted beyond their beginning. They are kept where somebody,
// maybe another process, has landed just them.
func (x *index) settle(ctx context.Context, to uint64) error {
	if x.ahead == nil || to == x.next {
		return nil
	}
	d := x.ahead
	x.clean, x.ahead = false, nil
	if to < d.To {
		return nil
	}
	landed, err := x.store.Adopted(ctx, d.Range)
	if err != nil {
		x.clean, x.ahead = true, d
		return err
	}
	if d.hold(landed) && d.all(landed) {
		x.clean, x.next = true, d.To
	}
	return nil
}

func (x *index) stand(at uint64, err error) error {
	if err == nil {
		x.next, x.clean = at, true
	}
	return err
}

// fold applies one stored row. From the first row of the epoch on the state is
// one that can be continued.
func (x *index) fold(s *store.Stored) error {
	s = x.blank(s)
	in := &judge.Input{TextRank: news.TextRank(s.TextFrom)}
	in.ID, in.SeenAt, in.TS, in.Source, in.Language = uint64(s.ID), s.SeenAt, s.TS, s.Source, s.Language
	in.BodyHash, in.Sketch, in.Terms, in.Words, in.Entities = s.BodyHash, s.Sketch, s.Terms, s.Words, s.Entities
	in.Title = x.titleTerms(s.Title)
	x.judge.Fold(in, verdict(s))
	if s.Epoch == x.epoch {
		x.next, x.clean = s.Off+1, true
	}
	return nil
}

func (x *index) input(d *news.Document) *judge.Input {
	in := &judge.Input{TextRank: news.TextRank(d.TextFrom), Text: d.Text}
	in.ID, in.SeenAt, in.TS, in.Source, in.Language = uint64(d.ID), d.SeenAt, d.TS, d.Source, d.Language
	in.BodyHash, in.Sketch, in.Terms, in.Words = uint64(d.BodyHash), d.Sketch, d.Terms, d.Words
	in.Title = x.titleTerms(d.Title)
	for i := range d.Mentions {
		in.Entities = append(in.Entities, strings.Split(d.Mentions[i].EntityID, "\x00")...) // as they are read back
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

// decided is what the judge has to hear of an article that was decided a
// moment ago.
func decided(in *judge.Input, v judge.Verdict) *judge.Known {
	return &judge.Known{
		Revision: v.Revision, BodyHash: in.BodyHash, Words: in.Words, TextRank: in.TextRank, SeenAt: in.SeenAt,
		CopyOf: v.CopyOf, Story: v.Story, Similarity: v.Similarity,
	}
}

// millis is the precision in which times are stored, and so judged.
func millis(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }
