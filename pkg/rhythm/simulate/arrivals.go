// Package simulate shows what schedules of polls cost and bring: it lets feeds
// publish, synthetic ones and recorded ones, polls them by several rules, and
// compares the delay until an item is found with the fetches spent.
//
// Every rule sees what its own polls bring and nothing else; only the oracle
// knows the rates. The same options give the same report.
package simulate

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// Item is one publication.
type Item struct {
	At   int64 // Unix second from which the feed shows it
	Date int64 // Unix second of its publication, as the feed says; 0: the feed has no dates
}

// Feed is one feed over the time of a simulation.
type Feed struct {
	Process string
	Window  int                          // items shown
	Items   []Item                       // by At
	First   int64                        // seconds after the start of the simulation of the first poll
	Rate    func(second float64) float64 // items an hour, for the oracle; nil: unknown
}

// The synthetic processes. All have rates as different from feed to feed as
// those of real feeds (log-normal), but for the blogs.
const (
	Wire     = "wire"        // a constant rate, day and night
	Paper    = "newspaper"   // follows the day and the week of its country
	Batch    = "batches"     // a newspaper that publishes some items at once
	OnHour   = "on the hour" // a newspaper whose system publishes at :00, or at :00 and :30
	Breaking = "breaking"    // a newspaper with bursts of ten times its rate for some hours
	Late     = "late dates"  // a newspaper whose items appear minutes after their date, or hours off
	Blog     = "blog"        // an item a week
	Holiday  = "resuming"    // a newspaper that pauses for one to three weeks now and then
)

// Processes are all synthetic ones.
var Processes = []string{Wire, Paper, Batch, OnHour, Breaking, Late, Blog, Holiday}

// day is the share of a newsroom's output by its local hour; the mean is 1.
var day = normal([24]float64{.15, .1, .1, .1, .2, .5, 1, 1.6, 2, 2.1, 2, 1.9, 1.7, 1.7, 1.8, 1.8, 1.7, 1.5, 1.2, .9, .7, .5, .4, .25})

func normal(h [24]float64) [24]float64 {
	sum := 0.0
	for _, v := range h {
		sum += v
	}
	for i := range h {
		h[i] *= 24 / sum
	}
	return h
}

// newsroom is the shape of a week: factors of the hour, local, and the weekend.
func newsroom(rng *rand.Rand) func(second float64) float64 {
	zone := float64(rng.IntN(24) * 3600)
	weekend := 0.2 + 0.6*rng.Float64()
	scale := 7 / (5 + 2*weekend)
	depth := 0.4 + 0.6*rng.Float64() // some sleep less
	return func(s float64) float64 {
		local := int64(s + zone)
		f := 1 + depth*(day[local%86400/3600]-1)
		if d := (local/86400 + 4) % 7; d == 0 || d == 6 {
			return f * weekend * scale
		}
		return f * scale
	}
}

// Synthetic makes n feeds of one process, publishing from start to end. mean
// rates are log-normal with the given median a day and sigma (of the logarithm).
func Synthetic(process string, n int, start, end time.Time, median, sigma float64, seed uint64) []*Feed {
	feeds := make([]*Feed, n)
	for i := range feeds {
		rng := rand.New(rand.NewPCG(seed, uint64(i)*1_000_003+hash(process)))
		// Quantiles instead of draws: a few fast feeds bring most of the items, and
		// luck with them would hide everything else.
		z := math.Sqrt2 * math.Erfinv(2*(float64(i)+0.5)/float64(n)-1)
		rate := min(median*math.Exp(sigma*z), 600) / 24
		if process == Blog {
			rate = 1.0 / 168 * math.Exp(0.7*z)
		}
		f := &Feed{Process: process, Window: 10 + rng.IntN(31), First: rng.Int64N(86400)}
		f.publish(rate, start.Unix(), end.Unix(), rng)
		slices.SortFunc(f.Items, func(a, b Item) int { return int(a.At - b.At) })
		feeds[i] = f
	}
	return feeds
}

func hash(s string) (h uint64) {
	for _, c := range s {
		h = h*31 + uint64(c)
	}
	return h
}

// publish lets a feed publish by its process.
func (f *Feed) publish(rate float64, start, end int64, rng *rand.Rand) {
	shape := newsroom(rng)
	add := func(at, date int64) { f.Items = append(f.Items, Item{At: at, Date: date}) }
	plain := func(t int64) { add(t, t) }
	switch f.Process {
	case Wire:
		f.Rate = func(float64) float64 { return rate }
		thin(f.Rate, rate, start, end, rng, plain)
	case Batch:
		size := 2 + 6*rng.Float64()
		f.Rate = func(s float64) float64 { return rate * shape(s) }
		thin(func(s float64) float64 { return rate / size * shape(s) }, rate/size*4, start, end, rng, func(t int64) {
			for n := geometric(size, rng); n > 0; n-- {
				plain(t + rng.Int64N(30))
			}
		})
	case OnHour:
		slots := int64(1 + rng.IntN(2))
		span := 3600 / slots
		for t := start / span * span; t < end; t += span {
			for n := poisson(rate/float64(slots)*shape(float64(t)), rng); n > 0; n-- {
				plain(t + rng.Int64N(60))
			}
		}
		f.Rate = func(s float64) float64 {
			if int64(s)%span < 60 {
				return rate * shape(s) * float64(span) / 60
			}
			return 0
		}
	case Breaking:
		f.burst(rate, shape, start, end, rng, plain)
	case Late:
		mean := 60 * math.Exp(1.5+rng.NormFloat64()) // seconds, median 4.5 minutes
		zone := int64(0)
		if rng.IntN(5) == 0 {
			zone = int64(rng.IntN(13)-6) * 3600
		}
		f.Rate = func(s float64) float64 { return rate * shape(s) }
		thin(f.Rate, rate*4, start, end, rng, func(t int64) { add(t+int64(mean*(0.5+rng.Float64())), t+zone) })
	case Holiday:
		var pauses []float64 // their beginnings and ends
		for t := float64(start); t < float64(end); {
			t += rng.ExpFloat64() * 25 * 86400
			pauses = append(pauses, t)
			t += float64(7+rng.IntN(15)) * 86400
			pauses = append(pauses, t)
		}
		f.Rate = func(s float64) float64 {
			if i, _ := slices.BinarySearch(pauses, s); i%2 == 1 {
				return 0
			}
			return rate * shape(s)
		}
		thin(f.Rate, rate*4, start, end, rng, plain)
	default:
		f.Rate = func(s float64) float64 { return rate * shape(s) }
		thin(f.Rate, rate*4, start, end, rng, plain)
	}
}

// burst is a newspaper on whose quiet days big news breaks: about every six days
// its rate rises tenfold, and falls by half every two hours.
func (f *Feed) burst(rate float64, shape func(float64) float64, start, end int64, rng *rand.Rand, add func(int64)) {
	var at []float64
	for t := float64(start); t < float64(end); t += rng.ExpFloat64() * 6 * 86400 {
		at = append(at, t)
	}
	f.Rate = func(s float64) float64 {
		k := shape(s)
		i, _ := slices.BinarySearch(at, s)
		for _, b := range at[max(0, i-3):i] {
			k += 9 * math.Exp2(-(s-b)/7200)
		}
		return rate * 0.7 * k
	}
	thin(f.Rate, rate*22, start, end, rng, add)
}

// thin draws a Poisson process of the given rate (an hour, at most top) by
// thinning (Lewis and Shedler 1979).
func thin(rate func(float64) float64, top float64, start, end int64, rng *rand.Rand, add func(int64)) {
	for t := float64(start); ; {
		t += rng.ExpFloat64() / top * 3600
		if t >= float64(end) {
			return
		}
		if rng.Float64()*top < rate(t) {
			add(int64(t))
		}
	}
}

func geometric(mean float64, rng *rand.Rand) int {
	n := 1
	for rng.Float64() > 1/mean {
		n++
	}
	return n
}

func poisson(mean float64, rng *rand.Rand) (n int) {
	for t := rng.ExpFloat64(); t < mean; t += rng.ExpFloat64() {
		n++
	}
	return n
}
