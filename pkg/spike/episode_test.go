package spike

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

// h: a window that may raise, w: one that keeps an episode open, .: a quiet one.
// R: raised, C: closed, -: nothing.
func TestEpisode(t *testing.T) {
	cfg := DefaultConfig()
	f := func(windows, want string) {
		t.Helper()
		var got strings.Builder
		var e Episode
		for i, w := range windows {
			var change Change
			e, change = e.Step(epoch.Add(time.Duration(i)*time.Hour), w == 'h', w == 'h' || w == 'w', cfg)
			got.WriteByte("-RC"[change])
		}
		if got.String() != want {
			t.Errorf("%s\n got %s\nwant %s", windows, got.String(), want)
		}
	}
	f("..h..", "--R--")
	f("wwwhhhw...", "---R-----C")       // one alert for one episode
	f("h..w..h..h...", "R-----------C") // short lulls do not end it
	f("h...h", "R--C-")                 // over, but within the cooldown
	f("h"+strings.Repeat(".", 23)+"h", "R--C"+strings.Repeat("-", 20)+"R")
	f("h"+strings.Repeat("w", 30)+"h...h", "R"+strings.Repeat("-", 33)+"CR"[:1]+"R")
}

// From the stored alert on, the same windows give the same episodes.
func TestEpisodeResumes(t *testing.T) {
	cfg := DefaultConfig()
	s := newStream(4, 1, 1)
	hot := make([]bool, 2000)
	for i := range hot {
		hot[i] = s.rng.Float64() < .03
	}
	at := func(i int) time.Time { return epoch.Add(time.Duration(i) * time.Hour) }
	var e, restored Episode
	var raised []time.Time
	for i := range hot {
		var change Change
		e, change = e.Step(at(i), hot[i], hot[i], cfg)
		if change != Raised {
			continue
		}
		raised = append(raised, e.Since)
		// A process that died knows the alert alone, and sees its window again.
		restored = Resume(e.Since, time.Time{}, true)
		again, change := restored.Step(at(i), hot[i], hot[i], cfg)
		if change != None || again != e {
			t.Fatalf("window %d again: %v, %+v, want %+v", i, change, again, e)
		}
		if i > 0 {
			if old, change := restored.Step(at(i-1), true, true, cfg); change != None || old != restored {
				t.Fatalf("the window before changed %+v to %+v", restored, old)
			}
		}
	}
	if len(raised) < 20 {
		t.Fatalf("%d alerts", len(raised))
	}
	for i := 1; i < len(raised); i++ {
		if raised[i].Sub(raised[i-1]) < cfg.Cooldown {
			t.Errorf("alerts at %v and %v", raised[i-1], raised[i])
		}
	}
}

func TestBenjaminiHochberg(t *testing.T) {
	f := func(p, want []float64) {
		t.Helper()
		got := BenjaminiHochberg(p)
		if !slices.EqualFunc(got, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
			t.Errorf("%v: %v, want %v", p, got, want)
		}
	}
	f(nil, nil)
	f([]float64{.03}, []float64{.03})
	f([]float64{.01, .02, .03, .04}, []float64{.04, .04, .04, .04})
	f([]float64{.5, .001, .04, .03}, []float64{.5, .004, .16 / 3, .16 / 3})
	f([]float64{.2, math.NaN(), -1, 3}, []float64{.8, 1, 1, 1})
}

func TestThreshold(t *testing.T) {
	f := func(budget, tests, want float64) {
		t.Helper()
		if got := Threshold(Config{Budget: budget}, tests); math.Abs(got-want) > 1e-15 {
			t.Errorf("budget %v, %v tests: %v, want %v", budget, tests, got, want)
		}
	}
	f(2, 50000*720, 2./36e6)
	f(2, 10, .01)
	f(2, 0, .01)
	f(2, math.NaN(), .01)
}

func TestConfigValidates(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Fatal(err)
	}
	f := func(change func(*Config), want string) {
		t.Helper()
		c := DefaultConfig()
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	f(func(c *Config) { c.Budget = 0 }, "alert.false_alarms_per_month is 0")
	f(func(c *Config) { c.Budget = math.NaN() }, "alert.false_alarms_per_month")
	f(func(c *Config) { c.MinOriginals = 0 }, "alert.min_originals")
	f(func(c *Config) { c.MinSources = -1 }, "alert.min_sources is -1")
	f(func(c *Config) { c.FDR = 2 }, "alert.fdr is 2")
	f(func(c *Config) { c.Cooldown = -time.Hour }, "alert.cooldown is -1h")
	f(func(c *Config) { c.BaselineDays = 0 }, "alert.baseline_days")
	f(func(c *Config) { c.WarmUp = 1e6 * time.Hour }, "nothing would ever be scored")
	f(func(c *Config) { c.Windows = nil }, "alert.windows is empty")
	f(func(c *Config) { c.Windows = []time.Duration{time.Second} }, "alert.windows holds 1s")
}
