// Package rhythm learns when a feed brings something new, and says when to look
// again, what to expect until then, and whether its silence is its own.
//
// It is pure: values in, values out, no clock and no I/O. A Rhythm is a small
// value that travels in binary form with a feed's state.
package rhythm

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// Rhythm is what has been learned of the arrivals in one feed. The zero value
// knows nothing.
type Rhythm struct {
	rate float64 // arrivals an hour
	seen float64 // hours of evidence
}

// Fill learns from the publication dates of a first fill, as of now.
func (r *Rhythm) Fill(dates []time.Time, now time.Time) {
	var oldest, newest time.Time
	n := 0
	for _, t := range dates {
		if t.IsZero() || t.After(now) {
			continue
		}
		if n++; n == 1 || t.Before(oldest) {
			oldest = t
		}
		if t.After(newest) {
			newest = t
		}
	}
	r.rate = 1
	if n > 1 && newest.After(oldest) {
		r.rate = float64(n-1) / newest.Sub(oldest).Hours()
		r.seen = newest.Sub(oldest).Hours()
	}
}

// Observe learns that fresh items came between two polls. dates are the
// publication dates of these items, as far as the feed gives them; they may be
// wrong.
func (r *Rhythm) Observe(from, to time.Time, fresh int, dates []time.Time) {
	hours := max(to.Sub(from).Hours(), 1.0/3600)
	if r.seen == 0 {
		r.rate = float64(fresh) / hours
	} else {
		r.rate += 0.1 * (float64(fresh)/hours - r.rate)
	}
	r.seen += hours
}

// Expected is the expected number of arrivals between two times; 0 where
// nothing is known.
func (r *Rhythm) Expected(from, to time.Time) float64 { return r.rate * max(0, to.Sub(from).Hours()) }

// Rate is the expected number of arrivals an hour, over a whole week.
func (r *Rhythm) Rate() float64 { return r.rate }

// Policy bounds and prices polls.
type Policy struct {
	Floor, Ceiling time.Duration // between two polls
	Price          float64       // item-hours of delay that one fetch is worth
}

// Interval says how long to wait after a poll at from until the next. window is
// the number of items that the feed shows; 0: unknown.
func (r *Rhythm) Interval(p Policy, from time.Time, window int) time.Duration {
	d := p.Ceiling
	if r.rate > 0 {
		hours := math.Sqrt(2 * p.Price / r.rate)
		if window > 0 {
			hours = min(hours, float64(window)/4/r.rate)
		}
		d = time.Duration(min(hours, p.Ceiling.Hours()) * float64(time.Hour))
	}
	return min(max(d, p.Floor), p.Ceiling)
}

// Quiet weighs a time without anything new: how many items it should have
// brought, and the probability that a feed of this rhythm is that quiet.
func (r *Rhythm) Quiet(lastNew, now time.Time) (expected, p float64) {
	expected = r.Expected(lastNew, now)
	return expected, math.Exp(-expected)
}

// AppendBinary appends the binary form.
func (r *Rhythm) AppendBinary(b []byte) ([]byte, error) {
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(r.rate))
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(r.seen)), nil
}

var errForm = errors.New("not the binary form of a rhythm")

// UnmarshalBinary reads the binary form. Nothing at all is the zero value.
func (r *Rhythm) UnmarshalBinary(b []byte) error {
	*r = Rhythm{}
	if len(b) == 0 {
		return nil
	}
	if len(b) != 16 {
		return errForm
	}
	r.rate = math.Float64frombits(binary.LittleEndian.Uint64(b))
	r.seen = math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
	return nil
}
