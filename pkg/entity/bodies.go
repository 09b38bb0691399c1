package entity

import (
	"strings"
	"unicode"
)

// found remembers the parts of a body's name which stand for it later: the
// first word of "Hartwell Group", and every ending of two words and more of
// "Norland Foreign Ministry".
func (l *Aliases) found(w *work, k known) {
	d := &l.doc
	keys := l.keys[w.from:w.to]
	if t := l.t.words.get(keys[0]); t&(wCommon|wStop|wGiven|wOrgHead|wDemonym|wTitle|wNumber|wLocAdj|wNever) == 0 && keys[0] > 127 && !l.isPlace(keys[0]) {
		l.part(join(0, keys[0]), k)
	}
	if k.ref >= 0 && l.t.entities[k.ref].Media && len(keys) > 1 {
		l.part(join(0, keys[len(keys)-1]), k) // "the Times"
	}
	if len(d.shorts) > 4*maxPeople {
		return
	}
	for i := 1; len(keys)-i >= 2 && i < 4; i++ {
		l.part(phraseHash(keys[i:]), k)
	}
}

// part maps a part of a name to its body; one that two bodies share is nobody's.
func (l *Aliases) part(hash uint64, k known) {
	if old, ok := l.doc.shorts[hash]; ok && old.id != k.id {
		k = known{}
	}
	l.doc.shorts[hash] = k
}

// tail links "Foreign Ministry" where one body's name ends so.
func (l *Aliases) tail(w *work) bool {
	if w.m.Kind != ORG {
		return false
	}
	k, ok := l.doc.shorts[w.hash]
	if !ok || k.id == "" {
		return false
	}
	l.set(w, k)
	return true
}

// isPlace says whether a word by itself names a place in the tables.
func (l *Aliases) isPlace(key uint64) bool {
	for a := l.t.chain(join(0, key)); a >= 0; a = l.t.aliases[a].next {
		if e := &l.t.entities[l.t.aliases[a].entity]; e.Kind == LOC && !e.doubtful {
			return true
		}
	}
	return false
}

// brackets remembers the acronyms that the document introduces, either way
// round: "Northern Grain Board (NGB)", "NGB (Northern Grain Board)", and
// "Northern Grain Board, or NGB,". Their letters have to be the initials.
func (l *Aliases) brackets() {
	for i := range l.works {
		w := &l.works[i]
		switch {
		case w.kind == PER:
		case w.done && w.to-w.from > 1:
			if acr := acronymAfter(w.s[w.m.End:]); acr != "" && initialsOf(acr, w.m.Surface(w.s)) {
				l.abbreviate(w, acr)
			}
		case !w.done && i+1 < len(l.works):
			next := &l.works[i+1]
			acr := w.m.Surface(w.s)
			if next.inTitle == w.inTitle && next.done && next.kind != PER && isUpperWord(acr) && next.m.Start-w.m.End <= 6 &&
				strings.HasPrefix(w.s[w.m.End:], " (") && initialsOf(strings.ReplaceAll(acr, ".", ""), next.m.Surface(next.s)) {
				l.abbreviate(next, strings.ReplaceAll(acr, ".", ""))
			}
		}
	}
}

// abbreviate gives an acronym the entity of its full name, or, where only the
// acronym is in the tables and the names share most words, the other way.
func (l *Aliases) abbreviate(w *work, acr string) {
	k := known{w.m.EntityID, w.m.Name, w.m.Ref, w.kind}
	if k.ref < 0 {
		var keys [4]uint64
		best := int32(-1)
		for a := l.t.chain(phraseHash(appendNameKeys(keys[:0], acr))); a >= 0; a = l.t.aliases[a].next {
			al := &l.t.aliases[a]
			if e := &l.t.entities[al.entity]; e.Kind == k.kind && e.Rank >= 25_000 && al.flags&aliasWeak == 0 && l.shares(w, al.entity) && (best < 0 || e.Rank > l.t.entities[best].Rank) {
				best = al.entity
			}
		}
		if best >= 0 {
			k = l.row(best)
			for i := range l.works {
				if o := &l.works[i]; o.done && o.m.EntityID == w.m.EntityID && o != w {
					l.set(o, k)
				}
			}
			l.set(w, k)
		}
	}
	l.doc.acronyms[acr] = k
}

// shares says whether a name shares half of its words with one of a row's.
func (l *Aliases) shares(w *work, ref int32) bool {
	keys := l.keys[w.from:w.to]
	for a := l.t.entities[ref].first; int(a) < len(l.t.aliases) && l.t.aliases[a].entity == ref; a++ {
		if l.t.aliases[a].words < 2 {
			continue
		}
		var buf [maxPhrase]uint64
		other := appendNameKeys(buf[:0], l.t.aliases[a].text)
		n := 0
		for _, k := range keys {
			for _, o := range other {
				if k == o {
					n++
					break
				}
			}
		}
		if 2*n >= len(keys) && 2*n >= len(other) && n >= 2 {
			return true
		}
	}
	return false
}

// acronymAfter returns the acronym that stands behind a name, full stops left
// out: " (NGB)", ", or NGB", " or NGB ", " (the NGB)".
func acronymAfter(rest string) string {
	for _, p := range [...]string{" (the ", " (", ", or ", " or the "} {
		r, ok := strings.CutPrefix(rest, p)
		if !ok {
			continue
		}
		start, end := nextWord(r, 0)
		if start != 0 || end < 2 || end > 16 {
			return ""
		}
		acr := r[:end]
		if end < len(r) && (r[end] == '-' || r[end] == '&') {
			_, end = nextWord(r, end+1)
			acr = r[:end]
		}
		if !isUpperWord(acr) {
			return ""
		}
		return strings.ReplaceAll(acr, ".", "")
	}
	return ""
}

// initialsOf says whether the letters of an acronym are the initials of a name,
// in order: of every word written large, and of small ones or not.
func initialsOf(acr, name string) bool {
	var initials [16]rune
	var big [16]bool
	n, bigs := 0, 0
	for at := 0; n < len(initials); {
		start, end := nextWord(name, at)
		if start == end {
			break
		}
		at = end
		r := firstRune(name[start:])
		initials[n], big[n] = unicode.ToUpper(r), unicode.IsUpper(r)
		if big[n] {
			bigs++
		}
		n++
	}
	letters := []rune(strings.ToUpper(acr))
	return bigs >= 2 && spells(letters, initials[:n], big[:n])
}

func spells(letters, initials []rune, big []bool) bool {
	if len(initials) == 0 {
		return len(letters) == 0
	}
	if len(letters) > 0 && letters[0] == initials[0] && spells(letters[1:], initials[1:], big[1:]) {
		return true
	}
	return !big[0] && spells(letters, initials[1:], big[1:])
}
