// Package spike says how strange a mention count is, given what came before.
//
// In come counts by time, with the total that was ingested in the same window
// as their exposure; out comes a p-value, an interval and, where a series is
// followed, an alert. The baseline is a negative binomial whose mean is
// level x exposure x hour-of-week profile and whose dispersion is estimated;
// beside the test of the single count runs a CUSUM, which sees slow rises.
//
// Everything here is causal and deterministic: a result depends on the counts
// up to its own and on nothing else; there is no clock and no I/O but in
// RunCSV. Values are not safe for concurrent use. What a count means, which
// copies it holds and whether it is complete is the caller's to know.
package spike

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Config says how many false alarms are acceptable and how long the memory is.
type Config struct {
	Budget       float64         `yaml:"false_alarms_per_month"` // over all tests of a rule or a series together
	MinOriginals int             `yaml:"min_originals"`          // fewer never raise an alert; in a plain series, the value
	MinSources   int             `yaml:"min_sources"`            // fewer never raise an alert; a plain series has none
	FDR          float64         `yaml:"fdr"`                    // largest q that still raises an alert
	Cooldown     time.Duration   `yaml:"cooldown"`               // least time between two alerts of one entity
	Quiet        time.Duration   `yaml:"quiet"`                  // without a strange count, after which an episode is over
	BaselineDays int             `yaml:"baseline_days"`          // history that Score looks at
	WarmUp       time.Duration   `yaml:"warm_up"`                // history below which every score is 0
	Windows      []time.Duration `yaml:"windows"`                // bucket lengths that are tested, each once when it closes
}

// DefaultConfig tests hours and days against 60 days and accepts two false
// alarms a month.
func DefaultConfig() Config {
	return Config{
		Budget: 2, MinOriginals: 5, MinSources: 3, FDR: .05,
		Cooldown: 24 * time.Hour, Quiet: 3 * time.Hour,
		BaselineDays: 60, WarmUp: 48 * time.Hour,
		Windows: []time.Duration{time.Hour, 24 * time.Hour},
	}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	bad := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	bad(c.Budget > 0 && c.Budget <= 1e6, "alert.false_alarms_per_month is %v, want more than 0", c.Budget)
	bad(c.MinOriginals >= 1, "alert.min_originals is %d, want 1 or more", c.MinOriginals)
	bad(c.MinSources >= 1, "alert.min_sources is %d, want 1 or more", c.MinSources)
	bad(c.FDR > 0 && c.FDR <= 1, "alert.fdr is %v, want more than 0 and at most 1", c.FDR)
	bad(c.Cooldown >= 0, "alert.cooldown is %v, want 0s or more", c.Cooldown)
	bad(c.Quiet >= 0, "alert.quiet is %v, want 0s or more", c.Quiet)
	bad(c.BaselineDays >= 1 && c.BaselineDays <= 730, "alert.baseline_days is %d, want 1 to 730", c.BaselineDays)
	bad(c.WarmUp >= 0, "alert.warm_up is %v, want 0s or more", c.WarmUp)
	bad(c.WarmUp <= time.Duration(c.BaselineDays)*24*time.Hour,
		"alert.warm_up is %v, longer than alert.baseline_days (%d): nothing would ever be scored", c.WarmUp, c.BaselineDays)
	bad(len(c.Windows) > 0, "alert.windows is empty, want one length or more, such as 1h")
	for _, w := range c.Windows {
		bad(w >= time.Minute && w <= 7*24*time.Hour, "alert.windows holds %v, want 1m to 168h", w)
	}
	return errors.Join(errs...)
}

// Bucket is the count of one entity in one closed window.
type Bucket struct {
	At       time.Time // start of the window
	Count    float64   // mentions that were counted, 0 or more
	Exposure float64   // all that was ingested in the window, in the entity's language and tier; 1 everywhere if unknown
	Excluded bool      // not to be learnt from or judged: an outage, a backlog that was drained
}

// usable tells whether there is anything to learn from the bucket.
func (b *Bucket) usable() bool {
	return !b.Excluded && b.Exposure > 1e-9 && b.Exposure <= maxCount && b.Count >= 0 && b.Count <= math.MaxFloat64
}

// Result judges one count. In warm-up only Expected is told: P, PointP and
// SlowP are 1, Score is 0.
type Result struct {
	Expected     float64 // mean of the baseline for this window
	Low, High    float64 // 95 % of quiet windows lie in [Low, High]
	P            float64 // of the two tests together, in (0,1]; tiny ones are rounded up to the smallest float
	Score        float64 // -log10 of P, finite and >= 0 even where P is beyond floats
	PointP       float64 // mid-p of this single count
	SlowP        float64 // of the CUSUM: bound on the chance of so long a run of high counts
	Dispersion   float64 // alpha in variance = mean + alpha mean², uncertainty of the mean included
	BaselineDays float64 // history behind the judgement
	Alert        bool    // only a Detector raises it
}

// Threshold returns the p below which a test alerts when testsPerMonth of them
// share the budget (Bonferroni over the month). It is never above 0.01.
func Threshold(cfg Config, testsPerMonth float64) float64 {
	if !(testsPerMonth > 0) {
		return .01
	}
	return min(.01, cfg.Budget/testsPerMonth)
}
