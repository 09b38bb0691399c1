package rhythm

import (
	"math"
	"sync"
	"time"
)

// Budget keeps the fetches that feeds ask for within what one poller may spend:
// it raises the price of a fetch until they fit. It is safe for concurrent use.
type Budget struct {
	mu     sync.Mutex
	limit  float64 // fetches a second; 0: none
	base   float64
	demand float64 // fetches a second that the feeds' intervals add up to, at the price of each plan
}

// NewBudget allows limit fetches a second (0: any number) at a price of at
// least base item-hours.
func NewBudget(limit, base float64) *Budget { return &Budget{limit: limit, base: base} }

// Plan says that the planned interval of one feed has changed from was to is; 0
// stands for a feed that was not there before, or is not any more.
func (b *Budget) Plan(was, is time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if was > 0 {
		b.demand -= 1 / was.Seconds()
	}
	if is > 0 {
		b.demand += 1 / is.Seconds()
	}
}

// Price is what a fetch costs now, in item-hours.
func (b *Budget) Price() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.limit <= 0 || b.demand <= b.limit {
		return b.base
	}
	return b.base * math.Pow(b.demand/b.limit, 2)
}
