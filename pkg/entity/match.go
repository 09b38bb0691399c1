package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A hit is the longest alias that begins at a token.
type hit struct {
	end   int   // token after the last
	alias int32 // index of the best alias
	kind  Kind
	soft  bool // one word which needs its surroundings to agree
}

// match returns the longest acceptable alias that begins at token i.
func (t *Tables) match(toks []token, i int, text string) (hit, bool) {
	var best hit
	h, n := uint64(0), 0
	for j := i; j < len(toks) && n < maxPhrase; j++ {
		tk := &toks[j]
		if j > i && tk.is(breaks) || tk.punct == '~' {
			break
		}
		if skipped(tk) {
			if j == i {
				break
			}
			continue
		}
		h = join(h, phraseKey(tk))
		n++
		s := t.phrases.get(h)
		if s == nil {
			break
		}
		if s.alias != 0 {
			if a, ok := t.accept(s.alias-1, toks[i:j+1], text); ok {
				al := &t.aliases[a]
				best = hit{end: j + 1, alias: a, kind: t.entities[al.entity].Kind}
				best.soft = n == 1 && al.flags&(aliasStrong|aliasExact) == 0
			}
		}
		if !s.more {
			break
		}
	}
	return best, best.end > 0
}

// accept picks from a chain of aliases the one of the highest rank which the
// case of the tokens allows.
func (t *Tables) accept(chain int32, toks []token, text string) (int32, bool) {
	best, rank := int32(-1), int32(-1)
	first, last := &toks[0], &toks[len(toks)-1]
	one := len(toks) == 1
	ordinary := one && first.has(wCommon|wStop|wDemonym|wNever|wTitle)
	loud := first.is(shouting) || first.is(headline) && first.is(upper)
	for a := chain; a >= 0; a = t.aliases[a].next {
		al := &t.aliases[a]
		if al.flags&aliasWeak != 0 {
			continue
		}
		r, _ := utf8.DecodeRuneInString(al.text)
		switch {
		case al.flags&aliasExact != 0:
			if loud && first.is(shouting) && ordinary {
				continue
			}
			if !sameLetters(al.text, text[first.start:last.end]) {
				continue
			}
		case one && !first.is(capital):
			continue
		case !first.is(capital|numeric) && !(unicode.IsLower(r) && last.is(capital)):
			continue
		case last.punct == 0 && !last.is(capital|numeric) && !unicode.IsLower(lastWord(al.text)):
			continue
		case ordinary && (al.flags&aliasStrong == 0 || first.is(sentence|headline) && first.has(wCommon|wStop)):
			continue
		case one && first.is(upper) && first.end-first.start <= 4 && !loud && !isUpper(al.text):
			continue // an acronym is not the word that it spells
		}
		if e := &t.entities[al.entity]; e.Rank > rank {
			best, rank = a, e.Rank
		}
	}
	return best, best >= 0
}

func isUpper(s string) bool { return s == strings.ToUpper(s) }

func lastWord(s string) rune {
	r, _ := utf8.DecodeRuneInString(s[strings.LastIndexByte(s, ' ')+1:])
	return r
}

// sameLetters compares two forms, full stops left out: "U.S." and "US".
func sameLetters(a, b string) bool {
	i, j := 0, 0
	for {
		for i < len(a) && a[i] == '.' {
			i++
		}
		for j < len(b) && b[j] == '.' {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if a[i] != b[j] {
			return false
		}
		i++
		j++
	}
}

// skipped says which tokens do not count within a phrase: "al-Qaeda" and "al
// Qaeda" are one.
func skipped(t *token) bool {
	return t.punct == '-' || t.punct == '.' || t.punct == '\'' && !t.is(possessive)
}

// phraseKey is the key under which a token stands in a phrase.
func phraseKey(t *token) uint64 {
	switch {
	case t.is(possessive):
		return keyPossessive
	case t.punct != 0:
		return uint64(t.punct)
	}
	return t.key
}
