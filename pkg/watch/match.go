package watch

import (
	"cmp"
	"slices"
	"sort"

	"golang.org/x/text/unicode/norm"
)

// Hit is one place where a name of an entry stands.
type Hit struct {
	Start, End int32 // bytes of the text
	Entry      int32 // see List.Entry
	// Why says why the entry is not meant there; empty: it is.
	Why Reason
}

// Reason is why a place does not count for an entry.
type Reason string

// The reasons. Case and punctuation that do not fit leave no hit at all.
const (
	Meant    Reason = ""
	NotNear  Reason = "none of its near words stands by"
	Excluded Reason = "one of its not words stands by"
	Overruns Reason = "a longer or earlier name stands there"
	Limited  Reason = "it is for other languages or sources"
)

// Matcher finds the names of a list in texts. It is for one goroutine.
type Matcher struct {
	l        *List
	scanner  scanner
	words    []word
	ahead    []word // those of one look
	spots    []spot
	raw      []rawHit
	near     []termHit
	sorted   bool
	states   []uint32
	next     []uint32
	hits     []Hit
	buf      []byte
	language string
	source   string
}

type rawHit struct{ from, to, pattern int32 } // words

type termHit struct{ term, from, to int32 }

// NewMatcher makes a matcher; it finds nothing where l is nil.
func NewMatcher(l *List) *Matcher {
	if l == nil {
		l = Compile(nil)
	}
	return &Matcher{l: l}
}

// List is what the matcher looks for.
func (m *Matcher) List() *List { return m.l }

// Within says which language and source the texts that follow are of; empty is
// not known, and fits entries without limits alone.
func (m *Matcher) Within(language, source string) { m.language, m.source = language, source }

// keepWords bounds the scratch space kept between texts.
const keepWords = 1 << 16

// Find gives the places where names of the list stand, those that are not meant
// included, in order of their start; those that are meant do not overlap: the
// leftmost one holds, of those the longest, then one with near words, then the
// one of the lower id. The slice is valid until the next call.
func (m *Matcher) Find(s string) []Hit {
	m.hits = m.hits[:0]
	if len(m.l.patterns) == 0 {
		return m.hits
	}
	if m.read(s) {
		m.find(s)
	}
	return m.hits
}

// find makes the hits of the words that were read.
func (m *Matcher) find(s string) {
	m.raw, m.near, m.sorted = m.raw[:0], m.near[:0], false
	for i := range m.words {
		m.walk(s, i)
	}
	m.choose(s)
	if cap(m.words) > keepWords {
		m.words, m.raw, m.near, m.spots = nil, nil, nil, nil
	}
}

// walk notes every pattern that begins at word i.
func (m *Matcher) walk(s string, i int) {
	m.states = m.follow(m.states[:0], 0, s, &m.words[i])
	for j := i + 1; len(m.states) > 0; j++ {
		for _, st := range m.states {
			for _, p := range m.l.outs[st] {
				m.note(s, i, j, p)
			}
		}
		if j == len(m.words) || m.words[j].gap == parted {
			return
		}
		m.next = m.next[:0]
		for _, st := range m.states {
			m.next = m.follow(m.next, st, s, &m.words[j])
		}
		m.states, m.next = m.next, m.states
	}
}

// follow appends the states that a word leads to.
func (m *Matcher) follow(dst []uint32, state uint32, s string, w *word) []uint32 {
	dst = m.steps(dst, state, &m.l.forms, w.key, w.shape)
	if w.joined != 0 {
		dst = m.steps(dst, state, &m.l.forms, w.joined, w.shape)
	}
	if m.l.lengths != 0 {
		m.buf = foldString(m.buf[:0], s[w.start:w.end])
		h := uint64(fnvOffset)
		for n, b := range m.buf {
			if h = (h ^ uint64(b)) * fnvPrime; n < 63 && m.l.lengths&(1<<(n+1)) != 0 {
				dst = m.steps(dst, state, &m.l.prefixes, h, w.shape)
			}
		}
	}
	return dst
}

func (m *Matcher) steps(dst []uint32, state uint32, t *formTable, key uint64, written shape) []uint32 {
	at := t.find(key)
	if at < 0 {
		return dst
	}
	for ; ; at++ {
		id := t.pool[at]
		if id&capitalOnly == 0 || written&firstUpper != 0 {
			if next, ok := m.l.edges.get(state, id&^(lastOfRun|capitalOnly)); ok && !slices.Contains(dst, next) {
				dst = append(dst, next)
			}
		}
		if id&lastOfRun != 0 {
			return dst
		}
	}
}

// note takes the words [i, j) as a pattern where they are written as it wants.
func (m *Matcher) note(s string, i, j int, at int32) {
	p := &m.l.patterns[at]
	for k := range p.n {
		w, pw := &m.words[i+int(k)], &m.l.words[p.from+k]
		if k > 0 && w.gap == broken && pw.gap == joint {
			return
		}
		switch {
		case pw.need == firstUpper && w.shape&firstUpper == 0:
			return
		case pw.need == anyUpper && (w.shape&anyUpper == 0 || w.shape&anyLower != 0 && w.shape&pluralTail == 0):
			return
		case pw.loose && m.shouted(i):
			return
		case p.exact && !sameLetters(s[w.start:w.end], pw.text, w, s):
			return
		}
	}
	if p.entry < 0 {
		m.near = append(m.near, termHit{p.term, int32(i), int32(j)})
		return
	}
	m.raw = append(m.raw, rawHit{int32(i), int32(j), at})
}

// shouted tells whether word i stands in a line of capitals.
func (m *Matcher) shouted(i int) bool {
	n := 0
	for k := max(0, i-3); k < min(len(m.words), i+4); k++ {
		w := &m.words[k]
		if k == i || w.letters < 2 {
			continue
		}
		if w.shape&anyLower != 0 {
			return false
		}
		if w.shape&anyUpper != 0 {
			n++
		}
	}
	return n > 0
}

// sameLetters compares a word with how a name writes it.
func sameLetters(got, want string, w *word, s string) bool {
	if got == want {
		return true
	}
	if w.joined != 0 && len(want) > len(got) { // "McDonald's"
		end := int(w.end)
		var c scanner
		if written(s[w.start:c.pastEnding(s, end)]) == want {
			return true
		}
	}
	if norm.NFC.String(got) == want || written(got) == want {
		return true
	}
	return false
}

// choose makes hits of what was noted.
func (m *Matcher) choose(s string) {
	better := func(a, b rawHit) int {
		x, y := m.l.patterns[a.pattern].entry, m.l.patterns[b.pattern].entry
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to),
			cmp.Compare(min(1, len(m.l.entries[y].near)), min(1, len(m.l.entries[x].near))), cmp.Compare(x, y), cmp.Compare(a.pattern, b.pattern))
	}
	slices.SortFunc(m.raw, better)
	end, last := int32(0), rawHit{from: -1}
	for _, r := range m.raw {
		e := m.l.patterns[r.pattern].entry
		if r.from == last.from && r.to == last.to && e == m.l.patterns[last.pattern].entry {
			continue // two aliases of one entry
		}
		last = r
		h := Hit{Start: m.words[r.from].start, End: m.words[r.to-1].end, Entry: e}
		if r.from < end {
			h.Why = Overruns
		} else if h.Why = m.context(&m.l.entries[e], r); h.Why == Meant {
			end = r.to
		}
		m.hits = append(m.hits, h)
	}
}

// context tells whether an entry is meant where its name stands.
func (m *Matcher) context(e *compiled, r rawHit) Reason {
	if len(e.Languages) > 0 && !slices.Contains(e.Languages, m.language) || len(e.Sources) > 0 && !slices.Contains(e.Sources, m.source) {
		return Limited
	}
	for _, t := range e.not {
		within := int32(e.Entry.Within)
		if t.own {
			within = -1
		}
		if m.beside(t.term, r, within, t.own) {
			return Excluded
		}
	}
	if len(e.near) == 0 {
		return Meant
	}
	for _, t := range e.near {
		if m.beside(t, r, int32(e.Entry.Within), false) {
			return Meant
		}
	}
	return NotNear
}

// beside tells whether a term stands within so many words of a name, or, where
// over is set, over it. A term inside the name does not count.
func (m *Matcher) beside(term int32, r rawHit, within int32, over bool) bool {
	if !m.sorted {
		slices.SortFunc(m.near, func(a, b termHit) int { return cmp.Or(cmp.Compare(a.term, b.term), cmp.Compare(a.from, b.from)) })
		m.sorted = true
	}
	first := max(0, r.from-max(within, 0)-maxWords-1)
	i := sort.Search(len(m.near), func(i int) bool {
		h := &m.near[i]
		return h.term > term || h.term == term && h.from >= first
	})
	for ; i < len(m.near) && m.near[i].term == term; i++ {
		h := &m.near[i]
		if h.from > r.to+max(within, 0) {
			return false
		}
		if over {
			if h.from < r.to && h.to > r.from {
				return true
			}
			continue
		}
		if h.from >= r.from && h.to <= r.to {
			continue
		}
		// Words between the two, and one for the step.
		if d := max(h.from-r.to, r.from-h.to, -1) + 1; d <= within {
			return true
		}
	}
	return false
}
