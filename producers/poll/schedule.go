package poll

import (
	"math"
	"math/rand/v2"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// learn updates a feed's expected arrivals an hour with what one poll brought:
// an exponentially weighted mean whose memory is about ten polls.
func learn(rate float64, fresh int, since time.Duration) float64 {
	hours := math.Max(since.Hours(), 1.0/3600)
	now := float64(fresh) / hours
	if rate == 0 {
		return now
	}
	const weight = 0.1
	return rate + weight*(now-rate)
}

// interval says how long to wait until the next poll: until about one new item
// is expected, but well before the feed's window can have rolled over, longer
// after failures, and never sooner than the publisher asks (hint), all within
// the configured bounds.
func interval(cfg Config, st *news.FeedState, hint time.Duration, rng *rand.Rand) time.Duration {
	d := cfg.MaxInterval
	switch {
	case st.Failures > 0:
		d = backoff(cfg, st.Failures)
	case st.Rate > 0:
		hours := 1 / st.Rate
		if st.Items > 0 {
			hours = min(hours, float64(st.Items)/4/st.Rate)
		}
		d = time.Duration(min(hours, cfg.MaxInterval.Hours()) * float64(time.Hour))
	case !st.Filled:
		d = cfg.MinInterval
	}
	// The jitter keeps feeds apart that were added or failed together.
	d = max(time.Duration(float64(d)*(0.9+0.2*rng.Float64())), hint)
	return min(max(d, cfg.MinInterval), cfg.MaxInterval)
}

// backoff doubles the shortest interval with each failure in a row.
func backoff(cfg Config, failures int) time.Duration {
	d := cfg.MinInterval
	for ; failures > 1; failures-- {
		if d > cfg.MaxInterval/2 {
			return cfg.MaxInterval
		}
		d *= 2
	}
	return d
}

// first says when a feed is polled after a start: when its state says, if that
// is within the bounds, and else spread over its interval or a minute, so that
// a restart does not ask everybody at once.
func first(cfg Config, st *news.FeedState, now time.Time, rng *rand.Rand) time.Time {
	last := st.LastPoll
	if last.IsZero() {
		return now
	}
	if last.After(now) { // the clock was wrong then or is now
		last = now
	}
	next := st.NextPoll
	if earliest := last.Add(cfg.MinInterval); next.Before(earliest) {
		next = earliest
	}
	if latest := last.Add(cfg.MaxInterval); next.After(latest) {
		next = latest
	}
	if next.Before(now) {
		spread := min(next.Sub(last), time.Minute)
		next = now.Add(time.Duration(rng.Float64() * float64(spread)))
	}
	return next
}

// queue holds feeds by the time of their next poll; it is a container/heap.
type queue []*feedEntry

type feedEntry struct {
	sub     *news.Feed
	state   *news.FeedState
	seen    seen
	due     time.Time // by the schedule
	next    time.Time // due, or when its host may be asked
	index   int       // in the queue; -1 while a fetch is under way
	removed bool
}

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].next.Before(q[j].next) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i]; q[i].index, q[j].index = i, j }

// Push is for container/heap.
func (q *queue) Push(x any) {
	e := x.(*feedEntry)
	e.index = len(*q)
	*q = append(*q, e)
}

// Pop is for container/heap.
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	e.index = -1
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return e
}
