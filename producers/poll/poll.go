// Package poll watches feeds: it schedules, fetches politely, parses, and
// publishes what is new.
//
// It consumes `feeds` by group and keeps what it must remember in the same
// partition of `feed-state`, which it reads to its end before its first fetch,
// so that a restart or another process goes on where this one stopped. It is
// at-least-once: items are published before the state that says so. Each fetch
// is recorded in `fetches`, with gap set where items may have been missed.
package poll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/prometheus/client_golang/prometheus"
)

// GroupName is the consumer group of all pollers of an edition.
const GroupName = "poll"

// Client fetches, and says when a host may be asked: what it is told by
// Retry-After holds for all feeds of that host.
type Client interface {
	Do(ctx context.Context, r fetch.Request) (*fetch.Response, error)
	Acquire(url string) (release func(), wait time.Duration)
}

// Poller is one member of the group.
type Poller struct {
	cfg    Config
	bus    *bus.Bus
	client Client
	log    *slog.Logger
	now    func() time.Time
	slots  chan struct{} // one for each fetch whose outcome is not stored yet
	m      *metrics
}

type metrics struct {
	fetches  *prometheus.CounterVec // result
	articles *prometheus.CounterVec // kind
	gaps     prometheus.Counter
	feeds    prometheus.Gauge
	lag      prometheus.Histogram
}

// New prepares a poller.
func New(cfg Config, b *bus.Bus, c Client, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Poller {
	m := &metrics{
		fetches:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_poll_fetches_total", Help: "Fetches of feeds, by result or class of error."}, []string{"result"}),
		articles: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_poll_articles_total", Help: "Items published, by kind: new, changed, backlog; nameless ones are left out."}, []string{"kind"}),
		gaps:     prometheus.NewCounter(prometheus.CounterOpts{Name: "dateline_poll_gaps_total", Help: "Polls after which items may have been missed."}),
		feeds:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "dateline_poll_feeds", Help: "Feeds that this process polls."}),
		lag:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dateline_poll_lag_seconds", Help: "How late a poll starts, waits for its host included.", Buckets: prometheus.ExponentialBuckets(0.01, 3, 10)}),
	}
	reg.MustRegister(m.fetches, m.articles, m.gaps, m.feeds, m.lag)
	return &Poller{cfg: cfg, bus: b, client: c, log: log, now: now, slots: make(chan struct{}, cfg.Workers), m: m}
}

// Run polls until ctx ends and the fetches in hand are finished.
func (p *Poller) Run(ctx context.Context) error {
	return p.bus.Consume(ctx, bus.Group{Name: GroupName, Topics: []string{news.TopicFeeds}, Handle: p.partition, Grace: p.cfg.Grace})
}

// statusError puts a refusal into plain words.
func statusError(res *fetch.Response) error {
	hint := "the feed is kept and tried again later"
	switch res.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = "the publisher refuses this client; look whether the address needs a subscription"
	case http.StatusNotFound:
		hint = "look whether the feed has moved, and correct its address"
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		hint = "the publisher asks for fewer requests; they are slowed down"
	}
	return fmt.Errorf("%d %s: %s", res.Status, http.StatusText(res.Status), hint)
}

// newRand gives each goroutine its own source of jitter.
func newRand() *rand.Rand { return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64())) }

var errMoved = errors.New("partition has moved to another process")
