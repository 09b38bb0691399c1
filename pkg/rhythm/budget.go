package rhythm

import (
	"math"
	"sync"
	"sync/atomic"
	"time"
)

const (
	budgetUse   = 0.95 // of the limit that plans may use: queues grow without end at 1
	budgetDear  = 1e6  // times the base price, at most
	budgetBurst = 0.25 // seconds of starts that may come at once
)

// Budget keeps the fetches that feeds ask for within what one poller may spend:
// it raises the price of a fetch until they fit. It is safe for concurrent use.
//
// The fetches of a feed go with 1/sqrt(price), so each planned feed also counts
// as what it would ask for at a price of 1: its fetches a second times the root
// of its price. The price asked is the one at which the sum of these fits the
// limit. Feeds that do not answer to the price (at their floor or ceiling) are
// counted wrongly at first, and rightly in the limit: while demand is above the
// limit each round of plans raises the price by the square of their ratio.
type Budget struct {
	limit, base float64
	price       atomic.Uint64 // bits of a float64

	mu     sync.Mutex
	demand float64 // fetches a second of all planned feeds
	unit   float64 // the same, each times the root of the price at which it was planned
	feeds  int

	next atomic.Int64 // Unix nanosecond of the next start, if starts were spread evenly
}

// NewBudget allows limit fetches a second (0: any number) at a price of at
// least base item-hours.
func NewBudget(limit, base float64) *Budget {
	b := &Budget{limit: max(limit, 0), base: max(base, 1e-9)}
	b.price.Store(math.Float64bits(b.base))
	return b
}

// Plan says that the planned interval of one feed has changed from was to is; 0
// stands for a feed that was not there before, or is not any more.
func (b *Budget) Plan(was, is time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if was > 0 {
		// At which price that was is forgotten: at the mean one.
		d := 1 / was.Seconds()
		b.unit -= d * b.root()
		b.demand -= d
		b.feeds--
	}
	if is > 0 {
		d := 1 / is.Seconds()
		b.unit += d * math.Sqrt(b.Price())
		b.demand += d
		b.feeds++
	}
	if b.feeds <= 0 || b.demand <= 0 || b.unit <= 0 { // sums of many terms drift
		b.demand, b.unit = max(b.demand, 0), max(b.unit, 0)
		if b.feeds <= 0 {
			b.demand, b.unit, b.feeds = 0, 0, 0
		}
	}
	price := b.base
	if use := b.limit * budgetUse; use > 0 {
		price = min(max(b.base, b.unit/use*b.unit/use), b.base*budgetDear)
	}
	b.price.Store(math.Float64bits(price))
}

// root is the mean root of the prices at which feeds were planned.
func (b *Budget) root() float64 {
	if b.demand <= 0 {
		return math.Sqrt(b.Price())
	}
	return b.unit / b.demand
}

// Price is what a fetch costs now, in item-hours.
func (b *Budget) Price() float64 { return math.Float64frombits(b.price.Load()) }

// Demand is the number of fetches a second that all planned intervals add up to.
func (b *Budget) Demand() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.demand
}

// Take starts one fetch: 0 says go; else nothing was taken, and it is the time
// until there is room for one. Starts are spread evenly, but for a quarter of a
// second's worth that may come at once.
func (b *Budget) Take(now time.Time) time.Duration {
	if b.limit <= 0 {
		return 0
	}
	gap := int64(float64(time.Second) / b.limit)
	slack := max(int64(budgetBurst*float64(time.Second)), gap) - gap
	at := now.UnixNano()
	for {
		next := b.next.Load()
		if wait := next - slack - at; wait > 0 {
			return time.Duration(wait)
		}
		if b.next.CompareAndSwap(next, max(next, at)+gap) {
			return 0
		}
	}
}
