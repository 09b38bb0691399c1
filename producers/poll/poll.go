// Package poll watches feeds: it schedules, fetches politely, parses, and
// publishes what is new.
//
// It consumes `feeds` by group and keeps what it must remember in the same
// partition of `feed-state`, which it reads to its end before its first fetch,
// so that a restart or another process goes on where this one stopped. It is
// at-least-once: items are published before the state that says so. Each fetch
// is recorded in `fetches`: what it brought, what the feed's own rhythm let
// expect, whether items may have been missed, and whether the feed is silent
// longer than it ever is.
package poll

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/rhythm"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/zeebo/xxh3"
)

// GroupName is the consumer group of all pollers of an edition.
const GroupName = "poll"

// Client fetches, and says when a host may be asked: what it is told by
// Retry-After holds for all feeds of that host.
type Client interface {
	Do(ctx context.Context, r fetch.Request) (*fetch.Response, error)
	Acquire(url string) (release func(), wait time.Duration)
}

// Secrets gives what a feed needs to be let in, by the name that the feed gives,
// and what there is to say about the files that hold it.
type Secrets interface {
	Access(name string) (*fetch.Access, error)
	Warnings() []string
}

// Poller is one member of the group.
type Poller struct {
	cfg     Config
	bus     *bus.Bus
	client  Client
	secrets Secrets
	log     *slog.Logger
	now     func() time.Time
	random  func() float64 // in [0, 1), for jitter
	m       *metrics

	probeOne uint64 // of so many polls one is a probe

	budget  *rhythm.Budget // of all partitions
	slots   chan struct{}  // one for each fetch whose outcome is not stored yet
	loading chan struct{}  // one for each partition that is being read
	courier *courier

	mu         sync.Mutex
	subscribed map[uint64]int // hashes of the addresses that this process polls
}

// loadAtOnce is how many partitions are read at once: what is being read takes
// more memory than what is known.
const loadAtOnce = 4

// New prepares a poller. secrets may be nil where no feed names one.
func New(cfg Config, b *bus.Bus, c Client, secrets Secrets, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Poller {
	p := &Poller{
		cfg: cfg, bus: b, client: c, secrets: secrets, log: log, now: now, random: rand.Float64, probeOne: probeOne,
		budget: rhythm.NewBudget(cfg.Budget, cfg.Price), slots: make(chan struct{}, cfg.Workers), loading: make(chan struct{}, loadAtOnce),
		subscribed: map[uint64]int{},
	}
	p.m = newMetrics(reg, p.budget)
	p.courier = newCourier(b, log)
	return p
}

// Run polls until ctx ends and the fetches in hand are finished.
func (p *Poller) Run(ctx context.Context) error {
	// What the last visits bring has to be stored after ctx has ended.
	cctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() { p.courier.run(cctx) })
	err := p.bus.Consume(ctx, bus.Group{Name: GroupName, Topics: []string{news.TopicFeeds}, Handle: p.partition, Grace: p.cfg.Grace})
	stop()
	running.Wait()
	return err
}

// note counts an address among those that this process polls, or not any more.
func (p *Poller) note(url string, n int) {
	h := xxh3.HashString(url)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subscribed[h] += n; p.subscribed[h] <= 0 {
		delete(p.subscribed, h)
	}
}

// polls tells whether this process polls an address.
func (p *Poller) polls(url string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.subscribed[xxh3.HashString(url)] > 0
}

var errMoved = errors.New("partition has moved to another process")
