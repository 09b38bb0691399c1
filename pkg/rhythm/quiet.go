package rhythm

import (
	"math"
	"time"
)

const (
	quietShape = 10   // evidence beyond this many batches does not make a silence more certain
	quietLeast = 5    // batches that must be known before a silence can mean anything
	quietMonth = 1e-3 // false alarms a feed and month that Silent accepts
)

// Quiet weighs a time without anything new: how many items it should have
// brought, and the probability that a feed of this rhythm is that quiet for once.
//
// With x batches expected at the rate before the silence, nights and weekends
// taken out, p = (1 + x/(s k))^-k: the probability of no arrival when the rate is
// known from k batches (gamma-Poisson, k at most 10), and s, 1 or more, stretches
// it by the longest gaps that the feed has shown. Where nothing is known, 0 and 1.
func (r *Rhythm) Quiet(lastNew, now time.Time) (expected, p float64) {
	if r.at == 0 || r.usual == 0 || !now.After(lastNew) || !sane(lastNew.Unix()) {
		return 0, 1
	}
	var s shape
	r.shape.shape(&s, float64(r.level.hours))
	x := float64(r.usual) * s.mass(seconds(lastNew), seconds(now))
	k := min(priorBatches+float64(r.batches), quietShape)
	// The longest of n exponential gaps is ln n + 0.577 on average (Gumbel).
	stretch := max(1, float64(r.longest)/(math.Log(1+float64(r.batches))+0.577))
	return x * r.batch(), math.Pow(1+x/(stretch*k), -k)
}

// Silent says whether a feed without anything new since lastNew should raise an
// alarm: a feed of its rhythm falls that quiet once in a thousand months. A feed
// with many batches a month has many gaps, so its threshold is the lower one:
// p < 0.001 / batches a month.
func (r *Rhythm) Silent(lastNew, now time.Time) bool {
	if r.batches < quietLeast {
		return false
	}
	_, p := r.Quiet(lastNew, now)
	return p*max(1, float64(r.usual)*30*24) < quietMonth
}
