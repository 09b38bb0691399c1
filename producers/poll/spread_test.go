package poll_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/fetch"
)

// stand serves feeds that grow, and watches who asks for them.
type stand struct {
	*httptest.Server
	size atomic.Int64 // items that each feed shows

	mu       sync.Mutex
	under    map[string]int       // requests under way, by feed
	overlaps map[string]int       // requests that began while another one was under way
	by       map[string]string    // who asked last, by feed
	at       map[string]time.Time // when
	asked    map[string]int       // by whom: feeds since the last look
}

func newStand(t *testing.T) *stand {
	s := &stand{under: map[string]int{}, overlaps: map[string]int{}, by: map[string]string{}, at: map[string]time.Time{}}
	s.size.Store(5)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		who, _, _ := strings.Cut(r.UserAgent(), "/")
		s.mu.Lock()
		if s.under[r.URL.Path] > 0 {
			s.overlaps[r.URL.Path]++
		}
		s.under[r.URL.Path]++
		s.by[r.URL.Path], s.at[r.URL.Path] = who, time.Now()
		s.mu.Unlock()
		defer func() {
			s.mu.Lock()
			s.under[r.URL.Path]--
			s.mu.Unlock()
		}()
		select { // a server takes its time: requests can overlap
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
			return
		}
		fmt.Fprint(w, rss("s"+r.URL.Path[1:], int(s.size.Load()), time.Hour))
	}))
	t.Cleanup(s.Close)
	return s
}

// owners counts the feeds by who asked for them last.
func (s *stand) owners() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := map[string]int{}
	for _, who := range s.by {
		n[who]++
	}
	return n
}

// rebalanced gives the overlaps since the last call: at most one for each feed.
func (s *stand) rebalanced(t *testing.T, what string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	sum := 0
	for feed, n := range s.overlaps {
		sum += n
		if n > 1 {
			t.Errorf("%s: %d fetches of %s overlapped", what, n, feed)
		}
	}
	t.Logf("%s: %d overlapping fetches of %d feeds", what, sum, len(s.by))
	clear(s.overlaps)
}

// TestSpread: pollers in processes of their own share the feeds. They come, are
// killed, and are stopped for longer than their session: the feeds move, nothing
// is lost, and what is remembered stays remembered.
func TestSpread(t *testing.T) {
	const feeds, session = 40, 3 * time.Second
	r, s := newRig(t), newStand(t)
	for i := range feeds {
		r.subscribe(fmt.Sprintf("%s/%d", s.URL, i))
	}
	start := func(name string) *member {
		cfg := quick()
		cfg.Grace = time.Second
		return r.spawn(name, setup{Session: session, Poll: cfg, Fetch: fetch.Config{
			AllowPrivate: []string{"127.0.0.1"}, UserAgent: name + "/1 (+https://example.org/bot)"}})
	}
	all := func(who ...string) func() bool {
		return func() bool {
			n, sum := s.owners(), 0
			for _, w := range who {
				if n[w] == 0 {
					return false
				}
				sum += n[w]
			}
			return sum == feeds
		}
	}
	grow := func(what string) {
		t.Helper()
		want := feeds * int(s.size.Add(1))
		r.until(fmt.Sprintf("%s: %d articles", what, want), func() bool { return len(ids(r.articles())) >= want })
	}
	remembered := func(what string) {
		t.Helper()
		r.until(what+": every feed remembers all that it has shown", func() bool {
			for i := range feeds {
				if st := r.state(fmt.Sprintf("%s/%d", s.URL, i)); st == nil || len(st.Seen) != 16*int(s.size.Load()) {
					return false
				}
			}
			return true
		})
	}
	moved := func(what string, done func() bool) {
		t.Helper()
		began := time.Now()
		r.until(what, done)
		t.Logf("%s: after %.1f s, the session is %v", what, time.Since(began).Seconds(), session)
	}

	a := start("a")
	moved("a has all", all("a"))
	grow("a alone")
	b := start("b")
	moved("a and b share", all("a", "b"))
	s.rebalanced(t, "b came")
	grow("a and b")
	remembered("a and b")
	sent := len(r.articles())

	a.kill()
	moved("b has those of a, which was killed", all("b"))
	s.rebalanced(t, "a was killed")
	if again := len(r.articles()) - sent; again != 0 {
		t.Errorf("%d articles were published again though their feeds were remembered", again)
	}
	grow("b alone")

	c := start("c")
	moved("b and c share", all("b", "c"))
	s.rebalanced(t, "c came")
	grow("b and c")
	remembered("b and c")
	b.signal(syscall.SIGSTOP)
	moved("c has those of b, which stands still", all("c"))
	grow("b stands still")
	s.rebalanced(t, "b stood still")
	b.signal(syscall.SIGCONT)
	moved("b and c share again", all("b", "c"))
	s.rebalanced(t, "b went on")
	remembered("b went on")
	grow("b and c again")

	before := maps.Clone(ids(r.articles()))
	c.stop()
	moved("b has those of c, which left", all("b"))
	s.rebalanced(t, "c left")
	b.stop()
	if again := len(r.articles()); again != sum(before) {
		t.Errorf("%d articles were published when c left", again-sum(before))
	}
	versions := 0
	for _, n := range ids(r.articles()) {
		versions += n - 1
	}
	t.Logf("%d of %d articles were published more than once; land drops them", versions, len(ids(r.articles())))
	if versions > 2*feeds {
		t.Errorf("%d articles were published more than once", versions)
	}
}

func sum(n map[string]int) (total int) {
	for _, v := range n {
		total += v
	}
	return total
}
