package poll_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/dateline/dateline/producers/poll"
)

// rss is a feed of n items, one every step back from now.
func rss(name string, n int, step time.Duration) string {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>` + name + `</title>`)
	for i := range n {
		fmt.Fprintf(&b, `<item><title>%s %d</title><link>https://%s.example/a/%d</link><pubDate>%s</pubDate></item>`,
			name, i, name, i, time.Now().Add(-time.Duration(i)*step).UTC().Format(time.RFC1123Z))
	}
	b.WriteString(`</channel></rss>`)
	return b.String()
}

// TestBadFeeds: each ends in a fetch record with a plain error, is counted by
// class, and keeps no other feed from being polled.
func TestBadFeeds(t *testing.T) {
	hang := make(chan struct{})
	defer close(hang)
	mux := http.NewServeMux()
	serve := func(path, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
	}
	serve("/good", rss("good", 5, time.Hour))
	serve("/text", "This is no feed.")
	serve("/html", "<!doctype html><html><head><title>Hello</title></head><body>Hello</body></html>")
	serve("/empty", "")
	serve("/bomb", `<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa">`+strings.Repeat(`<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">`, 50)+`]><rss><channel>`+strings.Repeat("<x>", 10000))
	mux.HandleFunc("/huge", func(w http.ResponseWriter, _ *http.Request) {
		block := []byte(strings.Repeat("<item><title>x</title></item>", 40000))
		for range 50 {
			if _, err := w.Write(block); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/pool", http.StatusFound) })
	mux.HandleFunc("/pool", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	mux.HandleFunc("/inside", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
	})
	mux.HandleFunc("/hangs", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) })
	srv := httptest.NewServer(mux)
	defer srv.Close()
	quiet := httptest.NewServer(nil)
	quiet.Close()

	want := map[string]string{ // class by address
		srv.URL + "/good": "ok", srv.URL + "/text": "not_feed", srv.URL + "/html": "html", srv.URL + "/empty": "empty",
		srv.URL + "/bomb": "bomb", srv.URL + "/huge": "too_large", srv.URL + "/loop": "redirects", srv.URL + "/hangs": "timeout",
		srv.URL + "/busy": "status", srv.URL + "/inside": "private", "http://10.1.2.3/feed": "private", quiet.URL + "/x": "refused", "gopher://old.example": "url",
	}
	r := newRig(t)
	p := r.poll(quick(), client(t))
	for u := range want {
		r.subscribe(u)
	}
	seen := map[string]string{}
	r.until("every feed was tried", func() bool {
		for _, f := range r.fetches() {
			seen[f.FeedURL] = f.Error
		}
		return len(seen) == len(want)
	})
	classes := map[string]bool{}
	for u, class := range want {
		classes[class] = true
		if (seen[u] == "") != (class == "ok") {
			t.Errorf("%s: error %q", u, seen[u])
		}
	}
	for class := range classes {
		r.until("one is counted as "+class, func() bool { return p.metric(t, "dateline_poll_fetches_total", class) > 0 })
	}
	if n := len(r.articles()); n != 5 {
		t.Errorf("%d articles of the good feed, want 5", n)
	}
	good := func() (n int) {
		for _, f := range r.fetches() {
			if f.FeedURL == srv.URL+"/good" {
				n++
			}
		}
		return n
	}
	then := good()
	r.until("the good one goes on", func() bool { return good() > then+1 })
}

// An old-dated first fill: everything is published, with its own dates, as
// backlog, once.
func TestFirstFill(t *testing.T) {
	body := rss("archive", 3000, 29*time.Hour)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) }))
	defer srv.Close()
	r := newRig(t)
	p := r.poll(quick(), client(t))
	r.subscribe(srv.URL)
	r.until("polled twice", func() bool { return len(r.fetches()) >= 2 })
	p.stop()
	articles := r.articles()
	old := 0
	for _, a := range articles {
		if !a.Backlog || a.Published.IsZero() {
			t.Fatalf("%+v", a)
		}
		if time.Since(a.Published) > 9*365*24*time.Hour {
			old++
		}
	}
	if len(articles) != 3000 || len(ids(articles)) != 3000 || old == 0 {
		t.Errorf("%d articles, %d of ten years ago", len(articles), old)
	}
	if got := p.metric(t, "dateline_poll_articles_total", "backlog"); got != 3000 {
		t.Errorf("%v counted", got)
	}
	if st := r.state(srv.URL); st == nil || len(st.Seen) != 16*3000 || st.Items != 3000 {
		t.Errorf("%+v", st)
	}
}

// moody answers as it is told.
type moody struct {
	*httptest.Server
	hits   atomic.Int64
	answer atomic.Pointer[func(http.ResponseWriter, *http.Request)]
}

func newMoody(t *testing.T) *moody {
	m := &moody{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.hits.Add(1)
		(*m.answer.Load())(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *moody) set(f func(http.ResponseWriter, *http.Request)) { m.answer.Store(&f) }

func TestComesBackAndRetires(t *testing.T) {
	m := newMoody(t)
	fine := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss("moody", 3, time.Hour)) }
	m.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	r := newRig(t)
	p := r.poll(quick(), client(t))
	r.subscribe(m.URL)
	r.until("failures", func() bool { st := r.state(m.URL); return st != nil && st.Failures >= 2 })
	m.set(fine)
	r.until("back", func() bool { st := r.state(m.URL); return st.Failures == 0 && len(r.articles()) == 3 })
	// Retry-After holds even where the schedule has no patience.
	m.set(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	r.until("busy", func() bool { return r.state(m.URL).Failures == 1 })
	asked := m.hits.Load()
	p.stop()

	// Another process knows no blocked hosts, but may ask within max_interval.
	m.set(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
	p = r.poll(quick(), client(t))
	r.until("gone", func() bool { return r.state(m.URL).Gone })
	if got := m.hits.Load(); got != asked+1 {
		t.Errorf("%d requests after Retry-After and 410, want 1", got-asked)
	}
	p.stop()
	// A retired feed is asked no more, until somebody subscribes to it again.
	m.set(fine)
	other := newMoody(t)
	other.set(fine)
	p = r.poll(quick(), client(t))
	r.subscribe(other.URL)
	r.until("others are polled", func() bool { return other.hits.Load() > 1 })
	if got := m.hits.Load(); got != asked+1 {
		t.Errorf("%d requests to a retired feed", got-asked-1)
	}
	r.subscribe(m.URL)
	r.until("revived", func() bool { return !r.state(m.URL).Gone })
	p.stop()
}

func TestPermanentRedirect(t *testing.T) {
	m := newMoody(t)
	var direct atomic.Int64
	m.set(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/new" {
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
			return
		}
		if r.Referer() == "" {
			direct.Add(1)
		}
		fmt.Fprint(w, rss("moved", 3, time.Hour))
	})
	r := newRig(t)
	p := r.poll(quick(), client(t))
	r.subscribe(m.URL + "/old")
	r.until("learned", func() bool { st := r.state(m.URL + "/old"); return st != nil && st.MovedSeen == 3 })
	p.stop()
	if st := r.state(m.URL + "/old"); st.MovedTo != m.URL+"/new" {
		t.Errorf("%+v", st)
	}
	hits, polls := m.hits.Load(), len(r.fetches())
	p = r.poll(quick(), client(t))
	r.until("polled on", func() bool { return len(r.fetches()) >= polls+2 })
	p.stop()
	if got, n := m.hits.Load()-hits, int64(len(r.fetches())-polls); got != n {
		t.Errorf("%d requests for %d polls: the redirect is still followed", got, n)
	}
	if n := len(r.articles()); n != 3 {
		t.Errorf("%d articles, want 3: the move makes none new", n)
	}
}

// intercepted runs a hook after each answer, before the poller has it.
type intercepted struct {
	poll.Client
	after func()
}

func (c *intercepted) Do(ctx context.Context, r fetch.Request) (*fetch.Response, error) {
	res, err := c.Client.Do(ctx, r)
	c.after()
	return res, err
}

// The broker goes away between the fetch and its publication, and the poller
// dies: validators that were never stored with their items must not make the
// next poll a 304.
func TestValidatorsAfterAck(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 4, Outlets: 2, Words: 60})
	n.Publish(30)
	r.subscribe(urls(n)...)
	var once sync.Once
	away := make(chan struct{})
	cfg := quick()
	cfg.Grace = 100 * time.Millisecond
	cfg.Workers = 1
	p := r.poll(cfg, &intercepted{client(t), func() { once.Do(func() { r.broker.Close(); close(away) }) }})
	<-away
	p.stop()
	r.startBroker()
	if got := len(r.articles()); got != 0 {
		t.Fatalf("%d articles: the broker was away", got)
	}
	for _, u := range urls(n) {
		if st := r.state(u); st != nil {
			t.Errorf("a state without its items: %+v", st)
		}
	}
	r.poll(quick(), client(t))
	r.expect(n.Ledger())
}

// The broker goes away for a while; the poller waits, and loses nothing.
func TestBrokerAway(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 4, Outlets: 4, Words: 60, RevisionShare: -1})
	r.subscribe(urls(n)...)
	r.poll(quick(), client(t))
	for range 2 {
		n.Publish(20)
		r.expect(n.Ledger())
		r.broker.Close()
		n.Publish(20)
		r.startBroker()
		r.expect(n.Ledger())
	}
}

// Two pollers share the feeds; one dies with work in hand, the other takes all.
func TestTwoPollers(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 6, Outlets: 12, Window: 500, Words: 60, RevisionShare: -1})
	n.Publish(100)
	r.subscribe(urls(n)...)
	cfg := quick()
	cfg.Grace = 0 // drops what it has in hand
	first, second := r.poll(cfg, client(t)), r.poll(quick(), client(t))
	r.expect(n.Ledger())
	feeds := func(p *poller) float64 { return p.metric(t, "dateline_poll_feeds", "") }
	r.until("they share", func() bool { return feeds(first) > 0 && feeds(second) > 0 && feeds(first)+feeds(second) == 12 })
	n.Publish(50)
	first.stop()
	n.Publish(50)
	r.until("the second has all", func() bool { return feeds(second) == 12 })
	r.expect(n.Ledger())
	// What a poller had in hand when a feed left it, as the second one joined and
	// as the first one died, may have been published before its state was. Each of
	// these takes the group two generations where a member has to join again.
	for id, n := range ids(r.articles()) {
		if n > 5 {
			t.Errorf("article %s is there %d times after at most four generations", id, n)
		}
	}
	if got := gaps(r); len(got) != 0 {
		t.Errorf("gaps %v", got)
	}
}

// A host that hangs keeps neither other hosts waiting nor the process from
// stopping.
func TestHangingHost(t *testing.T) {
	hang := make(chan struct{})
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	}))
	defer stuck.Close()
	defer close(hang)
	good := newMoody(t)
	good.set(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, rss("good", 3, time.Hour)) })
	c, err := fetch.New(fetch.Config{AllowPrivate: []string{"127.0.0.1"}, HeaderTimeout: time.Minute}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r := newRig(t)
	cfg := quick()
	cfg.Grace, cfg.Workers = 300*time.Millisecond, 8
	p := r.poll(cfg, c)
	for i := range 6 {
		r.subscribe(fmt.Sprintf("%s/%d", stuck.URL, i))
	}
	r.subscribe(good.URL)
	r.until("the good one is polled", func() bool { return good.hits.Load() >= 3 })
	p.stop() // fails the test where it takes longer than the grace period
	for _, f := range r.fetches() {
		if f.FeedURL != good.URL {
			t.Errorf("a fetch that was cut off by the shutdown is recorded: %+v", f)
		}
	}
}

// More feeds than slots: everybody gets a turn, and waiting costs nothing.
func TestFewSlots(t *testing.T) {
	m := newMoody(t)
	m.set(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, rss("a"+r.URL.Path[1:], 1, time.Hour)) })
	r := newRig(t)
	const feeds = 100
	for i := range feeds {
		r.subscribe(fmt.Sprintf("%s/%d", m.URL, i))
	}
	cfg := quick()
	cfg.Workers = 2
	var asked atomic.Int64
	p := r.poll(cfg, &counted{client(t), &asked})
	r.until("every feed polled", func() bool { return len(ids(r.articles())) == feeds })
	p.stop()
	if n, hits := asked.Load(), m.hits.Load(); n > 2*hits {
		t.Errorf("%d times asked for leave for %d fetches: it spins", n, hits)
	}
	if st := r.state(m.URL + "/0"); st == nil || !st.Filled || st.V != news.Version {
		t.Errorf("%+v", st)
	}
}

// counted counts how often leave to fetch is asked for.
type counted struct {
	poll.Client
	n *atomic.Int64
}

func (c *counted) Acquire(url string) (func(), time.Duration) {
	c.n.Add(1)
	return c.Client.Acquire(url)
}
