package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// canonical makes the id of a name that the tables do not hold. Persons lose
// initials in the middle: "Susan B. Marlow" and "Susan Marlow" are one.
func (l *Aliases) canonical(text string, m *Mention) known {
	surface := m.Surface(text)
	h := uint64(m.Kind)
	for i := range l.toks {
		h = join(h, phraseKey(&l.toks[i]))
		if l.toks[i].is(upper) {
			h++
		}
	}
	key := idKey{m.Kind, h}
	if k, ok := l.ids[key]; ok {
		return k
	}
	name := strings.ToValidUTF8(strings.Join(strings.Fields(surface), " "), "")
	if len(name) > 4*maxID {
		name = name[:4*maxID]
		for len(name) > 0 && !utf8.ValidString(name) {
			name = name[:len(name)-1]
		}
	}
	if w := words(l.toks); w > 1 && name == strings.ToUpper(name) {
		name = recase(name)
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, "'s"), "’s")
	idName := name
	if m.Kind == PER {
		f := strings.Fields(name)
		if len(f) > 2 {
			kept := f[:1:1]
			for _, w := range f[1 : len(f)-1] {
				if r, n := utf8.DecodeRuneInString(w); !(unicode.IsUpper(r) && (w[n:] == "." || w[n:] == "")) {
					kept = append(kept, w)
				}
			}
			idName = strings.Join(append(kept, f[len(f)-1]), " ")
		}
	} else {
		idName = strings.TrimPrefix(strings.TrimPrefix(name, "The "), "the ")
	}
	k := known{ID(m.Kind, idName), idName, -1, m.Kind}
	if k.id == "" {
		k.id = ID(m.Kind, "x "+surface)
	}
	l.ids[key] = k
	return k
}

// recase writes a name of capitals as names are written.
func recase(s string) string {
	up := true
	return strings.Map(func(r rune) rune {
		out := unicode.ToLower(r)
		if up {
			out = r
		}
		up = !unicode.IsLetter(r) && r != '\'' && r != '’'
		return out
	}, s)
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
