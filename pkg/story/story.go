// Package story groups originals about one event: texts written independently
// of each other, which is another relation than that of copies.
//
// Each new original is compared with those of the window that share rare
// entities or rare words of the title with it, and joins the story of the
// best, if the first article of that story agrees. A wrong merge is worse than
// a split, so in doubt a new story begins; its id is that of its first
// article.
//
// The package is pure, and the state of an Index is a fold over a suffix of
// the stream, by the rules of package neardup.
package story

import (
	"errors"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/neardup"
)

// Config tunes an Index. DefaultConfig gives measured values.
type Config struct {
	Window    time.Duration `yaml:"window"`    // how long a story can be joined, by seen_at
	Span      time.Duration `yaml:"span"`      // from a story's first article to its last, by ts
	Gap       time.Duration `yaml:"gap"`       // between an article and the most similar one, by ts
	MaxDocs   int           `yaml:"max_docs"`  // bound of the window in originals
	Threshold float64       `yaml:"threshold"` // similarity from which an article joins, 0..1
}

// DefaultConfig holds a week and half a million originals.
func DefaultConfig() Config {
	return Config{
		Window: 7 * 24 * time.Hour, Span: 7 * 24 * time.Hour, Gap: 72 * time.Hour,
		MaxDocs: 500_000, Threshold: .34,
	}
}

// Validate says what is out of range.
func (c Config) Validate() error {
	var errs []error
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"window", c.Window}, {"span", c.Span}, {"gap", c.Gap}} {
		if d.value <= 0 {
			errs = append(errs, fmt.Errorf("%s %v: want more than 0", d.name, d.value))
		}
	}
	if c.MaxDocs <= 0 || c.MaxDocs > 1<<30 {
		errs = append(errs, fmt.Errorf("max_docs %d: want 1 to 2^30", c.MaxDocs))
	}
	if c.Threshold <= 0 || c.Threshold > 1 {
		errs = append(errs, fmt.Errorf("threshold %v: want more than 0, at most 1", c.Threshold))
	}
	return errors.Join(errs...)
}

// Doc is what the index needs of an original: the same columns as for copies.
type Doc = neardup.Doc
