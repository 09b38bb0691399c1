package rhythm

import (
	"time"
)

// Policy bounds and prices polls. Floor and Ceiling hold always; the publisher's
// wishes hold where they do not let the feed's window roll over unseen.
type Policy struct {
	Floor, Ceiling time.Duration  // between two polls
	Price          float64        // item-hours of delay that one fetch is worth
	Hint           time.Duration  // the publisher asks not to come sooner (ttl, updatePeriod, max-age); 0: nothing
	SkipHours      []int          // hours of the day, 0-23 UTC, in which the publisher asks not to come
	SkipDays       []time.Weekday // days, UTC, in which he asks not to come
}

const (
	cells   = 96  // of the plan
	windowZ = 2.5 // standard deviations above the expectation that must still fit a feed's window
)

// Interval says how long to wait after a poll at from until the next. window is
// the number of items that the feed shows; 0: unknown.
//
// A poll costs p.Price, an item that waits an hour costs 1. For a constant rate
// the cheapest interval is sqrt(2 Price / rate) (the square-root rule of
// inspection; for feeds: Sia, Cho and Cho 2007). For a rate that follows the
// hour, Interval plans the polls of the next hours together by dynamic
// programming over a grid of times and returns the first of them.
func (r *Rhythm) Interval(p Policy, from time.Time, window int) time.Duration {
	floor := max(p.Floor, time.Second)
	ceiling := max(p.Ceiling, floor)
	if !sane(from.Unix()) || !(p.Price >= 0) {
		return ceiling
	}
	pl := plan{price: max(p.Price, 1e-9), start: seconds(from), floor: floor.Hours(), ceiling: ceiling.Hours()}
	r.shape.shape(&pl.shape, float64(r.level.hours))
	pl.skip(p)
	pl.lay(r)
	latest := pl.ceiling
	if window > 0 {
		latest = min(latest, pl.reach(r, float64(window)))
	}
	earliest := max(pl.floor, min(p.Hint.Hours(), 24))
	return min(max(duration(pl.first(earliest, latest)), floor), ceiling)
}
