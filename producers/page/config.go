package page

import (
	"errors"
	"fmt"
	"time"
)

// Config of the page stage.
type Config struct {
	Workers    int           `yaml:"workers"`    // pages in memory at once: being fetched, or waiting to be read
	Extractors int           `yaml:"extractors"` // of these, read at once; 0: half the processors
	Window     int           `yaml:"window"`     // articles that wait, of each partition of `articles`
	Patience   time.Duration `yaml:"patience"`   // with a full window: a site that needs longer for what waits for it loses its oldest articles
	MaxAge     time.Duration `yaml:"max_age"`    // pages of articles that were seen longer ago are left alone
	Tries      int           `yaml:"tries"`      // requests for one page, where its site is in trouble
	Backlog    bool          `yaml:"backlog"`    // fetch the pages of backlog, too
	MaxBody    int64         `yaml:"max_body"`   // bytes of a page after decompression
	Grace      time.Duration `yaml:"grace"`      // for the pages in hand on shutdown
}

// DefaultConfig of the page stage.
func DefaultConfig() Config {
	return Config{Workers: 32, Window: 2000, Patience: 10 * time.Minute, MaxAge: 48 * time.Hour, Tries: 4, MaxBody: 4 << 20, Grace: 8 * time.Second}
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Workers >= 1 && c.Workers <= 1000, "page.workers is %d, want 1 to 1000", c.Workers)
	check(c.Extractors >= 0 && c.Extractors <= 256, "page.extractors is %d, want 0 to 256", c.Extractors)
	check(c.Window >= 1 && c.Window <= 100000, "page.window is %d, want 1 to 100000", c.Window)
	check(c.Patience > 0, "page.patience is %v, want more than 0", c.Patience)
	check(c.MaxAge > 0, "page.max_age is %v, want more than 0", c.MaxAge)
	check(c.Tries >= 1 && c.Tries <= 10, "page.tries is %d, want 1 to 10", c.Tries)
	check(c.MaxBody >= 64<<10 && c.MaxBody <= 64<<20, "page.max_body is %d, want %d to %d", c.MaxBody, 64<<10, 64<<20)
	check(c.Grace >= 0, "page.grace is %v, want 0 or more", c.Grace)
	return errors.Join(errs...)
}
