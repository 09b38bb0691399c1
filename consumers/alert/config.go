package alert

import (
	"errors"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/spike"
)

// Config of the alert stage: what the detector knows, and when a window is
// closed, how far back the alerter looks, and how much it keeps in memory.
type Config struct {
	Budget       float64         `yaml:"false_alarms_per_month"` // over all tests together
	MinOriginals int             `yaml:"min_originals"`          // distinct original articles; fewer never raise an alert
	MinSources   int             `yaml:"min_sources"`            // distinct sources of these; fewer never raise an alert
	FDR          float64         `yaml:"fdr"`                    // largest q that still raises an alert
	Cooldown     time.Duration   `yaml:"cooldown"`               // least time between two alerts of one entity
	Quiet        time.Duration   `yaml:"quiet"`                  // without a strange count, after which an episode is over
	BaselineDays int             `yaml:"baseline_days"`          // history that baselines are learnt from
	WarmUp       time.Duration   `yaml:"warm_up"`                // history below which nothing fires, of an entity as of a source
	Windows      []time.Duration `yaml:"windows"`                // lengths that are tested, each bucket once when it closes
	Tick         time.Duration   `yaml:"tick"`                   // between two looks at what has closed
	Margin       time.Duration   `yaml:"margin"`                 // what a poller may have stamped and not published yet
	Stale        time.Duration   `yaml:"stale"`                  // buckets that closed longer ago are no longer tested, only learnt from
	Intake       time.Duration   `yaml:"intake"`                 // between two looks at the pipeline's own polls; 0: none
	Overdue      time.Duration   `yaml:"overdue"`                // after which a poll that was planned counts as late
	Baselines    int             `yaml:"baselines"`              // kept in memory at most, at some 2.5 kB each
}

// DefaultConfig tests quarters of an hour, hours and days against 60 days of
// history, and accepts two false alarms a month.
func DefaultConfig() Config {
	d := spike.DefaultConfig()
	return Config{
		Budget: d.Budget, MinOriginals: d.MinOriginals, MinSources: d.MinSources, FDR: d.FDR,
		Cooldown: d.Cooldown, Quiet: d.Quiet, BaselineDays: d.BaselineDays, WarmUp: d.WarmUp,
		Windows: []time.Duration{15 * time.Minute, time.Hour, 24 * time.Hour},
		Tick:    15 * time.Second, Margin: 30 * time.Second, Stale: 6 * time.Hour, Baselines: 100_000,
		Intake: time.Minute, Overdue: 15 * time.Minute,
	}
}

// detector is the part of the configuration that pkg/spike knows.
func (c Config) detector() spike.Config {
	return spike.Config{
		Budget: c.Budget, MinOriginals: c.MinOriginals, MinSources: c.MinSources, FDR: c.FDR,
		Cooldown: c.Cooldown, Quiet: c.Quiet, BaselineDays: c.BaselineDays, WarmUp: c.WarmUp, Windows: c.Windows,
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
	bad(c.Tick >= 50*time.Millisecond && c.Tick <= time.Hour, "alert.tick is %v, want 50ms to 1h", c.Tick)
	bad(c.Margin >= 0 && c.Margin <= time.Hour, "alert.margin is %v, want 0s to 1h", c.Margin)
	bad(c.Stale >= time.Minute && c.Stale <= 7*day, "alert.stale is %v, want 1m to 168h", c.Stale)
	bad(c.Intake >= 0 && c.Intake <= day, "alert.intake is %v, want 0s to 24h", c.Intake)
	bad(c.Overdue >= time.Minute && c.Overdue <= day, "alert.overdue is %v, want 1m to 24h", c.Overdue)
	bad(c.Baselines >= 100, "alert.baselines is %d, want 100 or more", c.Baselines)
	for i, w := range c.Windows {
		bad(w >= time.Minute && w%time.Minute == 0 && day%w == 0, "alert.windows holds %v, want whole minutes that divide a day", w)
		bad(i == 0 || w > c.Windows[max(0, i-1)], "alert.windows holds %v after a longer one, want them in rising order", w)
	}
	return errors.Join(append([]error{c.detector().Validate()}, errs...)...)
}

const day = 24 * time.Hour
