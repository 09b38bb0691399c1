package simulate

import (
	"cmp"
	"math"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Options say what is simulated. The zero value is the full run.
type Options struct {
	Feeds  int     // of each synthetic process; 0: 60
	Days   int     // that are measured; 0: 28
	Warmup int     // days of polling before them; 0: 14
	Median float64 // items a day of the median feed; 0: 1
	Sigma  float64 // standard deviation of the logarithm of the rate; 0: 2.2
	Seed   uint64
	Real   []*Feed  // recorded feeds; their processes are reported like the synthetic ones
	Rules  []Rule   // nil: Rules()
	Only   []string // processes; nil: all
}

// Start is when every simulation begins, a Monday. Feeds publish from Past
// before it on, so that the first poll finds a window of dates.
var Start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// Past is how long before Start feeds begin to publish.
const Past = 120 * 24 * time.Hour

// Point is what a rule at one setting costs and brings.
type Point struct {
	Setting float64
	Fetches float64       // a feed and day
	Mean    time.Duration // delay from an item's appearance to the poll that finds it, over items
	Median  time.Duration
	P95     time.Duration
	ByFeed  time.Duration // mean of the feeds' mean delays
	Missed  float64       // share of the items that left the window unseen
	Gaps    float64       // polls that missed some, a thousand polls
}

// Curve is a rule at all its settings, for the feeds of one process.
type Curve struct {
	Process, Rule, Unit string
	Points              []Point
}

// Report is what Run found. Process "all" pools the synthetic ones.
type Report struct {
	Options Options
	Curves  []Curve
	Items   map[string]int
	Feeds   map[string]int
}

// All is the process that pools the synthetic ones.
const All = "all"

// Run simulates.
func Run(o Options) *Report {
	o = o.defaults()
	groups, names := o.groups()
	r := &Report{Options: o, Items: map[string]int{}, Feeds: map[string]int{}}
	for _, rule := range o.Rules {
		curves := map[string]*Curve{}
		for _, name := range names {
			curves[name] = &Curve{Process: name, Rule: rule.Name, Unit: rule.Unit}
		}
		for _, setting := range rule.Settings {
			results := map[*Feed]*result{}
			var feeds []*Feed
			for _, name := range names {
				for _, f := range groups[name] {
					if _, ok := results[f]; !ok {
						results[f] = &result{}
						feeds = append(feeds, f)
					}
				}
			}
			parallel(len(feeds), func(i int) {
				if rule.Name != "oracle" || feeds[i].Rate != nil {
					results[feeds[i]].measure(feeds[i], rule.watch(feeds[i], setting), cmp.Or(rule.Ceiling, Ceiling), o)
				}
			})
			for _, name := range names {
				if rule.Name == "oracle" && groups[name][0].Rate == nil {
					continue
				}
				curves[name].Points = append(curves[name].Points, point(setting, groups[name], results, o))
			}
		}
		for _, name := range names {
			if len(curves[name].Points) > 0 {
				r.Curves = append(r.Curves, *curves[name])
			}
		}
	}
	for name, feeds := range groups {
		r.Feeds[name] = len(feeds)
		from, to := o.span()
		for _, f := range feeds {
			for _, it := range f.Items {
				if it.At >= from && it.At < to {
					r.Items[name]++
				}
			}
		}
	}
	return r
}

// defaults fills in what is not said.
func (o Options) defaults() Options {
	o.Feeds, o.Days, o.Warmup = cmp.Or(o.Feeds, 60), cmp.Or(o.Days, 28), cmp.Or(o.Warmup, 14)
	o.Median, o.Sigma = cmp.Or(o.Median, 0.6), cmp.Or(o.Sigma, 2.6)
	if o.Rules == nil {
		o.Rules = Rules()
	}
	return o
}

// groups makes the feeds, by process, and names the processes in order.
func (o Options) groups() (groups map[string][]*Feed, names []string) {
	end := Start.Add(time.Duration(o.Warmup+o.Days+2) * 24 * time.Hour)
	groups = map[string][]*Feed{}
	add := func(name string, feeds ...*Feed) {
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], feeds...)
	}
	wanted := func(process string) bool { return len(o.Only) == 0 || slices.Contains(o.Only, process) }
	for _, p := range Processes {
		if wanted(p) {
			feeds := Synthetic(p, o.Feeds, Start.Add(-Past), end, o.Median, o.Sigma, o.Seed)
			add(p, feeds...)
			add(All, feeds...)
		}
	}
	for _, f := range o.Real {
		if wanted(f.Process) {
			add(f.Process, f)
		}
	}
	return groups, names
}

// span is the measured time.
func (o *Options) span() (from, to int64) {
	from = Start.Unix() + int64(o.Warmup)*86400
	return from, from + int64(o.Days)*86400
}

func parallel(n int, f func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	wg.Wait()
}

// result is what polling one feed cost and brought in the measured time.
type result struct {
	fetches, missed, gaps int
	delays                []float32 // seconds
}

// measure polls one feed from Start to the end.
func (r *result) measure(f *Feed, w watcher, ceiling time.Duration, o Options) {
	from, to := o.span()
	now := float64(Start.Unix() + f.First)
	seen, last := 0, int64(0) // items before seen are known or lost
	for now < float64(to) || (seen < len(f.Items) && f.Items[seen].At < to) {
		t := int64(now)
		shows := seen
		for shows < len(f.Items) && f.Items[shows].At <= t {
			shows++
		}
		first := max(shows-f.Window, 0)
		if last > 0 && first > seen {
			lost := f.Items[seen:first]
			if len(lost) > 0 && t >= from && t < to {
				r.missed += len(lost)
				r.gaps++
			}
		}
		fresh := f.Items[max(first, seen):shows]
		if last > 0 {
			for _, it := range fresh {
				if it.At >= from && it.At < to {
					r.delays = append(r.delays, float32(now-float64(it.At)))
				}
			}
		}
		if t >= from && t < to {
			r.fetches++
		}
		seen = shows
		wait := w.next(poll{last: last, now: t, fresh: fresh, shown: shows - first})
		last = t
		now += min(max(wait, Floor.Seconds()), ceiling.Seconds())
	}
}

// point pools the results of some feeds.
func point(setting float64, feeds []*Feed, results map[*Feed]*result, o Options) Point {
	p := Point{Setting: setting}
	var delays []float32
	fetches, missed, gaps, active := 0, 0, 0, 0
	byFeed := 0.0
	for _, f := range feeds {
		r := results[f]
		fetches += r.fetches
		missed += r.missed
		gaps += r.gaps
		delays = append(delays, r.delays...)
		if len(r.delays) > 0 {
			active++
			byFeed += mean(r.delays)
		}
	}
	if len(delays) == 0 {
		return p
	}
	slices.Sort(delays)
	sec := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)).Round(time.Second) }
	p.Fetches = float64(fetches) / float64(len(feeds)) / float64(o.Days)
	p.Mean = sec(mean(delays))
	p.Median = sec(float64(delays[len(delays)/2]))
	p.P95 = sec(float64(delays[len(delays)*95/100]))
	p.ByFeed = sec(byFeed / float64(active))
	p.Missed = float64(missed) / float64(missed+len(delays))
	p.Gaps = 1000 * float64(gaps) / math.Max(1, float64(fetches))
	return p
}

func mean(v []float32) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x)
	}
	return sum / float64(len(v))
}
