// Package alias learns from texts which names mean the same: an acronym that
// is introduced in brackets, a surname that stands for a full name, a company
// with and without its legal form, a former name.
//
// An Observer sees one document, as tagged and linked, and says which pairs of
// entities it introduces as one. Evidence sums up what the originals of a
// stream said of a pair; Judge says whether that is enough to propose the
// pair, or to merge it. Both are pure: the same documents, in whatever order
// and however often seen, give the same evidence.
package alias

import (
	"math"
	"time"

	"github.com/dateline/dateline/pkg/entity"
)

// MergeType is the type of the pieces of knowledge that say what an entity, their
// name, counts under: same_as; empty: under itself again.
const MergeType = "merge"

// How a document can introduce two names as one.
const (
	Acronym = "acronym"    // "Northern Grain Board (NGB)", "NGB (Northern Grain Board)"
	Short   = "short"      // "Jane Hartwell … Hartwell", "Hartwell Group … Hartwell"
	KnownAs = "known_as"   // "Norland, formerly Oldland"
	Legal   = "legal_form" // "Hartwell Holdings Ltd … Hartwell Holdings"
	Variant = "spelling"   // "Sergei Marov", "Sergey Marov", named with the same others
	// Clash is no evidence for a pair but against every pair of its name: the
	// document has two bearers of it.
	Clash = "clash"
)

// Observation is one pair that one document introduces: the entity that a form
// counts under where it stands alone, and the one that the document means.
type Observation struct {
	From, Into string // entity ids
	Kind       entity.Kind
	Pattern    string
	Form, Name string // as the document writes From, the name of Into
}

// Evidence is what is known of a pair.
type Evidence struct {
	From, Into string
	Kind       string
	Form, Name string
	Patterns   []string // by which it was introduced, Clash left out
	Originals  uint64   // articles that introduce it, copies left out
	Explicit   uint64   // of these, such as say so in words: all but Short and Variant
	Against    uint64   // originals in which From is introduced as another one, or which have two bearers
	Sources    uint64   // of the originals for it
	First      time.Time
	Last       time.Time
}

// Share is the lower bound of the share of originals that mean Into by From:
// the score interval of Wilson (1927), one-sided at 95 %.
func (e *Evidence) Share() float64 { return Wilson(float64(e.Originals), float64(e.Against)) }

// Wilson gives the lower bound of the score interval for n successes beside m
// failures, at z = 1.645.
func Wilson(n, m float64) float64 {
	const z = 1.645
	t := n + m
	if t == 0 {
		return 0
	}
	p := n / t
	return max(0, (p+z*z/(2*t)-z*math.Sqrt(p*(1-p)/t+z*z/(4*t*t)))/(1+z*z/t))
}

// Level is what evidence suffices for.
type Level int

// The levels.
const (
	Noted    Level = iota // kept, and counted on
	Proposed              // shown to people
	Applied               // merged without asking
)

// String names the level.
func (l Level) String() string { return [...]string{"noted", "proposed", "applied"}[l] }

// Need is what a level asks for.
type Need struct {
	Originals uint64
	Sources   uint64
	Share     float64 // lower bound, see Evidence.Share
	Plain     float64 // share of originals for the pair of all that introduce its first name
}

// Needs are those of a pair that is introduced in words, and of one that is
// only used so. docs/learning.md says what they were measured to give.
var Needs = struct{ ProposeSaid, ApplySaid, ProposeUsed, ApplyUsed Need }{
	ProposeSaid: Need{2, 2, .40, .75},
	ApplySaid:   Need{4, 3, .55, .85},
	ProposeUsed: Need{5, 3, .60, .90},
	ApplyUsed:   Need{20, 6, .85, .90},
}

func (n Need) met(e *Evidence, originals uint64) bool {
	plain := float64(e.Originals) / float64(max(1, e.Originals+e.Against))
	return originals >= n.Originals && e.Sources >= n.Sources && e.Share() >= n.Share && plain >= n.Plain
}

// Holds says whether evidence that once sufficed to merge still speaks for it.
// It does as long as nothing speaks against, and until what does brings the
// share below the level at which the pair would be proposed. How many originals
// and sources there are does not matter: articles may be forgotten.
func (e *Evidence) Holds() bool {
	kept := func(n Need) bool {
		return e.Share() >= n.Share && float64(e.Originals) >= n.Plain*float64(e.Originals+e.Against)
	}
	return e.Against == 0 || e.Explicit >= Needs.ProposeSaid.Originals && kept(Needs.ProposeSaid) || kept(Needs.ProposeUsed)
}

// Judge says what the evidence suffices for.
func (e *Evidence) Judge() Level {
	switch {
	case e.From == e.Into || e.From == "" || e.Into == "":
		return Noted
	case Needs.ApplySaid.met(e, e.Explicit), Needs.ApplyUsed.met(e, e.Originals):
		return Applied
	case Needs.ProposeSaid.met(e, e.Explicit), Needs.ProposeUsed.met(e, e.Originals):
		return Proposed
	}
	return Noted
}
