package poll_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/dateline/dateline/producers/poll"
	"github.com/prometheus/client_golang/prometheus"
)

// rig is an embedded Kafka with all topics, and the pollers of a test.
type rig struct {
	t      *testing.T
	dir    string
	broker *engine.Broker
	bus    *bus.Bus
	states int // partitions
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, dir: t.TempDir()}
	t.Cleanup(func() { r.until("no goroutine is left", func() bool { return !running() }) })
	r.startBroker()
	t.Cleanup(func() { r.broker.Close() })
	r.bus = r.dial()
	// The contract has 64 partitions of feeds; four make tests quicker.
	var topics []news.Topic
	for _, tp := range news.Topics {
		tp.Partitions = min(tp.Partitions, 4)
		topics = append(topics, tp)
	}
	r.states = 4
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
func client(t *testing.T) *fetch.Client {
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
	p := poll.New(cfg, r.dial(), c, slog.New(slog.DiscardHandler), reg, time.Now)
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
func (p *poller) metric(t *testing.T, name, label string) (sum float64) {
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
	limit := time.NewTimer(60 * time.Second)
	defer limit.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
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
func idOf(t *testing.T, e newsroom.Entry) string {
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

func openNewsroom(t *testing.T, cfg newsroom.Config) *newsroom.Newsroom {
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

// TestLedger holds what the poller publishes against what the newsroom served:
// first fill, new articles, revisions, a restart, and windows that rolled over.
func TestLedger(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 5, Outlets: 8, Window: 30, Words: 60, RevisionShare: .1, CopyShare: .2})
	n.Publish(150)
	r.subscribe(urls(n)...)
	p := r.poll(quick(), client(t))
	r.expect(n.Ledger())
	for _, a := range r.articles() {
		if !a.Backlog {
			t.Fatalf("%s came with the first fill and is not marked as backlog", a.URL)
		}
	}
	before := len(ids(r.articles()))
	n.Publish(40)
	r.expect(n.Ledger())
	live := 0
	for _, a := range r.articles() {
		if !a.Backlog {
			live++
		}
	}
	if fresh := len(ids(r.articles())) - before; live < fresh || fresh == 0 {
		t.Errorf("%d of %d new articles are marked as live", live, fresh)
	}
	r.until("304", func() bool {
		return slices.ContainsFunc(r.fetches(), func(f *news.Fetch) bool { return f.Status == http.StatusNotModified })
	})
	p.stop()

	// A restart goes on from the stored state and publishes nothing again.
	sent := len(r.articles())
	polled := len(r.fetches())
	p = r.poll(quick(), client(t))
	r.until("each feed polled after the restart", func() bool { return len(r.fetches()) >= polled+2*len(n.Feeds()) })
	if again := len(r.articles()) - sent; again != 0 {
		t.Errorf("%d articles published again after a restart", again)
	}
	n.Publish(30)
	r.expect(n.Ledger())
	p.stop()
	versions := map[string]int{}
	for _, a := range r.articles() {
		versions[a.ID.String()+a.Title+a.Summary+a.Content]++
	}
	for v, n := range versions {
		if n != 1 {
			t.Errorf("%.16s was published %d times", v, n)
		}
	}
	if got := gaps(r); len(got) != 0 {
		t.Errorf("gaps %v: nothing rolled over", got)
	}

	// Windows roll over while nobody looks.
	n.Publish(700)
	p = r.poll(quick(), client(t))
	r.expect(n.Ledger())
	want := map[string]int{}
	for _, g := range n.Ledger().Gaps("") {
		if !g.First {
			want[g.FeedURL]++
		}
	}
	r.until("gaps", func() bool { return len(gaps(r)) >= len(want) })
	p.stop()
	if got := gaps(r); !maps.Equal(got, want) || len(want) < 4 {
		t.Errorf("gaps %v, want %v", got, want)
	}
	if got := p.metric(t, "dateline_poll_gaps_total", ""); int(got) != len(want) {
		t.Errorf("%v gaps counted, want %d", got, len(want))
	}
}

func gaps(r *rig) map[string]int {
	n := map[string]int{}
	for _, f := range r.fetches() {
		if f.Gap {
			n[f.FeedURL]++
		}
	}
	return n
}

// A revision is published again under its id.
func TestRevision(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 2, Outlets: 3, Window: 200, Words: 60, RevisionShare: .5, CopyShare: -1, RewriteShare: -1})
	n.Publish(30)
	r.subscribe(urls(n)...)
	r.poll(quick(), client(t))
	r.expect(n.Ledger())
	from, before, revised := n.Ledger().Len(), ids(r.articles()), map[string]bool{}
	n.Publish(30)
	for _, e := range n.Ledger().Since(from) {
		if id := idOf(t, e); e.Kind == newsroom.Revision && !e.TeaserOnly && before[id] > 0 {
			revised[id] = true
		}
	}
	if len(revised) < 3 {
		t.Fatalf("%d revisions only", len(revised))
	}
	r.until("revisions", func() bool {
		now := ids(r.articles())
		for id := range revised {
			if now[id] <= before[id] {
				return false
			}
		}
		return true
	})
}

// Feeds come and go while the poller runs.
func TestSubscriptions(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 9, Outlets: 4, Words: 60})
	n.Publish(40)
	feeds := urls(n)
	p := r.poll(quick(), client(t))
	of := func(url string) (n int) {
		for _, f := range r.fetches() {
			if f.FeedURL == url {
				n++
			}
		}
		return n
	}
	for _, u := range feeds[:2] {
		r.subscribe(u)
		r.until("polled", func() bool { return of(u) > 0 })
	}
	if got := p.metric(t, "dateline_poll_feeds", ""); got != 2 {
		t.Errorf("%v feeds, want 2", got)
	}
	if err := r.bus.Publish(t.Context(), bus.Message{Topic: news.TopicFeeds, Key: []byte(feeds[0])}, bus.Message{Topic: news.TopicFeedState, Key: []byte(feeds[0])}); err != nil {
		t.Fatal(err)
	}
	r.until("removed", func() bool { return p.metric(t, "dateline_poll_feeds", "") == 1 })
	then, other := of(feeds[0]), of(feeds[1])
	r.until("the other goes on", func() bool { return of(feeds[1]) > other+2 })
	if got := of(feeds[0]); got > then+1 { // one fetch may have been under way
		t.Errorf("a removed feed was polled %d more times", got-then)
	}
	// What is not ours, and what a later version has written, harms nobody.
	for _, v := range []string{"no json", `{"v":1}`, `{"v":1,"url":"http://127.0.0.1:1/other"}`, `{"v":99,"url":"` + feeds[2] + `"}`} {
		if err := r.bus.Publish(t.Context(), bus.Message{Topic: news.TopicFeeds, Key: []byte(feeds[2]), Value: []byte(v)}); err != nil {
			t.Fatal(err)
		}
	}
	r.subscribe(feeds[3])
	r.until("a feed added after them is polled", func() bool { return of(feeds[3]) > 0 })
	if of(feeds[2]) != 0 {
		t.Error("a subscription of a later version was polled")
	}
	p.stop()
	if got := p.metric(t, "dateline_poll_feeds", ""); got != 0 {
		t.Errorf("%v feeds after the end", got)
	}
}
