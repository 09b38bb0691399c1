package simulate

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"github.com/dateline/dateline/pkg/rhythm"
)

// Health says how well package rhythm knows the feeds of one process.
type Health struct {
	Process string
	Feeds   int

	// Over the measured time, with all feeds alive.
	Expected, Came float64 // items expected over each poll's interval, and items that came
	Polls          int
	Unlikely       int     // polls at which the silence so far has p < 1e-4
	Alarms         int     // silences called an alarm
	Months         float64 // feeds times months of 30 days

	// With each feed dead from the start of the measured time on.
	Dead, Noticed int             // feeds with some history; those noticed within three years
	Gaps          []float64       // times until it was noticed, in mean gaps between batches, sorted
	Delays        []time.Duration // the same as times, sorted
}

// Diagnose polls the feeds of some processes at a price by package rhythm, and
// compares what it expects with what comes, and what it calls silent with what
// is dead. pauses of resuming feeds are not counted as health.
func Diagnose(o Options, price float64) []Health {
	o = o.defaults()
	groups, names := o.groups()
	var all []Health
	for _, name := range names {
		if name == All {
			continue
		}
		feeds := groups[name]
		parts := make([]Health, len(feeds))
		parallel(len(feeds), func(i int) {
			parts[i].alive(feeds[i], price, o)
			parts[i].dying(feeds[i], price, o)
		})
		h := Health{Process: name, Feeds: len(feeds)}
		for _, p := range parts {
			h.Expected += p.Expected
			h.Came += p.Came
			h.Polls += p.Polls
			h.Unlikely += p.Unlikely
			h.Alarms += p.Alarms
			h.Months += p.Months
			h.Dead += p.Dead
			h.Noticed += p.Noticed
			h.Gaps = append(h.Gaps, p.Gaps...)
			h.Delays = append(h.Delays, p.Delays...)
		}
		slices.Sort(h.Gaps)
		slices.Sort(h.Delays)
		all = append(all, h)
	}
	return all
}

// visits polls a feed until visit says stop. items are those that come.
func visits(f *Feed, items []Item, price float64, visit func(l *learner, p poll, lastNew int64) (more bool)) {
	l := &learner{policy: rhythm.Policy{Floor: Floor, Ceiling: Ceiling, Price: price}}
	now, last, lastNew, seen := Start.Unix()+f.First, int64(0), int64(0), 0
	for {
		shows, _ := slices.BinarySearchFunc(items, now+1, func(it Item, t int64) int { return cmp.Compare(it.At, t) })
		first := max(shows-f.Window, 0)
		p := poll{last: last, now: now, fresh: items[max(first, seen):shows], shown: shows - first}
		if len(p.fresh) > 0 {
			lastNew = now
			if last == 0 { // a first fill tells by its dates
				lastNew = min(now, p.fresh[len(p.fresh)-1].At)
			}
		}
		if !visit(l, p, lastNew) {
			return
		}
		seen, last = shows, now
		now += int64(math.Ceil(min(max(l.next(p), Floor.Seconds()), Ceiling.Seconds())))
	}
}

// alive measures a feed that goes on publishing.
func (h *Health) alive(f *Feed, price float64, o Options) {
	from, to := o.span()
	h.Months = float64(o.Days) / 30
	silent := false
	visits(f, f.Items, price, func(l *learner, p poll, lastNew int64) bool {
		if p.now < from {
			return true
		}
		was, now := time.Unix(p.last, 0).UTC(), time.Unix(p.now, 0).UTC()
		h.Polls++
		h.Expected += l.r.Expected(was, now)
		h.Came += float64(len(p.fresh))
		if len(p.fresh) > 0 {
			silent = false
			return p.now < to
		}
		since := time.Unix(lastNew, 0).UTC()
		if _, q := l.r.Quiet(since, now); q < 1e-4 {
			h.Unlikely++
		}
		if is := l.r.Silent(since, now); is && !silent {
			h.Alarms++
			silent = true
		}
		return p.now < to
	})
}

// dying measures a feed that dies when the measured time begins.
func (h *Health) dying(f *Feed, price float64, o Options) {
	from, _ := o.span()
	n, _ := slices.BinarySearchFunc(f.Items, from, func(it Item, t int64) int { return cmp.Compare(it.At, t) })
	items := f.Items[:n]
	first := items[max(0, n-200):]
	batches := 0
	for i := range first {
		if i == 0 || first[i].At-first[i-1].At > 300 {
			batches++
		}
	}
	if batches < 6 {
		return
	}
	h.Dead++
	gap := float64(first[len(first)-1].At-first[0].At) / float64(batches-1)
	visits(f, items, price, func(l *learner, p poll, lastNew int64) bool {
		if p.now < from || lastNew == 0 {
			return true
		}
		since, now := time.Unix(lastNew, 0).UTC(), time.Unix(p.now, 0).UTC()
		if len(p.fresh) == 0 && l.r.Silent(since, now) {
			h.Noticed++
			death := items[n-1].At
			h.Gaps = append(h.Gaps, float64(p.now-death)/gap)
			h.Delays = append(h.Delays, time.Duration(p.now-death)*time.Second)
			return false
		}
		return p.now < from+3*365*86400
	})
}

// Healths prints what Diagnose found, as a Markdown table.
func Healths(w io.Writer, all []Health) error {
	if _, err := fmt.Fprintln(w, "| process | expected / came | polls with p < 1e-4 | alarms per 1,000 feeds and month | dead feeds noticed | after mean gaps, median (p90) | after, median (p90) |\n|---|---|---|---|---|---|---|"); err != nil {
		return err
	}
	for _, h := range all {
		row := fmt.Sprintf("| %s | %.3f | %.4f %% | %.1f (%d of %d feeds) | %d of %d | ", h.Process, h.Expected/h.Came,
			100*float64(h.Unlikely)/float64(max(h.Polls, 1)), 1000*float64(h.Alarms)/h.Months, h.Alarms, h.Feeds, h.Noticed, h.Dead)
		if n := len(h.Gaps); n > 0 {
			row += fmt.Sprintf("%.0f (%.0f) | %s (%s) |", h.Gaps[n/2], h.Gaps[n*9/10], long(h.Delays[n/2]), long(h.Delays[n*9/10]))
		} else {
			row += "- | - |"
		}
		if _, err := fmt.Fprintln(w, row); err != nil {
			return err
		}
	}
	return nil
}

// long writes a time in hours or days.
func long(d time.Duration) string {
	if d < 48*time.Hour {
		return short(d)
	}
	return fmt.Sprintf("%.0f d", d.Hours()/24)
}
