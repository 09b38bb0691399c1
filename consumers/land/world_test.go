package land

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/dateline/dateline/pkg/store/storetest"
	"github.com/dateline/dateline/pkg/text"
	"github.com/prometheus/client_golang/prometheus"
)

// world is a broker and a database of their own.
type world struct {
	t     testing.TB
	kafka []string
	bus   *bus.Bus
	store *store.Store
	db    store.Config
	cfg   Config
	epoch uint32
}

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// database is a world without a broker, for tests below the bus.
func database(t testing.TB) *world {
	t.Helper()
	e := enginetest.StartClickHouse(t)
	w := &world{t: t, cfg: DefaultConfig(), epoch: 1}
	w.cfg.Grace = 5 * time.Second
	w.cfg.Judge.Copies.MaxDocs, w.cfg.Judge.Stories.MaxDocs = 10000, 10000
	w.db = store.Config{Addr: []string{e.SQL}, Database: e.Database, User: e.Writer.User, Password: e.Writer.Password, Timeout: time.Minute}
	s, err := store.Open(w.db)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	storetest.Migrate(t, s)
	w.store = s
	return w
}

// open gives both. Tests that have them wait for most of their time, and do so
// side by side.
func open(t testing.TB) *world {
	t.Helper()
	if t, is := t.(*testing.T); is {
		t.Parallel()
	}
	w := database(t)
	w.kafka = enginetest.StartKafka(t)
	w.bus = w.dial(enginetest.Prefix(t))
	if err := w.bus.EnsureTopics(context.Background(), news.Topics); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) dial(prefix string) *bus.Bus {
	w.t.Helper()
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Prefix, cfg.Session = w.kafka, prefix, 2*time.Second
	b, err := bus.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { b.Close() })
	return b
}

func (w *world) lander() *Lander { return w.landerOn(w.store) }

func (w *world) landerOn(s *store.Store) *Lander {
	var out io.Writer = io.Discard
	if testing.Verbose() {
		out = w.t.Output()
	}
	reg := prometheus.NewRegistry()
	l := New(w.cfg, w.bus, s, slog.New(slog.NewTextHandler(out, nil)), reg, func() time.Time { return t0 })
	registering.Lock()
	registries[l] = reg
	registering.Unlock()
	return l
}

// process is a lander that runs.
type process struct {
	*Lander
	w      *world
	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
}

func (w *world) start(l *Lander) *process {
	ctx, cancel := context.WithCancel(context.Background())
	p := &process{Lander: l, w: w, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if err := l.Run(ctx); err != nil {
			w.t.Error(err)
		}
	}()
	w.t.Cleanup(p.stop)
	return p
}

// stop shuts the process down and waits for it.
func (p *process) stop() {
	p.once.Do(func() {
		p.cancel()
		<-p.done
	})
}

func (w *world) until(what string, f func() bool) {
	w.t.Helper()
	limit := time.NewTimer(3 * time.Minute)
	defer limit.Stop()
	for asked := time.Now(); !f(); asked = time.Now() {
		select {
		case <-time.After(max(10*time.Millisecond, 3*time.Since(asked))): // it is to happen, not to be looked at
		case <-limit.C:
			w.t.Fatal("not reached: " + what)
		}
	}
}

// publish sends messages one after the other, so that their order is that of
// their offsets.
func (w *world) publish(topic string, values ...any) {
	w.t.Helper()
	for _, v := range values {
		raw, ok := v.([]byte)
		if !ok {
			raw = news.Encode(v)
		}
		if err := w.bus.Publish(context.Background(), bus.Message{Topic: topic, Key: []byte("k"), Value: raw, Time: t0}); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) end(topic string) int64 {
	w.t.Helper()
	_, end, err := w.bus.Bounds(context.Background(), topic, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return end
}

func (w *world) committed(topic string) (int64, string) {
	w.t.Helper()
	off, meta, err := w.bus.Committed(context.Background(), GroupName, topic, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return off, meta
}

// settled waits until everything in partition 0 of the topic has landed.
func (w *world) settled(topic string) {
	w.t.Helper()
	end := w.end(topic)
	w.until(topic+" has landed", func() bool {
		off, meta := w.committed(topic)
		var pend pending
		if meta != "" {
			_ = json.Unmarshal([]byte(meta), &pend)
		}
		return off == end && pend.To <= off
	})
}

// run lands what is there with a fresh process, and stops it.
func (w *world) run() *process {
	w.t.Helper()
	p := w.start(w.lander())
	w.settled(news.TopicDocuments)
	p.stop()
	return p
}

// rows gives the first column of a query; it has to be a string.
func (w *world) rows(query string, args ...any) []string {
	w.t.Helper()
	out, err := w.store.Strings(context.Background(), query, args...)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) exec(query string) {
	w.t.Helper()
	if err := w.store.Exec(context.Background(), query); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) want(what, query string, want ...string) {
	w.t.Helper()
	if got := w.rows(query); !slices.Equal(got, want) {
		w.t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// sound audits the rows.
func (w *world) sound() {
	w.t.Helper()
	found, err := w.store.Recount(context.Background(), time.Time{}, time.Time{})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range found {
		if f.Problems > 0 {
			w.t.Errorf("audit %s: %d of %d: %s", f.Name, f.Problems, f.Looked, f.Detail)
		}
	}
}

func (w *world) dead() []bus.Message {
	w.t.Helper()
	var out []bus.Message
	_, err := w.bus.ReadAll(context.Background(), news.TopicDeadLetters, 0, func(m bus.Message) error { out = append(out, m); return nil })
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// digest of the state that l keeps of the documents, and of one restored from
// the rows to the same offset.
func (l *Lander) digests(t testing.TB) (kept, restored uint64) {
	t.Helper()
	x := l.documents.index
	if !x.clean || x.ahead != nil {
		t.Fatalf("the index is not at rest: clean %v, ahead %v", x.clean, x.ahead != nil)
	}
	fresh := newIndex(l.cfg.Judge, l.store)
	if err := fresh.restore(context.Background(), x.epoch, x.part, x.next); err != nil {
		t.Fatal(err)
	}
	return x.judge.Digest(), fresh.judge.Digest()
}

func (w *world) sameIndex(l *Lander) {
	w.t.Helper()
	if kept, restored := l.digests(w.t); kept != restored {
		w.t.Errorf("the index has digest %x, restored from the rows %x", kept, restored)
	}
}

// sketchers are for one goroutine each, and tests run side by side.
var sketchers = sync.Pool{New: func() any { return neardup.NewSketcher(text.AppendTerms) }}

// prose gives n words that seed decides, in sentences.
func prose(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, 5))
	var sb strings.Builder
	for i := range n {
		fmt.Fprintf(&sb, "w%s%s", strings.ToLower(string(rune('A'+r.IntN(26)))), strings.Repeat(string(rune('a'+r.IntN(26))), 1+r.IntN(3)))
		fmt.Fprintf(&sb, "%c%c", 'a'+r.IntN(26), 'a'+r.IntN(26))
		if i%12 == 11 {
			sb.WriteString(". ")
		} else {
			sb.WriteString(" ")
		}
	}
	return sb.String()
}

// doc makes the document that enrich would make of a text.
func doc(id news.ID, seen time.Time, body string, entities ...string) *news.Document {
	d := &news.Document{
		V: 1, ID: id, URL: fmt.Sprintf("https://a.example/%d", id), Canonical: fmt.Sprintf("https://a.example/%d", id), FeedURL: "https://a.example/feed",
		Source: "a.example", Title: prose(uint64(id)+900, 6), Language: "en", SeenAt: seen, TS: seen, Published: seen,
		Text: body, TextFrom: news.FromFeed, Model: "m",
	}
	terms, at := text.AppendTermsAt(nil, nil, body)
	d.Words, d.BodyHash = text.Words(body), news.ID(text.BodyHash(body))
	s := sketchers.Get().(*neardup.Sketcher)
	defer sketchers.Put(s)
	d.Sketch = s.Append(nil, terms, at, body)
	for _, e := range entities {
		d.Mentions = append(d.Mentions, news.Mention{EntityID: e, Kind: news.PER, Name: e, N: 1, Surface: e, Score: .9, Origin: "learned"})
	}
	return d
}

func hours(h float64) time.Time { return t0.Add(time.Duration(h * float64(time.Hour))) }

// count reads a metric that was registered in reg, summed over the series
// with these label values.
func count(t testing.TB, l *Lander, name string, labels ...string) (sum float64) {
	t.Helper()
	registering.Lock()
	reg := registries[l]
	registering.Unlock()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			have := map[string]bool{}
			for _, p := range m.GetLabel() {
				have[p.GetValue()] = true
			}
			if f.GetName() == name && !slices.ContainsFunc(labels, func(v string) bool { return !have[v] }) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

var (
	registering sync.Mutex
	registries  = map[*Lander]*prometheus.Registry{}
)

func (l *Lander) results(t testing.TB, topic string) map[string]int {
	t.Helper()
	out := map[string]int{}
	for _, r := range []string{"original", "copy", "revision", judge.ReasonIdentical, judge.ReasonPoorer, judge.ReasonThrottled, "row", "repeat", "dead", "forgotten"} {
		if n := int(count(t, l, "dateline_land_messages_total", topic, r)); n > 0 {
			out[r] = n
		}
	}
	return out
}

// other starts a second broker and goes on with it.
func (w *world) other(t testing.TB) *bus.Bus {
	t.Helper()
	w.kafka = enginetest.StartKafka(t)
	b := w.dial("other." + enginetest.Prefix(t)) // where brokers are shared, too
	if err := b.EnsureTopics(context.Background(), news.Topics); err != nil {
		t.Fatal(err)
	}
	return b
}
