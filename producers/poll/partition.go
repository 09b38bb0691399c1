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

// partition polls the feeds of one partition for one generation.
type partition struct {
	*Poller
	id    int
	rng   *rand.Rand
	feeds map[string]*feedEntry
	queue queue
	done  chan visited
}

type visited struct {
	e *feedEntry
	o *outcome
}

func (p *Poller) partition(ctx context.Context, a *bus.Assigned) error {
	pt := &partition{Poller: p, id: a.ID, rng: newRand(a.ID), feeds: map[string]*feedEntry{}, done: make(chan visited)}
	states, err := pt.readStates(ctx)
	if err != nil {
		return err
	}
	changes := make(chan bus.Message)
	fctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	end, err := p.bus.ReadAll(ctx, news.TopicFeeds, a.ID, func(m bus.Message) error { pt.change(m, states); return nil })
	if err != nil {
		return err
	}
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
			stop(err)
		}
	})
	defer following.Wait()
	defer func() { p.m.feeds.Sub(float64(len(pt.feeds))) }()
	err = pt.loop(fctx, a, changes)
	stop(nil)
	return err
}

// readStates reads what is remembered of this partition's feeds.
func (p *partition) readStates(ctx context.Context) (map[string]*news.FeedState, error) {
	states := map[string]*news.FeedState{}
	_, err := p.bus.ReadAll(ctx, news.TopicFeedState, p.id, func(m bus.Message) error {
		if len(m.Value) == 0 {
			delete(states, string(m.Key))
			return nil
		}
		st, err := news.Decode[news.FeedState](m.Value)
		if errors.Is(err, news.ErrNewer) {
			return fmt.Errorf("feed-state/%d, offset %d: %w", p.id, m.Offset, err)
		}
		if err != nil {
			p.log.Warn("a feed's state cannot be read; it is polled afresh, and land tells what is known", "partition", p.id, "offset", m.Offset, "err", err)
			return nil
		}
		states[st.URL] = st
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read feed states: %w", err)
	}
	return states, nil
}

// change adds, changes or removes a feed.
func (p *partition) change(m bus.Message, states map[string]*news.FeedState) {
	url := string(m.Key)
	old := p.feeds[url]
	if len(m.Value) == 0 {
		if old != nil {
			old.removed = true
			if old.index >= 0 {
				heap.Remove(&p.queue, old.index)
			}
			delete(p.feeds, url)
			p.m.feeds.Dec()
		}
		return
	}
	f, err := news.Decode[news.Feed](m.Value)
	if err != nil {
		p.log.Error("a subscription cannot be read and is not polled", "partition", p.id, "offset", m.Offset, "err", err)
		return
	}
	if old != nil {
		old.sub = f
		return
	}
	st := states[f.URL]
	if st == nil {
		st = &news.FeedState{V: news.Version, URL: f.URL}
	}
	e := &feedEntry{sub: f, state: st, seen: decodeSeen(st.Seen), next: first(p.cfg, st, p.now(), p.rng)}
	st.Seen = nil
	p.feeds[url] = e
	p.m.feeds.Inc()
	if !st.Gone {
		heap.Push(&p.queue, e)
	} else {
		e.index = -1
	}
}

// loop starts what is due, one fetch a feed, and takes in what comes of it.
func (p *partition) loop(ctx context.Context, a *bus.Assigned, changes <-chan bus.Message) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	stopping := a.Stopping()
	under := 0
	for {
		if stopping != nil {
			under += p.startDue(ctx)
		}
		if stopping == nil && under == 0 {
			return nil
		}
		timer.Reset(p.untilDue())
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
		case m := <-changes:
			p.change(m, nil)
		case v := <-p.done:
			under--
			p.settle(v)
		case <-timer.C:
		}
	}
}

func (p *partition) untilDue() time.Duration {
	if len(p.queue) == 0 {
		return time.Hour
	}
	return max(p.queue[0].next.Sub(p.now()), 5*time.Millisecond)
}

func (p *partition) startDue(ctx context.Context) (started int) {
	now := p.now()
	for len(p.queue) > 0 && !p.queue[0].next.After(now) {
		e := p.queue[0]
		release, wait := p.client.Acquire(e.sub.URL)
		if release == nil {
			e.next = now.Add(max(wait, 10*time.Millisecond))
			heap.Fix(&p.queue, 0)
			continue
		}
		select {
		case p.slots <- struct{}{}:
		default:
			release()
			e.next = now.Add(20 * time.Millisecond)
			heap.Fix(&p.queue, 0)
			continue
		}
		heap.Pop(&p.queue)
		p.m.lag.Observe(now.Sub(e.next).Seconds())
		started++
		sub := e.sub
		go func() {
			o := p.visit(ctx, e, sub)
			release()
			<-p.slots
			if err := p.publish(ctx, o); err != nil {
				o = nil
			}
			p.done <- visited{e, o}
		}()
	}
	return started
}

// publish stores the items first, then the record of the fetch, then the state
// that remembers the items: a crash in between repeats items, and never loses
// one.
func (p *partition) publish(ctx context.Context, o *outcome) error {
	if ctx.Err() != nil {
		return errMoved
	}
	d := interval(p.cfg, &o.state, o.hint, p.rngFor())
	if o.state.Failures > 0 && o.hint > 0 {
		p.client.Block(o.fetch.FeedURL, o.fetch.At.Add(o.hint))
	}
	o.state.NextPoll = o.fetch.At.Add(d)
	msgs := append(o.publish, bus.Message{
		Topic: news.TopicFetches, Key: []byte(o.fetch.FeedURL), Value: news.Encode(&o.fetch), Time: o.fetch.At,
		Headers: map[string]string{"stage": GroupName},
	})
	if err := p.bus.Publish(ctx, msgs...); err != nil {
		return err
	}
	if !o.write {
		return nil
	}
	st := o.state
	st.Seen = o.seen.encode()
	return p.bus.Publish(ctx, bus.Message{Topic: news.TopicFeedState, Key: []byte(st.URL), Value: news.Encode(&st), Headers: map[string]string{"stage": GroupName}})
}

// rngFor gives a goroutine of its own its own source.
func (p *partition) rngFor() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), uint64(p.id))) }

// settle takes in what a visit has changed, and puts the feed back.
func (p *partition) settle(v visited) {
	e, o := v.e, v.o
	if e.removed {
		return
	}
	if o == nil {
		// Publishing failed for good: nothing of the visit may be remembered.
		e.next = p.now().Add(p.cfg.MinInterval)
		heap.Push(&p.queue, e)
		return
	}
	p.m.fetches.WithLabelValues(o.class).Inc()
	kind := "new"
	if !e.state.Filled {
		kind = "backlog"
	}
	p.m.articles.WithLabelValues(kind).Add(float64(o.fresh))
	p.m.articles.WithLabelValues("changed").Add(float64(o.changed))
	if o.fetch.Gap {
		p.m.gaps.Inc()
		p.log.Warn("items may have been missed: nothing of the last poll is still in the feed", "feed", e.sub.URL)
	}
	if o.fetch.Error != "" && o.state.Failures == 1 {
		p.log.Warn("feed fails", "feed", e.sub.URL, "err", o.fetch.Error)
	}
	st := o.state
	st.Seen = nil
	e.state, e.seen, e.next = &st, o.seen, o.state.NextPoll
	if st.Gone {
		return
	}
	heap.Push(&p.queue, e)
}
