// Package dateparser stands in for github.com/markusmobius/go-dateparser, by a
// replace directive in go.mod. It understands no date.
//
// What finds the text of a page could also guess its date from words in two
// hundred languages; for that the original sets up 78 MB of tables whenever
// the program starts, be it for `dateline version`. Dates come from feeds here,
// and the guess is switched off, so that the tables are never asked. This is
// as much of the original's surface as its one caller, go-htmldate, compiles
// against.
package dateparser

import (
	"errors"
	"time"
)

// ParserType names a way to read a date.
type ParserType uint8

// The ways that the caller names.
const (
	CustomFormat ParserType = iota
	AbsoluteTime
)

// PreferredDateSource says which of several possible dates is meant.
type PreferredDateSource uint8

// Past is the one that the caller names.
const Past PreferredDateSource = 1

// Configuration is what a caller may ask for.
type Configuration struct {
	PreferredDateSource PreferredDateSource
	StrictParsing       bool
}

// Parser reads dates, the original does.
type Parser struct{ ParserTypes []ParserType }

// Date is a point in time.
type Date struct{ Time time.Time }

// ErrNone is what Parse returns.
var ErrNone = errors.New("dates in words are not read")

// Parse gives the zero Date and ErrNone.
func (*Parser) Parse(*Configuration, string, ...string) (Date, error) { return Date{}, ErrNone }
