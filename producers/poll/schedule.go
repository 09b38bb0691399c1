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
// is expected, but well before the feed's window can have rolled over, and
// never sooner than the publisher asks, all within the configured bounds.
func interval(cfg Config, st *news.FeedState, hint time.Duration, rng *rand.Rand) time.Duration {
	d := cfg.MaxInterval
	if st.Rate > 0 {
		hours := 1 / st.Rate
		if window := float64(st.Items) / 4 / st.Rate; st.Items > 0 {
			hours = min(hours, window)
		}
		d = time.Duration(min(hours, cfg.MaxInterval.Hours()) * float64(time.Hour))
	} else if !st.Filled {
		d = cfg.MinInterval
	}
	if st.Failures > 0 {
		d = cfg.MinInterval << min(st.Failures-1, 20)
		if d <= 0 {
			d = cfg.MaxInterval
		}
	}
	d = max(d, hint)
	d = time.Duration(float64(d) * (0.9 + 0.2*rng.Float64()))
	return min(max(d, cfg.MinInterval), cfg.MaxInterval)
}

// first says when a feed is polled after a start: when its state says, if that
// is within the bounds, and else spread over its interval, so that a restart
// does not ask everybody at once.
func first(cfg Config, st *news.FeedState, now time.Time, rng *rand.Rand) time.Time {
	if st.LastPoll.IsZero() {
		return now
	}
	earliest, latest := st.LastPoll.Add(cfg.MinInterval), st.LastPoll.Add(cfg.MaxInterval)
	next := st.NextPoll
	if next.Before(earliest) {
		next = earliest
	}
	if next.After(latest) {
		next = latest
	}
	if next.Before(now) {
		spread := min(next.Sub(st.LastPoll), time.Minute)
		next = now.Add(time.Duration(rng.Float64() * float64(spread)))
	}
	return next
}

// queue holds feeds by the time of their next poll; it is a container/heap.
type queue []*feedEntry

type feedEntry struct {
	sub     *news.Feed
	state   *news.FeedState
	seen    *seen
	next    time.Time
	index   int // in the queue; -1 while a fetch is under way
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
	*q = old[:len(old)-1]
	return e
}
