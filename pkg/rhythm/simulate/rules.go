package simulate

import (
	"math"
	"time"

	"github.com/dateline/dateline/pkg/rhythm"
)

// Bounds within which every rule polls, for a fair comparison.
const (
	Floor   = time.Minute
	Ceiling = 24 * time.Hour
)

// poll is what one poll brings.
type poll struct {
	last, now int64
	fresh     []Item // shown and not seen before
	shown     int
}

// watcher polls one feed.
type watcher interface {
	// next says, after a poll, in how many seconds the next is due. The first call
	// brings all that the feed shows.
	next(p poll) float64
}

// Rule is a schedule with one setting that trades delay for fetches.
type Rule struct {
	Name     string
	Settings []float64
	Unit     string        // of the setting
	Ceiling  time.Duration // 0: Ceiling
	watch    func(f *Feed, setting float64) watcher
}

// Rules are the schedules that are compared.
func Rules() []Rule {
	return []Rule{
		{Name: "fixed interval", Settings: []float64{5, 10, 20, 30, 60, 120, 240, 480, 960, 1440}, Unit: "minutes",
			watch: func(_ *Feed, m float64) watcher { return fixed(m * 60) }},
		{Name: "halve or double", Settings: []float64{1, 5, 15, 30, 60, 120, 240, 480, 960}, Unit: "minutes at least",
			watch: func(_ *Feed, m float64) watcher { return &halver{m * 60, Ceiling.Seconds(), 3600} }},
		{Name: "halve or double, capped", Settings: []float64{10, 20, 40, 80, 160, 320, 640, 1440}, Unit: "minutes at most",
			watch: func(_ *Feed, m float64) watcher { return &halver{300, m * 60, min(3600, m*60)} }},
		{Name: "rss-fetcher", Settings: []float64{1. / 128, 1. / 32, 1. / 16, 1. / 8, 1. / 4, 1. / 2, 1, 2}, Unit: "x its minutes",
			watch: func(_ *Feed, k float64) watcher { return &fetcher{scale: k, minutes: 360 * k} }},
		{Name: "entry frequency", Settings: []float64{.1, .2, .5, 1, 2, 4, 8, 16}, Unit: "items expected",
			watch: func(_ *Feed, k float64) watcher { return &frequency{items: k} }},
		ours("dateline", Ceiling, .01, .03, .1, .2, .4, .8, 1.6, 3.2, 6.4, 12.8),
		ours("dateline, a week at most", 7*24*time.Hour, .4, .8, 1.6, 3.2, 6.4, 12.8),
		{Name: "oracle", Settings: []float64{.03, .1, .3, 1, 3, 10}, Unit: "item-hours",
			watch: func(f *Feed, price float64) watcher { return &oracle{feed: f, price: price} }},
	}
}

// ours is package rhythm, at several prices.
func ours(name string, ceiling time.Duration, prices ...float64) Rule {
	return Rule{Name: name, Settings: prices, Unit: "item-hours",
		Ceiling: ceiling, watch: func(_ *Feed, price float64) watcher {
			return &learner{policy: rhythm.Policy{Floor: Floor, Ceiling: ceiling, Price: price}}
		}}
}

// fixed polls every so many seconds.
type fixed float64

func (f fixed) next(poll) float64 { return float64(f) }

// halver halves its interval after a poll with something new and doubles it
// after one without, between its bounds.
type halver struct{ least, most, now float64 }

func (h *halver) next(p poll) float64 {
	if len(p.fresh) > 0 {
		h.now /= 2
	} else {
		h.now *= 2
	}
	h.now = min(max(h.now, h.least), h.most)
	return h.now
}

// fetcher is the rule of Media Cloud's rss-fetcher, as its source states it: a
// feed starts at 6 hours; when two thirds of what a poll shows are old, 10
// minutes more (60 when nothing came for a month); when less than a third is,
// 60 minutes less; from 10 minutes to a day. scale shortens all its minutes.
type fetcher struct {
	scale, minutes float64
	last           int64
	known          bool
}

func (f *fetcher) next(p poll) float64 {
	if len(p.fresh) > 0 {
		f.last = p.now
	}
	if !f.known {
		f.known = true
		return f.minutes * 60
	}
	old := 1.0
	if p.shown > 0 && len(p.fresh) > 0 {
		old = 1 - float64(len(p.fresh))/float64(p.shown)
	}
	switch {
	case old >= 0.67 && (p.now-f.last <= 31*86400 || old < 1):
		f.minutes += 10 * f.scale
	case old >= 0.67:
		f.minutes += 60 * f.scale
	case old < 0.33 && f.minutes > 360*f.scale:
		f.minutes = 360 * f.scale
	case old < 0.33:
		f.minutes -= 60 * f.scale
	}
	f.minutes = min(max(f.minutes, 10*f.scale), Ceiling.Minutes())
	return f.minutes * 60
}

// frequency polls when so many items are expected at the mean rate of the last
// week (miniflux calls this the entry frequency), from 5 minutes to a day.
type frequency struct {
	items float64
	seen  []int64
}

func (f *frequency) next(p poll) float64 {
	for _, it := range p.fresh {
		f.seen = append(f.seen, max(it.At, p.now-7*86400)) // it keeps when it saw them
	}
	for len(f.seen) > 0 && f.seen[0] < p.now-7*86400 {
		f.seen = f.seen[1:]
	}
	if len(f.seen) == 0 {
		return Ceiling.Seconds()
	}
	return min(max(7*86400*f.items/float64(len(f.seen)), Floor.Seconds()), Ceiling.Seconds())
}

// learner is package rhythm.
type learner struct {
	policy rhythm.Policy
	r      rhythm.Rhythm
	state  []byte // as a poller keeps it between two polls
	filled bool
	dates  []time.Time
	window int
}

func (l *learner) next(p poll) float64 {
	now := time.Unix(p.now, 0).UTC()
	if err := l.r.UnmarshalBinary(l.state); err != nil {
		panic(err) // it is its own
	}
	l.dates = l.dates[:0]
	for _, it := range p.fresh {
		if it.Date != 0 {
			l.dates = append(l.dates, time.Unix(it.Date, 0).UTC())
		}
	}
	switch from := time.Unix(p.last, 0).UTC(); {
	case l.filled && len(p.fresh) == p.shown && p.shown >= l.window && l.window > 0:
		l.r.Overflow(from, now, len(p.fresh), l.dates)
	case l.filled:
		l.r.Observe(from, now, len(p.fresh), l.dates)
	default:
		l.filled = true
		l.r.Fill(l.dates, now)
	}
	l.window = max(l.window, p.shown)
	l.state, _ = l.r.AppendBinary(l.state[:0])
	return l.r.Interval(l.policy, now, l.window).Seconds()
}

// oracle knows the rates and plans the polls of some days at once by dynamic
// programming, again and again; it knows no arrivals before they come.
type oracle struct {
	feed  *Feed
	price float64
	plan  []float64
}

func (o *oracle) next(p poll) float64 {
	if len(o.plan) == 0 {
		o.think(float64(p.now))
	}
	if len(o.plan) == 0 {
		return Ceiling.Seconds()
	}
	t := o.plan[0]
	o.plan = o.plan[1:]
	return min(max(t-float64(p.now), Floor.Seconds()), Ceiling.Seconds())
}

// think plans on a grid of an eighth of the usual interval or five minutes, six usual intervals
// ahead and at least a day and a half, and keeps two thirds of the plan.
func (o *oracle) think(now float64) {
	rate := 0.0
	for h := range 168 {
		for q := range 12 {
			rate += o.feed.Rate(now+float64(h)*3600+float64(q)*300-float64(int64(now)%300)) / (168 * 12)
		}
	}
	usual := min(max(math.Sqrt(2*o.price/max(rate, 1e-6)), Floor.Hours()), Ceiling.Hours())
	step := min(usual/8, 1.0/12)
	cells := int(max(6*usual, min(36, 300*step)) / step)
	// Its times are those just after each five minutes of the clock, where
	// publishing systems work by them.
	times, n, m := make([]float64, cells+1), make([]float64, cells+1), make([]float64, cells+1)
	shift := math.Mod(now+240, 300) / 3600
	if shift > step {
		shift = 0
	}
	const parts = 5
	for i := 1; i <= cells; i++ {
		times[i] = float64(i)*step - shift + 2.0/3600
		n[i], m[i] = n[i-1], m[i-1]
		width := times[i] - times[i-1]
		for k := range parts {
			t := times[i-1] + (float64(k)+0.5)/parts*width
			e := o.feed.Rate(now+t*3600) * width / parts
			n[i] += e
			m[i] += e * t
		}
	}
	cost, next := make([]float64, cells+1), make([]int, cells+1)
	most := max(1, int(Ceiling.Hours()/step))
	for i := cells - 1; i >= 0; i-- {
		wait := func(j int) float64 { return times[j]*(n[j]-n[i]) - (m[j] - m[i]) }
		cost[i], next[i] = wait(cells)+o.price*min(1, (times[cells]-times[i])/usual), cells
		for j := i + 1; j <= min(cells, i+most); j++ {
			if c := o.price + wait(j) + cost[j]; c < cost[i] {
				cost[i], next[i] = c, j
			}
		}
	}
	for i := next[0]; i < cells*2/3 || len(o.plan) == 0; i = next[i] {
		o.plan = append(o.plan, now+times[i]*3600)
		if i >= cells {
			break
		}
	}
}
