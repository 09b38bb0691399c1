package entity

import (
	"strings"
)

// Aliases is a Linker by the tables and by what one document says of itself:
// full names explain surnames, brackets explain acronyms, the countries named
// choose between places of one name. It keeps scratch space and belongs to one
// goroutine.
type Aliases struct {
	t         *Tables
	lexer     lexer
	toks      []token
	persons   map[uint64]person // by the key of the surname
	given     map[uint64]person // by the key of the given name
	acronyms  map[string]known  // introduced in brackets
	shorts    map[uint64]known  // first words of bodies' names
	countries map[string]int
}

type known struct {
	id, name string
	ref      int32
	kind     Kind
}

// person is who a surname stands for in this document.
type person struct {
	known
	clash bool // two persons of this surname
}

// NewAliases returns a linker over the tables.
func NewAliases(t *Tables) *Aliases {
	return &Aliases{t: t, lexer: lexer{words: t.words}, persons: map[uint64]person{}, given: map[uint64]person{},
		acronyms: map[string]known{}, shorts: map[uint64]known{},
		countries: map[string]int{}}
}

// Link implements Linker.
func (l *Aliases) Link(title, text string, inTitle, inText []Mention) {
	clear(l.persons)
	clear(l.given)
	clear(l.acronyms)
	clear(l.shorts)
	clear(l.countries)
	// The text introduces in full what the title shortens: text first.
	for pass := range 2 {
		for i := range inText {
			l.full(text, &inText[i], pass)
		}
		for i := range inTitle {
			l.full(title, &inTitle[i], pass)
		}
	}
	for i := range inText {
		l.short(text, &inText[i])
	}
	for i := range inTitle {
		l.short(title, &inTitle[i])
	}
}

// full links the forms that need no explanation: in the first pass what has
// one meaning, in the second what the countries named decide.
func (l *Aliases) full(text string, m *Mention, pass int) {
	if m.EntityID != "" {
		return
	}
	surface := m.Surface(text)
	l.toks = l.lexer.lex(l.toks[:0], surface)
	chain := l.lookup(false)
	n := 0
	for a := chain; a >= 0; a = l.t.aliases[a].next {
		if l.usable(a, m, surface, false) {
			n++
		}
	}
	one := l.single()
	switch {
	case n == 0 && (one || m.Kind == None):
		return // left for short
	case n == 0:
		if pass == 1 {
			l.own(text, m)
		}
		return
	case n > 1 && pass == 0:
		return
	}
	best, score := int32(-1), int32(-1)
	for a := chain; a >= 0; a = l.t.aliases[a].next {
		if !l.usable(a, m, surface, false) {
			continue
		}
		e := &l.t.entities[l.t.aliases[a].entity]
		s := e.Rank
		if n > 1 && e.Country != "" {
			// Named neighbours outweigh a prior, not the largest ones.
			s += int32(min(l.countries[e.Country], 5)) * 4000
		}
		if s > score {
			best, score = l.t.aliases[a].entity, s
		}
	}
	e := &l.t.entities[best]
	if one && e.Kind == PER && m.Score < sTable && e.Rank < 60_000 {
		return
	}
	l.set(m, known{e.ID, e.Name, best, e.Kind})
	if e.Kind == LOC && e.Country != "" {
		l.countries[e.Country]++
	}
	if e.Kind == PER && !one {
		l.introduce(known{e.ID, e.Name, best, PER})
	}
	if e.Kind == ORG {
		l.bracket(text, m)
	}
}

// usable says whether an alias may stand for a mention.
func (l *Aliases) usable(a int32, m *Mention, surface string, weak bool) bool {
	al := &l.t.aliases[a]
	e := &l.t.entities[al.entity]
	if al.flags&aliasWeak != 0 && !weak {
		return false
	}
	if al.flags&aliasExact != 0 && !sameLetters(al.text, surface) {
		return false
	}
	return e.Kind == m.Kind || al.flags&(aliasStrong|aliasExact) != 0 && m.Score < sGiven
}

// lookup finds the chain of aliases of the tokens in l.toks, or -1.
func (l *Aliases) lookup(lastOnly bool) int32 {
	h, n := uint64(0), 0
	from := 0
	if lastOnly {
		from = len(l.toks) - 1
	}
	if from < 0 {
		return -1
	}
	for i := from; i < len(l.toks); i++ {
		if skipped(&l.toks[i]) {
			continue
		}
		if n++; n > maxPhrase {
			return -1
		}
		h = join(h, phraseKey(&l.toks[i]))
	}
	if s := l.t.phrases.get(h); s != nil && n > 0 {
		return s.alias - 1
	}
	return -1
}

func words(toks []token) int {
	n := 0
	for i := range toks {
		if toks[i].punct == 0 {
			n++
		}
	}
	return n
}

// single says whether the tokens at hand are one name, with or without a
// particle: "Hartwell", "de Hartwell", "al-Hartwell".
func (l *Aliases) single() bool {
	n := words(l.toks)
	return n == 1 || n == 2 && l.toks[0].has(wParticle)
}

// own gives a mention of several words an id of its own.
func (l *Aliases) own(text string, m *Mention) {
	k := learned(text, m)
	l.set(m, k)
	switch m.Kind {
	case PER:
		l.introduce(k)
	case ORG:
		l.bracket(text, m)
		// "Hartwell Group" later as "Hartwell": only words that are no others.
		if t := &l.toks[0]; t.punct == 0 && !t.has(wCommon|wStop|wGiven|wOrgHead|wDemonym) && !l.isPlace(t) {
			if _, taken := l.shorts[t.key]; !taken {
				l.shorts[t.key] = k
			}
		}
	}
}

// isPlace says whether a word by itself names a place in the tables.
func (l *Aliases) isPlace(t *token) bool {
	s := l.t.phrases.get(join(0, t.key))
	if s == nil {
		return false
	}
	for a := s.alias - 1; a >= 0; a = l.t.aliases[a].next {
		if l.t.entities[l.t.aliases[a].entity].Kind == LOC {
			return true
		}
	}
	return false
}

func (l *Aliases) set(m *Mention, k known) {
	m.EntityID, m.Name, m.Ref = k.id, k.name, k.ref
	if k.ref >= 0 {
		m.Kind = k.kind
	}
}

// introduce remembers a person by surname. l.toks holds the form at hand.
func (l *Aliases) introduce(k known) {
	last := len(l.toks) - 1
	for last > 0 && (l.toks[last].punct != 0 || l.toks[last].has(wPerSuf)) {
		last--
	}
	if last < 0 {
		return
	}
	remember(l.persons, l.toks[last].key, k)
	if last > 0 && l.toks[0].has(wGiven) {
		remember(l.given, l.toks[0].key, k)
	}
}

func remember(m map[uint64]person, key uint64, k known) {
	p, ok := m[key]
	if !ok {
		m[key] = person{known: k}
	} else if p.id != k.id {
		p.clash = true
		m[key] = p
	}
}

// short links what other forms of the document explain, and gives the rest an
// id of its own.
func (l *Aliases) short(text string, m *Mention) {
	surface := m.Surface(text)
	if k, ok := l.acronyms[strings.ReplaceAll(surface, ".", "")]; ok && m.Kind == ORG {
		l.set(m, k)
		return
	}
	if m.EntityID != "" && m.Ref >= 0 && m.Kind != PER {
		return
	}
	l.toks = l.lexer.lex(l.toks[:0], surface)
	if len(l.toks) == 0 {
		l.set(m, learned(text, m))
		return
	}
	last := &l.toks[len(l.toks)-1]
	if last.punct != 0 && len(l.toks) > 1 {
		last = &l.toks[len(l.toks)-2]
	}
	one := l.single()
	if one && m.Kind == PER {
		if p, ok := l.persons[last.key]; ok && !p.clash {
			l.set(m, p.known)
			return
		} else if p, first := l.given[last.key]; first && !ok && !p.clash && m.EntityID == "" {
			l.set(m, p.known)
			return
		}
	}
	if m.EntityID != "" {
		return
	}
	if one && m.Kind == ORG {
		if k, ok := l.shorts[last.key]; ok {
			l.set(m, k)
			return
		}
	}
	if one && m.Kind == PER && l.byTitle(text, m, surface) {
		return
	}
	l.set(m, learned(text, m))
}

// byTitle links "President Xi": a title and a surname that the tables give to
// one person of high rank.
func (l *Aliases) byTitle(text string, m *Mention, surface string) bool {
	if m.Score < sTitle {
		return false
	}
	best, rank, second := int32(-1), int32(-1), int32(-1)
	for a := l.lookup(false); a >= 0; a = l.t.aliases[a].next {
		if !l.usable(a, m, surface, true) {
			continue
		}
		switch e := &l.t.entities[l.t.aliases[a].entity]; {
		case e.Rank > rank:
			best, rank, second = l.t.aliases[a].entity, e.Rank, rank
		case e.Rank > second:
			second = e.Rank
		}
	}
	if best < 0 || rank < 25_000 || second == rank {
		return false
	}
	e := &l.t.entities[best]
	l.set(m, known{e.ID, e.Name, best, e.Kind})
	return true
}

// learned is the entity of a name that nothing else explains.
func learned(text string, m *Mention) known {
	id, name := LearnedID(m.Kind, m.Surface(text))
	return known{id, name, -1, m.Kind}
}

// bracket remembers an acronym introduced behind a name: "Northern Grain Board
// (NGB)". The letters have to be its initials.
func (l *Aliases) bracket(text string, m *Mention) {
	rest := text[m.End:]
	if len(rest) < 4 || rest[0] != ' ' || rest[1] != '(' {
		return
	}
	end := strings.IndexByte(rest[:min(len(rest), 16)], ')')
	if end < 4 {
		return
	}
	acr := strings.ReplaceAll(rest[2:end], ".", "")
	initials := make([]byte, 0, 16)
	for i := range l.toks {
		if t := &l.toks[i]; t.punct == 0 && t.is(capital) && len(initials) < 16 {
			initials = append(initials, m.Surface(text)[t.start])
		}
	}
	if acr == string(initials) {
		l.acronyms[acr] = known{m.EntityID, m.Name, m.Ref, m.Kind}
	}
}
