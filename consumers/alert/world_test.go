package alert

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
	"github.com/prometheus/client_golang/prometheus"
)

// t0 is when the live stream of every world starts.
var t0 = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func hour(h float64) time.Time { return t0.Add(time.Duration(h * float64(time.Hour))) }

// world is an edition with four weeks of imported history, in which some
// entities are mentioned at steady rates.
type world struct {
	t        testing.TB
	bus      *bus.Bus
	store    *store.Store
	clock    atomic.Int64
	rng      *rand.Rand
	articles []*store.ArticleRow
	mentions []store.MentionRow
	next     uint64 // article id and offset

	feeds Subscriptions
	reg   *prometheus.Registry
	stop  func()
}

var usual = []struct {
	entity string
	share  float64 // of all articles
}{
	{"per/ana", .03}, {"per/anna", .01}, {"per/bo", .02}, {"org/mill", .04}, {"org/mono", .03}, {"org/copy", .03},
	{"org/young", .03}, {"org/old", .03}, {"loc/port", .2},
}

const (
	outlets = 20
	hourly  = 24. // articles
)

func newWorld(t testing.TB) *world {
	t.Helper()
	e := enginetest.Start(t)
	cfg := store.DefaultConfig()
	cfg.Addr, cfg.Database, cfg.User, cfg.Password = []string{e.SQL}, e.Database, e.Writer.User, e.Writer.Password
	s, err := store.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	storetest.Migrate(t, s)
	kafka := bus.DefaultConfig()
	kafka.Brokers = e.Kafka
	kafka.Session = 2 * time.Second
	b, err := bus.New(kafka, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	if err := b.EnsureTopics(t.Context(), news.Topics); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, bus: b, store: s, rng: rand.New(rand.NewPCG(1, 2)), next: 1000, stop: func() {}}
	w.clock.Store(t0.UnixMilli())
	w.usually(t0.Add(-28*day), t0, true)
	w.flush()
	return w
}

func (w *world) poisson(mean float64) int {
	n, p := 0, w.rng.Float64()
	for limit := math.Exp(-mean); p > limit; n++ {
		p *= w.rng.Float64()
	}
	return n
}

func outlet(i int) string { return fmt.Sprintf("outlet%d.example", i%outlets) }

// usually publishes what is usual in [from, to).
func (w *world) usually(from, to time.Time, backlog bool) { w.rate(from, to, 1, backlog) }

func (w *world) rate(from, to time.Time, factor float64, backlog bool) {
	const step = 15 * time.Minute
	for at := from; at.Before(to); at = at.Add(step) {
		for range w.poisson(hourly / 4 * factor) {
			var names []string
			for _, u := range usual {
				if w.rng.Float64() < u.share {
					names = append(names, u.entity)
				}
			}
			w.publish(published{at: at.Add(time.Duration(w.rng.Int64N(int64(step)))), source: outlet(w.rng.IntN(outlets)), backlog: backlog, entities: names})
		}
	}
}

// published is one article.
type published struct {
	at       time.Time
	source   string
	backlog  bool // seen at the clock's time then
	copyOf   news.ID
	story    news.ID
	revision uint16
	id       news.ID
	entities []string
}

func (w *world) publish(p published) news.ID {
	w.next++
	if p.id == 0 {
		p.id = news.ID(w.next)
	}
	if p.story == 0 {
		p.story = p.id
	}
	seen := p.at
	if p.backlog {
		seen = time.UnixMilli(w.clock.Load())
	}
	d := &news.Document{
		ID: p.id, URL: "https://" + p.source + "/" + p.id.String(), Source: p.source, Title: "About " + strings.Join(p.entities, " and "),
		Language: "en", SeenAt: seen, TS: p.at, Words: 3, Text: "Some few words.", TextFrom: news.FromFeed, Backlog: p.backlog,
	}
	for _, e := range p.entities {
		kind, name, _ := strings.Cut(e, "/")
		d.Mentions = append(d.Mentions, news.Mention{EntityID: e, Kind: strings.ToUpper(kind), Name: strings.ToUpper(name), N: 1, Surface: name, InTitle: true})
	}
	row := &store.ArticleRow{Origin: store.Origin{Epoch: 1, Off: w.next, LandedAt: seen}, Doc: d, Revision: p.revision, CopyOf: p.copyOf, StoryID: p.story}
	w.articles = append(w.articles, row)
	for i := range d.Mentions {
		w.mentions = append(w.mentions, store.MentionRow{ArticleRow: row, Mention: &d.Mentions[i]})
	}
	return p.id
}

// rise publishes n originals about entities within ten minutes, from different
// sources.
func (w *world) rise(at time.Time, n int, entities ...string) (ids []news.ID) {
	for i := range n {
		ids = append(ids, w.publish(published{at: at.Add(time.Duration(i) * 10 * time.Minute / time.Duration(n)), source: outlet(i), entities: entities}))
	}
	return ids
}

func (w *world) flush() {
	w.t.Helper()
	w.insert(store.ArticleBatch(w.articles), store.MentionBatch(w.mentions))
	w.articles, w.mentions = nil, nil
}

func (w *world) insert(batches ...store.Batch) {
	w.t.Helper()
	for _, b := range batches {
		if err := w.store.Insert(w.t.Context(), "", b); err != nil {
			w.t.Fatal(err)
		}
	}
}

func testConfig() Config {
	cfg := DefaultConfig()
	cfg.Windows = []time.Duration{15 * time.Minute, time.Hour}
	cfg.Tick, cfg.Margin = 50*time.Millisecond, 0
	return cfg
}

// start runs an alerter until stop or the end of the test.
func (w *world) start(cfg Config) {
	w.t.Helper()
	if err := cfg.Validate(); err != nil {
		w.t.Fatal(err)
	}
	w.reg = prometheus.NewRegistry()
	log := slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	a := New(cfg, w.bus, w.store, w.feeds, log, w.reg, func() time.Time { return time.UnixMilli(w.clock.Load()) })
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stopped := false
	w.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	}
	w.t.Cleanup(w.stop)
}

// until moves the clock on and waits until every window that ends by then has
// been tested.
func (w *world) until(at time.Time) {
	w.t.Helper()
	w.flush()
	for now := time.UnixMilli(w.clock.Load()); at.Sub(now) > 4*time.Hour; {
		now = now.Add(4 * time.Hour)
		w.clock.Store(now.UnixMilli())
		w.wait("windows tested up to "+now.String(), func() bool { return !w.closed().Before(now.Truncate(15 * time.Minute)) })
	}
	w.clock.Store(at.UnixMilli())
	w.wait("windows tested up to "+at.String(), func() bool { return !w.closed().Before(at.Truncate(15 * time.Minute)) })
}

func (w *world) closed() time.Time {
	_, metadata, err := w.bus.Committed(w.t.Context(), GroupName, news.TopicAlerts, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return closedAt(metadata)
}

func (w *world) wait(what string, f func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(3 * time.Minute)
	for asked := time.Now(); !f(); asked = time.Now() {
		if asked.After(deadline) {
			w.t.Fatalf("waited in vain for: %s; tested up to %s", what, w.closed())
		}
		time.Sleep(max(10*time.Millisecond, 3*time.Since(asked)))
	}
}

// alerts gives what was published.
func (w *world) alerts() (out []*news.Alert) {
	w.t.Helper()
	_, err := w.bus.ReadAll(w.t.Context(), news.TopicAlerts, 0, func(m bus.Message) error {
		a, err := news.Decode[news.Alert](m.Value)
		if string(m.Key) != a.EntityID {
			w.t.Errorf("alert of %s under key %q", a.EntityID, m.Key)
		}
		out = append(out, a)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// want compares what was published, as entity and state, with want.
func (w *world) want(want string) []*news.Alert {
	w.t.Helper()
	all := w.alerts()
	var got []string
	for _, a := range all {
		got = append(got, a.EntityID+" "+a.State)
	}
	if s := strings.Join(got, ", "); s != want {
		w.t.Errorf("alerts: %q, want %q", s, want)
		for _, a := range all {
			w.t.Logf("%+v", *a)
		}
	}
	return all
}

// metric sums a counter or gauge over its labels.
func (w *world) metric(name string) (sum float64) {
	families, err := w.reg.Gather()
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}
