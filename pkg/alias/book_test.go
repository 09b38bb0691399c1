package alias

import (
	"cmp"
	"slices"
	"time"
)

// Book sums up observations in memory: what the table of evidence does for a
// stream, for a run over a file.
type Book struct {
	pairs map[[2]string]*page
	froms map[string]map[string]bool // articles in which a form is introduced as anything
}

type page struct {
	Evidence
	patterns map[string]bool
	articles map[string]bool
	explicit map[string]bool
	sources  map[string]bool
}

// NewBook returns an empty one.
func NewBook() *Book {
	return &Book{pairs: map[[2]string]*page{}, froms: map[string]map[string]bool{}}
}

// Add notes what an original introduced; saying it again changes nothing.
func (b *Book) Add(article, source string, at time.Time, list []Observation) {
	for _, o := range list {
		k := [2]string{o.From, o.Into}
		p := b.pairs[k]
		if p == nil {
			p = &page{Evidence: Evidence{From: o.From, Into: o.Into, Kind: o.Kind.String(), Form: o.Form, Name: o.Name},
				patterns: map[string]bool{}, articles: map[string]bool{}, explicit: map[string]bool{}, sources: map[string]bool{}}
			b.pairs[k] = p
		}
		if b.froms[o.From] == nil {
			b.froms[o.From] = map[string]bool{}
		}
		b.froms[o.From][article] = true
		if o.Pattern == Clash {
			continue
		}
		if p.First.IsZero() || at.Before(p.First) {
			p.First = at
		}
		if at.After(p.Last) {
			p.Last = at
		}
		p.patterns[o.Pattern], p.articles[article], p.sources[source] = true, true, true
		if o.Pattern != Short && o.Pattern != Variant {
			p.explicit[article] = true
		}
	}
}

// Evidence gives what is known of every pair, by id.
func (b *Book) Evidence() []Evidence {
	var out []Evidence
	for _, p := range b.pairs {
		e := p.Evidence
		e.Originals, e.Explicit, e.Sources = uint64(len(p.articles)), uint64(len(p.explicit)), uint64(len(p.sources))
		e.Against = uint64(len(b.froms[e.From])) - e.Originals
		for pattern := range p.patterns {
			e.Patterns = append(e.Patterns, pattern)
		}
		slices.Sort(e.Patterns)
		if e.Originals > 0 {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(x, y Evidence) int { return cmp.Or(cmp.Compare(x.From, y.From), cmp.Compare(x.Into, y.Into)) })
	return out
}
