package poll

import (
	"container/heap"
	"fmt"
	"log/slog"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/rhythm"
	"github.com/prometheus/client_golang/prometheus"
)

var monday = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// clockwork is a poller without a network, whose jitter is in the middle.
func clockwork(cfg Config) *Poller {
	p := New(cfg, nil, nil, nil, slog.New(slog.DiscardHandler), prometheus.NewRegistry(), time.Now)
	p.random = func() float64 { return 0.5 }
	return p
}

// every learns a feed that brings an item a step on average, up to monday.
func every(step time.Duration, n int) *rhythm.Rhythm {
	var r rhythm.Rhythm
	var dates []time.Time
	rng := rand.New(rand.NewPCG(3, 4))
	at := monday
	for range n {
		at = at.Add(-time.Duration(rng.ExpFloat64() * float64(step)))
		dates = append(dates, at)
	}
	r.Fill(dates, monday)
	return &r
}

func TestInterval(t *testing.T) {
	cfg := Config{MinInterval: time.Minute, MaxInterval: 24 * time.Hour, Price: 0.1}
	h, m := time.Hour, time.Minute
	none := &rhythm.Rhythm{}
	f := func(what string, st news.FeedState, r *rhythm.Rhythm, w wishes, low, high time.Duration) {
		t.Helper()
		st.LastPoll = monday
		if d := clockwork(cfg).interval(&st, r, w, monday.Add(-80*time.Hour), 0); d < low || d > high {
			t.Errorf("%s: %v, want %v to %v", what, d, low, high)
		}
	}
	f("never had an item, for 80 hours", news.FeedState{}, none, wishes{}, 10*h, 10*h)
	hourly := news.FeedState{Filled: true, Items: 40}
	f("an item an hour", hourly, every(h, 40), wishes{}, 10*m, 50*m)
	f("an item a minute: often", hourly, every(m, 40), wishes{}, m, 8*m)
	f("a Retry-After", hourly, every(m, 40), wishes{least: 3 * h}, 3*h, 3*h)
	f("within the ceiling", hourly, every(m, 40), wishes{least: 99 * h}, 24*h, 24*h)
	f("freshness is only a hint", hourly, every(2*h, 40), wishes{freshness: 99 * h}, 50*m, 70*m)
	f("ttl", news.FeedState{Filled: true, Items: 400, Wait: 2400}, every(20*m, 40), wishes{}, 38*m, 50*m)
	f("first failure", news.FeedState{Filled: true, Failures: 1}, every(m, 40), wishes{}, m, m)
	f("doubled three times", news.FeedState{Filled: true, Failures: 4}, every(m, 40), wishes{}, 8*m, 8*m)
	f("never dead", news.FeedState{Filled: true, Failures: 1000}, every(m, 40), wishes{}, 24*h, 24*h)
	f("a failure and a wish", news.FeedState{Failures: 2}, none, wishes{least: 7 * m}, 7*m, 7*m)
	if d := clockwork(cfg).interval(&hourly, every(40*h, 40), wishes{}, monday, 30*m); d != 10*m {
		t.Errorf("after a gap of half an hour: %v", d)
	}
	cfg = Config{MinInterval: time.Second, MaxInterval: time.Second}
	f("floor and ceiling hold", news.FeedState{Filled: true, Failures: 7}, none, wishes{least: h}, time.Second, time.Second)
	cfg = Config{MinInterval: m, MaxInterval: 1000 * 24 * h}
	f("a day at most", news.FeedState{Failures: 60}, none, wishes{}, 24*h, 24*h)
	cfg = Config{MinInterval: 1000 * 24 * h, MaxInterval: 90000 * 24 * h}
	f("no overflow", news.FeedState{Failures: 60}, none, wishes{}, 1000*24*h, 1000*24*h)
}

func TestIntervalSkips(t *testing.T) {
	p := clockwork(Config{MinInterval: time.Minute, MaxInterval: 24 * time.Hour, Price: 0.1})
	st := news.FeedState{Filled: true, Items: 40, LastPoll: monday}
	for h := 13; h < 22; h++ { // it is noon
		st.SkipHours |= 1 << h
	}
	r := every(3*time.Hour, 40)
	if at := monday.Add(p.interval(&st, r, wishes{}, monday, 0)); at.Hour() < 22 && at.Hour() >= 13 {
		t.Errorf("asked at %v, which the publisher does not want", at)
	}
	if got := daysOf(1<<0 | 1<<6); fmt.Sprint(got) != "[Sunday Saturday]" {
		t.Error(got)
	}
}

// What the feeds ask for is brought into the budget, by those that bring little.
func TestIntervalBudget(t *testing.T) {
	const feeds = 2000
	p := clockwork(Config{MinInterval: time.Minute, MaxInterval: 24 * time.Hour, Price: 0.1, Budget: 0.5})
	pt := p.newPartition(0)
	entries := make([]*feedEntry, feeds)
	busy, quiet := every(20*time.Minute, 40), every(12*time.Hour, 40)
	rhythmOf := func(i int) *rhythm.Rhythm {
		if i%2 == 0 {
			return busy
		}
		return quiet
	}
	for i := range entries {
		entries[i] = &feedEntry{state: &news.FeedState{Filled: true, LastPoll: monday}}
	}
	for range 6 {
		for i, e := range entries {
			pt.plan(e, p.interval(e.state, rhythmOf(i), wishes{}, monday, 0))
		}
	}
	sum := 0.0
	for _, e := range entries {
		sum += 1 / e.planned.Seconds()
	}
	if sum > 0.55 || sum < 0.3 {
		t.Errorf("%.2f fetches a second are planned, the budget is 0.5", sum)
	}
	if entries[0].planned >= entries[1].planned {
		t.Errorf("the busy feed waits %v, the quiet one %v", entries[0].planned, entries[1].planned)
	}
	for _, e := range entries {
		pt.plan(e, 0)
	}
	if d := p.budget.Demand(); d > 1e-6 {
		t.Errorf("nobody is left, and asks for %v fetches a second", d)
	}
}

func TestFirst(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	f := func(min, max time.Duration, last, next, low, high time.Duration) {
		t.Helper()
		cfg := Config{MinInterval: min, MaxInterval: max}
		st := &news.FeedState{LastPoll: monday.Add(last), NextPoll: monday.Add(next)}
		for range 50 {
			at, planned := first(cfg, st, monday, rng.Float64)
			if d := at.Sub(monday); d < low || d > high || planned < min || planned > max {
				t.Fatalf("%v..%v, last %v, next %v: in %v of %v, want %v to %v", min, max, last, next, d, planned, low, high)
			}
		}
	}
	h, m, s := time.Hour, time.Minute, time.Second
	if got, _ := first(DefaultConfig(), &news.FeedState{}, monday, rng.Float64); got != monday {
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

// A stored state may be older than the polls after it.
func TestResume(t *testing.T) {
	f := func(what string, alive, random float64, failures int, last, next float64) {
		t.Helper()
		at := func(hours float64) time.Time { return monday.Add(time.Duration(hours * float64(time.Hour))) }
		st := &news.FeedState{LastPoll: at(0), LastSuccess: at(0), NextPoll: at(1), Failures: failures}
		resume(st, at(alive), func() float64 { return random })
		success := at(last)
		if failures > 0 {
			success = at(0)
		}
		if !st.LastPoll.Equal(at(last)) || !st.NextPoll.Equal(at(next)) || !st.LastSuccess.Equal(success) {
			t.Errorf("%s: %v, success %v, next %v", what, st.LastPoll, st.LastSuccess, st.NextPoll)
		}
	}
	f("polled until half an hour after", 0.5, 0.5, 0, 0, 1)
	f("polled for ten hours after", 10, 0.5, 0, 9.5, 10.5)
	f("just polled", 10, 0, 0, 10, 11)
	f("polled once more at least", 1.2, 0.9, 0, 1, 2)
	f("failing all the while", 10, 0.5, 3, 9.5, 10.5)
	if got := lastAlive(aliveUntil(monday)); !got.Equal(monday) {
		t.Error(got)
	}
	if !lastAlive("").IsZero() || !lastAlive("polled until noon").IsZero() {
		t.Error("no time was taken for one")
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
		{MinInterval: time.Hour, MaxInterval: time.Hour, Workers: 1, Budget: -1},
		{MinInterval: time.Hour, MaxInterval: time.Hour, Workers: 1, Price: math.NaN()},
		{MinInterval: time.Hour, MaxInterval: time.Hour, Workers: 1, FullText: "sometimes"},
		{MinInterval: time.Hour, MaxInterval: time.Hour, Workers: 1, FullTextSources: []string{"https://example.org"}},
	} {
		if c.Validate() == nil {
			t.Errorf("%+v was accepted", c)
		}
	}
}
