package rhythm

import (
	"math/rand/v2"
	"testing"
	"time"
)

var start = time.Date(2024, 3, 4, 10, 17, 0, 0, time.UTC)

// taught is a feed of rate items an hour, polled for two weeks.
func taught(rate float64) *Rhythm {
	rng := rand.New(rand.NewPCG(1, 2))
	r := new(Rhythm)
	for t := start; t.Before(start.Add(14 * 24 * time.Hour)); t = t.Add(30 * time.Minute) {
		var dates []time.Time
		for x := rng.ExpFloat64() / rate; x < 0.5; x += rng.ExpFloat64() / rate {
			dates = append(dates, t.Add(time.Duration(x*float64(time.Hour))))
		}
		r.Observe(t, t.Add(30*time.Minute), len(dates), dates)
	}
	return r
}

func BenchmarkInterval(b *testing.B) {
	r := taught(1)
	p := Policy{Floor: time.Minute, Ceiling: 24 * time.Hour, Price: 1}
	b.ReportAllocs()
	for b.Loop() {
		r.Interval(p, start.Add(14*24*time.Hour), 20)
	}
}

func BenchmarkObserve(b *testing.B) {
	r := taught(1)
	t := start.Add(14 * 24 * time.Hour)
	dates := []time.Time{t.Add(5 * time.Minute), t.Add(17 * time.Minute)}
	b.ReportAllocs()
	for b.Loop() {
		c := *r
		c.Observe(t, t.Add(time.Hour), 2, dates)
	}
}
