package simulate

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"
)

// Measure picks one kind of delay from a point.
type Measure func(Point) time.Duration

// The delays that rules are compared by.
var (
	ByMean   Measure = func(p Point) time.Duration { return p.Mean }
	ByMedian Measure = func(p Point) time.Duration { return p.Median }
	ByFeed   Measure = func(p Point) time.Duration { return p.ByFeed }
)

// Curve finds a curve; nil where there is none.
func (r *Report) Curve(process, rule string) *Curve {
	for i := range r.Curves {
		if r.Curves[i].Process == process && r.Curves[i].Rule == rule {
			return &r.Curves[i]
		}
	}
	return nil
}

// Fetches is how many fetches a feed and day a rule needs for a delay, between
// its settings on a log-log scale; NaN outside of them. Where several settings
// give the same delay the cheapest counts.
func (c *Curve) Fetches(m Measure, delay time.Duration) float64 {
	best := math.NaN()
	for i := 1; i < len(c.Points); i++ {
		a, b := c.Points[i-1], c.Points[i]
		da, db := float64(m(a)), float64(m(b))
		if d := float64(delay); (da-d)*(db-d) > 0 || da <= 0 || db <= 0 || a.Fetches <= 0 || b.Fetches <= 0 {
			continue
		}
		x := 0.0
		if da != db {
			x = math.Log(float64(delay)/da) / math.Log(db/da)
		}
		f := math.Exp(math.Log(a.Fetches)*(1-x) + math.Log(b.Fetches)*x)
		if math.IsNaN(best) || f < best {
			best = f
		}
	}
	return best
}

// Ratio is how many times the fetches of dateline another rule needs for the
// same delay.
func (r *Report) Ratio(process, rule string, m Measure, delay time.Duration) float64 {
	ours, theirs := r.Curve(process, "dateline"), r.Curve(process, rule)
	if ours == nil || theirs == nil {
		return math.NaN()
	}
	return theirs.Fetches(m, delay) / ours.Fetches(m, delay)
}

// processes are the names in the report, All last.
func (r *Report) processes() []string {
	var names []string
	for _, c := range r.Curves {
		if !slices.Contains(names, c.Process) && c.Process != All {
			names = append(names, c.Process)
		}
	}
	slices.Sort(names)
	return append(names, All)
}

// rules are the names of the rules but dateline.
func (r *Report) rules() (names []string) {
	for _, c := range r.Curves {
		if c.Rule != "dateline" && !slices.Contains(names, c.Rule) {
			names = append(names, c.Rule)
		}
	}
	return names
}

// Delays at which the ratios are printed.
var Delays = []time.Duration{5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour}

// Ratios prints how many times dateline's fetches each other rule needs for the
// same delay, process by process, as a Markdown table.
func (r *Report) Ratios(w io.Writer, m Measure) error {
	head, line := "| process | delay | dateline: fetches a feed and day |", "|---|---|---|"
	for _, rule := range r.rules() {
		head += " " + rule + " |"
		line += "---|"
	}
	if _, err := fmt.Fprintf(w, "%s\n%s\n", head, line); err != nil {
		return err
	}
	for _, process := range r.processes() {
		ours := r.Curve(process, "dateline")
		if ours == nil {
			continue
		}
		for _, delay := range Delays {
			f := ours.Fetches(m, delay)
			if math.IsNaN(f) {
				continue
			}
			row := fmt.Sprintf("| %s | %s | %.2f |", process, short(delay), f)
			for _, rule := range r.rules() {
				if x := r.Ratio(process, rule, m, delay); math.IsNaN(x) {
					row += " - |"
				} else {
					row += fmt.Sprintf(" %.2f |", x)
				}
			}
			if _, err := fmt.Fprintln(w, row); err != nil {
				return err
			}
		}
	}
	return nil
}

// Table prints every point of one process.
func (r *Report) Table(w io.Writer, process string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "rule\tsetting\tfetches a feed and day\tmean\tmedian\tp95\tby feed\tmissed\tgaps per 1,000\t")
	for _, c := range r.Curves {
		if c.Process != process {
			continue
		}
		for _, p := range c.Points {
			fmt.Fprintf(t, "%s\t%.3g %s\t%.2f\t%s\t%s\t%s\t%s\t%.3f %%\t%.2f\t\n", c.Rule, p.Setting, c.Unit, p.Fetches,
				short(p.Mean), short(p.Median), short(p.P95), short(p.ByFeed), 100*p.Missed, p.Gaps)
		}
	}
	return t.Flush()
}

// short writes a time with two parts at most.
func short(d time.Duration) string {
	switch {
	case d >= time.Hour:
		return fmt.Sprintf("%.3g h", d.Hours())
	case d >= time.Minute:
		return fmt.Sprintf("%.3g min", d.Minutes())
	default:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
}
