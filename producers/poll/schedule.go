package poll

import (
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/rhythm"
)

// Bounds of the schedule that no configuration moves.
const (
	longest = 24 * time.Hour // a feed that fails is asked once a day at least, and never given up
	politeH = time.Hour      // of freshness that an answer or a document claims, at most
	catchUp = time.Minute    // over which feeds are spread that are overdue after a start
)

// wishes is what a publisher asks of pollers.
type wishes struct {
	least     time.Duration // not to come back sooner (Retry-After)
	freshness time.Duration // as long nothing changes (Cache-Control, Expires); only a hint
}

// interval says how long to wait until the next poll of a feed. After a success
// its rhythm decides, at the price of the moment, within what the publisher
// asks; a feed that has never had an item is asked less often the longer that
// goes on. After a failure the shortest interval doubles. A time in which items
// may have been missed (gap; 0: none) was too long by far. Jitter keeps feeds
// apart that were added or failed together. Floor and ceiling hold always.
func (p *Poller) interval(st *news.FeedState, r *rhythm.Rhythm, w wishes, added time.Time, gap time.Duration) time.Duration {
	at := st.LastPoll
	floor, ceiling := p.cfg.MinInterval, p.cfg.MaxInterval
	var d time.Duration
	switch {
	case st.Failures > 0:
		d = backoff(floor, min(ceiling, max(longest, floor)), st.Failures)
	case !st.Filled:
		d = max(floor, min(at.Sub(added)/8, longest))
	default:
		d = r.Interval(rhythm.Policy{
			Floor: floor, Ceiling: ceiling, Price: p.budget.Price(), Hint: p.hint(st, w),
			SkipHours: hoursOf(st.SkipHours), SkipDays: daysOf(st.SkipDays),
		}, at, st.Items)
	}
	if gap > 0 {
		d = min(d, gap/3)
	}
	d = max(time.Duration(float64(d)*(0.95+0.1*p.random())), w.least)
	return min(max(d, floor), ceiling)
}

// hint is what a publisher says of how often it is worth to ask. Many say it by
// mistake: beyond an hour the feed's rhythm knows better.
func (p *Poller) hint(st *news.FeedState, w wishes) time.Duration {
	return min(max(time.Duration(st.Wait)*time.Second, w.freshness), politeH)
}

func hoursOf(bits uint32) (out []int) {
	for h := range 24 {
		if bits&(1<<h) != 0 {
			out = append(out, h)
		}
	}
	return out
}

func daysOf(bits uint8) (out []time.Weekday) {
	for d := range 7 {
		if bits&(1<<d) != 0 {
			out = append(out, time.Weekday(d))
		}
	}
	return out
}

// backoff doubles the shortest interval with each failure in a row.
func backoff(floor, ceiling time.Duration, failures int) time.Duration {
	d := floor
	for ; failures > 1; failures-- {
		if d > ceiling/2 {
			return ceiling
		}
		d *= 2
	}
	return min(d, ceiling)
}

// first says when a feed is polled after a start, and the interval that it is
// polled at: when its state says, if that is within the bounds; overdue feeds
// are spread over their interval or a minute, so that a restart does not ask
// everybody at once.
func first(cfg Config, st *news.FeedState, now time.Time, random func() float64) (next time.Time, planned time.Duration) {
	last := st.LastPoll
	if last.IsZero() {
		return now, cfg.MinInterval
	}
	if last.After(now) { // the clock was wrong then or is now
		last = now
	}
	next = st.NextPoll
	if earliest := last.Add(cfg.MinInterval); next.Before(earliest) {
		next = earliest
	}
	if latest := last.Add(cfg.MaxInterval); next.After(latest) {
		next = latest
	}
	planned = next.Sub(last)
	if next.Before(now) {
		next = now.Add(time.Duration(random() * float64(min(planned, catchUp))))
	}
	return next, planned
}
