package simulate

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"
)

// The picture: two panels, mean and median delay against fetches, both axes
// logarithmic.
const (
	panelW, panelH = 470, 400
	left, top      = 78, 92
	between        = 92
	legendH        = 96
)

// pens are the colours by rule, readable on light and on dark ground.
var pens = map[string]struct {
	light, dark, dash string
	width             float64
}{
	"dateline":                 {"#0b62c4", "#6cb2ff", "", 3.5},
	"dateline, a week at most": {"#0b62c4", "#6cb2ff", "7 4", 2},
	"fixed interval":           {"#6b6b6b", "#b4b4b4", "", 2},
	"halve or double":          {"#c4420b", "#ff9a63", "", 2},
	"halve or double, capped":  {"#c4420b", "#ff9a63", "7 4", 2},
	"rss-fetcher":              {"#8a2bb0", "#d694f5", "", 2},
	"entry frequency":          {"#2b7a2b", "#7fd07f", "", 2},
	"oracle":                   {"#111111", "#f5f5f5", "2 4", 2},
}

// legends say what the rules are.
var legends = []struct{ rule, text string }{
	{"dateline", "dateline: its own rhythm for each feed, by price"},
	{"dateline, a week at most", "dateline, ceiling of a week instead of a day"},
	{"oracle", "oracle: knows every rate (no rule can know more)"},
	{"fixed interval", "fixed interval"},
	{"halve or double", "halve after news, double after none; by lower bound"},
	{"halve or double, capped", "the same, by upper bound"},
	{"rss-fetcher", "Media Cloud's rss-fetcher, its minutes scaled"},
	{"entry frequency", "every n items by last week's mean"},
}

// SVG draws the curves of one process.
func (r *Report) SVG(w io.Writer, process string) error {
	width, height := left+2*panelW+between+30, top+panelH+legendH+70
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="13" role="img" aria-labelledby="title">`+"\n", width, height)
	fmt.Fprintf(&b, "<title id=\"title\">Delay until an item is found, against fetches spent, by rule</title>\n<style>\n")
	fmt.Fprintf(&b, ".ground{fill:#fff}.ink{fill:#1c1c1c}.pale{fill:#555}.grid{stroke:#ddd}.frame{stroke:#888;fill:none}\n")
	for i, l := range legends {
		fmt.Fprintf(&b, ".r%d{stroke:%s;fill:none}.d%d{fill:%s}\n", i, pens[l.rule].light, i, pens[l.rule].light)
	}
	fmt.Fprintf(&b, "@media (prefers-color-scheme: dark){.ground{fill:#16181c}.ink{fill:#ececec}.pale{fill:#aaa}.grid{stroke:#333}.frame{stroke:#777}\n")
	for i, l := range legends {
		fmt.Fprintf(&b, ".r%d{stroke:%s}.d%d{fill:%s}\n", i, pens[l.rule].dark, i, pens[l.rule].dark)
	}
	fmt.Fprintf(&b, "}\n</style>\n<rect class=\"ground\" width=\"%d\" height=\"%d\"/>\n", width, height)
	fmt.Fprintf(&b, `<text class="ink" x="%d" y="34" font-size="20" font-weight="600">How late is an item found, for how many fetches?</text>`+"\n", left)
	fmt.Fprintf(&b, `<text class="pale" x="%d" y="56">%d feeds of %d kinds, %d items in %d days, rates from less than one a month to hundreds a day; down and left is better</text>`+"\n",
		left, r.Feeds[process], r.kinds(process), r.Items[process], r.Options.Days)
	r.panel(&b, process, left, "Mean delay over all items", ByMean)
	r.panel(&b, process, left+panelW+between, "Median delay over all items", ByMedian)
	n := 0
	for i, l := range legends {
		if r.Curve(process, l.rule) == nil {
			continue
		}
		x, y := left+(n%2)*(panelW+between), top+panelH+66+n/2*24
		n++
		fmt.Fprintf(&b, `<path class="r%d" stroke-width="%.1f" stroke-dasharray="%s" d="M%d %dh44"/><text class="ink" x="%d" y="%d">%s</text>`+"\n",
			i, pens[l.rule].width, pens[l.rule].dash, x, y-4, x+54, y, l.text)
	}
	b.WriteString("</svg>\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// kinds is the number of processes that one pools.
func (r *Report) kinds(process string) int {
	if process != All {
		return 1
	}
	n := 0
	for _, p := range Processes {
		if r.Feeds[p] > 0 {
			n++
		}
	}
	return n
}

// The ranges of the picture.
var (
	costs  = [2]float64{1, 300}
	delays = [2]float64{60, 12 * 3600}
)

func (r *Report) panel(b *strings.Builder, process string, x0 int, title string, m Measure) {
	at := func(v, lo, hi, size float64) float64 { return math.Log(v/lo) / math.Log(hi/lo) * size }
	px := func(f float64) float64 { return float64(x0) + at(f, costs[0], costs[1], panelW) }
	py := func(s float64) float64 { return float64(top+panelH) - at(s, delays[0], delays[1], panelH) }
	fmt.Fprintf(b, `<text class="ink" x="%d" y="%d" font-weight="600">%s</text>`+"\n", x0, top-10, title)
	for _, f := range []float64{1, 2, 5, 10, 20, 50, 100, 200} {
		fmt.Fprintf(b, `<path class="grid" d="M%.1f %dv%d"/><text class="pale" x="%.1f" y="%d" text-anchor="middle">%g</text>`+"\n", px(f), top, panelH, px(f), top+panelH+19, f)
	}
	for _, d := range []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour} {
		y := py(d.Seconds())
		fmt.Fprintf(b, `<path class="grid" d="M%d %.1fh%d"/><text class="pale" x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", x0, y, panelW, x0-8, y+4, short(d))
	}
	fmt.Fprintf(b, `<rect class="frame" x="%d" y="%d" width="%d" height="%d"/><text class="pale" x="%d" y="%d" text-anchor="middle">fetches a feed and day</text>`+"\n",
		x0, top, panelW, panelH, x0+panelW/2, top+panelH+38)
	for i, l := range legends {
		c := r.Curve(process, l.rule)
		if c == nil {
			continue
		}
		var path, dots strings.Builder
		move := "M"
		for _, p := range c.Points {
			d := m(p).Seconds()
			if p.Fetches < costs[0] || p.Fetches > costs[1] || d < delays[0] || d > delays[1] {
				continue
			}
			fmt.Fprintf(&path, "%s%.1f %.1f", move, px(p.Fetches), py(d))
			move = "L"
			fmt.Fprintf(&dots, `<circle class="d%d" cx="%.1f" cy="%.1f" r="2.6"><title>%s, %.3g %s: %.2f fetches, %s</title></circle>`,
				i, px(p.Fetches), py(d), l.rule, p.Setting, c.Unit, p.Fetches, short(m(p)))
		}
		pen := pens[l.rule]
		fmt.Fprintf(b, `<path class="r%d" stroke-width="%.1f" stroke-dasharray="%s" stroke-linejoin="round" d="%s"/>%s`+"\n", i, pen.width, pen.dash, path.String(), dots.String())
	}
}
