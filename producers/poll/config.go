package poll

import (
	"errors"
	"fmt"
	"time"
)

// Config of the poll stage.
type Config struct {
	MinInterval time.Duration `yaml:"min_interval"` // between two polls of a feed; the floor of the schedule
	MaxInterval time.Duration `yaml:"max_interval"` // its ceiling, for failing feeds too
	Workers     int           `yaml:"workers"`      // fetches under way at once
	Grace       time.Duration `yaml:"grace"`        // for the fetches in hand on shutdown
}

// DefaultConfig of the poll stage.
func DefaultConfig() Config {
	return Config{MinInterval: 5 * time.Minute, MaxInterval: 24 * time.Hour, Workers: 64, Grace: 8 * time.Second}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.MinInterval < time.Second {
		errs = append(errs, fmt.Errorf("poll.min_interval is %v, want 1s or more", c.MinInterval))
	}
	if c.MaxInterval < c.MinInterval {
		errs = append(errs, fmt.Errorf("poll.max_interval is %v, less than poll.min_interval %v", c.MaxInterval, c.MinInterval))
	}
	if c.Workers < 1 || c.Workers > 10000 {
		errs = append(errs, fmt.Errorf("poll.workers is %d, want 1 to 10000", c.Workers))
	}
	return errors.Join(errs...)
}
