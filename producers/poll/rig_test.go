package poll_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/rhythm"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/dateline/dateline/producers/poll"
	"github.com/prometheus/client_golang/prometheus"
)

// rig is an embedded Kafka with all topics, and the pollers of a test.
type rig struct {
	t      testing.TB
	dir    string
	broker *engine.Broker
	bus    *bus.Bus
	states int // partitions
}

// newRig has four partitions of each topic, where the contract has 64 of feeds:
// that makes tests quicker.
func newRig(t testing.TB) *rig { return newRigOf(t, 4) }

func newRigOf(t testing.TB, partitions int) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir(), states: partitions}
	t.Cleanup(func() { r.until("no goroutine is left", func() bool { return !running() }) })
	r.startBroker()
	t.Cleanup(func() { r.broker.Close() })
	r.bus = r.dial()
	var topics []news.Topic
	for _, tp := range news.Topics {
		tp.Partitions = min(tp.Partitions, partitions)
		topics = append(topics, tp)
	}
	if err := r.bus.EnsureTopics(t.Context(), topics); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *rig) startBroker() {
	r.t.Helper()
	var err error
	if r.broker, err = engine.StartBroker(context.Background(), r.dir, engine.DefaultConfig(), slog.New(slog.DiscardHandler)); err != nil {
		r.t.Fatal(err)
	}
}

func (r *rig) dial() *bus.Bus {
	r.t.Helper()
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Session = r.broker.Addrs(), 2*time.Second
	b, err := bus.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { b.Close() })
	return b
}

// running tells whether a goroutine of the poller or of its bus is alive.
func running() bool {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return bytes.Contains(stacks, []byte("producers/poll.(*")) || bytes.Contains(stacks, []byte("pkg/bus.(*"))
}

func quick() poll.Config {
	return poll.Config{MinInterval: time.Second, MaxInterval: time.Second, Workers: 16, Grace: 5 * time.Second}
}

// client may fetch from loopback alone, and waits for nobody.
func client(t testing.TB) *fetch.Client {
	t.Helper()
	c, err := fetch.New(fetch.Config{
		AllowPrivate: []string{"127.0.0.1"}, HeaderTimeout: 500 * time.Millisecond, Timeout: 10 * time.Second, MaxBody: 8 << 20,
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// poller is one running member of the group.
type poller struct {
	reg  *prometheus.Registry
	stop func()
}

func (r *rig) poll(cfg poll.Config, c poll.Client) *poller {
	r.t.Helper()
	reg := prometheus.NewRegistry()
	p := poll.New(cfg, r.dial(), c, nil, slog.New(slog.DiscardHandler), reg, time.Now)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Run(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				r.t.Error(err)
			}
		case <-time.After(cfg.Grace + 10*time.Second):
			r.t.Error("the poller does not stop within its grace period")
		}
	})
	r.t.Cleanup(stop)
	return &poller{reg, stop}
}

// metric sums a counter or gauge over its labels, or gives that of one label.
func (p *poller) metric(t testing.TB, name, label string) (sum float64) {
	t.Helper()
	families, err := p.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

func (r *rig) subscribe(urls ...string) {
	r.t.Helper()
	var msgs []bus.Message
	for _, u := range urls {
		f := &news.Feed{V: news.Version, URL: u, Added: time.Now()}
		msgs = append(msgs, bus.Message{Topic: news.TopicFeeds, Key: []byte(u), Value: news.Encode(f)})
	}
	if err := r.bus.Publish(r.t.Context(), msgs...); err != nil {
		r.t.Fatal(err)
	}
}

// all reads every message of a topic.
func all[T any, P interface {
	*T
	news.Validator
}](r *rig, topic string) []*T {
	r.t.Helper()
	var out []*T
	for p := range r.states {
		if _, end, err := r.bus.Bounds(r.t.Context(), topic, p); err != nil || end == 0 {
			if err != nil && p == 0 {
				r.t.Fatal(err)
			}
			continue
		}
		_, err := r.bus.ReadAll(r.t.Context(), topic, p, func(m bus.Message) error {
			if m.Value == nil {
				return nil
			}
			v, err := news.Decode[T, P](m.Value)
			out = append(out, v)
			return err
		})
		if err != nil {
			r.t.Fatal(err)
		}
	}
	return out
}

func (r *rig) articles() []*news.Article { return all[news.Article](r, news.TopicArticles) }
func (r *rig) fetches() []*news.Fetch    { return all[news.Fetch](r, news.TopicFetches) }

// state gives the latest state of a feed.
func (r *rig) state(url string) *news.FeedState {
	var st *news.FeedState
	for _, s := range all[news.FeedState](r, news.TopicFeedState) {
		if s.URL == url {
			st = s
		}
	}
	return st
}

func (r *rig) until(what string, f func() bool) {
	r.t.Helper()
	limit := time.NewTimer(3 * time.Minute)
	defer limit.Stop()
	for asked := time.Now(); !f(); asked = time.Now() {
		select {
		case <-time.After(max(50*time.Millisecond, 3*time.Since(asked))): // it is to happen, not to be looked at
		case <-limit.C:
			r.t.Fatal("not reached: " + what)
		}
	}
}

func ids(articles []*news.Article) map[string]int {
	n := map[string]int{}
	for _, a := range articles {
		n[a.ID.String()]++
	}
	return n
}

// idOf is the id that an article of the newsroom has to have.
func idOf(t testing.TB, e newsroom.Entry) string {
	t.Helper()
	canonical, err := text.CanonicalURL(e.Link, nil)
	if err != nil {
		t.Fatal(err)
	}
	return news.ID(text.ID(canonical)).String()
}

// expect waits until every article that was served is published, and checks
// that no other is.
func (r *rig) expect(l *newsroom.Ledger) {
	r.t.Helper()
	want := map[string]bool{}
	for _, e := range l.Entries() {
		want[idOf(r.t, e)] = true
	}
	for _, e := range l.Missed("") {
		delete(want, idOf(r.t, e))
	}
	var got map[string]int
	r.until(fmt.Sprintf("%d articles", len(want)), func() bool {
		got = ids(r.articles())
		return len(got) >= len(want)
	})
	if len(got) != len(want) {
		r.t.Fatalf("%d articles by id, want %d", len(got), len(want))
	}
	for id := range got {
		if !want[id] {
			r.t.Fatalf("article %s is in no feed", id)
		}
	}
}

func openNewsroom(t testing.TB, cfg newsroom.Config) *newsroom.Newsroom {
	t.Helper()
	n, err := newsroom.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Serve(ctx, nil) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return n
}

func urls(n *newsroom.Newsroom) []string {
	var out []string
	for _, f := range n.Feeds() {
		out = append(out, f.URL)
	}
	return out
}

// remember stores feeds with states of so many items, each state several times
// over.
func (r *rig) remember(feeds, items, times int) {
	r.t.Helper()
	now := time.Now()
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range times {
		var msgs []bus.Message
		for n := range feeds {
			u := fmt.Sprintf("http://127.0.0.1:9/outlet-%d/feed.xml", n)
			seen := make([]byte, 16*2*items)
			for j := 0; j < len(seen); j += 8 {
				binary.LittleEndian.PutUint64(seen[j:], rng.Uint64())
			}
			var rh rhythm.Rhythm
			rh.Fill([]time.Time{now, now.Add(-time.Hour), now.Add(-3 * time.Hour), now.Add(-9 * time.Hour)}, now)
			learned, err := rh.AppendBinary(nil)
			if err != nil {
				r.t.Fatal(err)
			}
			st := &news.FeedState{V: news.Version, URL: u, ETag: fmt.Sprintf("%q", fmt.Sprintf("%x", rng.Uint64())), LastModified: now.Format(http.TimeFormat), Seen: seen, Filled: true, Items: items,
				LastPoll: now.Add(-time.Minute), LastSuccess: now.Add(-time.Minute), NextPoll: now.Add(5 * time.Hour), LastNew: now.Add(-time.Hour), Rate: .5, Rhythm: learned}
			msgs = append(msgs, bus.Message{Topic: news.TopicFeedState, Key: []byte(u), Value: news.Encode(st)})
			if i == 0 {
				f := &news.Feed{V: news.Version, URL: u, Title: fmt.Sprint("Outlet ", n), Tags: []string{"dailies", "europe"}, Added: now}
				msgs = append(msgs, bus.Message{Topic: news.TopicFeeds, Key: []byte(u), Value: news.Encode(f)})
			}
			if len(msgs) >= 2000 || n == feeds-1 {
				if err := r.bus.Publish(r.t.Context(), msgs...); err != nil {
					r.t.Fatal(err)
				}
				msgs = msgs[:0]
			}
		}
	}
}
