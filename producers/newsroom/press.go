package newsroom

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"
)

// Publish publishes k invented articles, or revisions of such, at the clock's
// now. It publishes none where all outlets are those of a corpus.
func (n *Newsroom) Publish(k int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.invents() {
		return
	}
	at := n.cfg.Now()
	for range k {
		n.publish(at)
	}
}

func (n *Newsroom) publish(at time.Time) {
	if at.Before(n.lastAt) { // a clock set back must not reorder feeds
		at = n.lastAt
	}
	n.lastAt = at
	p := n.desk.next(at)
	n.out(p, at)
	if k := n.world.outlets[p.outlet].kind; k != nil {
		for range k.burst - 1 {
			n.out(n.desk.to(p.outlet, at), at)
		}
	}
}

// out writes a piece, records it and puts it into its feed.
func (n *Newsroom) out(p piece, at time.Time) {
	// Only publish appends, so reading records without the ledger's lock is
	// safe here: pieces and titles never change once they are in.
	n.chain = chainOf(n.ledger.records, p, n.chain[:0])
	m := n.author.write(n.chain, n.words(p.outlet))
	p.beat = uint8(m.beat)
	urlTitle := m.title
	if p.kind == kindRevision {
		urlTitle = n.ledger.records[p.base].title
	}
	a := n.world.outlets[p.outlet].dress(m, &p, urlTitle)
	index := n.ledger.append(record{piece: p, title: a.title, bodyHash: a.hash(), entities: m.entities()})
	if p.kind != kindRevision {
		n.pageMu.Lock()
		n.pages[p.id] = index
		n.pageMu.Unlock()
	}
	n.place(a, index, p, at)
}

// place puts what was published into its feed.
func (n *Newsroom) place(a *article, index int32, p piece, at time.Time) {
	w := &n.windows[p.outlet]
	size := n.cfg.Window
	if w.outlet.window > 0 {
		size = w.outlet.window
	}
	w.mu.Lock()
	w.put(a, index, p.base, at, size, n.ledger)
	n.shelf.note(w)
	w.mu.Unlock()
	n.shelf.sweep()
}

// load writes the articles of a window anew that were dropped. The caller
// holds its lock.
func (n *Newsroom) load(w *window) {
	for i := range w.items {
		if it := &w.items[i]; it.article == nil {
			it.article = n.write(it.version)
			w.texts += it.size()
		}
	}
}

// write writes a version of an article anew.
func (n *Newsroom) write(version int32) *article {
	n.ledger.mu.RLock()
	r := &n.ledger.records[version]
	p, title, url := r.piece, n.ledger.records[r.base].title, r.url
	if url != "" {
		n.ledger.mu.RUnlock()
		return n.reprint(&p, url)
	}
	chain := chainOf(n.ledger.records, p, nil)
	n.ledger.mu.RUnlock()
	author := n.authors.Get().(*author)
	defer n.authors.Put(author)
	return n.world.outlets[p.outlet].dress(author.write(chain, n.words(p.outlet)), &p, title)
}

// words is the mean length of an outlet's articles.
func (n *Newsroom) words(outlet int32) int {
	if k := n.world.outlets[outlet].kind; k != nil && k.words > 0 {
		return k.words
	}
	return n.cfg.Words
}

// chainOf is a piece followed by what it was made of, back to an original.
func chainOf(records []record, p piece, into []piece) []piece {
	for {
		into = append(into, p)
		if p.of < 0 {
			return into
		}
		p = records[p.of].piece
	}
}

func (n *Newsroom) invents() bool { return n.cfg.Outlets > 0 || len(n.desk.bad) > 0 }

// Run publishes until ctx ends, invented articles at cfg.Rate, their arrivals a
// Poisson process of the newsroom's seed, and those of the corpus when their
// time has come. It returns nil when ctx ends, at once when there is nothing to
// publish, and an error when the corpus cannot be read any more.
func (n *Newsroom) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	if n.cfg.Rate > 0 && n.invents() {
		g.Go(func() error { n.invent(ctx); return nil })
	}
	if n.corpus != nil {
		g.Go(func() error { return n.replayAll(ctx) })
	}
	return g.Wait()
}

// replayAll publishes the corpus.
func (n *Newsroom) replayAll(ctx context.Context) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		next, err := n.PublishDue()
		if err != nil {
			return err
		}
		pause := time.Hour // all is out: its feeds are served on
		if !next.IsZero() {
			pause = min(max(next.Sub(n.cfg.Now()), beat), time.Minute)
		}
		timer.Reset(pause)
	}
}

const beat = 10 * time.Millisecond // many arrivals share one wake-up

// invent publishes at cfg.Rate.
func (n *Newsroom) invent(ctx context.Context) {
	r := &rng{mix(n.cfg.Seed, 71)}
	next := n.cfg.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		now := n.cfg.Now()
		if now.Sub(next) > 5*time.Second {
			next = now.Add(-5 * time.Second) // after a stop of the machine, no flood
		}
		n.mu.Lock()
		for !next.After(now) && ctx.Err() == nil {
			n.publish(next)
			rate := n.cfg.Rate
			if n.cfg.Diurnal {
				rate *= profile(next)
			}
			next = next.Add(time.Duration(r.exp() / rate * float64(time.Second)))
		}
		n.mu.Unlock()
		timer.Reset(max(beat, next.Sub(now)))
	}
}
