package poll

import (
	"container/heap"
	"context"
	"errors"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// loop starts what is due, one fetch a feed, and takes in what comes of it,
// until ctx ends, or until stopping closes and nothing is under way.
func (p *partition) loop(ctx context.Context, stopping <-chan struct{}, changes <-chan bus.Message) error {
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer p.unchoose()
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
			if len(m.Value) == 0 {
				p.forget(ctx, string(m.Key))
			}
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
	switch {
	case p.chosen != nil:
		return max(0, p.held.Sub(p.now()))
	case len(p.queue) == 0:
		return time.Hour
	}
	return max(0, p.queue[0].next.Sub(p.now()))
}

// startDue starts the fetch of one feed that is due and whose host may be
// asked, in the slot that the caller has taken. Feeds whose host may not are put
// off. A feed that may be asked waits where the budget of all feeds is used up.
func (p *partition) startDue(ctx context.Context) bool {
	now := p.now()
	if p.chosen == nil {
		p.choose(now)
	}
	if p.chosen == nil {
		return false
	}
	if wait := p.budget.Take(now); wait > 0 {
		p.held = now.Add(wait)
		return false
	}
	e, release := p.chosen, p.release
	p.chosen, p.release = nil, nil
	p.m.lag.Observe(now.Sub(e.due).Seconds())
	sub := e.sub
	go func() {
		v := p.work(ctx, e, sub, release)
		<-p.slots
		p.done <- v
	}()
	return true
}

// choose takes the first feed that is due and whose host may be asked out of the
// queue.
func (p *partition) choose(now time.Time) {
	for len(p.queue) > 0 && !p.queue[0].next.After(now) {
		e := p.queue[0]
		release, wait := p.client.Acquire(p.target(e.state, e.sub))
		if release != nil {
			heap.Pop(&p.queue)
			p.chosen, p.release, p.held = e, release, now
			return
		}
		// Others wait for the same host: they should not all ask again at once.
		e.next = now.Add(max(time.Duration(float64(wait)*(1+0.5*p.random())), 10*time.Millisecond))
		heap.Fix(&p.queue, 0)
	}
}

// unchoose gives the chosen feed up.
func (p *partition) unchoose() {
	if p.chosen != nil {
		p.release()
		p.chosen, p.release = nil, nil
	}
}

// work visits a feed and stores the items and the record of the fetch first,
// then the state that remembers both: a crash in between repeats them, and
// never loses one. The caller's slot is held until Kafka has the items: while
// Kafka is away, what was fetched must not pile up here.
func (p *partition) work(ctx context.Context, e *feedEntry, sub *news.Feed, release func()) visited {
	began := time.Now() // of the machine: see unsure
	o := p.visit(ctx, e, sub)
	release()
	if ctx.Err() != nil {
		return visited{e, o, errMoved}
	}
	record := bus.Message{
		Topic: news.TopicFetches, Key: []byte(o.fetch.FeedURL), Value: news.Encode(&o.fetch), Time: o.fetch.At, Headers: headers(),
	}
	if len(o.publish) == 0 && !o.fetch.Gap {
		notes := append(o.note(), record)
		p.courier.leave(ctx, p.ownerOf(notes), began, notes...)
		return visited{e, o, nil}
	}
	if err := p.courier.send(ctx, append(o.publish, record)); err != nil {
		return visited{e, o, err}
	}
	p.courier.leave(ctx, p, began, o.note()...)
	return visited{e, o, nil}
}

// ownerOf says who has to own what is left to be stored: records of fetches
// alone are everybody's.
func (p *partition) ownerOf(notes []bus.Message) owner {
	if len(notes) > 1 {
		return p
	}
	return nil
}

func headers() map[string]string { return map[string]string{"stage": GroupName} }

// note gives the state to be stored, if it is.
func (o *outcome) note() []bus.Message {
	if !o.write {
		return nil
	}
	st := o.state
	st.Seen = o.seen
	return []bus.Message{{Topic: news.TopicFeedState, Key: []byte(st.URL), Value: news.Encode(&st), Headers: headers()}}
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
		p.schedule(e, p.now().Add(max(o.state.NextPoll.Sub(o.fetch.At), p.cfg.MinInterval)))
		return
	}
	p.report(e, o)
	st := o.state
	e.state, e.seen, e.body, e.suspect, e.name, e.damaged = &st, o.seen, o.body, o.suspect, o.name, o.damaged
	if o.write {
		e.written = o.fetch.At
	}
	if st.Gone {
		p.plan(e, 0)
		return
	}
	p.plan(e, st.NextPoll.Sub(o.fetch.At))
	p.schedule(e, st.NextPoll)
}

// report counts what a visit has brought, and logs what people should know: the
// beginning and the end of trouble, and not what lies between.
func (p *partition) report(e *feedEntry, o *outcome) {
	p.m.fetches.WithLabelValues(o.class).Inc()
	kind := "new"
	if !e.state.Filled {
		kind = "backlog"
	}
	for k, n := range map[string]int{kind: o.fresh, "changed": o.changed, "nameless": o.nameless, "beyond": o.beyond, "repeated": o.repeated} {
		if n > 0 {
			p.m.articles.WithLabelValues(k).Add(float64(n))
		}
	}
	log, was, is := p.log.With("feed", e.sub.URL), e.state, &o.state
	if o.fetch.Gap {
		p.m.gaps.Inc()
		log.Warn("items may have been missed: none of the newest of the last poll is still in the feed", "expected", o.fetch.Expected, "new", o.fetch.NewItems)
	}
	switch {
	case o.fetch.Error != "" && was.Failures == 0 && is.Failures > 0:
		log.Warn("feed fails", "err", o.fetch.Error)
	case is.Failures == 0 && was.Failures > 0 && was.Filled:
		log.Info("feed answers again", "failed", was.Failures)
	}
	if is.Lies && !was.Lies {
		log.Warn("the server answers 304 Not Modified though the feed has changed; it is asked without conditions from now on, and tested again every week")
	}
	if is.Churns && !was.Churns {
		log.Warn("the feed gives the same items new GUIDs; they are told apart by link, title and date from now on")
	}
	switch {
	case is.Silent && !was.Silent:
		p.m.silent.Inc()
		log.Warn("feed is silent: it brings nothing new though it used to; look at it in a browser", "last_new", is.LastNew, "missing", o.fetch.Missing)
	case !is.Silent && was.Silent:
		p.m.silent.Dec()
		log.Info("feed is no longer silent", "last_new", is.LastNew)
	}
}

// forget clears the state of a feed which was removed: a visit may have left
// one meanwhile.
func (p *partition) forget(ctx context.Context, url string) {
	if p.feeds[url] == nil {
		p.courier.leave(ctx, nil, time.Time{}, bus.Message{Topic: news.TopicFeedState, Key: []byte(url), Headers: headers()})
	}
}
