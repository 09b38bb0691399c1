// Package land puts documents, fetches, alerts and knowledge into ClickHouse,
// each exactly once, and decides of every document whether it is new, the
// same, a revision or a copy, and which story it belongs to.
//
// The protocol, for each partition: note the pending range [from, to) in the
// metadata of the committed offset; insert the rows of each table under a
// token made of topic, epoch, partition, from and to; commit to. Whoever finds
// a pending range replays just that range: what `articles` holds already is
// adopted as decided, everything is sent under the original token first, then
// the offsets are checked, and only what is still missing goes under a second
// token. docs/delivery.md has the reasons.
//
// Every lander follows the decisions of the one that owns `documents`, so that
// it can take over at once.
package land

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/prometheus/client_golang/prometheus"
)

// GroupName is the consumer group of all landers of an edition.
const GroupName = "land"

// Config of the land stage.
type Config struct {
	Batch int           `yaml:"batch"` // documents an insert holds at most
	Grace time.Duration `yaml:"grace"` // for the work in hand on shutdown
	Judge judge.Config  `yaml:"judge"`
}

// DefaultConfig of the land stage.
func DefaultConfig() Config {
	return Config{Batch: 500, Grace: 8 * time.Second, Judge: judge.DefaultConfig()}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.Batch < 1 || c.Batch > 10000 {
		errs = append(errs, fmt.Errorf("land.batch is %d, want 1 to 10000", c.Batch))
	}
	if c.Grace < 0 {
		errs = append(errs, fmt.Errorf("land.grace is %v, want 0 or more", c.Grace))
	}
	return errors.Join(append(errs, c.Judge.Validate())...)
}

// Lander is one member of the group.
type Lander struct {
	cfg    Config
	bus    *bus.Bus
	store  *store.Store
	logs   logs   // is bus
	rows   rows   // is store
	epochs epochs // is store
	log    *slog.Logger
	now    func() time.Time
	wait   func(ctx context.Context, d time.Duration, over <-chan struct{}) error
	m      *metrics

	// What is known of the documents so far is kept from one generation to the
	// next. Who works on it, the owner of the partition or the follower, holds
	// a place in busy.
	documents *documents
	busy      chan struct{}
	yield     atomic.Pointer[context.CancelFunc] // stops the follower at the next row

	// before is called before the insert of each batch of a plan, and once more
	// before the dead letters and the commit, with the number of the batch and
	// of its rows. Drills and tests crash there.
	before func(ctx context.Context, batch, rows int)
}

// New prepares a lander. now is the clock for landed_at alone.
func New(cfg Config, b *bus.Bus, s *store.Store, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Lander {
	l := &Lander{cfg: cfg, bus: b, store: s, logs: kafka{b}, rows: s, epochs: s, log: log, now: now, wait: wait, m: newMetrics(reg),
		busy: make(chan struct{}, 1), before: func(context.Context, int, int) {}}
	l.documents = newDocuments(cfg, s, s, s, l.m)
	l.documents.forget.store = s
	return l
}

// BetweenInserts sets a function that is called between the insert of a
// batch's articles and that of its mentions, the moment at which a crash hurts
// most. It is for drills, and set before Run.
func (l *Lander) BetweenInserts(f func()) {
	if f == nil {
		return
	}
	l.before = func(_ context.Context, batch, rows int) {
		if batch == 1 && rows > 0 {
			f()
		}
	}
}

// Run lands until ctx ends and the work in hand is finished.
func (l *Lander) Run(ctx context.Context) error {
	fctx, stop := context.WithCancel(ctx)
	followed := make(chan struct{})
	go func() {
		defer close(followed)
		l.follow(fctx)
	}()
	err := l.bus.Consume(ctx, bus.Group{
		Name:   GroupName,
		Topics: []string{news.TopicDocuments, news.TopicFetches, news.TopicAlerts, news.TopicKnowledge},
		Handle: l.partition,
		Grace:  l.cfg.Grace,
	})
	stop()
	<-followed
	return err
}

func (l *Lander) partition(ctx context.Context, a *bus.Assigned) error {
	p := &partition{Lander: l, a: a, topic: a.Topic, id: a.ID, log: l.log.With("topic", a.Topic, "partition", a.ID)}
	switch a.Topic {
	case news.TopicDocuments:
		release, err := l.claim(ctx)
		if err != nil {
			return nil
		}
		defer release()
		p.planner, p.main, p.held = l.documents, store.Articles, &l.documents.held
		defer p.attend(ctx, l.documents)()
		p.exchange(l.documents, l.store)
	case news.TopicFetches:
		p.planner, p.main = fetchesOnce(l.store), store.Fetches
	case news.TopicAlerts:
		p.planner, p.main = alertsOnce(l.store), store.Alerts
	case news.TopicKnowledge:
		p.planner, p.main = plain[news.Knowledge, *news.Knowledge]{knowledgeRows, sameKnowledge}, store.Changes
	default:
		return fmt.Errorf("no sink for topic %s", a.Topic)
	}
	return p.run(ctx)
}

// claim takes the state of the documents from the follower.
func (l *Lander) claim(ctx context.Context) (release func(), err error) {
	ask := time.NewTicker(20 * time.Millisecond)
	defer ask.Stop()
	for {
		if y := l.yield.Load(); y != nil {
			(*y)()
		}
		select {
		case l.busy <- struct{}{}:
			return func() { <-l.busy }, nil
		case <-ask.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// followEvery is how far behind its owner a process that follows may be.
const followEvery = 2 * time.Second

// follow folds along while another process owns the documents, whatever else
// this one owns.
func (l *Lander) follow(ctx context.Context) {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	var trouble patience
	for ctx.Err() == nil {
		fctx, cancel := context.WithCancel(ctx)
		l.yield.Store(&cancel)
		err := l.catchUp(fctx)
		if err != nil && fctx.Err() == nil {
			if trouble.worth() {
				l.log.Warn("cannot follow the documents", "err", err, "tries", trouble.tries)
			}
		} else {
			trouble = patience{}
		}
		cancel()
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (l *Lander) catchUp(ctx context.Context) error {
	select {
	case l.busy <- struct{}{}:
		defer func() { <-l.busy }()
	default: // owned here
		return nil
	}
	committed, _, err := l.bus.Committed(ctx, GroupName, news.TopicDocuments, 0)
	if err != nil || committed < 0 {
		return err
	}
	epoch, err := l.store.Epoch(ctx)
	if err != nil {
		return err
	}
	return l.documents.restore(ctx, epoch, 0, uint64(committed))
}

// patience waits longer from try to try, and tells more and more seldom.
type patience struct{ tries int }

const (
	firstWait = 100 * time.Millisecond
	lastWait  = 5 * time.Second
)

// worth counts a try, and tells whether it is worth a line in the log.
func (w *patience) worth() bool {
	w.tries++
	return w.tries&(w.tries-1) == 0
}

// next is how long to wait before the next try.
func (w *patience) next() time.Duration { return min(firstWait<<min(w.tries, 10), lastWait) }

// wait ends early where ctx ends or over is closed.
func wait(ctx context.Context, d time.Duration, over <-chan struct{}) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-over:
		return context.Canceled
	case <-t.C:
		return nil
	}
}
