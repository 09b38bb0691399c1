package watch

import (
	"cmp"
	"math/bits"
	"slices"
)

// List is a compiled watchlist. It is immutable.
//
// Words of names become numbers, each with its forms; names become paths in
// one tree of such numbers. A word of a text that begins no name costs one look
// into a bit set, however many entries there are.
type List struct {
	entries  []compiled
	patterns []pattern
	words    []patternWord // of all patterns
	forms    formTable
	prefixes formTable // keys of the beginnings of words
	lengths  uint64    // bit n: prefixes of n folded bytes
	edges    edgeTable
	outs     [][]int32 // patterns that end in a state
	starts   []uint64  // bits of the keys that begin a name
	small    bool      // some names may begin with a small letter or a sign
}

type compiled struct {
	Entry
	letters string // Case
	near    []int32
	not     []notTerm
	kind    uint8
}

type notTerm struct {
	term int32
	// own: it holds a name of the entry, and forbids only where it stands.
	own bool
}

// pattern is a name of an entry, or a term.
type pattern struct {
	entry int32 // -1: a term
	term  int32
	from  int32 // into words
	n     int32
	exact bool // letter for letter
}

type patternWord struct {
	text  string // where letters are compared
	need  shape
	gap   gap
	loose bool // may be written like a common word in a line of capitals
}

// Len is the number of entries.
func (l *List) Len() int { return len(l.entries) }

// Entry gives an entry by its place in the order of ids.
func (l *List) Entry(i int) *Entry { return &l.entries[i].Entry }

// Compile makes a list of tidied entries; of two with one id the later holds.
func Compile(entries []Entry) *List {
	byID := make(map[string]Entry, len(entries))
	for _, e := range entries {
		byID[e.ID] = e
	}
	b := builder{l: &List{}, lemmas: map[lemma]uint32{}, terms: map[termKey]int32{}, forms: map[uint64][]uint32{}, prefixes: map[uint64][]uint32{}, edges: map[uint64]uint32{}, small: map[uint32]bool{}, firsts: map[uint32]bool{}}
	b.l.outs = append(b.l.outs, nil)
	for _, e := range byID {
		b.l.entries = append(b.l.entries, compiled{Entry: e, letters: e.Case, kind: uint8(kinds[e.Kind])})
	}
	slices.SortFunc(b.l.entries, func(x, y compiled) int { return cmp.Compare(x.ID, y.ID) })
	for i := range b.l.entries {
		b.entry(int32(i))
	}
	b.l.forms.fill(b.forms, b.small)
	b.l.prefixes.fill(b.prefixes, b.small)
	b.l.edges.fill(b.edges)
	b.starts()
	return b.l
}

type lemma struct {
	folded string
	manner manner
	last   bool
	prefix bool
}

type termKey struct {
	text  string
	exact bool
}

type builder struct {
	l        *List
	lemmas   map[lemma]uint32
	terms    map[termKey]int32
	forms    map[uint64][]uint32
	prefixes map[uint64][]uint32
	edges    map[uint64]uint32 // state and word -> state
	small    map[uint32]bool   // words that may be written without a capital
	firsts   map[uint32]bool   // words that begin a name
}

func (b *builder) entry(i int32) {
	e := &b.l.entries[i]
	var names [][]phraseWord
	for _, s := range append([]string{e.Name}, e.Aliases...) {
		ws := phrase(s)
		names = append(names, ws)
		m := plural
		if e.Exact {
			m = asWritten
		} else if e.Kind == "PER" {
			m = inflected
		}
		b.add(ws, m, pattern{entry: i, exact: e.letters == Exact}, e.letters)
	}
	for _, s := range e.Near {
		e.near = append(e.near, b.term(s, e.Exact))
	}
	for _, s := range e.Not {
		ws := phrase(s)
		own := slices.ContainsFunc(names, func(n []phraseWord) bool { return holds(ws, n) })
		e.not = append(e.not, notTerm{b.term(s, e.Exact), own})
	}
}

// holds tells whether words contain others in a row.
func holds(ws, inner []phraseWord) bool {
	for i := 0; i+len(inner) <= len(ws); i++ {
		if slices.EqualFunc(ws[i:i+len(inner)], inner, func(a, b phraseWord) bool { return a.folded == b.folded }) {
			return len(inner) > 0
		}
	}
	return false
}

func (b *builder) term(s string, exact bool) int32 {
	k := termKey{s, exact}
	if t, ok := b.terms[k]; ok {
		return t
	}
	t := int32(len(b.terms))
	b.terms[k] = t
	m := plural
	if exact {
		m = asWritten
	}
	b.add(phrase(s), m, pattern{entry: -1, term: t}, Smart)
	return t
}

// add puts a pattern into the tree.
func (b *builder) add(ws []phraseWord, m manner, p pattern, letters string) {
	if len(ws) == 0 {
		return
	}
	p.from, p.n = int32(len(b.l.words)), int32(len(ws))
	// A whole name of long capitals is a way of writing, not an acronym.
	shouting := len(ws) > 1 && slices.ContainsFunc(ws, func(w phraseWord) bool { return len(w.folded) > 5 }) &&
		!slices.ContainsFunc(ws, func(w phraseWord) bool { return w.shape&anyLower != 0 })
	state := uint32(0)
	for i, w := range ws {
		pw := patternWord{gap: w.gap}
		if p.exact {
			pw.text = w.text
		}
		if letters == Smart && w.shape&firstUpper != 0 {
			pw.need = firstUpper
			if w.shape&anyLower == 0 && len(w.folded) > 1 && !shouting {
				pw.need = anyUpper
				pw.loose = len(ws) == 1 && ordinary[w.folded]
			}
		}
		b.l.words = append(b.l.words, pw)
		id := b.lemma(lemma{w.folded, m, i == len(ws)-1, w.prefix})
		b.small[id] = b.small[id] || pw.need == 0
		b.firsts[id] = b.firsts[id] || i == 0 && p.entry >= 0
		state = b.step(state, id)
	}
	b.l.outs[state] = append(b.l.outs[state], int32(len(b.l.patterns)))
	b.l.patterns = append(b.l.patterns, p)
}

// ordinary are words that look like acronyms in a headline of capitals.
var ordinary = map[string]bool{"us": true, "it": true, "who": true, "is": true, "as": true, "at": true, "or": true, "no": true, "so": true, "am": true, "an": true,
	"in": true, "on": true, "to": true, "up": true, "we": true, "he": true, "me": true, "my": true, "all": true, "can": true, "may": true, "aid": true, "act": true,
	"be": true, "by": true, "do": true, "go": true, "if": true, "of": true, "and": true, "are": true, "for": true, "has": true, "her": true, "his": true, "new": true,
	"not": true, "one": true, "our": true, "out": true, "she": true, "the": true, "was": true, "you": true, "care": true, "aids": true, "age": true, "ice": true}

func (b *builder) lemma(k lemma) uint32 {
	if m := k.manner; m == asWritten || k.prefix {
		k.last = false
	}
	id, ok := b.lemmas[k]
	if ok {
		return id
	}
	id = uint32(len(b.lemmas))
	b.lemmas[k] = id
	key := keyOf(k.folded)
	if k.prefix {
		n := min(len(k.folded), 63)
		b.l.lengths |= 1 << n
		key = keyOf(k.folded[:n])
		b.prefixes[key] = append(b.prefixes[key], id)
		return id
	}
	b.forms[key] = append(b.forms[key], id)
	for _, f := range forms(k.folded, k.manner, k.last) {
		if fk := keyOf(f); !slices.Contains(b.forms[fk], id) {
			b.forms[fk] = append(b.forms[fk], id)
		}
	}
	return id
}

func (b *builder) step(state, lemma uint32) uint32 {
	k := uint64(state)<<32 | uint64(lemma)
	next, ok := b.edges[k]
	if !ok {
		next = uint32(len(b.l.outs))
		b.edges[k] = next
		b.l.outs = append(b.l.outs, nil)
	}
	return next
}

// formTable maps keys of words to the numbers of what they are forms of: open
// addressing behind a set of bits that tells most other words apart.
type formTable struct {
	bits  []uint64
	slots []formSlot
	pool  []uint32 // numbers, with lastOfRun and capitalOnly
}

type formSlot struct {
	key uint64
	at  uint32 // into pool, plus one; 0: free
}

const (
	lastOfRun   = 1 << 31
	capitalOnly = 1 << 30 // a word of names that all begin with a capital
)

// mix makes all bits of a key depend on each other (Steele, Lea and Flood 2014).
func mix(k uint64) uint64 {
	k = (k ^ k>>30) * 0xbf58476d1ce4e5b9
	k = (k ^ k>>27) * 0x94d049bb133111eb
	return k ^ k>>31
}

func powerOfTwo(n int) int { return 1 << bits.Len(uint(max(n, 1)-1)) }

func (t *formTable) fill(m map[uint64][]uint32, small map[uint32]bool) {
	if len(m) == 0 {
		return
	}
	t.bits = make([]uint64, powerOfTwo(max(len(m)/4, 64)))
	t.slots = make([]formSlot, powerOfTwo(2*len(m)))
	keys := make([]uint64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		h := mix(k)
		t.bits[h>>6&uint64(len(t.bits)-1)] |= 1 << (h & 63)
		i := h >> 32 & uint64(len(t.slots)-1)
		for t.slots[i].at != 0 {
			i = (i + 1) & uint64(len(t.slots)-1)
		}
		t.slots[i] = formSlot{k, uint32(len(t.pool)) + 1}
		for _, id := range m[k] {
			if !small[id] {
				id |= capitalOnly
			}
			t.pool = append(t.pool, id)
		}
		t.pool[len(t.pool)-1] |= lastOfRun
	}
}

// find gives the place of a key's numbers in the pool, or -1.
func (t *formTable) find(key uint64) int {
	if len(t.bits) == 0 {
		return -1
	}
	h := mix(key)
	if t.bits[h>>6&uint64(len(t.bits)-1)]&(1<<(h&63)) == 0 {
		return -1
	}
	for i := h >> 32 & uint64(len(t.slots)-1); t.slots[i].at != 0; i = (i + 1) & uint64(len(t.slots)-1) {
		if t.slots[i].key == key {
			return int(t.slots[i].at) - 1
		}
	}
	return -1
}

// edgeTable maps a state and the number of a word to the next state.
type edgeTable struct {
	keys []uint64 // plus one; 0: free
	next []uint32
}

func (t *edgeTable) fill(m map[uint64]uint32) {
	n := powerOfTwo(2*len(m) + 1)
	t.keys, t.next = make([]uint64, n), make([]uint32, n)
	for k, v := range m {
		i := mix(k) & uint64(n-1)
		for t.keys[i] != 0 {
			i = (i + 1) & uint64(n-1)
		}
		t.keys[i], t.next[i] = k+1, v
	}
}

func (t *edgeTable) get(state, word uint32) (uint32, bool) {
	k := uint64(state)<<32 | uint64(word)
	for i := mix(k) & uint64(len(t.keys)-1); ; i = (i + 1) & uint64(len(t.keys)-1) {
		switch t.keys[i] {
		case k + 1:
			return t.next[i], true
		case 0:
			return 0, false
		}
	}
}
