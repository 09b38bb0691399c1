package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Aliases is a Linker by the tables and by what one document says of itself:
// full names explain surnames, brackets explain acronyms, the places named
// choose between places of one name, and what stands around a mention between
// a person and a place. It keeps scratch space and belongs to one goroutine.
type Aliases struct {
	t     *Tables
	doc   document
	works []work
	keys  []uint64
	ids   map[idKey]known // of forms that the tables do not hold
}

// known is what a mention stands for. A ref of -1 is outside the tables.
type known struct {
	id, name string
	ref      int32
	kind     Kind
}

// idKey is an exact written form: the id of a learned entity depends on it
// alone, so that remembering it changes nothing.
type idKey struct {
	kind    Kind
	surface string
}

// maxIDs bounds the memory of the ids already made.
const maxIDs = 1 << 13

// work is one mention under way.
type work struct {
	m        *Mention
	s        string // title or text
	form     string // for aliases of exact case, where it is not the surface
	inTitle  bool
	done     bool
	kind     Kind   // of the entity, once done
	hash     uint64 // of all words
	from, to int32  // its keys among Aliases.keys
	chain    int32  // first alias, -1: none
}

// NewAliases returns a linker over the tables.
func NewAliases(t *Tables) *Aliases {
	return &Aliases{t: t, doc: newDocument(), ids: map[idKey]known{}}
}

// Link implements Linker.
func (l *Aliases) Link(title, text string, inTitle, inText []Mention) {
	if len(inTitle)+len(inText) == 0 {
		return
	}
	if len(l.ids) > maxIDs {
		clear(l.ids)
	}
	d := &l.doc
	d.reset(title, text)
	l.works, l.keys = l.works[:0], l.keys[:0]
	// The text introduces in full what the title shortens: text first.
	l.read(text, inText, false)
	l.read(title, inTitle, true)
	d.demonyms(l.t)
	for i := range l.works {
		l.evidence(&l.works[i])
	}
	// Places that say where they lie explain the bare ones.
	for i := range l.works {
		if w := &l.works[i]; w.m.Kind == LOC && !w.done {
			l.located(i)
		}
	}
	for i := range l.works {
		if w := &l.works[i]; !w.done && l.isFull(w) {
			l.full(w)
		}
	}
	l.brackets()
	for i := range l.works {
		if w := &l.works[i]; !w.done {
			l.short(w)
		}
	}
}

// read makes the works of one part of the document.
func (l *Aliases) read(s string, ms []Mention, inTitle bool) {
	for i := range ms {
		m := &ms[i]
		w := work{m: m, s: s, inTitle: inTitle, chain: -1, from: int32(len(l.keys))}
		surface := s[m.Start:m.End]
		if m.Kind == PER && strings.IndexByte(surface, ')') >= 0 {
			surface = unbracketed(surface)
		}
		l.keys = appendNameKeys(l.keys, surface)
		k := l.keys[w.from:]
		if n := len(k); n > 1 && k[n-1] == keyPossessive {
			if s := l.t.phrases.get(phraseHash(k)); s == nil || s.alias == 0 {
				l.keys = l.keys[:len(l.keys)-1]
			}
		}
		k = l.keys[w.from:]
		w.to = int32(len(l.keys))
		w.hash = phraseHash(k)
		w.chain = l.t.chain(w.hash)
		if m.Kind == ORG {
			l.withEnding(&w)
			k = l.keys[w.from:]
		}
		if w.chain < 0 && len(k) > 1 && (k[0] == keyThe || m.Kind == PER && honorificKeys[k[0]]) {
			w.from++
			w.hash = phraseHash(k[1:])
			w.chain = l.t.chain(w.hash)
		}
		if m.Ref >= 0 && m.EntityID == "" {
			l.set(&w, l.row(m.Ref)) // the tagger knew it
		}
		switch {
		case w.chain < 0 && m.Kind == PER && w.to-w.from > 2:
			l.plainName(&w)
		case w.chain < 0 && m.Kind == ORG && w.to-w.from > 1:
			l.plainBody(&w)
		case m.Kind != PER || w.to-w.from == 1:
			l.outlet(&w, ms[i+1:])
		}
		l.works = append(l.works, w)
	}
}

// withEnding lengthens a body whose name ends in 's, which the tagger takes for
// a possessive: "McDonald" of "McDonald's".
func (l *Aliases) withEnding(w *work) {
	m, rest := w.m, w.s[w.m.End:]
	for _, end := range [...]string{"'s", "’s"} {
		if !strings.HasPrefix(rest, end) || len(rest) > len(end) && wordByte(rest[len(end)]) {
			continue
		}
		h := join(w.hash, keyPossessive)
		if chain := l.t.chain(h); chain >= 0 && l.t.entities[l.t.aliases[chain].entity].Kind == ORG {
			m.End += int32(len(end))
			l.keys = append(l.keys, keyPossessive)
			w.to, w.hash, w.chain = w.to+1, h, chain
		}
	}
}

// plainName looks a person up without initials in the middle.
func (l *Aliases) plainName(w *work) {
	var buf [maxPhrase]uint64
	keys := l.keys[w.from:w.to]
	plain := buf[:0]
	for i, k := range keys {
		if i > 0 && initialKeys[k] {
			continue
		}
		if len(plain) == maxPhrase {
			return
		}
		plain = append(plain, k)
	}
	if len(plain) < 2 || len(plain) == len(keys) {
		return
	}
	if h := phraseHash(plain); l.t.chain(h) >= 0 {
		w.hash, w.chain = h, l.t.chain(h)
	}
}

// plainBody looks a body up without the form of a company behind its name: one
// that is known, for "Obama AG" is no form of Obama and "New York AG" none of the
// city.
func (l *Aliases) plainBody(w *work) {
	to := w.to
	for to > w.from+1 && (companyKeys[l.keys[to-1]] || l.keys[to-1] == ',' || l.keys[to-1] == '&') {
		to--
	}
	if to == w.to {
		return
	}
	if h := phraseHash(l.keys[w.from:to]); l.t.body(h) {
		w.hash, w.chain = h, l.t.chain(h)
		at := int(w.m.Start)
		for range to - w.from {
			_, at = nextWord(w.s, at)
		}
		w.form = w.s[w.m.Start:at]
	}
}

var companyKeys = wordSet("inc corp corporation co company ltd limited plc llc holdings holding group sa ag nv incorporated")

// outlet lengthens a mention that is the beginning of an outlet's name, "USA"
// of "USA TODAY", and looks one up with its article, "The Hill".
func (l *Aliases) outlet(w *work, rest []Mention) {
	s, m := w.s, w.m
	var buf [maxPhrase]uint64
	if start, end := wordAfter(s, int(m.End)); start < end && unicode.IsUpper(firstRune(s[start:])) && (len(rest) == 0 || int(rest[0].Start) >= end) {
		keys := appendNameKeys(buf[:0], s[m.Start:end])
		if h := phraseHash(keys); l.media(h) {
			m.End = int32(end)
			m.Kind = ORG
			l.keys = append(l.keys[:w.from], keys...)
			w.to, w.hash, w.chain = int32(len(l.keys)), h, l.t.chain(h)
			return
		}
	}
	if start, end := lastWordBefore(s, int(m.Start)); s[start:end] == "The" && int(m.Start) == end+1 && w.to-w.from < maxPhrase {
		h := phraseHash(append(append(buf[:0], keyThe), l.keys[w.from:w.to]...))
		if l.media(h) && l.prior(w) < 80_000 {
			w.hash, w.chain, m.Kind = h, l.t.chain(h), ORG
		}
	}
}

// media says whether a phrase is an outlet.
func (l *Aliases) media(hash uint64) bool {
	a := l.t.chain(hash)
	return a >= 0 && l.t.entities[l.t.aliases[a].entity].Media && l.t.entities[l.t.aliases[a].entity].Rank >= 50_000
}

var initialKeys = wordSet("a b c d e f g h i j k l m n o p q r s t u v w x y z")

// chain returns the first alias of a phrase, or -1.
func (t *Tables) chain(hash uint64) int32 {
	if s := t.phrases.get(hash); s != nil {
		return s.alias - 1
	}
	return -1
}

// body says whether a phrase names an organisation.
func (t *Tables) body(hash uint64) bool {
	for a := t.chain(hash); a >= 0; a = t.aliases[a].next {
		if t.entities[t.aliases[a].entity].Kind == ORG {
			return true
		}
	}
	return false
}

// isFull says whether a name has several words, as a full name has: a surname
// with its particle, "de Hartwell", is none.
func (l *Aliases) isFull(w *work) bool {
	if w.to-w.from < 2 {
		return false
	}
	return w.m.Kind != PER || w.to-w.from > 2 || l.t.words.get(l.keys[w.from])&wParticle == 0 || w.chain >= 0
}

// full links a name of several words.
func (l *Aliases) full(w *work) {
	if k, ok := l.choose(w); ok {
		l.set(w, k)
	} else if l.nickname(w) || l.tail(w) {
		return
	} else if k, ok := l.formalName(w); ok {
		l.set(w, k)
	} else if w.m.Kind == PER && l.doc.bySurname[w.hash] != 0 {
		k, _ := l.person(w) // "Peña Nieto"
		l.set(w, k)
		return
	} else if ref := l.bySound(w); ref >= 0 {
		l.set(w, l.row(ref))
	} else {
		l.set(w, l.learned(w))
	}
	l.introduce(w)
}

// bySound returns the row of a person whose name is spelled in another way, or
// -1: only with a sign of the country, unless the person is prominent.
func (l *Aliases) bySound(w *work) int32 {
	if w.m.Kind != PER {
		return -1
	}
	ref := l.t.bySound(w.m.Surface(w.s))
	if ref < 0 {
		return -1
	}
	if e := &l.t.entities[ref]; e.Rank < 25_000 && l.doc.countries[countryNumber(e.Country)] == 0 || e.doubtful {
		return -1
	}
	return ref
}

// short links a name of one word, and whatever else is left.
func (l *Aliases) short(w *work) {
	d := &l.doc
	surface := w.m.Surface(w.s)
	if k, ok := d.acronyms[strings.ReplaceAll(surface, ".", "")]; ok {
		l.set(w, k)
		return
	}
	if w.from == w.to {
		l.set(w, l.learned(w))
		return
	}
	if w.m.Kind == PER {
		if k, ok := l.person(w); ok {
			l.set(w, k)
			return
		}
	}
	if k, ok := l.choose(w); ok {
		l.set(w, k)
		return
	}
	if w.m.Kind == LOC {
		if ref, ok := l.t.states[stateMarks[strings.ReplaceAll(surface, ".", "")]]; ok &&
			(w.m.Start > 1 && w.s[w.m.Start-2] == ',' || len(surface) > 1 && int(w.m.End) < len(w.s) && w.s[w.m.End] == '.' && w.m.End-w.m.Start <= 5) {
			l.set(w, l.row(ref)) // "Springfield, Ill.", "in Va."
			return
		}
	}
	if w.m.Kind == ORG {
		if k, ok := d.shorts[w.hash]; ok && k.id != "" {
			l.set(w, k)
			return
		}
	}
	// A surname that the tagger took for something else.
	if w.m.Kind != PER && (l.prior(w) < 40_000 || w.m.Kind == LOC) {
		if k, ok := l.person(w); ok {
			l.set(w, k)
			return
		}
	}
	l.set(w, l.learned(w))
}

// prior is the rank of the most prominent row that carries the form.
func (l *Aliases) prior(w *work) int32 {
	best := int32(0)
	for a := w.chain; a >= 0; a = l.t.aliases[a].next {
		best = max(best, l.t.entities[l.t.aliases[a].entity].Rank)
	}
	return best
}

func (l *Aliases) row(ref int32) known {
	e := &l.t.entities[ref]
	return known{e.ID, e.Name, ref, e.Kind}
}

func (l *Aliases) set(w *work, k known) {
	w.done = true
	w.m.EntityID, w.m.Name, w.m.Ref = k.id, k.name, k.ref
	w.kind = k.kind
}

// learned is the entity of a name that nothing else explains. An id that a row
// of the tables has is that row's: whoever else is called so has another.
func (l *Aliases) learned(w *work) known {
	surface := w.m.Surface(w.s)
	key := idKey{w.m.Kind, surface}
	if k, ok := l.ids[key]; ok {
		return k
	}
	id, name := LearnedID(w.m.Kind, surface)
	if l.t.Find(id) >= 0 {
		id += "-2"
	}
	k := known{id, name, -1, w.m.Kind}
	if len(surface) <= maxName {
		key.surface = strings.Clone(surface)
		l.ids[key] = k
	}
	return k
}

// isUpperWord says whether a form is letters in capitals, full stops left out.
func isUpperWord(s string) bool {
	n := 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r) || unicode.IsDigit(r):
			n++
		case r != '.' && r != '-' && r != '&':
			return false
		}
	}
	return n >= 2
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}
