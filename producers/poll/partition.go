package poll

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// partition polls the feeds of one partition for one generation. All its fields
// belong to the goroutine of loop; visits get what they need by value.
type partition struct {
	*Poller
	id     int
	rng    *rand.Rand
	feeds  map[string]*feedEntry
	states map[string]*news.FeedState // of feeds that have not been seen in the topic yet
	newer  map[string]bool            // feeds that a later version looks after
	queue  queue
	done   chan visited
	tidy   sync.WaitGroup
}

type visited struct {
	e   *feedEntry
	o   *outcome
	err error // of publishing: nothing of the visit may be remembered
}

func (p *Poller) partition(ctx context.Context, a *bus.Assigned) error {
	pt := &partition{
		Poller: p, id: a.ID, rng: newRand(), done: make(chan visited),
		feeds: map[string]*feedEntry{}, states: map[string]*news.FeedState{}, newer: map[string]bool{},
	}
	if err := pt.readStates(ctx); err != nil {
		return err
	}
	end, err := p.bus.ReadAll(ctx, news.TopicFeeds, a.ID, func(m bus.Message) error { pt.change(m); return nil })
	if err != nil {
		return fmt.Errorf("read feeds: %w", err)
	}
	pt.states = nil
	defer func() { p.m.feeds.Sub(float64(len(pt.feeds))) }()

	fctx, stop := context.WithCancelCause(ctx)
	changes := make(chan bus.Message)
	var following sync.WaitGroup
	following.Go(func() {
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
	err = pt.loop(fctx, a.Stopping(), changes)
	pt.tidy.Wait()
	stop(nil)
	following.Wait()
	return err
}

// readStates reads what is remembered of this partition's feeds.
func (p *partition) readStates(ctx context.Context) error {
	_, err := p.bus.ReadAll(ctx, news.TopicFeedState, p.id, func(m bus.Message) error {
		url := string(m.Key)
		delete(p.states, url)
		delete(p.newer, url)
		if len(m.Value) == 0 {
			return nil
		}
		st, err := news.Decode[news.FeedState](m.Value)
		switch {
		case errors.Is(err, news.ErrNewer):
			p.newer[url] = true
		case err != nil || st.URL != url:
			p.log.Warn("a feed's state cannot be read; it is polled afresh, and land tells what is known",
				"partition", p.id, "offset", m.Offset, "err", err)
		default:
			p.states[url] = st
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read feed states: %w", err)
	}
	return nil
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
		// Its state would be overwritten by one that knows less.
		p.log.Error("a feed belongs to a later version of dateline and is not polled here; upgrade this process", "feed", url)
		p.remove(url)
		return
	}
	if err == nil && f.URL != url {
		err = fmt.Errorf("%w: its key is another address, %.200q", news.ErrForeign, url)
	}
	if err != nil {
		p.log.Error("a subscription cannot be read and is not polled", "partition", p.id, "offset", m.Offset, "err", err)
		return
	}
	if e := p.feeds[url]; e != nil {
		e.sub = f
		if e.state.Gone && e.index < 0 {
			p.revive(e)
		}
		return
	}
	st := &news.FeedState{V: news.Version, URL: url}
	if known := p.states[url]; known != nil {
		*st = *known // the log may add the feed a second time
	}
	e := &feedEntry{sub: f, state: st, seen: decodeSeen(st.Seen), index: -1}
	st.Seen = nil
	p.feeds[url] = e
	p.m.feeds.Inc()
	if st.Gone {
		p.revive(e)
		return
	}
	p.schedule(e, first(p.cfg, st, p.now(), p.rng))
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
	delete(p.feeds, url)
	p.m.feeds.Dec()
}

func (p *partition) schedule(e *feedEntry, at time.Time) {
	e.due, e.next = at, at
	heap.Push(&p.queue, e)
}

// loop starts what is due, one fetch a feed, and takes in what comes of it,
// until ctx ends, or until stopping closes and nothing is under way.
func (p *partition) loop(ctx context.Context, stopping <-chan struct{}, changes <-chan bus.Message) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	under := 0
	for stopping != nil || under > 0 {
		// While a feed is due, the next free slot is waited for and no time.
		var slot chan<- struct{}
		if wait := p.untilDue(); stopping == nil {
			timer.Stop()
		} else if wait > 0 {
			timer.Reset(wait)
		} else {
			timer.Stop()
			slot = p.slots
		}
		select {
		case <-ctx.Done():
			// The partition is lost: what is in hand is dropped. Its items
			// are found again by whoever polls next.
			for range under {
				<-p.done
			}
			if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
				return cause
			}
			return nil
		case <-stopping:
			stopping = nil
		case slot <- struct{}{}:
			if p.startDue(ctx) {
				under++
			} else {
				<-p.slots
			}
		case m := <-changes:
			p.change(m)
		case v := <-p.done:
			under--
			p.settle(ctx, v)
		case <-timer.C:
		}
	}
	return nil
}

// untilDue is how long nothing has to be started; 0 where something is due.
func (p *partition) untilDue() time.Duration {
	if len(p.queue) == 0 {
		return time.Hour
	}
	return max(0, p.queue[0].next.Sub(p.now()))
}

// startDue starts the fetch of one feed that is due and whose host may be
// asked, in the slot that the caller has taken. Feeds whose host may not are put
// off.
func (p *partition) startDue(ctx context.Context) bool {
	now := p.now()
	for len(p.queue) > 0 && !p.queue[0].next.After(now) {
		e := p.queue[0]
		release, wait := p.client.Acquire(e.sub.URL)
		if release == nil {
			e.next = now.Add(max(wait, 10*time.Millisecond))
			heap.Fix(&p.queue, 0)
			continue
		}
		heap.Pop(&p.queue)
		p.m.lag.Observe(now.Sub(e.due).Seconds())
		sub := e.sub
		go func() {
			o := p.visit(ctx, e, sub)
			release()
			// The slot is held until Kafka has it all: while Kafka is away,
			// what was fetched must not pile up here.
			err := p.publish(ctx, o)
			<-p.slots
			p.done <- visited{e, o, err}
		}()
		return true
	}
	return false
}

// publish stores the items and the record of the fetch first, then the state
// that remembers both: a crash in between repeats them, and never loses one.
func (p *Poller) publish(ctx context.Context, o *outcome) error {
	if ctx.Err() != nil {
		return errMoved
	}
	o.state.NextPoll = o.fetch.At.Add(interval(p.cfg, &o.state, o.hint, newRand()))
	headers := map[string]string{"stage": GroupName}
	msgs := append(o.publish, bus.Message{
		Topic: news.TopicFetches, Key: []byte(o.fetch.FeedURL), Value: news.Encode(&o.fetch), Time: o.fetch.At, Headers: headers,
	})
	if err := p.bus.Publish(ctx, msgs...); err != nil || !o.write {
		return err
	}
	st := o.state
	st.Seen = o.seen.encode()
	return p.bus.Publish(ctx, bus.Message{Topic: news.TopicFeedState, Key: []byte(st.URL), Value: news.Encode(&st), Headers: headers})
}

// settle takes in what a visit has changed, and puts the feed back.
func (p *partition) settle(ctx context.Context, v visited) {
	e, o := v.e, v.o
	if e.removed {
		if o.write && v.err == nil && p.feeds[e.sub.URL] == nil {
			p.forget(ctx, e.sub.URL)
		}
		return
	}
	if v.err != nil {
		if ctx.Err() == nil {
			p.log.Error("what was fetched cannot be stored; the feed is polled again", "feed", e.sub.URL, "err", v.err)
		}
		p.schedule(e, p.now().Add(interval(p.cfg, &o.state, 0, p.rng)))
		return
	}
	p.count(e, o)
	st := o.state
	e.state, e.seen = &st, o.seen
	if !st.Gone {
		p.schedule(e, st.NextPoll)
	}
}

func (p *partition) count(e *feedEntry, o *outcome) {
	p.m.fetches.WithLabelValues(o.class).Inc()
	kind := "new"
	if !e.state.Filled {
		kind = "backlog"
	}
	p.m.articles.WithLabelValues(kind).Add(float64(o.fresh))
	p.m.articles.WithLabelValues("changed").Add(float64(o.changed))
	p.m.articles.WithLabelValues("nameless").Add(float64(o.nameless))
	if o.fetch.Gap {
		p.m.gaps.Inc()
		p.log.Warn("items may have been missed: nothing of the last poll is still in the feed", "feed", e.sub.URL)
	}
	if o.fetch.Error != "" && o.state.Failures == 1 {
		p.log.Warn("feed fails", "feed", e.sub.URL, "err", o.fetch.Error)
	}
}

// forget clears the state that a visit has written of a feed which was removed
// meanwhile.
func (p *partition) forget(ctx context.Context, url string) {
	p.tidy.Go(func() {
		if err := p.bus.Publish(ctx, bus.Message{Topic: news.TopicFeedState, Key: []byte(url)}); err != nil && ctx.Err() == nil {
			p.log.Warn("the state of a removed feed is kept", "feed", url, "err", err)
		}
	})
}
