// Package rhythm learns when a feed brings something new, and says when to look
// again, what to expect until then, and whether its silence is its own.
//
// It is pure: values in, values out, no clock and no I/O. A Rhythm is a small
// value (a quarter of a kilobyte) that travels in binary form with a feed's
// state; a Budget keeps the polls of many feeds within what one poller may
// spend. All times are read in UTC, rates are an hour. Only AppendBinary and
// Fill allocate.
//
// Arrivals are modelled as batches: a Poisson process of batch times whose rate
// is level x hour of the day x day of the week x five minutes of the hour, each
// batch bringing several items. The level moves at three speeds (see level).
package rhythm

import (
	"math"
	"slices"
	"time"
)

const (
	batchSpan = 5 * 60        // seconds: items nearer together than this came at once
	batchMem  = 200           // batches that the mean batch size and the dispersion remember
	maxDates  = 128           // dates of one poll that are looked at one by one
	maxFresh  = 10_000        // items of one poll that count
	maxLag    = 13 * 3600     // seconds that a feed's clock may be off before its dates are not used
	firstDate = 631_152_000   // 1990: publication dates before it are mistakes
	maxUnix   = math.MaxInt32 // times beyond it are mistakes too
)

// Rhythm is what has been learned of the arrivals in one feed. The zero value
// knows nothing. It is not safe for concurrent use.
type Rhythm struct {
	at    int64 // Unix second up to which arrivals are known; 0: nothing is known
	last  int64 // Unix second of the latest batch; 0: none
	level level
	shape counts

	items, batches float32 // recent items and batches: their ratio is the mean batch size
	square, mean   float32 // squared errors and expectations of recent polls: their ratio is the dispersion
	usual          float32 // batches an hour before the present silence
	longest        float32 // the longest usual gap, in batches that were expected meanwhile
	lag            float32 // seconds by which items appear later than they are dated; negative: earlier
	trust          float32 // share of dates that fit their poll, 0-1
}

// Fill learns from the publication dates of a first fill, as of now. Dates may
// be missing, equal, unordered or wrong.
func (r *Rhythm) Fill(dates []time.Time, now time.Time) {
	*r = Rhythm{}
	if !sane(now.Unix()) {
		return
	}
	end := now.Unix()
	r.at, r.trust, r.level = end, 0.5, newLevel()
	secs := make([]int64, 0, len(dates))
	coarse := 0
	for _, t := range dates {
		if s := t.Unix(); s >= firstDate && s <= end {
			secs = append(secs, s)
			if midnight(t) {
				coarse++
			}
		}
	}
	slices.Sort(secs)
	secs = living(secs)
	if len(secs) < 2 || secs[len(secs)-1]-secs[0] < batchSpan {
		return // one date says no rate, and equal ones are the clock of the server
	}
	dayOnly := coarse*2 > len(secs) || sameSecond(secs)
	// The shape comes first, so that nights do not count as silence afterwards.
	prev := secs[0]
	each(secs, func(t int64, size int) {
		r.shape.decay(r.level.keep(hours(t - prev)))
		r.shape.add(t, 1, !dayOnly)
		prev = t
	})
	var s shape
	r.shape.shape(&s, hours(end-secs[0]))
	r.level, r.at, r.last = newLevel(), secs[0], secs[0]
	first := true
	each(secs, func(t int64, size int) {
		if first { // what came before the oldest date is unknown
			first = false
			r.sizes(1, float64(size))
			return
		}
		r.advance(&s, t, 1)
		r.sizes(1, float64(size))
		r.arrived(&s, t)
	})
	r.advance(&s, end, 0)
}

// living drops the oldest dates while a gap parts them from the rest that is out
// of all proportion: pinned posts, "about" pages, defaults of a publishing system.
func living(secs []int64) []int64 {
	n := len(secs)
	for i := n - 2; i >= 0; i-- {
		rest := n - 1 - i // dates after the gap
		if span := secs[n-1] - secs[i+1]; rest >= 3 && span > 0 && secs[i+1]-secs[i] > 10*span {
			return secs[i+1:]
		}
	}
	return secs
}

// each calls f for every batch in sorted times, with its first time and size.
func each(secs []int64, f func(t int64, size int)) {
	for i := 0; i < len(secs); {
		j := i + 1
		for j < len(secs) && secs[j]-secs[i] < batchSpan {
			j++
		}
		f(secs[i], j-i)
		i = j
	}
}

// Observe learns that fresh items came between two polls. dates are the
// publication dates of these items, as far as the feed gives them; they may be
// wrong. A poll without anything fresh is evidence too, and so is a failed one
// left out: the next successful poll covers both.
func (r *Rhythm) Observe(from, to time.Time, fresh int, dates []time.Time) {
	a, b := from.Unix(), to.Unix()
	if !sane(b) || a > b || fresh < 0 {
		return
	}
	if r.at == 0 {
		r.level, r.trust = newLevel(), 0.5
		r.at = max(a, 1)
	}
	if !sane(a) || a < r.at { // overlapping polls must not count time twice
		a = min(r.at, b)
	}
	r.at = max(r.at, a) // nobody looked in between
	fresh = min(fresh, maxFresh)
	var s shape
	r.shape.shape(&s, float64(r.level.hours))
	expected := r.expect(&s, float64(a), float64(b))

	var times [maxDates]int64
	n, given, fits, old := r.place(&times, a, b, dates)
	r.believe(given, fits)
	if r.trust >= 0.5 { // items dated long ago were listed again, not published
		fresh = max(fresh-old, min(fresh, 1))
	}
	inside := times[:min(n, fresh)]
	slices.Sort(inside)
	undated := float64(fresh - len(inside))

	dated := 0
	each(inside, func(int64, int) { dated++ })
	groups := r.groups(undated, hours(b-a))
	r.level.score(r.level.slow()*s.mass(float64(a), float64(b)), float64(dated)+groups)
	r.dispersion(float64(fresh), expected)

	if fresh > 0 && r.last > 0 { // the shape of the week does not fade in silence
		r.shape.decay(r.level.keep(hours(b - r.last)))
	}
	start := a
	each(inside, func(t int64, size int) {
		r.advance(&s, t, 1)
		r.sizes(1, float64(size))
		r.arrived(&s, t)
		r.shape.add(t, min(float64(size)/r.batch(), 3), true)
		start = t
	})
	if groups > 0 {
		r.sizes(groups, undated)
		r.shape.spread(&s, a, b, groups)
		mid := max(start, a+(b-a)/2)
		r.advance(&s, mid, groups)
		r.arrived(&s, mid)
	}
	r.advance(&s, b, 0)
}

// Overflow learns from a poll whose feed has rolled over: not one of the items
// known before is left in it, so that some may have come and gone. Only the time
// that the items left over cover tells a rate; without usable dates, half of it.
func (r *Rhythm) Overflow(from, to time.Time, fresh int, dates []time.Time) {
	since := to
	lag := time.Duration(r.lag) * time.Second
	for _, d := range dates {
		if t := d.Add(lag); t.After(from) && t.Before(since) && !midnight(d) {
			since = t
		}
	}
	if since.Equal(to) {
		since = from.Add(to.Sub(from) / 2)
	}
	since = since.Add(-time.Second)
	if a, b := max(from.Unix(), r.at), since.Unix(); r.at > 0 && sane(b) {
		r.shape.assume(a, b, r.level.slow())
	}
	r.Observe(since, to, fresh, dates)
}

// place finds the times in (a, b] at which dated items came. Of the dates that
// are given at all, fits counts those that agree with the poll, old those long
// before it.
func (r *Rhythm) place(times *[maxDates]int64, a, b int64, dates []time.Time) (n, given, fits, old int) {
	for _, d := range dates[:min(len(dates), maxFresh)] {
		if s := d.Unix(); s < firstDate || s > maxUnix {
			continue
		}
		given++
		if midnight(d) {
			if day := d.Unix(); day > a-36*3600 && day <= b+12*3600 {
				fits++ // a date without a time: right, and no help within the day
			} else if day <= a {
				old++
			}
			continue
		}
		t := d.Unix() + int64(r.lag)
		var off int64
		switch {
		case t <= a:
			off = a + 1 - t
		case t > b:
			off = b - t
		}
		if off > maxLag || off < -maxLag {
			if off > 36*3600 {
				old++
			}
			continue
		}
		if off != 0 {
			r.lag = float32(min(max(float64(r.lag)+0.2*float64(off), -maxLag), maxLag))
		}
		if off > 15*60 || off < -15*60 {
			continue
		}
		fits++
		if n < maxDates {
			times[n] = t + off
			n++
		}
	}
	return n, given, fits, old
}

// believe learns which share of a feed's dates fits.
func (r *Rhythm) believe(dates, fits int) {
	if dates > 0 {
		w := 1 - math.Pow(0.95, float64(min(dates, 10)))
		r.trust += float32(w * (float64(fits)/float64(dates) - float64(r.trust)))
	}
}

// groups guesses in how many batches undated items came.
func (r *Rhythm) groups(items, hours float64) float64 {
	if items <= 0 {
		return 0
	}
	n := items / max(r.batch(), math.Sqrt(r.phi()))
	return max(1, min(n, hours*3600/batchSpan))
}

// advance moves the known time to t, where n batches came.
func (r *Rhythm) advance(s *shape, t int64, n float64) {
	if t < r.at {
		t = r.at
	}
	r.level.advance(hours(t-r.at), s.mass(float64(r.at), float64(t)), n)
	r.at = t
}

// arrived notes a batch at t: the gap before it, and the rate by which the next
// silence is to be judged.
func (r *Rhythm) arrived(s *shape, t int64) {
	if r.last > 0 && t > r.last {
		gap := float64(r.usual) * s.mass(float64(r.last), float64(t))
		r.longest = max(r.longest*(1-1.0/(2*batchMem)), float32(min(gap, 1e6)))
	}
	r.last = max(r.last, t)
	r.usual = float32(r.level.slow())
}

// sizes notes that so many batches brought so many items.
func (r *Rhythm) sizes(batches, items float64) {
	keep := float32(math.Exp(-batches / batchMem))
	r.batches = r.batches*keep + float32(batches)
	r.items = r.items*keep + float32(items)
}

// batch is the mean number of items in a batch, 1 or more.
func (r *Rhythm) batch() float64 { return max(1, (2+float64(r.items))/(2+float64(r.batches))) }

// dispersion compares what a poll brought with what was expected.
func (r *Rhythm) dispersion(fresh, expected float64) {
	keep := math.Exp(-expected / batchMem)
	miss := min(fresh-expected, 50*(1+r.batch())) // a flood once is no habit
	r.square = float32(min(float64(r.square)*keep+miss*miss, formMost/10))
	r.mean = float32(min(float64(r.mean)*keep+expected, formMost/10))
}

// phi is the variance of the items in an interval over their mean, 1-400: what
// batches alone explain, or what polls have shown.
func (r *Rhythm) phi() float64 {
	return min(max(1, (4*r.batch()+float64(r.square))/(4+float64(r.mean))), 400)
}

// Rate is the expected number of arrivals an hour, over the week to come.
func (r *Rhythm) Rate() float64 {
	if r.at == 0 {
		return 0
	}
	return r.level.mean(0, 168) * r.batch()
}

// Expected is the expected number of arrivals between two times; 0 where
// nothing is known.
func (r *Rhythm) Expected(from, to time.Time) float64 {
	if r.at == 0 || !to.After(from) {
		return 0
	}
	var s shape
	r.shape.shape(&s, float64(r.level.hours))
	return r.expect(&s, seconds(from), seconds(to))
}

// expect is Expected in Unix seconds.
func (r *Rhythm) expect(s *shape, from, to float64) float64 {
	const horizon = 14 * 24 * 3600 // beyond it the level is the slow one
	sum := 0.0
	end := min(to, max(from, float64(r.at))+horizon)
	for t := from; t < end; {
		next := min((math.Floor(t/3600)+1)*3600, end)
		sum += s.mass(t, next) * r.level.at((t+next)/2-float64(r.at))
		t = next
	}
	if end < to {
		sum += s.mass(end, to) * r.level.slow()
	}
	return sum * r.batch()
}

func hours(seconds int64) float64          { return float64(seconds) / 3600 }
func seconds(t time.Time) float64          { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }
func sane(s int64) bool                    { return s > 0 && s < maxUnix }
func duration(hours float64) time.Duration { return time.Duration(hours * float64(time.Hour)) }

// midnight says whether a date has no time: 00:00:00 in its own zone or in UTC.
func midnight(t time.Time) bool {
	if t.Unix()%86400 == 0 {
		return true
	}
	h, m, s := t.Clock()
	return h|m|s == 0
}

// sameSecond says whether all dates share one time of the day, as those of feeds
// do that know days only and print them in some zone.
func sameSecond(secs []int64) bool {
	for _, t := range secs {
		if t%86400 != secs[0]%86400 {
			return false
		}
	}
	return len(secs) > 2
}
