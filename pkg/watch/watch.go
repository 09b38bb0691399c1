// Package watch is the user's watchlist: names to be found in texts whatever
// a tagger thinks, and places where a name is not meant.
//
// A List is compiled from entries once and shared; a Matcher over it keeps
// scratch space and belongs to one goroutine. Matching is on folded words:
// letters without case and accents, in composed or decomposed form, with any
// apostrophe, hyphen or blank between them; offsets are bytes of the text as
// given. All entries are looked for in one pass whose cost does not depend on
// their number. The package does no I/O beyond the readers and writers handed
// to it, and its results do not depend on the order of entries.
package watch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/entity"
)

// How the letters of a name have to be written.
const (
	// Smart asks for a capital where the name has one, and for capitals alone
	// where the name is an acronym; a name in small letters fits any form.
	Smart = "smart"
	Any   = "any"   // large and small letters are the same
	Exact = "exact" // letter for letter, accents too
)

// Bounds of one entry.
const (
	maxName     = 200  // bytes of a name, alias or term
	maxAliases  = 200  // of an entry
	maxTerms    = 100  // of near, and of not
	maxWithin   = 1000 // words
	maxWords    = 16   // of a name, alias or term
	UsualWithin = 15   // words
)

// Entry is one entity that the user watches.
type Entry struct {
	ID      string   `json:"id"`   // such as org/apple
	Kind    string   `json:"kind"` // PER, ORG or LOC
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"`

	Case  string `json:"case,omitempty"`  // Smart where empty
	Exact bool   `json:"exact,omitempty"` // only as written: no plural, no inflected forms

	// Near are words or phrases of which one has to stand within Within words
	// of the name. Not are those of which none may; one that holds a name of
	// the entry forbids just the places where it stands itself.
	Near   []string `json:"near,omitempty"`
	Not    []string `json:"not,omitempty"`
	Within int      `json:"within,omitempty"` // UsualWithin where 0

	Languages []string `json:"languages,omitempty"` // ISO 639-1; none: all
	Sources   []string `json:"sources,omitempty"`   // none: all
}

// kinds are those that an entry may have.
var kinds = map[string]entity.Kind{"PER": entity.PER, "ORG": entity.ORG, "LOC": entity.LOC}

// Tidy puts an entry into the form in which it is kept, and tells everything
// that is wrong with it. An entry without an id gets the one of its name.
func (e *Entry) Tidy() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	e.Name, e.Kind, e.Case = tidy(e.Name), strings.ToUpper(strings.TrimSpace(e.Kind)), strings.ToLower(strings.TrimSpace(e.Case))
	kind, ok := kinds[e.Kind]
	if !ok {
		bad("kind is %q, want PER, ORG or LOC", e.Kind)
	}
	if e.Case == "" {
		e.Case = Smart
	}
	if !slices.Contains([]string{Smart, Any, Exact}, e.Case) {
		bad("case is %q, want smart, any or exact", e.Case)
	}
	if e.Name == "" {
		bad("there is no name")
	}
	if e.ID = strings.TrimSpace(e.ID); e.ID == "" && ok {
		e.ID = entity.ID(kind, e.Name)
	}
	if e.ID == "" && ok && e.Name != "" || len(e.ID) > maxName || strings.ContainsAny(e.ID, " \t\r\n") || !utf8.ValidString(e.ID) {
		bad("id is %q, want something like org/apple, without blanks", e.ID)
	}
	if e.Within == 0 {
		e.Within = UsualWithin
	}
	if e.Within < 1 || e.Within > maxWithin {
		bad("within is %d, want 1 to %d words", e.Within, maxWithin)
	}
	e.Aliases, e.Near, e.Not = tidyAll(e.Aliases), tidyAll(e.Near), tidyAll(e.Not)
	e.Aliases = slices.DeleteFunc(e.Aliases, func(a string) bool { return a == e.Name })
	e.Languages, e.Sources = tidyAll(lowered(e.Languages)), tidyAll(lowered(e.Sources))
	for _, c := range []struct {
		what string
		list []string
		most int
	}{{"aliases", e.Aliases, maxAliases}, {"near", e.Near, maxTerms}, {"not", e.Not, maxTerms}, {"languages", e.Languages, maxTerms}, {"sources", e.Sources, maxTerms}} {
		if len(c.list) > c.most {
			bad("%d %s, at most %d", len(c.list), c.what, c.most)
		}
	}
	for _, s := range slices.Concat([]string{e.Name}, e.Aliases, e.Near, e.Not) {
		if err := checkPhrase(s); err != nil && s != "" {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// checkPhrase tells why a name, alias or term cannot be looked for.
func checkPhrase(s string) error {
	if len(s) > maxName {
		return fmt.Errorf("%q… is longer than %d bytes", cut(s, 40), maxName)
	}
	ws := phrase(s)
	letters := 0
	for _, w := range ws {
		letters += len(w.folded)
		if w.prefix && len(w.folded) < minPrefix {
			return fmt.Errorf("%q: want at least %d letters before *", s, minPrefix)
		}
	}
	switch {
	case letters == 0:
		return fmt.Errorf("%q has no letter and no digit", s)
	case len(ws) > maxWords:
		return fmt.Errorf("%q has %d words, at most %d", cut(s, 40), len(ws), maxWords)
	}
	return nil
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// tidy makes one line of valid UTF-8 with single blanks.
func tidy(s string) string { return strings.Join(strings.Fields(strings.ToValidUTF8(s, "")), " ") }

func tidyAll(list []string) []string {
	var out []string
	for _, s := range list {
		if s = tidy(s); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func lowered(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.ToLower(s)
	}
	return out
}

// size is about how many bytes an entry takes as it is kept.
func (e *Entry) size() int {
	n := 64 + len(e.ID) + len(e.Kind) + len(e.Name)
	for _, l := range [][]string{e.Aliases, e.Near, e.Not, e.Languages, e.Sources} {
		for _, s := range l {
			n += len(s) + 4
		}
	}
	return n
}

// Config bounds a watchlist.
type Config struct {
	Entries int `yaml:"entries"` // at most
	Bytes   int `yaml:"bytes"`   // of all entries as text, at most
}

// DefaultConfig of a watchlist.
func DefaultConfig() Config { return Config{Entries: 100_000, Bytes: 32 << 20} }

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if c.Entries < 0 || c.Entries > 1_000_000 {
		errs = append(errs, fmt.Errorf("watchlist.entries is %d, want 0 to 1000000", c.Entries))
	}
	if c.Bytes < 0 || c.Bytes > 1<<30 {
		errs = append(errs, fmt.Errorf("watchlist.bytes is %d, want 0 to %d", c.Bytes, 1<<30))
	}
	return errors.Join(errs...)
}

// ErrFull says that entries are more than the configuration allows.
var ErrFull = errors.New("the watchlist is full")

// Fit gives the entries that fit, those of lower ids first, and how many do not.
func (c Config) Fit(entries []Entry) (fit []Entry, left int) {
	fit = slices.Clone(entries)
	slices.SortFunc(fit, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	bytes := 0
	for i := range fit {
		if bytes += fit[i].size(); bytes > c.Bytes || i >= c.Entries {
			return fit[:i], len(fit) - i
		}
	}
	return fit, 0
}
