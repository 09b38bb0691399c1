package poll

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// partition polls the feeds of one partition for one generation. Its fields
// belong to the goroutine of loop; visits get what they need by value.
type partition struct {
	*Poller
	id     int
	commit func(ctx context.Context, metadata string) error // fails where the partition has moved
	alive  time.Time                                        // until when somebody polled it before
	feeds  map[string]*feedEntry
	states map[string][]byte // as stored, of feeds that have not been seen in the topic yet
	newer  map[string]bool   // feeds that a later version looks after
	tags   map[string][]string
	queue  queue
	done   chan visited

	chosen  *feedEntry // to be asked next, not in the queue
	release func()     // gives back the leave to ask its host
	held    time.Time  // the budget allows no fetch before
}

type visited struct {
	e   *feedEntry
	o   *outcome
	err error // of publishing: nothing of the visit may be remembered
}

func (p *Poller) newPartition(id int) *partition {
	return &partition{Poller: p, id: id, done: make(chan visited), feeds: map[string]*feedEntry{}, states: map[string][]byte{}, newer: map[string]bool{}, tags: map[string][]string{}}
}

func (p *Poller) partition(ctx context.Context, a *bus.Assigned) error {
	pt := p.newPartition(a.ID)
	defer pt.leave()
	end, err := pt.load(ctx, a)
	if err != nil {
		return err
	}
	fctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	changes := make(chan bus.Message)
	var beside sync.WaitGroup
	beside.Go(func() {
		err := p.bus.Follow(fctx, news.TopicFeeds, a.ID, end, func(m bus.Message) error {
			select {
			case changes <- m:
				return nil
			case <-fctx.Done():
				return fctx.Err()
			}
		})
		if err != nil && fctx.Err() == nil {
			stop(fmt.Errorf("follow feeds: %w", err))
		}
	})
	beside.Go(func() { pt.heartbeat(fctx) })
	err = pt.loop(fctx, a.Stopping(), changes)
	if err == nil && ctx.Err() == nil {
		// The process ends and the partition is still its own: what was left
		// to be stored is, and then the successor is told until when it was
		// polled. It finds out by itself where that fails.
		if p.courier.flush(ctx) == nil {
			_ = pt.keep(ctx)
		}
	}
	stop(nil)
	beside.Wait()
	return err
}

// load reads what is known of a partition: the states, until when they are
// good, and then the feeds. It gives the offset from which feeds change.
func (p *partition) load(ctx context.Context, a *bus.Assigned) (end int64, err error) {
	select {
	case p.loading <- struct{}{}:
		defer func() { <-p.loading }()
	case <-ctx.Done():
		return 0, nil
	}
	_, metadata, err := a.Committed(ctx)
	if err != nil {
		return 0, err
	}
	p.alive = lastAlive(metadata)
	_, err = p.bus.ReadAll(ctx, news.TopicFeedState, a.ID, func(m bus.Message) error {
		if len(m.Value) == 0 {
			delete(p.states, string(m.Key))
		} else {
			p.states[string(m.Key)] = m.Value // read once its last version is here
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("read feed states: %w", err)
	}
	feeds := map[string]bus.Message{}
	end, err = p.bus.ReadAll(ctx, news.TopicFeeds, a.ID, func(m bus.Message) error {
		if len(m.Value) == 0 {
			delete(feeds, string(m.Key))
		} else {
			feeds[string(m.Key)] = m
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("read feeds: %w", err)
	}
	p.commit = func(ctx context.Context, metadata string) error { return a.Commit(ctx, end, metadata) }
	for _, m := range feeds {
		p.change(m)
	}
	p.states = nil
	return end, nil
}

// leave takes everything back that the partition counts for.
func (p *partition) leave() {
	for _, e := range p.feeds {
		p.drop(e)
	}
}

// change adds, changes or removes a feed.
func (p *partition) change(m bus.Message) {
	url := string(m.Key)
	if len(m.Value) == 0 {
		p.remove(url)
		return
	}
	f, err := news.Decode[news.Feed](m.Value)
	if p.newer[url] || errors.Is(err, news.ErrNewer) {
		p.refuse(url)
		return
	}
	if err == nil && f.URL != url {
		err = fmt.Errorf("%w: its key is another address, %.200q", news.ErrForeign, url)
	}
	if err != nil {
		p.log.Error("a subscription cannot be read and is not polled", "partition", p.id, "offset", m.Offset, "err", err)
		return
	}
	f.Tags = p.intern(f.Tags)
	if e := p.feeds[url]; e != nil {
		e.sub = f
		if e.state.Gone && e.index < 0 {
			p.revive(e)
		}
		return
	}
	st, err := p.stored(url)
	if err != nil {
		p.newer[url] = true
		p.refuse(url)
		return
	}
	e := &feedEntry{sub: f, state: st, seen: seen(st.Seen), index: -1, written: st.LastPoll}
	st.Seen = nil
	p.feeds[url] = e
	p.m.feeds.Inc()
	p.note(url, 1)
	if st.Silent {
		p.m.silent.Inc()
	}
	if st.Gone {
		p.revive(e)
		return
	}
	resume(st, p.alive, p.random)
	next, planned := first(p.cfg, st, p.now(), p.random)
	p.plan(e, planned)
	p.schedule(e, next)
}

// refuse leaves a feed to a later version of dateline: its state would be
// overwritten by one that knows less.
func (p *partition) refuse(url string) {
	p.log.Error("a feed belongs to a later version of dateline and is not polled here; upgrade this process", "feed", url)
	p.remove(url)
}

// stored gives what is remembered of a feed; its error is news.ErrNewer alone.
func (p *partition) stored(url string) (*news.FeedState, error) {
	raw, ok := p.states[url]
	if !ok {
		return &news.FeedState{V: news.Version, URL: url}, nil
	}
	delete(p.states, url)
	st, err := news.Decode[news.FeedState](raw)
	if errors.Is(err, news.ErrNewer) {
		return nil, err
	}
	if err != nil || st.URL != url {
		p.log.Warn("a feed's state cannot be read; it is polled afresh, and land tells what is known", "partition", p.id, "feed", url, "err", err)
		return &news.FeedState{V: news.Version, URL: url}, nil
	}
	return st, nil
}

// intern gives equal lists of tags one place in memory.
func (p *partition) intern(tags []string) []string {
	if len(tags) == 0 {
		return nil
	}
	key := strings.Join(tags, "\x00")
	have, ok := p.tags[key]
	if !ok {
		have = slices.Clone(tags)
		p.tags[key] = have
	}
	return have
}

// revive polls a retired feed again if it was subscribed to after that.
func (p *partition) revive(e *feedEntry) {
	if e.sub.Added.After(e.state.LastPoll) {
		st := *e.state
		st.Gone = false // the failure that is left makes the next success be written
		e.state = &st
		p.schedule(e, p.now())
	}
}

func (p *partition) remove(url string) {
	e := p.feeds[url]
	if e == nil {
		return
	}
	e.removed = true
	if e.index >= 0 {
		heap.Remove(&p.queue, e.index)
	}
	if e == p.chosen {
		p.unchoose()
	}
	delete(p.feeds, url)
	p.drop(e)
}

// drop takes back what a feed counts for.
func (p *partition) drop(e *feedEntry) {
	p.m.feeds.Dec()
	p.note(e.sub.URL, -1)
	p.plan(e, 0)
	if e.state.Silent {
		p.m.silent.Dec()
	}
}

// plan tells the budget of the interval at which a feed is polled.
func (p *partition) plan(e *feedEntry, d time.Duration) {
	if e.planned != d {
		p.budget.Plan(e.planned, d)
		e.planned = d
	}
}

func (p *partition) schedule(e *feedEntry, at time.Time) {
	e.due, e.next = at, at
	heap.Push(&p.queue, e)
}
