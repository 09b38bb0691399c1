package spike

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// Quiet streams of every kind have to come out as often as their p says.
func TestCalibration(t *testing.T) {
	limits := [...]float64{1e-2, 1e-3, 1e-4, 1e-5}
	var all [len(limits)]float64
	tests := 0.
	for _, d := range []float64{.02, .3, 1, 3} {
		for _, m := range []float64{.01, .1, 1, 5, 50, 400} {
			var point, both [len(limits)]float64
			n := 0.
			for run := range 6 {
				s := newStream(uint64(run)+1, m, d)
				det := NewDetector(time.Hour, DefaultConfig())
				for i := range 24 * 200 {
					at := epoch.Add(time.Duration(i) * time.Hour)
					res := det.Observe(at, s.draw(s.at(at)))
					if i < 24*28 {
						continue
					}
					n++
					for j, limit := range limits {
						if res.PointP < limit {
							point[j]++
						}
						if res.P < limit {
							both[j]++
						}
					}
				}
			}
			row := fmt.Sprintf("dispersion %-4v mean %-5v", d, m)
			for j, limit := range limits {
				row += fmt.Sprintf("  %.0e: %.2f/%.2f", limit, point[j]/n/limit, both[j]/n/limit)
				all[j] += both[j]
			}
			tests += n
			t.Log(row + "  (found / promised, point and both)")
			// Sparse counts are too coarse to reach every p; they may only be rarer.
			if r := point[1] / n / 1e-3; r > 1.8 || m >= 5 && r < .35 {
				t.Errorf("%s: the point test's 1e-3 comes %.2f times as often", row, r)
			}
			if r := both[1] / n / 1e-3; r > 1.8 {
				t.Errorf("%s: 1e-3 comes %.2f times as often", row, r)
			}
		}
	}
	for j, limit := range limits {
		r := all[j] / tests / limit
		t.Logf("all %.0f tests: 1 in %.0f comes %.2f times as often", tests, 1/limit, r)
		if r > 1+4/math.Sqrt(tests*limit) {
			t.Errorf("p %v comes %.2f times as often", limit, r)
		}
	}
}

// Over months of quiet the alarms have to stay within the budget.
func TestFalseAlarmsStayWithinTheBudget(t *testing.T) {
	cfg := DefaultConfig()
	for _, c := range []struct {
		step   time.Duration
		months int
	}{{5 * time.Minute, 3}, {time.Hour, 24}, {24 * time.Hour, 120}} {
		alerts, streams := 0, 0
		for i, m := range []float64{.4, 6, 80} {
			for j, d := range []float64{.1, .8} {
				s := newStream(uint64(100*i+j), m, d)
				det := NewDetector(c.step, cfg)
				n := int(time.Duration(c.months) * 30 * 24 * time.Hour / c.step)
				for k := range n {
					at := epoch.Add(time.Duration(k) * c.step)
					if det.Observe(at, s.draw(s.at(at))).Alert {
						alerts++
					}
				}
				streams++
			}
		}
		perMonth := float64(alerts) / float64(streams*c.months)
		t.Logf("step %v: %.2f false alarms a month, budget %v", c.step, perMonth, cfg.Budget)
		if perMonth > cfg.Budget {
			t.Errorf("step %v: %.2f false alarms a month, budget %v", c.step, perMonth, cfg.Budget)
		}
	}
}

// plant follows a stream for 40 days, then multiplies it by the given rise.
// It tells after how many steps of the rise the alert came, -1 if never.
func plant(seed uint64, mean, dispersion float64, steps int, rise func(i int) float64) (delay int, res Result) {
	s := newStream(seed, mean, dispersion)
	det := NewDetector(time.Hour, DefaultConfig())
	// Not always at the same hour, and never within the cooldown of a false alarm.
	start := 24*40 + int(seed*7%24)
	for i := range start + steps {
		at := epoch.Add(time.Duration(i) * time.Hour)
		m := s.at(at)
		if i >= start {
			m *= rise(i - start)
		}
		r := det.Observe(at, s.draw(m))
		if i == start-1 {
			det.episode = Episode{}
		}
		if i >= start && r.Alert {
			return i - start, r
		}
	}
	return -1, res
}

func TestPlantedSpikesAreFound(t *testing.T) {
	const runs = 40
	for _, c := range []struct {
		name  string
		mean  float64
		steps int
		rise  func(float64) func(int) float64
		sizes []float64
		least []float64 // share found
	}{
		{"3 h, mean 0.05", .05, 3, always, []float64{20, 50, 100, 200}, []float64{0, 0, .4, .8}},
		{"3 h, mean 1", 1, 3, always, []float64{3, 5, 8, 15}, []float64{0, .2, .4, .7}},
		{"3 h, mean 10", 10, 3, always, []float64{2, 3, 5, 8}, []float64{0, .1, .6, .9}},
		{"3 h, mean 100", 100, 3, always, []float64{2, 3, 5, 8}, []float64{0, .1, .6, .9}},
		{"slow, to x in 3 d, stays 4 d, mean 1", 1, 168, slowly, []float64{1.5, 2, 3}, []float64{0, .3, .8}},
		{"slow, to x in 3 d, stays 4 d, mean 10", 10, 168, slowly, []float64{1.5, 2, 3}, []float64{.1, .6, .9}},
	} {
		row := c.name + ":"
		for i, size := range c.sizes {
			found, wait := 0., 0.
			for seed := range uint64(runs) {
				if delay, _ := plant(seed+1, c.mean, .3, c.steps, c.rise(size)); delay >= 0 {
					found++
					wait += float64(delay)
				}
			}
			row += fmt.Sprintf("  x%v %.2f (after %.0f h)", size, found/runs, wait/max(found, 1))
			if found/runs < c.least[i] {
				t.Errorf("%s x%v: found %.2f, want %.2f", c.name, size, found/runs, c.least[i])
			}
		}
		t.Log(row)
	}
}

func always(size float64) func(int) float64 { return func(int) float64 { return size } }

func slowly(size float64) func(int) float64 {
	return func(i int) float64 { return 1 + (size-1)*min(1, float64(i)/72) }
}
