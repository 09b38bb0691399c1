// Package neardup tells copies of a news text from originals: reprints, cuts,
// light rewrites, and the same text with other typography or a footer.
//
// A text is reduced to a Sketch of at most MaxSketch values, which is stored
// with the article. An Index holds the sketches of a window of the stream and
// answers Match, by the sketches alone, and Read, which asks for texts where
// the sketches are not sure; Add is its only mutation and needs no text. The
// package is pure: no clock, no I/O but the caller's Texts, no randomness.
//
// The state of an Index is a fold over a suffix of the stream of documents.
// Which suffix follows from the documents alone: it starts at the first one
// seen later than the newest minus Config.Window, and holds at most
// Config.MaxDocs. An index that is given the rows of that suffix (or of a
// longer one) in their order is in the same state, with the same Digest, as
// one that saw the whole stream.
//
// Two texts are compared by estimated containment and Jaccard similarity of
// their 2-word shingles (Broder 1997), since papers cut wire copy down and a
// cut has a low Jaccard. What counts is the narration: quotations and posts,
// which independent reports share, are told apart in the sketch; and what a
// source repeats in several originals of the window (captions, lists of links,
// forms, background) is found among the candidates and left out. One source
// that prints much of a text again goes on with it rather than copies it, so
// more is asked there. Without texts, between Config.Grey and Config.Containment what is
// shared has to spread evenly over the text; numbers and dates that differ in
// the same place forbid a match, since templates of earnings and weather
// differ in nothing else, unless the title calls the text a correction.
package neardup

import (
	"errors"
	"fmt"
	"time"
)

// Config tunes an Index. DefaultConfig gives measured values.
type Config struct {
	Window      time.Duration `yaml:"window"`      // how long a document can be copied, by seen_at
	MaxDocs     int           `yaml:"max_docs"`    // bound of the window in documents, <= 1 kB each
	Containment float64       `yaml:"containment"` // of 2-word shingles: a copy from here on
	Jaccard     float64       `yaml:"jaccard"`     // or from here on
	Grey        float64       `yaml:"grey"`        // containment from which other evidence can make a copy
	Near        time.Duration `yaml:"near"`        // copies are at most so far apart by ts, unless all but identical
}

// DefaultConfig holds a week and a million documents.
func DefaultConfig() Config {
	return Config{
		Window: 7 * 24 * time.Hour, MaxDocs: 1_000_000,
		Containment: .5, Jaccard: .35, Grey: .25, Near: 72 * time.Hour,
	}
}

// Validate says what is out of range.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Window > 0, "window %v: want more than 0", c.Window)
	check(c.Near > 0, "near %v: want more than 0", c.Near)
	check(c.MaxDocs > 0 && c.MaxDocs <= 1<<27, "max_docs %d: want 1 to 2^27", c.MaxDocs)
	check(c.Containment > 0 && c.Containment <= 1, "containment %v: want more than 0, at most 1", c.Containment)
	check(c.Jaccard > 0 && c.Jaccard <= 1, "jaccard %v: want more than 0, at most 1", c.Jaccard)
	check(c.Grey > 0 && c.Grey <= c.Containment, "grey %v: want more than 0, at most containment", c.Grey)
	return errors.Join(errs...)
}

// Doc is what the index needs of a document. All of it follows from stored
// columns: Title are the terms of the title, the xxh3 hashes of its
// normalised words.
type Doc struct {
	ID       uint64
	SeenAt   time.Time // when the stream first had it: ages the window
	TS       time.Time // analysis time: nearness in time; zero: unknown, near to everything
	Source   string
	Language string // blocking key: texts of two languages are never copies
	BodyHash uint64 // of the normalised text; 0: no text
	Sketch   Sketch
	Words    int // of the text
	Title    []uint64
	Entities []string // entity ids
	Story    uint64   // of the article; kept for the caller and returned in Match.Story
	Note     Note
}

// Note is kept for the caller and means nothing here.
type Note struct {
	Similarity float32
	Revision   uint16
	Rank       int8
}

// Stored is what the window holds of the newest text of an article.
type Stored struct {
	SeenAt   time.Time
	BodyHash uint64
	CopyOf   uint64
	Story    uint64
	Words    int
	Note     Note
}

// Match is the answer for one document.
type Match struct {
	CopyOf     uint64  // the original, never a copy; 0: no copy
	Closest    uint64  // the document it matched: the original or another copy of it
	Story      uint64  // Doc.Story of Closest
	Similarity float32 // 0..1: the larger of estimated containment and Jaccard; 1: same body
	Reason     string  // which rule matched: body, shingles, grey, title
}
