package land

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// wire is a way to ClickHouse that can be cut, and held up.
type wire struct {
	to    string
	ln    net.Listener
	mu    sync.Mutex
	state string // "", cut, held
	moved *sync.Cond
	conns []net.Conn
}

// wired gives a store that reaches the database over a wire.
func (w *world) wired() (*wire, *store.Store) {
	w.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	x := &wire{to: w.db.Addr[0], ln: ln}
	x.moved = sync.NewCond(&x.mu)
	cfg := w.db
	cfg.Addr = []string{ln.Addr().String()}
	s, err := store.Open(cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	go x.serve()
	w.t.Cleanup(func() {
		x.set("cut")
		ln.Close()
		s.Close()
	})
	return x, s
}

func (x *wire) set(state string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.state = state
	if state == "cut" {
		for _, c := range x.conns {
			c.Close()
		}
		x.conns = nil
	}
	x.moved.Broadcast()
}

func (x *wire) serve() {
	for {
		c, err := x.ln.Accept()
		if err != nil {
			return
		}
		x.mu.Lock()
		cut := x.state == "cut"
		x.mu.Unlock()
		if cut {
			c.Close()
			continue
		}
		d, err := net.Dial("tcp", x.to)
		if err != nil {
			c.Close()
			continue
		}
		x.mu.Lock()
		x.conns = append(x.conns, c, d)
		x.mu.Unlock()
		go x.copy(d, c)
		go x.copy(c, d)
	}
}

func (x *wire) copy(to, from net.Conn) {
	defer to.Close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		x.mu.Lock()
		for x.state == "held" {
			x.moved.Wait()
		}
		x.mu.Unlock()
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// some publishes n documents with ids from first on, an hour apart.
func (w *world) some(first, n int) {
	w.t.Helper()
	for i := first; i < first+n; i++ {
		w.publish(news.TopicDocuments, doc(news.ID(i), hours(float64(i)), prose(uint64(i), 60), "per/a", fmt.Sprint("per/", i)))
	}
}

// landed checks that articles 1 to n have landed once, with their mentions.
func (w *world) landed(n int) {
	w.t.Helper()
	w.want("articles", "SELECT toString((count(), uniqExact(article_id), max(article_id))) FROM articles", fmt.Sprintf("(%d,%d,%d)", n, n, n))
	w.want("mentions", "SELECT toString(count()) FROM mentions", fmt.Sprint(2*n))
	w.sound()
	if dead := w.dead(); len(dead) > 0 {
		w.t.Errorf("%d dead letters", len(dead))
	}
}

// span is how long trouble lasts here: longer than a session, or minutes
// where DATELINE_LONG is set.
func span() time.Duration {
	if os.Getenv("DATELINE_LONG") != "" {
		return 3 * time.Minute
	}
	return 3 * time.Second
}

// TestDatabaseAway: nothing moves while ClickHouse is away, nothing is lost.
func TestDatabaseAway(t *testing.T) {
	w := open(t)
	x, s := w.wired()
	l := w.landerOn(s)
	w.some(1, 3)
	p := w.start(l)
	w.settled(news.TopicDocuments)
	x.set("cut")
	since := time.Now()
	w.some(4, 3)
	w.until("it has tried for some time", func() bool {
		return count(t, l, "dateline_land_retries_total", "documents") >= 3 && time.Since(since) > span()
	})
	if off, _ := w.committed(news.TopicDocuments); off != 3 {
		t.Errorf("committed %d, want 3", off)
	}
	x.set("")
	w.settled(news.TopicDocuments)
	p.stop()
	w.landed(6)
	w.sameIndex(l)
	if n := count(t, l, "dateline_land_replays_total"); n != 0 {
		t.Errorf("the generation was lost %v times", n)
	}
}

// TestSlowDatabase: an insert that takes longer than the session time-out does
// not cost the generation, since heartbeats go on.
func TestSlowDatabase(t *testing.T) {
	w := open(t)
	x, s := w.wired()
	l := w.landerOn(s)
	at := make(chan struct{})
	var once sync.Once
	l.before = func(_ context.Context, batch, _ int) {
		if batch == 1 {
			once.Do(func() {
				x.set("held")
				close(at)
			})
		}
	}
	p := w.start(l)
	w.some(1, 1)
	<-at
	since := time.Now()
	w.until("a session would be over", func() bool { return time.Since(since) > span() })
	x.set("")
	w.settled(news.TopicDocuments)
	w.some(2, 3)
	w.settled(news.TopicDocuments)
	p.stop()
	w.landed(4)
	w.sameIndex(l)
	if a, b := count(t, l, "dateline_land_replays_total"), count(t, l, "dateline_land_retries_total"); a != 0 || b != 0 {
		t.Errorf("%v replays and %v retries, want none: the insert was only slow", a, b)
	}
}

// TestBrokerAway: Kafka goes away in the middle of a batch and comes back.
func TestBrokerAway(t *testing.T) {
	t.Parallel()
	w := database(t)
	dir := t.TempDir()
	start := func() *engine.Broker {
		k, err := engine.StartBroker(context.Background(), dir, engine.DefaultConfig(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	k := start()
	w.kafka = k.Addrs()
	t.Cleanup(func() { k.Close() })
	w.bus = w.dial("dateline.")
	if err := w.bus.EnsureTopics(context.Background(), news.Topics); err != nil {
		t.Fatal(err)
	}
	l := w.lander()
	w.some(1, 3)
	away := make(chan struct{})
	var once sync.Once
	l.before = func(_ context.Context, batch, rows int) {
		if batch == 1 && rows > 0 {
			once.Do(func() {
				k.Close()
				close(away)
			})
		}
	}
	p := w.start(l)
	<-away
	k = start()
	w.some(4, 3)
	w.settled(news.TopicDocuments)
	p.stop()
	w.landed(6)
	w.sameIndex(l)
}

// TestRebalances: processes come and go while documents come in.
func TestRebalances(t *testing.T) {
	w := open(t)
	a := w.start(w.lander())
	w.some(1, 4)
	b := w.start(w.lander())
	w.some(5, 4)
	w.settled(news.TopicDocuments)
	w.some(9, 4)
	a.stop()
	c := w.start(w.lander())
	w.some(13, 4)
	b.stop()
	w.some(17, 4)
	w.settled(news.TopicDocuments)
	c.stop()
	w.landed(20)
	w.sameIndex(c.Lander)
}

// TestShutdown: the work in hand is finished and committed.
func TestShutdown(t *testing.T) {
	w := open(t)
	l := w.lander()
	var p *process
	ready := make(chan struct{})
	var once sync.Once
	reached := make(chan struct{})
	l.before = func(_ context.Context, batch, rows int) {
		if batch == 1 && rows > 0 {
			<-ready
			once.Do(func() {
				p.cancel()
				close(reached)
			})
		}
	}
	w.some(1, 3)
	p = w.start(l)
	close(ready)
	<-reached
	p.stop()
	off, meta := w.committed(news.TopicDocuments)
	if off == 0 || meta != "" {
		t.Errorf("committed %d %q, want what was in hand", off, meta)
	}
	w.want("articles", "SELECT toString(count()) FROM articles", fmt.Sprint(off))
	w.want("mentions", "SELECT toString(count()) FROM mentions", fmt.Sprint(2*off))
	w.sound()
}

// TestClockJumps: the clock of the process decides landed_at and nothing else.
func TestClockJumps(t *testing.T) {
	w := database(t)
	docs := stream()
	calm := w.bench()
	calm.land(docs[:10]...)
	calm.land(docs[10:]...)
	want := w.content()
	digest, _ := calm.digests(t)
	w.wipe()
	b := w.bench()
	jumps := []time.Duration{0, 24 * 365 * time.Hour, -30 * 24 * time.Hour, time.Second, -20 * 365 * 24 * time.Hour}
	n := 0
	b.Lander.now = func() time.Time { n++; return t0.Add(jumps[n%len(jumps)]) }
	b.land(docs[:10]...)
	b.land(docs[10:]...)
	if got := w.content(); !slices.Equal(got, want) {
		t.Errorf("%d rows, want %d, or other ones", len(got), len(want))
	}
	if d, _ := b.digests(t); d != digest {
		t.Error("the index is another one")
	}
}
