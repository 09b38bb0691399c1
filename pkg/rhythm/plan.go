package rhythm

import "math"

// plan is the grid over which Interval looks ahead. Times are hours after start.
type plan struct {
	shape          shape
	start          float64 // Unix seconds
	age            float64 // seconds from the last observation to start
	price          float64
	floor, ceiling float64
	hours          uint32 // bit i: not in hour i
	days           uint8  // bit i: not on weekday i, Sunday is 0
	lvl            *level
	batch          float64

	usual float64            // the interval at a constant rate
	step  float64            // of the grid
	n     [cells + 1]float64 // items expected until then
	m     [cells + 1]float64 // the same, each times its hour
	cost  [cells + 1]float64 // of the best plan from a poll there on
	next  [cells + 1]int     // the poll after it in that plan
	never [cells + 1]bool    // publisher's wish
}

// skip takes the publisher's wishes; wishes that leave no time at all do not count.
func (p *plan) skip(pol Policy) {
	for _, h := range pol.SkipHours {
		if h >= 0 && h < 24 {
			p.hours |= 1 << h
		}
	}
	for _, d := range pol.SkipDays {
		if d >= 0 && d < 7 {
			p.days |= 1 << d
		}
	}
	if p.hours == 1<<24-1 {
		p.hours = 0
	}
	if p.days == 1<<7-1 {
		p.days = 0
	}
}

// lay sets the grid and the expectations on it.
func (p *plan) lay(r *Rhythm) {
	p.lvl, p.batch = &r.level, r.batch()
	if r.at == 0 {
		p.lvl = &prior
	} else {
		p.age = max(p.start-float64(r.at), 0)
	}
	rate := p.lvl.at(p.age) * p.batch
	p.usual = min(max(math.Sqrt(2*p.price/rate), p.floor), p.ceiling)
	p.step = min(p.usual/8, max(1, p.usual/32))
	for i := 1; i <= cells; i++ {
		n, m := p.part(float64(i-1)*p.step, float64(i)*p.step)
		p.n[i], p.m[i] = p.n[i-1]+n, p.m[i-1]+m
	}
	if p.hours != 0 || p.days != 0 {
		for i := range p.never {
			p.never[i] = !p.allowed(float64(i) * p.step)
		}
	}
}

var prior = newLevel()

// part is the number of items expected in a short time, and their times' sum.
func (p *plan) part(from, to float64) (n, m float64) {
	mid := (from + to) / 2
	n = p.shape.mass(p.start+from*3600, p.start+to*3600) * p.lvl.at(p.age+mid*3600) * p.batch
	return n, n * mid
}

// until is part from the start on.
func (p *plan) until(t float64) (n, m float64) {
	i := min(int(t/p.step), cells)
	n, m = p.part(float64(i)*p.step, t)
	return p.n[i] + n, p.m[i] + m
}

// allowed says whether the publisher lets one come at t.
func (p *plan) allowed(t float64) bool {
	s := int64(p.start + t*3600)
	return p.hours>>(s%dayLength/3600)&1 == 0 && p.days>>weekday(s)&1 == 0
}

// solve finds the cheapest plan from every time on: each poll costs the price,
// each item the hours until the poll that finds it.
func (p *plan) solve() {
	least := max(1, int(math.Ceil(p.floor/p.step)))
	most := max(least, int(p.ceiling/p.step))
	for i := cells - 1; i > 0; i-- {
		// The end of the grid cuts the last interval off. At a constant rate, what
		// an item costs from then on comes to the usual interval, in the long run.
		best := (p.n[cells] - p.n[i]) * p.usual
		if float64(cells-i)*p.step > p.usual {
			best = p.wait(i, cells) + p.price
		}
		p.next[i] = cells
		for j := i + least; j <= min(cells, i+most); j++ {
			if p.never[j] && j < i+most {
				continue
			}
			if c := p.price + p.wait(i, j) + p.cost[j]; c < best {
				best, p.next[i] = c, j
			}
		}
		p.cost[i] = best
	}
}

// wait is the sum of the hours that the items between two polls wait.
func (p *plan) wait(i, j int) float64 {
	return float64(j)*p.step*(p.n[j]-p.n[i]) - (p.m[j] - p.m[i])
}

// first is the time of the first poll of the cheapest plan, within bounds, of
// which the latest is the stronger one.
func (p *plan) first(earliest, latest float64) float64 {
	if earliest >= latest {
		return latest
	}
	p.solve()
	at, best := 0, math.Inf(1)
	for j := max(1, int(math.Ceil(earliest/p.step))); j <= min(cells, int(latest/p.step)); j++ {
		if p.never[j] {
			continue
		}
		if c := p.wait(0, j) + p.cost[j]; c < best {
			at, best = j, c
		}
	}
	if at == 0 {
		// All of the grid is wished away, or before the earliest time.
		for t := max(p.usual, earliest); t < min(latest, 8*24); t += 1.0 / 6 {
			if p.allowed(t) {
				return t
			}
		}
		return latest
	}
	return p.refine(at, earliest, latest)
}

// refine moves the first poll between its neighbours on the grid, with the second
// one fixed: a poll belongs just after the minutes in which items come.
func (p *plan) refine(at int, earliest, latest float64) float64 {
	second := p.next[at]
	n2, m2 := p.n[second], p.m[second]
	t2 := float64(second) * p.step
	best := float64(at) * p.step
	lo, hi := max(earliest, best-p.step), min(latest, best+p.step, t2)
	cost := func(t float64) float64 {
		n, m := p.until(t)
		return t*n - m + t2*(n2-n) - (m2 - m)
	}
	least := cost(best)
	try := func(t float64) {
		if t > lo && t < hi && (p.hours == 0 && p.days == 0 || p.allowed(t)) {
			if c := cost(t); c < least {
				best, least = t, c
			}
		}
	}
	if p.step < 1.0/12 {
		for k := 1.0; k < 8; k++ {
			try(lo + (hi-lo)*k/8)
		}
		return best
	}
	const mark = 1.0 / 12 // hours
	begin := math.Ceil((p.start/3600+lo)/mark) * mark
	for t := begin - p.start/3600; t < hi; t += mark {
		try(t + 1.0/360) // ten seconds after
	}
	return best
}

// reach is the time in which the window may fill when the feed is as busy as any
// of its speeds says, at a high quantile: the time that brings e items on average
// with e + z sqrt(phi e + e²/k) = window, where k is the evidence for the rate.
func (p *plan) reach(r *Rhythm, window float64) float64 {
	k := 4 + float64(p.lvl.batches)
	a, b := 1-windowZ*windowZ/k, 2*window+windowZ*windowZ*r.phi()
	most := 2 * window * window / (b + math.Sqrt(b*b-4*a*window*window))
	most *= p.lvl.at(p.age) / max(p.lvl.busy(), p.lvl.at(p.age))
	for i := 1; i <= cells; i++ {
		if p.n[i] >= most {
			return p.step * (float64(i) - (p.n[i]-most)/(p.n[i]-p.n[i-1]))
		}
	}
	return math.Inf(1)
}
