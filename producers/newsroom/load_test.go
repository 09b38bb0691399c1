package newsroom

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestManyFeeds bounds what a feed costs that nobody has asked for, and what
// texts and documents cost once everybody has.
func TestManyFeeds(t *testing.T) {
	const feeds = 5_000
	before := heap()
	n, _ := open(t, Config{Seed: 1, Outlets: feeds, Words: 30, Window: 10, Spread: 2, Cache: 4 << 20})
	idle := (heap() - before) / feeds
	n.Publish(4 * feeds)
	published := heap()
	for _, f := range n.Feeds() {
		if r := get(t, n, f.URL); r.StatusCode != 200 {
			t.Fatalf("%s: %s", f.URL, r.Status)
		}
	}
	asked := heap()
	t.Logf("idle %d bytes a feed; texts and documents %d MB", idle, (asked-published)>>20)
	if idle > 1500 {
		t.Errorf("an idle feed takes %d bytes, want at most 1500", idle)
	}
	if n.shelf.held > n.shelf.budget || asked-published > 16<<20 {
		t.Errorf("%d bytes of texts and documents are kept, %d booked; want at most %d", asked-published, n.shelf.held, n.shelf.budget)
	}
	booked := 0
	for i := range n.windows {
		booked += n.windows[i].booked
	}
	if booked != n.shelf.held {
		t.Errorf("%d bytes booked by the windows, %d by the shelf", booked, n.shelf.held)
	}
}

// TestDroppedTextsComeBack compares documents before and after they were
// dropped, and 304s in between.
func TestDroppedTextsComeBack(t *testing.T) {
	n, c := open(t, Config{Seed: 5, Outlets: 12, Words: 60, Bad: []string{"duplicates", "wrong-charset"}, Backlog: 3})
	n.Publish(400)
	c.advance(5 * time.Second)
	bodies, etags := map[string]string{}, map[string]string{}
	for _, f := range n.Feeds() {
		r := get(t, n, f.URL)
		bodies[f.URL], etags[f.URL] = bodyOf(t, r), r.Header.Get("ETag")
	}
	n.shelf.budget = 0
	n.shelf.sweep()
	n.shelf.sweep()
	if n.shelf.held != 0 {
		t.Fatalf("%d bytes are kept", n.shelf.held)
	}
	for _, f := range n.Feeds() {
		if etag := etags[f.URL]; etag != "" {
			if r := get(t, n, f.URL, "If-None-Match", etag); r.StatusCode != 304 {
				t.Errorf("%s: %s", f.URL, r.Status)
			}
		}
	}
	if n.shelf.held != 0 {
		t.Errorf("304s made %d bytes of texts", n.shelf.held)
	}
	for _, f := range n.Feeds() {
		if got := bodyOf(t, get(t, n, f.URL)); got != bodies[f.URL] {
			t.Errorf("%s: another document", f.URL)
		}
	}
}

// TestSpread: a few feeds have most of the articles, and each seed its own.
func TestSpread(t *testing.T) {
	n, _ := open(t, Config{Seed: 3, Outlets: 1000, Words: 20, Spread: 2, CopyShare: -1, RewriteShare: -1, RevisionShare: -1})
	n.Publish(20_000)
	counts := map[string]int{}
	for _, e := range n.Ledger().Entries() {
		if e.Outlet != wireName {
			counts[e.FeedURL]++
		}
	}
	most, all := 0, 0
	var list []float64
	for _, c := range counts {
		list = append(list, float64(c))
		all += c
	}
	q := quantilesOf(list)
	for _, c := range list[len(list)-10:] {
		most += int(c)
	}
	t.Logf("%d feeds with articles, median %g, most %g; the ten fastest have %d of %d", len(counts), q.median, q.max, most, all)
	if share := float64(most) / float64(all); share < .15 || share > .6 || q.median > 8 || len(counts) < 400 {
		t.Errorf("the ten fastest have %.2f", share)
	}
}

// serveOne benchmarks requests to one handler.
func serveAll(b *testing.B, n *Newsroom, conditional, cold bool) {
	handler := n.Handler()
	type ask struct{ path, etag string }
	var asks []ask
	for _, f := range n.Feeds() {
		path := strings.TrimPrefix(f.URL, "http://newsroom.test")
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		if etag := rec.Header().Get("ETag"); etag != "" {
			asks = append(asks, ask{path, etag})
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		a := asks[i%len(asks)]
		req := httptest.NewRequest("GET", a.path, nil)
		want := 200
		if conditional {
			want = 304
			req.Header.Set("If-None-Match", a.etag)
		}
		if cold {
			n.shelf.budget = 0
			n.shelf.sweep()
			n.shelf.sweep()
		}
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		if rec.Code != want {
			b.Fatal(rec.Code)
		}
	}
}

func benchRoom(b *testing.B) *Newsroom {
	n, err := New(Config{Seed: 1, BaseURL: "http://newsroom.test", Outlets: 100, Words: 60, Window: 10, Backlog: 10})
	if err != nil {
		b.Fatal(err)
	}
	return n
}

func BenchmarkNotModified(b *testing.B) { serveAll(b, benchRoom(b), true, false) }
func BenchmarkWarmFeed(b *testing.B)    { serveAll(b, benchRoom(b), false, false) }
func BenchmarkColdFeed(b *testing.B)    { serveAll(b, benchRoom(b), false, true) }
