package poll

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Config of the poll stage.
type Config struct {
	MinInterval time.Duration `yaml:"min_interval"` // between two polls of a feed; the floor of the schedule
	MaxInterval time.Duration `yaml:"max_interval"` // its ceiling, for failing feeds too
	Budget      float64       `yaml:"budget"`       // fetches a second of the whole process; 0: no bound
	Price       float64       `yaml:"price"`        // of a fetch, in item-hours of delay
	Workers     int           `yaml:"workers"`      // fetches under way at once
	Grace       time.Duration `yaml:"grace"`        // for the fetches in hand on shutdown

	FullText        string   `yaml:"full_text"`         // never or teasers: whose pages are fetched where a feed does not say
	FullTextSources []string `yaml:"full_text_sources"` // sources whose teasers get their page anyway
}

// Values of Config.FullText.
const (
	fullTextNever   = "never"
	fullTextTeasers = "teasers"
)

// DefaultConfig of the poll stage.
func DefaultConfig() Config {
	return Config{
		MinInterval: 5 * time.Minute, MaxInterval: 24 * time.Hour, Budget: 500, Price: 0.1,
		Workers: 64, Grace: 8 * time.Second, FullText: fullTextNever,
	}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.MinInterval < time.Second {
		bad("poll.min_interval is %v, want 1s or more", c.MinInterval)
	}
	if c.MaxInterval < c.MinInterval {
		bad("poll.max_interval is %v, less than poll.min_interval %v", c.MaxInterval, c.MinInterval)
	}
	if !(c.Budget >= 0 && c.Budget <= 1e6) {
		bad("poll.budget is %v fetches a second, want 0 (no bound) to 1000000", c.Budget)
	}
	if !(c.Price >= 0 && c.Price <= 1e6) {
		bad("poll.price is %v item-hours, want 0 to 1000000", c.Price)
	}
	if c.Workers < 1 || c.Workers > 10000 {
		bad("poll.workers is %d, want 1 to 10000", c.Workers)
	}
	if c.FullText != "" && c.FullText != fullTextNever && c.FullText != fullTextTeasers {
		bad("poll.full_text is %q, want never or teasers", c.FullText)
	}
	for _, s := range c.FullTextSources {
		if s == "" || strings.ContainsAny(s, ": ") {
			bad("poll.full_text_sources has %q, want a source such as example.org", s)
		}
	}
	return errors.Join(errs...)
}
