// Package story groups originals about one event: texts written independently
// of each other, which is another relation than that of copies.
//
// A text is reduced to Terms, at most MaxTerms of its words with weights, which
// are stored with the article. An Index holds those of a window of the stream.
// Assign compares a new original with the ones that share rare terms with it:
// by the cosines of title, text and named entities, each term weighted by its
// inverse document frequency (Spärck Jones 1972) among the originals of its
// language in the window, and by nearness in time. A logistic regression on
// labelled pairs makes one number of these, the odds that two originals are
// about one event. What decides is half that of the closest article, and half
// the mean over the newest articles of the story and its first one, so that a
// story moves on with its event and does not drift into the next. A wrong
// merge is worse than a split: in doubt a new story begins; its id is that of
// its first article.
//
// The package is pure, and the state of an Index is a fold over a suffix of
// the stream, by the rules of package neardup.
package story

import (
	"errors"
	"fmt"
	"time"
)

// Config tunes an Index. DefaultConfig gives measured values.
type Config struct {
	Window    time.Duration `yaml:"window"`    // how long a story can be joined, by seen_at
	Span      time.Duration `yaml:"span"`      // from a story's first article to its last, by ts
	Gap       time.Duration `yaml:"gap"`       // between an article and the most similar one, by ts
	MaxDocs   int           `yaml:"max_docs"`  // bound of the window in originals
	Threshold float64       `yaml:"threshold"` // probability of one event from which an article joins, 0..1
}

// DefaultConfig holds a week and half a million originals.
func DefaultConfig() Config {
	return Config{
		Window: 7 * 24 * time.Hour, Span: 7 * 24 * time.Hour, Gap: 72 * time.Hour,
		MaxDocs: 500_000, Threshold: .5,
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
	if c.Threshold <= 0 || c.Threshold >= 1 {
		errs = append(errs, fmt.Errorf("threshold %v: want more than 0, less than 1", c.Threshold))
	}
	return errors.Join(errs...)
}

// Doc is what the index needs of an original. All of it follows from stored
// columns.
type Doc struct {
	ID       uint64
	SeenAt   time.Time // when the stream first had it: ages the window
	TS       time.Time // analysis time: nearness in time; zero: unknown, near to everything
	Source   string    // "": unknown
	Language string    // texts of two languages are never of one story
	Terms    Terms
	Title    []uint64 // hashes of the words of the title, which stand in where Terms is empty
	Entities []string // entity ids, the foremost first
}
