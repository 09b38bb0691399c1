package poll

import (
	"container/heap"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

var monday = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func TestInterval(t *testing.T) {
	cfg := Config{MinInterval: time.Minute, MaxInterval: 24 * time.Hour}
	rng := rand.New(rand.NewPCG(1, 2))
	f := func(st news.FeedState, hint, low, high time.Duration) {
		t.Helper()
		for range 50 {
			if d := interval(cfg, &st, hint, rng); d < low || d > high {
				t.Fatalf("%+v, hint %v: %v, want %v to %v", st, hint, d, low, high)
			}
		}
	}
	h, m := time.Hour, time.Minute
	f(news.FeedState{}, 0, m, 66*time.Second)                                        // nothing has ever come: look again soon
	f(news.FeedState{Filled: true}, 0, 21*h, 24*h)                                   // nothing comes any more
	f(news.FeedState{Filled: true, Rate: 1, Items: 40}, 0, 54*m, 66*m)               // one item expected
	f(news.FeedState{Filled: true, Rate: 1, Items: 2}, 0, 27*m, 33*m)                // a short window rolls over soon
	f(news.FeedState{Filled: true, Rate: 1e6, Items: 40}, 0, m, m)                   // the floor
	f(news.FeedState{Filled: true, Rate: 1e-9, Items: 40}, 0, 21*h, 24*h)            // the ceiling
	f(news.FeedState{Filled: true, Rate: 60, Items: 40}, 30*m, 30*m, 30*m)           // never sooner than asked
	f(news.FeedState{Filled: true, Rate: 60, Items: 40}, 99*h, 24*h, 24*h)           // within the ceiling
	f(news.FeedState{Filled: true, Rate: 60, Failures: 1}, 0, m, 66*time.Second)     // first failure
	f(news.FeedState{Filled: true, Rate: 60, Failures: 4}, 0, 432*time.Second, 10*m) // doubled three times
	f(news.FeedState{Filled: true, Rate: 60, Failures: 1000}, 0, 21*h, 24*h)         // never dead
	f(news.FeedState{Failures: 2}, 7*m, 7*m, 7*m)
	cfg = Config{MinInterval: time.Second, MaxInterval: time.Second}
	f(news.FeedState{Filled: true, Rate: 1e-9, Failures: 7}, h, time.Second, time.Second)
	cfg = Config{MinInterval: 1000 * 24 * h, MaxInterval: 90000 * 24 * h}
	f(news.FeedState{Failures: 60}, 0, 81000*24*h, 90000*24*h) // no overflow
}

func TestFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	f := func(min, max time.Duration, last, next, low, high time.Duration) {
		t.Helper()
		cfg := Config{MinInterval: min, MaxInterval: max}
		st := &news.FeedState{LastPoll: monday.Add(last), NextPoll: monday.Add(next)}
		for range 50 {
			if d := first(cfg, st, monday, rng).Sub(monday); d < low || d > high {
				t.Fatalf("%v..%v, last %v, next %v: in %v, want %v to %v", min, max, last, next, d, low, high)
			}
		}
	}
	h, m, s := time.Hour, time.Minute, time.Second
	if got := first(DefaultConfig(), &news.FeedState{}, monday, rng); got != monday {
		t.Errorf("a new feed: %v", got)
	}
	f(m, h, -10*m, 20*m, 20*m, 20*m)      // as planned
	f(m, h, -10*m, 20*h, 50*m, 50*m)      // the ceiling was lowered meanwhile
	f(s, s, -10*m, 20*h, 0, s)            // by much
	f(15*m, h, -10*m, -9*m, 5*m, 5*m)     // the floor was raised meanwhile
	f(m, h, -10*m, -5*m, 0, m)            // overdue: spread
	f(s, h, -10*s, -8*s, 0, 2*s)          // over no more than its interval
	f(m, h, 99*h, 100*h, h, h)            // a clock that was wrong
	f(m, 2*h, -300*24*h, -299*24*h, 0, m) // long ago
}

func TestLearn(t *testing.T) {
	if r := learn(0, 6, 2*time.Hour); r != 3 {
		t.Errorf("first: %v", r)
	}
	if r := learn(10, 0, time.Hour); r != 9 {
		t.Errorf("nothing new: %v", r)
	}
	if r := learn(1, 1, 0); r > 400 {
		t.Errorf("at once: %v", r)
	}
	rate := 1.0
	for range 100 {
		rate = learn(rate, 2, 30*time.Minute)
	}
	if rate < 3.9 || rate > 4.1 {
		t.Errorf("settles at %v, want 4", rate)
	}
}

func TestQueue(t *testing.T) {
	var q queue
	rng := rand.New(rand.NewPCG(1, 2))
	var all []*feedEntry
	for range 200 {
		e := &feedEntry{next: monday.Add(time.Duration(rng.IntN(1000)) * time.Second)}
		all = append(all, e)
		heap.Push(&q, e)
	}
	for _, e := range all[:50] {
		heap.Remove(&q, e.index)
		if e.index != -1 {
			t.Fatal("removed, and still in the queue")
		}
	}
	last := time.Time{}
	for n := 150; n > 0; n-- {
		if q.Len() != n {
			t.Fatal(q.Len())
		}
		e := heap.Pop(&q).(*feedEntry)
		if e.next.Before(last) || e.index != -1 {
			t.Fatalf("%v after %v, index %d", e.next, last, e.index)
		}
		last = e.next
	}
}

func TestValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []Config{
		{MinInterval: time.Millisecond, MaxInterval: time.Hour, Workers: 1},
		{MinInterval: time.Hour, MaxInterval: time.Minute, Workers: 1},
		{MinInterval: time.Hour, MaxInterval: time.Hour},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
