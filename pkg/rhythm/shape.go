package rhythm

import "math"

// counts says in which hours of the day, days of the week and five minutes of
// the hour the batches of recent weeks came, all in UTC.
type counts struct {
	hour  [24]float32
	day   [7]float32 // Sunday is 0
	phase [12]float32
}

// How much evidence moves a factor half-way from 1. Hours lean on their
// neighbours first.
const (
	hourWide  = 6
	hourOwn   = 36
	dayOwn    = 14
	phaseOwn  = 60
	shapeMost = 2000 // batches that a shape is made of, at most
	dayLength = 86400
)

// add counts a batch at t; fine: the time of the day is known.
func (c *counts) add(t int64, weight float64, fine bool) {
	w := float32(weight)
	c.day[weekday(t)] += w
	if fine {
		c.hour[t%dayLength/3600] += w
		c.phase[t%3600/300] += w
	}
}

// spread counts n batches that came at unknown times in (a, b], as the shape has
// it and for as much as the interval says.
func (c *counts) spread(s *shape, a, b int64, n float64) {
	all := s.mass(float64(a), float64(b))
	if b-a > 7*dayLength || all <= 0 {
		return
	}
	tellsHour := max(0, 1-float64(b-a)/dayLength)
	tellsDay := max(0, 1-float64(b-a)/(7*dayLength))
	for t := a; t < b; {
		next := min((t/3600+1)*3600, b)
		w := n * s.mass(float64(t), float64(next)) / all
		c.hour[t%dayLength/3600] += float32(w * tellsHour)
		c.day[weekday(t)] += float32(w * tellsDay)
		t = next
	}
}

// assume counts batches at a constant rate over (a, b], a time that nobody saw:
// hours without any count would otherwise pass for quiet ones.
func (c *counts) assume(a, b int64, rate float64) {
	for t := max(a, b-7*dayLength); t < b; {
		next := min((t/3600+1)*3600, b)
		c.hour[t%dayLength/3600] += float32(rate * hours(next-t))
		c.day[weekday(t)] += float32(rate * hours(next-t))
		t = next
	}
}

// decay forgets, so much and whatever is beyond what a shape needs.
func (c *counts) decay(keep float64) {
	sum := float32(0)
	for _, v := range c.day {
		sum += v
	}
	k := min(float32(keep), shapeMost/max(sum, 1))
	for i := range c.hour {
		c.hour[i] *= k
	}
	for i := range c.day {
		c.day[i] *= k
	}
	for i := range c.phase {
		c.phase[i] *= k
	}
}

// shape is what counts mean: factors whose mean over the week is 1.
type shape struct {
	hour [24]float64
	day  [7]float64
	cum  [13]float64 // share of an hour's arrivals before each five minutes of it
}

// shape shrinks the counts to factors. Hours say nothing before each was seen
// once, and all before each was seen twice; days likewise.
func (c *counts) shape(s *shape, hours float64) {
	byHour := min(max(hours/24-1, 0), 1)
	byDay := min(max(hours/168-1, 0), 1)
	n := 0.0
	for _, v := range c.hour {
		n += float64(v)
	}
	for i := range s.hour {
		at := func(d int) float64 { return float64(c.hour[(i+d+24)%24]) }
		wide := (at(-2) + 2*at(-1) + 3*at(0) + 2*at(1) + at(2)) / 9
		near := (24*wide + hourWide) / (n + hourWide)
		s.hour[i] = 1 + byHour*((24*at(0)+hourOwn*near)/(n+hourOwn)-1)
	}
	n = 0
	for _, v := range c.day {
		n += float64(v)
	}
	for i, v := range c.day {
		s.day[i] = 1 + byDay*((7*float64(v)+dayOwn)/(n+dayOwn)-1)
	}
	n = 0
	for _, v := range c.phase {
		n += float64(v)
	}
	for i, v := range c.phase {
		s.cum[i+1] = s.cum[i] + (float64(v)+phaseOwn/12.0)/(n+phaseOwn)
	}
	s.cum[12] = 1
}

// within is the share of an hour's arrivals in its first x, 0-1.
func (s *shape) within(x float64) float64 {
	i := min(int(x*12), 11)
	return s.cum[i] + (s.cum[i+1]-s.cum[i])*(x*12-float64(i))
}

// mass is the integral of the shape over (from, to], Unix seconds, in hours: a
// whole week is 168.
func (s *shape) mass(from, to float64) float64 {
	if to <= from {
		return 0
	}
	sum := 0.0
	if weeks := math.Floor((to - from) / (7 * dayLength)); weeks > 0 {
		sum = weeks * 168
		from += weeks * 7 * dayLength
	}
	h := int64(math.Floor(from / 3600))
	x := from/3600 - float64(h)
	for left := to/3600 - float64(h); left > 0; left-- {
		sum += s.rate(h) * (s.within(min(left, 1)) - s.within(x))
		x = 0
		h++
	}
	return sum
}

// rate is the factor of an hour, counted from 1970.
func (s *shape) rate(hour int64) float64 {
	return s.hour[(hour%24+24)%24] * s.day[weekday(hour*3600)]
}

// weekday of a Unix second; 1970 began on a Thursday.
func weekday(t int64) int { return int(((t/dayLength+4)%7 + 7) % 7) }
