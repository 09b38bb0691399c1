package land

import (
	"context"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// library is where texts stand that have landed.
type library interface {
	LatestTexts(ctx context.Context, ids []news.ID, bytes int, r store.Range) (map[news.ID]string, error)
}

// shelf gives the judge the texts that it asks for on one range: those of the
// range from memory, the others from the store. What it is likely to ask for is
// fetched ahead in one query; another one is made only where the range itself
// has brought what changes that.
type shelf struct {
	ctx     context.Context // of the decisions on the range
	library library
	rng     store.Range
	want    []news.ID
	asked   map[news.ID]bool
	stored  map[news.ID]string
	recent  map[news.ID]string
	ids     []uint64
}

func newShelf(ctx context.Context, l library, r store.Range) *shelf {
	return &shelf{ctx: ctx, library: l, rng: r, asked: map[news.ID]bool{}, stored: map[news.ID]string{}, recent: map[news.ID]string{}}
}

// maxAhead bounds the texts that are kept for one range, each of MaxText bytes
// at most; what more the judge asks for is fetched each time.
const maxAhead = 1000

// ask notes what the judge would want to read now.
func (t *shelf) ask(j *judge.Judge, in *judge.Input) {
	t.ids = j.Wants(t.ids[:0], in)
	for _, id := range t.ids {
		if len(t.asked) < maxAhead {
			t.need(news.ID(id))
		}
	}
}

func (t *shelf) need(id news.ID) {
	if !t.asked[id] {
		t.asked[id] = true
		t.want = append(t.want, id)
	}
}

// run fetches what was asked for.
func (t *shelf) run() error {
	if len(t.want) == 0 {
		return nil
	}
	found, err := t.library.LatestTexts(t.ctx, t.want, neardup.MaxText, t.rng)
	if err != nil {
		return err
	}
	for id, text := range found {
		t.stored[id] = text
	}
	t.want = t.want[:0]
	return nil
}

// note keeps a text of the range.
func (t *shelf) note(id news.ID, text string) { t.recent[id] = neardup.Readable(text) }

// Text is what the judge calls.
func (t *shelf) Text(id uint64) (string, error) {
	if text, ok := t.recent[news.ID(id)]; ok {
		return text, nil
	}
	if t.asked[news.ID(id)] {
		return t.stored[news.ID(id)], nil
	}
	if len(t.asked) >= maxAhead {
		found, err := t.library.LatestTexts(t.ctx, []news.ID{news.ID(id)}, neardup.MaxText, t.rng)
		return found[news.ID(id)], err
	}
	t.need(news.ID(id))
	err := t.run()
	return t.stored[news.ID(id)], err
}

// speak settles the language of a document whose text is too short to tell it:
// what its source writes otherwise, since copies are sought within a language.
// A document that has landed keeps the language that is stored.
func (x *index) speak(d *news.Document, landed *store.Stored) {
	if landed != nil {
		d.Language = landed.Language
		return
	}
	if said, ok := x.judge.Speaks(d.Source); ok && d.Guessed {
		d.Language = said
	}
}
