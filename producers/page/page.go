// Package page fetches the pages of articles of which a feed gave only a
// teaser, and publishes each such article once more with the text of its page.
//
// It consumes `articles` in a group of its own and takes those that want their
// page. What it publishes is the same article, with the id, address and dates
// that its feed gave it: Content is the page's text, TextFrom says so, SeenAt
// is when the text was here, and WantPage is gone. Whether that is a revision
// is for the land stage to decide.
//
// It stands beside the stream. Sites are asked one request at a time, as their
// robots.txt allows; what waits for one site never delays another. An article
// whose page cannot be had, or gives no text of it, stays as it is, counted by
// the reason. It is at-least-once: after a crash the pages in hand are fetched
// again, and no others.
package page

import (
	"context"
	"log/slog"
	"runtime"
	"sync"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/prometheus/client_golang/prometheus"
)

// GroupName is the consumer group of all page fetchers of an edition.
const GroupName = "page"

// Client fetches, and says what a site allows.
type Client interface {
	Do(ctx context.Context, r fetch.Request) (*fetch.Response, error)
	Acquire(url string) (release func(), wait time.Duration)
	Robots(ctx context.Context, url string) (*fetch.Rules, error)
}

// Pager is one member of the group.
type Pager struct {
	cfg        Config
	bus        *bus.Bus
	client     Client
	log        *slog.Logger
	now        func() time.Time
	m          *metrics
	extractors chan struct{}

	extractor   func(page []byte, contentType, address string, want claim) (string, error)
	extractTime time.Duration
	wake        chan struct{} // the desk has changed

	mu     sync.Mutex // of what follows, and of every window
	desk   *desk
	recent recent
	warned time.Time // when it was last said that pages are given up
}

type metrics struct {
	articles *prometheus.CounterVec // result
	requests *prometheus.CounterVec // result
	read     prometheus.Histogram
	delay    prometheus.Histogram
	lag      *prometheus.GaugeVec
}

// New prepares a page fetcher.
func New(cfg Config, b *bus.Bus, c Client, log *slog.Logger, reg prometheus.Registerer, now func() time.Time) *Pager {
	readers := cfg.Extractors
	if readers == 0 {
		readers = max(1, runtime.GOMAXPROCS(0)/2)
	}
	p := &Pager{
		cfg: cfg, bus: b, client: c, log: log, now: now, extractors: make(chan struct{}, readers),
		extractor: extract, extractTime: extractTime,
		wake: make(chan struct{}, 1), desk: newDesk(cfg.Workers), recent: newRecent(),
		m: &metrics{
			articles: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_page_articles_total", Help: "Articles whose page was wanted, by result: text, or why there is none."}, []string{"result"}),
			requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "dateline_page_requests_total", Help: "Requests for pages, by result or class of error."}, []string{"result"}),
			read:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dateline_page_extract_seconds", Help: "Time to find the text of one page.", Buckets: prometheus.ExponentialBuckets(0.001, 3, 9)}),
			delay:    prometheus.NewHistogram(prometheus.HistogramOpts{Name: "dateline_page_delay_seconds", Help: "From the article to the text of its page.", Buckets: prometheus.ExponentialBuckets(0.1, 4, 10)}),
			lag:      prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "dateline_page_lag", Help: "Articles that were not looked at yet."}, []string{"partition"}),
		},
	}
	gauge := func(name, help string, f func(tasks, hosts int) int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			p.mu.Lock()
			defer p.mu.Unlock()
			return float64(f(p.desk.waiting()))
		})
	}
	reg.MustRegister(p.m.articles, p.m.requests, p.m.read, p.m.delay, p.m.lag,
		gauge("dateline_page_waiting", "Articles that wait for their page.", func(tasks, _ int) int { return tasks }),
		gauge("dateline_page_hosts", "Sites that articles wait for.", func(_, hosts int) int { return hosts }))
	return p
}

// Run fetches until ctx ends and the pages in hand are done.
func (p *Pager) Run(ctx context.Context) error {
	dctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.dispatch(dctx)
	}()
	err := p.bus.Consume(ctx, bus.Group{Name: GroupName, Topics: []string{news.TopicArticles}, Handle: p.partition, Grace: p.cfg.Grace})
	stop()
	<-ended
	return err
}

// dispatch hands tasks out until ctx ends, and waits for those under way.
func (p *Pager) dispatch(ctx context.Context) {
	const look = time.Second // so that a clock that jumps does no harm
	var work sync.WaitGroup
	defer work.Wait()
	timer := time.NewTimer(look)
	defer timer.Stop()
	swept := p.now()
	for ctx.Err() == nil {
		now := p.now()
		p.mu.Lock()
		t, wait := p.desk.next(now)
		if t != nil {
			t.owner.busy++
		}
		if now.Sub(swept) > time.Minute {
			p.desk.sweep(now)
			swept = now
		}
		p.mu.Unlock()
		if t != nil {
			work.Go(func() { p.work(t) })
			continue
		}
		if wait == 0 || wait > look {
			wait = look
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-p.wake:
		case <-ctx.Done():
		}
	}
}

func (p *Pager) stir() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// work does one task.
func (p *Pager) work(t *task) {
	o := p.visit(t.owner.ctx, t)
	p.mu.Lock()
	w := t.owner
	p.desk.end()
	w.busy--
	switch {
	case o.result != "":
		p.m.articles.WithLabelValues(o.result).Inc()
		w.done(t)
		p.recent.add(t, p.now())
	case !w.closed && w.ctx.Err() == nil:
		t.at = o.again
		p.desk.add(t)
	}
	w.signal()
	p.mu.Unlock()
	p.stir()
}

// recent remembers which articles were done a moment ago. One that stands in
// several feeds has its page fetched once; one that changes has it fetched
// again, but not at once: editors correct what they have just published, and
// of revisions that follow each other so closely land keeps one.
type recent struct {
	done  map[news.ID]visited
	queue []news.ID
}

type visited struct {
	at      time.Time
	version uint64 // of what the feed gave
}

const (
	recentFor = 10 * time.Minute
	maxRecent = 10_000
)

func newRecent() recent { return recent{done: map[news.ID]visited{}} }

func (r *recent) add(t *task, now time.Time) {
	if _, has := r.done[t.id]; !has {
		r.queue = append(r.queue, t.id)
	}
	r.done[t.id] = visited{now, t.version}
	for len(r.queue) > maxRecent || len(r.queue) > 0 && now.Sub(r.done[r.queue[0]].at) > recentFor {
		delete(r.done, r.queue[0])
		r.queue = r.queue[1:]
	}
}

// check tells whether the very version was done a moment ago, or else before
// when another one is not to be done.
func (r *recent) check(t *task, now time.Time) (done bool, until time.Time) {
	v, has := r.done[t.id]
	if !has || now.Sub(v.at) > recentFor {
		return false, time.Time{}
	}
	return v.version == t.version, v.at.Add(recentFor)
}
