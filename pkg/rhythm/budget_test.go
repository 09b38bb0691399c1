package rhythm

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"sync"
	"testing"
	"time"
)

// flock is many feeds whose intervals answer to the price as real ones do.
type flock struct {
	due   []float64 // seconds
	feed  []int
	rate  []float64 // items an hour
	was   []time.Duration
	polls []int
}

func (f *flock) Len() int           { return len(f.due) }
func (f *flock) Less(i, j int) bool { return f.due[i] < f.due[j] }
func (f *flock) Swap(i, j int) {
	f.due[i], f.due[j] = f.due[j], f.due[i]
	f.feed[i], f.feed[j] = f.feed[j], f.feed[i]
}
func (f *flock) Push(any) {}
func (f *flock) Pop() any { return nil }

func (f *flock) interval(i int, price float64) time.Duration {
	h := math.Sqrt(2 * price / f.rate[i])
	return time.Duration(min(max(h, 5.0/60), 24) * float64(time.Hour))
}

func newFlock(n int) *flock {
	rng := rand.New(rand.NewPCG(3, 1))
	f := &flock{due: make([]float64, n), feed: make([]int, n), rate: make([]float64, n), was: make([]time.Duration, n), polls: make([]int, n)}
	for i := range n {
		f.feed[i] = i
		f.rate[i] = min(0.6*math.Exp(2.6*rng.NormFloat64()), 600) / 24
	}
	return f
}

// TestBudgetHundredThousand lets 100,000 feeds ask for more than the limit for
// two virtual days, then lets half of them go.
func TestBudgetHundredThousand(t *testing.T) {
	const limit, base = 8.0, 0.01
	f := newFlock(100_000)
	b := NewBudget(limit, base)
	rng := rand.New(rand.NewPCG(4, 1))
	for i := range f.due { // all known at once, as after a start
		f.was[i] = f.interval(i, b.Price())
		b.Plan(0, f.was[i])
		f.due[i] = rng.Float64() * f.was[i].Seconds()
	}
	heap.Init(f)
	started, hour, worst, gone := 0, 0.0, 0.0, false
	var prices []float64
	var lag float64
	start := time.Unix(1e9, 0)
	for now := 0.0; now < 5*86400; {
		i := f.feed[0]
		if f.rate[i] < 0 { // removed
			f.due[0] = math.Inf(1)
			heap.Fix(f, 0)
			continue
		}
		now = max(now, f.due[0])
		for {
			wait := b.Take(start.Add(time.Duration(now * 1e9)))
			if wait == 0 {
				break
			}
			now += wait.Seconds()
		}
		started++
		f.polls[i]++
		if now > 86400 && now < 2*86400 {
			lag = max(lag, now-f.due[0])
		}
		is := f.interval(i, b.Price())
		b.Plan(f.was[i], is)
		f.was[i] = is
		f.due[0] = now + is.Seconds()*(0.95+0.1*rng.Float64())
		heap.Fix(f, 0)
		if now >= hour+3600 {
			rate := float64(started) / (now - hour)
			if rate > limit*1.01 {
				t.Errorf("hour %.0f: %.2f starts a second, limit %v", now/3600, rate, limit)
			}
			if now > 86400 && now < 2*86400 { // settled
				worst = max(worst, math.Abs(b.Demand()/(limit*budgetUse)-1))
				prices = append(prices, b.Price())
			}
			hour, started = now, 0
		}
		if now > 2*86400 && !gone {
			gone = true
			for i, n := range f.polls { // ceiling of a day, twice
				if n == 0 || i%10 == 0 && n > 2*24*12+2 {
					t.Fatalf("feed %d was polled %d times in two days", i, n)
				}
			}
			for i := range f.rate {
				if i%10 != 0 {
					b.Plan(f.was[i], 0)
					f.rate[i] = -1
				}
			}
		}
	}
	if worst > 0.03 {
		t.Errorf("demand was up to %.1f %% off its target", 100*worst)
	}
	for i := 1; i < len(prices); i++ {
		if r := prices[i] / prices[i-1]; r > 1.1 || r < 0.9 {
			t.Errorf("price swings: %.3g then %.3g in an hour", prices[i-1], prices[i])
		}
	}
	if lag > 60 {
		t.Errorf("a fetch waited %.0f s at 95 %% of the limit", lag)
	}
	settled := prices[len(prices)-1]
	if p := b.Price(); p > settled/20 {
		t.Errorf("price %.3g once nine tenths of the feeds are gone, was %.3g", p, settled)
	}
	t.Logf("demand within %.2f %% of its target, price %.3g, then %.3g; longest wait %.1f s", 100*worst, settled, b.Price(), lag)
}

func TestBudgetEmpty(t *testing.T) {
	b := NewBudget(1, 0.1)
	for range 1000 {
		b.Plan(0, time.Second)
	}
	if p := b.Price(); p < 1000 {
		t.Errorf("price %v while demand is 1000 times the limit", p)
	}
	for range 1000 {
		b.Plan(time.Second, 0)
	}
	if p, d := b.Price(), b.Demand(); p != 0.1 || d != 0 {
		t.Errorf("price %v and demand %v without feeds, want 0.1 and 0", p, d)
	}
	if NewBudget(0, 0.1).Take(time.Unix(5, 0)) != 0 {
		t.Error("a budget without a limit makes one wait")
	}
}

func TestBudgetTake(t *testing.T) {
	b := NewBudget(100, 0.1)
	now := time.Unix(1e9, 0)
	n := 0
	for end := now.Add(10 * time.Second); now.Before(end); {
		wait := b.Take(now)
		if wait == 0 {
			n++
			continue
		}
		if wait > 11*time.Millisecond {
			t.Fatalf("waits %v at 100 a second", wait)
		}
		now = now.Add(wait)
	}
	if n < 1000 || n > 1030 {
		t.Errorf("%d starts in 10 s, limit 100 a second", n)
	}
	// Many at once take no more than one would.
	now = now.Add(time.Hour)
	var wg sync.WaitGroup
	var mu sync.Mutex
	got := 0
	for range 8 {
		wg.Go(func() {
			for range 100 {
				if b.Take(now) == 0 {
					mu.Lock()
					got++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if want := int(budgetBurst * 100); got != want {
		t.Errorf("%d starts at one moment, want %d", got, want)
	}
}

func BenchmarkTake(b *testing.B) {
	bud := NewBudget(1e6, 1)
	now := time.Unix(1e9, 0)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			bud.Take(now)
		}
	})
}
