package simulate

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "run the full simulation (minutes) and write docs/schedule.svg")

// TestSchedule compares the rules; with -update over all processes and settings.
func TestSchedule(t *testing.T) {
	o := Options{Feeds: 16, Days: 14, Warmup: 10, Only: []string{Wire, Paper, OnHour, Batch}}
	for _, r := range Rules() {
		switch r.Name {
		case "fixed interval", "rss-fetcher", "halve or double", "halve or double, capped":
			o.Rules = append(o.Rules, r)
		case "dateline":
			r.Settings = slices.DeleteFunc(r.Settings, func(p float64) bool { return p < 0.03 })
			o.Rules = append(o.Rules, r)
		}
	}
	if *update {
		o = Options{}
	}
	r := Run(o)
	show(t, "Fetches for the same mean delay, as a multiple of dateline's", func(w io.Writer) error { return r.Ratios(w, ByMean) })
	show(t, "Fetches for the same median delay, as a multiple of dateline's", func(w io.Writer) error { return r.Ratios(w, ByMedian) })
	show(t, "All synthetic feeds", func(w io.Writer) error { return r.Table(w, All) })
	for _, delay := range []time.Duration{15 * time.Minute, 30 * time.Minute} {
		if x := r.Ratio(All, "fixed interval", ByMean, delay); !(x > 2.5) {
			t.Errorf("a fixed interval needs %.2f times the fetches for a mean of %v, want 2.5", x, delay)
		}
		if x := r.Ratio(All, "halve or double, capped", ByMean, delay); !(x > 1.4) {
			t.Errorf("halve or double needs %.2f times the fetches for a mean of %v, want 1.4", x, delay)
		}
	}
	if !*update {
		return
	}
	var b bytes.Buffer
	if err := r.SVG(&b, All); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("..", "..", "..", "docs", "schedule.svg"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestScheduleRecorded compares the rules on real dates.
func TestScheduleRecorded(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" || !*update {
		t.Skip("a long run: set DATELINE_TESTDATA to the folder of test data, and -update")
	}
	real, err := Recorded(dir)
	if err != nil {
		t.Fatal(err)
	}
	rules := slices.DeleteFunc(Rules(), func(r Rule) bool { return r.Name == "oracle" })
	r := Run(Options{Real: real, Only: []string{Newswire, Outlets, Samples}, Rules: rules})
	show(t, "Fetches for the same mean delay, as a multiple of dateline's", func(w io.Writer) error { return r.Ratios(w, ByMean) })
	show(t, "Fetches for the same median delay, as a multiple of dateline's", func(w io.Writer) error { return r.Ratios(w, ByMedian) })
	show(t, "The newswire", func(w io.Writer) error { return r.Table(w, Newswire) })
	if x := r.Ratio(Newswire, "fixed interval", ByMean, 15*time.Minute); !(x > 2.5) {
		t.Errorf("a fixed interval needs %.2f times the fetches on the newswire, want 2.5", x)
	}
}

// TestScheduleSpread shows how the gain depends on how different feeds are.
func TestScheduleSpread(t *testing.T) {
	if !*update {
		t.Skip("a long run: -update")
	}
	for _, sigma := range []float64{0.01, 1, 2, 3} {
		rules := slices.DeleteFunc(Rules(), func(r Rule) bool { return r.Name == "oracle" || r.Name == "dateline, a week at most" })
		for i := range rules {
			if rules[i].Name == "dateline" {
				rules[i].Settings = []float64{.1, .2, .4, .8, 1.6, 3.2}
			}
		}
		r := Run(Options{Median: 2, Sigma: sigma, Only: []string{Paper}, Rules: rules})
		show(t, fmt.Sprintf("Newspapers, median 2 items a day, sigma %.2g: ratios at the same mean delay", sigma), func(w io.Writer) error { return r.Ratios(w, ByMean) })
	}
}

// TestHealth checks that what is expected comes, that the living are not called
// silent, and that the dead are.
func TestHealth(t *testing.T) {
	o := Options{Feeds: 20, Only: []string{Wire, Paper, Batch, OnHour, Late, Breaking, Blog}}
	if dir := os.Getenv("DATELINE_TESTDATA"); dir != "" && *update {
		real, err := Recorded(dir)
		if err != nil {
			t.Fatal(err)
		}
		o = Options{Real: real}
	}
	all := Diagnose(o, 0.4)
	show(t, "What is expected, and what is called silent", func(w io.Writer) error { return Healths(w, all) })
	expected, came, alarms, months, dead, noticed := 0.0, 0.0, 0, 0.0, 0, 0
	for _, h := range all {
		if !slices.Contains(Processes, h.Process) || h.Process == Holiday {
			continue // pauses are silence
		}
		expected += h.Expected
		came += h.Came
		alarms += h.Alarms
		months += h.Months
		dead += h.Dead
		noticed += h.Noticed
		if x := h.Expected / h.Came; x < 0.9 || x > 1.1 {
			t.Errorf("%s: expected %.0f items, %.0f came", h.Process, h.Expected, h.Came)
		}
		if n := len(h.Gaps); n == 0 || h.Gaps[n/2] > 40 {
			t.Errorf("%s: dead feeds are noticed after %v gaps", h.Process, h.Gaps)
		}
	}
	if x := expected / came; x < 0.95 || x > 1.05 {
		t.Errorf("expected %.3f of what came", x)
	}
	if x := 1000 * float64(alarms) / months; x > 5 {
		t.Errorf("%d false alarms, %.1f per 1,000 feeds and month", alarms, x)
	}
	if noticed*10 < dead*8 {
		t.Errorf("%d of %d dead feeds were noticed", noticed, dead)
	}
}

func TestSVG(t *testing.T) {
	o := Options{Feeds: 3, Days: 3, Warmup: 2, Only: []string{Wire}}
	var b bytes.Buffer
	r := Run(o)
	if err := r.SVG(&b, All); err != nil {
		t.Fatal(err)
	}
	again := bytes.Clone(b.Bytes())
	d := xml.NewDecoder(&b)
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Contains(again, []byte("<circle")) || bytes.Contains(again, []byte("NaN")) {
		t.Error("the picture has no points, or bad ones")
	}
	b.Reset()
	if err := Run(o).SVG(&b, All); err != nil || !bytes.Equal(b.Bytes(), again) {
		t.Errorf("the same options give another picture: %v", err)
	}
}

func TestFixedIntervalIsHalf(t *testing.T) { // of the interval, which every delay rests on
	r := Run(Options{Feeds: 10, Days: 20, Warmup: 2, Only: []string{Wire, Paper}, Rules: Rules()[:1]})
	for _, p := range r.Curve(All, "fixed interval").Points {
		want := time.Duration(p.Setting / 2 * float64(time.Minute))
		if p.Setting > 600 {
			continue // few polls, and windows roll over
		}
		if x := float64(p.Mean) / float64(want); x < 0.85 || x > 1.15 {
			t.Errorf("every %v min: mean delay %v, want about %v", p.Setting, p.Mean, want)
		}
		if f := p.Fetches * p.Setting / 1440; f < 0.99 || f > 1.01 {
			t.Errorf("every %v min: %v fetches a day", p.Setting, p.Fetches)
		}
	}
}

func TestRecorded(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder of test data")
	}
	feeds, err := Recorded(dir)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for _, f := range feeds {
		n[f.Process]++
		if !slices.IsSortedFunc(f.Items, func(a, b Item) int { return int(a.At - b.At) }) {
			t.Errorf("a feed of %s is not in order", f.Process)
		}
	}
	if n[Newswire] < 50 || n[Outlets] < 100 || n[Samples] < 40 {
		t.Errorf("feeds by process: %v", n)
	}
}

func show(t *testing.T, title string, print func(io.Writer) error) {
	t.Helper()
	var b strings.Builder
	if err := print(&b); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%s", title, b.String())
}
