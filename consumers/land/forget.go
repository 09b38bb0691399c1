package land

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/text"
)

// forgetter keeps out what is to be forgotten.
//
// A tombstone is said in `knowledge`. The owner of the documents puts it in
// force in between two batches, when no range is pending: it writes it to the
// table `forgotten`, and from then on drops what the tombstone covers. What is
// stored already is blanked at leisure; meanwhile the index takes it as blank,
// so that it does not matter whether a process folded a row before or after it
// was.
type forgetter struct {
	store tombstones // nil: nothing is ever forgotten

	rows  map[string]store.TombstoneRow // the newest word on each, by name
	force news.Tombstones
	blank map[news.ID]bool // stored, covered, and maybe not blanked yet
}

// tombstones are those that are in force, and what they cover.
type tombstones interface {
	Tombstones(ctx context.Context) ([]store.TombstoneRow, error)
	Unforgotten(ctx context.Context, list []news.Tombstone) ([]news.ID, error)
}

// load takes over what is in force, and makes the index fold anew where that
// changes what it has folded.
func (f *forgetter) load(ctx context.Context, x *index) error {
	if f.store == nil {
		return nil
	}
	rows, err := f.store.Tombstones(ctx)
	if err != nil {
		return err
	}
	fresh := make(map[string]store.TombstoneRow, len(rows))
	var changed []store.TombstoneRow
	for _, r := range rows {
		name := r.Name()
		fresh[name] = r
		if o, ok := f.rows[name]; !ok || o.Epoch != r.Epoch || o.Said != r.Said {
			changed = append(changed, r)
		}
	}
	if len(changed) == 0 && f.rows != nil {
		return nil
	}
	holding := store.Holding(rows)
	left, err := f.store.Unforgotten(ctx, holding)
	if err != nil {
		return err
	}
	f.rows, f.force, f.blank = fresh, news.NewTombstones(holding), make(map[news.ID]bool, len(left))
	for _, id := range left {
		f.blank[id] = true
	}
	for _, r := range changed {
		if r.Article == 0 || r.Lifted || x.judge.Knows(uint64(r.Article)) {
			x.clean = false
		}
	}
	return nil
}

// covers tells whether a document is to be dropped.
func (f *forgetter) covers(d *news.Document) bool {
	if f.force.Len() == 0 {
		return false
	}
	return f.force.Covers(d.ID, d.Source, d.URL, d.Canonical) || d.Canonical != "" && f.force.Article(news.ID(text.ID(d.Canonical)))
}

// keep parts what is to be landed from what is to be forgotten.
func (f *forgetter) keep(good []decoded[news.Document]) (kept []decoded[news.Document], dropped int) {
	if f.force.Len() == 0 {
		return good, 0
	}
	kept = good[:0]
	for _, m := range good {
		if !f.covers(m.value) {
			kept = append(kept, m)
		}
	}
	return kept, len(good) - len(kept)
}

// blanked gives a row as it is once it has been blanked.
func (f *forgetter) blanked(s *store.Stored) *store.Stored {
	if s.TextFrom != news.FromForgotten && !f.blank[s.ID] {
		return s
	}
	b := *s
	b.TextFrom, b.Title, b.Words, b.BodyHash, b.Sketch, b.Terms, b.Entities = news.FromForgotten, "", 0, 0, nil, nil, nil
	return &b
}

// eraser is the part of forgetting that the owner of the documents does: it
// listens for tombstones, and erases what they cover.
type eraser struct {
	*partition
	documents *documents

	mu    sync.Mutex
	asked []store.TombstoneRow // said, and not in force yet

	wake  chan struct{} // something may have to be erased
	names chan chan error
}

// attend works along with the partition until the function that it returns is
// called.
func (p *partition) attend(ctx context.Context, d *documents) (leave func()) {
	e := &eraser{partition: p, documents: d, wake: make(chan struct{}, 1), names: make(chan chan error)}
	p.between = e.between
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	wg.Go(func() { e.listen(ctx) })
	wg.Go(func() { e.erase(ctx) })
	e.stir()
	return func() {
		cancel()
		wg.Wait()
	}
}

func (e *eraser) stir() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// listen reads all tombstones that are said, and follows `knowledge` for more.
func (e *eraser) listen(ctx context.Context) {
	var trouble patience
	for ctx.Err() == nil {
		end, err := e.bus.ReadAll(ctx, news.TopicKnowledge, 0, e.hear)
		if err == nil {
			trouble = patience{}
			err = e.bus.Follow(ctx, news.TopicKnowledge, 0, end, e.hear)
		}
		if ctx.Err() != nil {
			return
		}
		if trouble.worth() && !errors.Is(err, bus.ErrOutOfRange) {
			e.log.Warn("cannot listen for what is to be forgotten, trying again", "err", err, "tries", trouble.tries)
		}
		_ = e.wait(ctx, trouble.next(), nil) // the loop sees the end
	}
}

// hear takes one message of `knowledge`. One that cannot be read is left to
// the partition that lands the topic.
func (e *eraser) hear(m bus.Message) error {
	if len(m.Value) == 0 {
		return nil
	}
	k, err := news.Decode[news.Knowledge](m.Value)
	if err != nil || k.Type != news.KnowledgeForget {
		return nil
	}
	t, err := news.TombstoneOf(k)
	if err != nil {
		e.log.Warn("a tombstone cannot be read and has no effect", "offset", m.Offset, "err", err)
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, store.TombstoneRow{Tombstone: t, Said: m.Offset})
	return nil
}

// between is called when everything up to p.pos has landed. It puts in force
// what was said since, and lets names be erased, which nothing may refer to
// meanwhile.
func (e *eraser) between(ctx context.Context) error {
	if err := e.enforce(ctx); err != nil {
		return err
	}
	select {
	case done := <-e.names:
		err := e.store.EraseNames(ctx)
		e.documents.entities = nameCache{}
		done <- err
	default:
	}
	return nil
}

func (e *eraser) enforce(ctx context.Context) error {
	e.mu.Lock()
	asked := e.asked
	e.mu.Unlock()
	if len(asked) == 0 {
		return nil
	}
	f := &e.documents.forget
	var fresh []store.TombstoneRow
	for _, r := range asked {
		r.Origin = store.Origin{Epoch: e.epoch, Part: uint16(e.id), Off: uint64(e.pos), LandedAt: e.now()}
		if have, ok := f.rows[r.Name()]; !ok || r.Newer(have) {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) > 0 {
		// No range may be pending: it would be decided otherwise when it is
		// finished by another process.
		if err := e.settle(ctx); err != nil {
			return err
		}
		token := fmt.Sprintf("forget/%d/%d-%d", e.epoch, fresh[0].Said, fresh[len(fresh)-1].Said)
		err := e.store.Insert(ctx, token, store.TombstoneBatch(fresh))
		if err == nil {
			err = f.load(ctx, e.documents.index)
		}
		if err != nil {
			if ctx.Err() == nil {
				e.log.Warn("cannot put tombstones in force yet, trying again", "tombstones", len(fresh), "err", err)
			}
			return nil
		}
		e.log.Info("tombstones are in force", "tombstones", len(fresh), "from", e.pos)
		e.stir()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = e.asked[len(asked):]
	return nil
}

// erase blanks what is stored of what is to be forgotten, whenever there may
// be something, until nothing is left.
func (e *eraser) erase(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.wake:
		}
		var trouble patience
		for {
			left, err := e.step(ctx)
			if ctx.Err() != nil {
				return
			}
			if err == nil && left.None() {
				break
			}
			if err != nil && trouble.worth() {
				e.log.Warn("cannot erase yet what is to be forgotten, trying again", "err", err, "tries", trouble.tries)
			}
			if err == nil {
				e.log.Info("erasing what is to be forgotten", slog.Group("left", "articles", left.Articles, "mentions", left.Mentions, "alerts", left.Alerts, "names", left.Names))
				continue
			}
			if e.wait(ctx, trouble.next(), e.a.Stopping()) != nil {
				return
			}
		}
	}
}

// step erases what is left, and says what was. Names go last: only when the
// mentions are gone can it be told which ones nothing refers to.
func (e *eraser) step(ctx context.Context) (store.Remains, error) {
	rows, err := e.store.Tombstones(ctx)
	if err != nil || len(rows) == 0 {
		return store.Remains{}, err
	}
	holding := store.Holding(rows)
	left, err := e.store.Remains(ctx, holding)
	if err != nil || left.None() {
		return left, err
	}
	if left.Texts() {
		return left, e.store.Erase(ctx, holding)
	}
	done := make(chan error, 1)
	select {
	case e.names <- done:
		return left, <-done
	case <-e.a.Stopping():
		return left, context.Canceled
	case <-ctx.Done():
		return left, ctx.Err()
	}
}
