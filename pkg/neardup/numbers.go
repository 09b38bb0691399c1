package neardup

import (
	"unicode"
	"unicode/utf8"
)

// appendNumbers appends two entries for each number and date word of a text:
// the value with the two words before it, and the value with the two words
// after it as context, context<<16 | value. Two texts made from one template
// share contexts and differ in values; a cut, a rewrite or a footer leaves the
// pairs that both texts still have alone. Separators within a number do not
// count (1,200 is 1200), nor do leading zeros. Texts in scripts without spaces
// yield digits alone. The lowest bit of a value tells words from digits.
//
// To values it appends a hash of 16 bits for each number.
func appendNumbers(dst, values []uint32, text string) (contexts, alone []uint32) {
	var w window
	for i := 0; i < len(text); {
		c := text[i]
		start := i
		switch {
		case letters[c]:
			for i++; i < len(text) && letters[text[i]]; {
				i++
			}
			if i < len(text) && text[i] >= utf8.RuneSelf {
				i = word(text, i)
			}
			dst = w.push(dst, place{text[start:i], kindOf(text[start:i])})
		case c >= '0' && c <= '9':
			var h uint64
			i, h = number(text, i)
			values = append(values, mix32(h)>>16)
			dst = w.push(dst, place{text[start:i], digits})
		case c >= utf8.RuneSelf && isLetter(text, i):
			i = word(text, i)
			dst = w.push(dst, place{text[start:i], kindOf(text[start:i])})
		default:
			i++
		}
	}
	for range 2 {
		dst = w.push(dst, place{})
	}
	return dst, values
}

// window holds the last words: the third one back has its contexts complete.
type window struct {
	last [8]place
	n    int
}

// place is a word or a number. Few stand near a value, so only those are hashed.
type place struct {
	s    string
	kind kind
}

type kind uint8

const (
	plain kind = iota
	digits
	date
)

// back is the word n before the last.
func (w *window) back(n int) *place { return &w.last[(w.n-1-n)&7] }

func (w *window) push(dst []uint32, p place) []uint32 {
	w.last[w.n&7] = p
	w.n++
	var v uint32
	switch m := w.back(2); m.kind {
	case plain:
		return dst
	case digits:
		_, h := number(m.s, 0)
		v = mix32(h) >> 16 &^ 1
	case date:
		v = mix32(hashWord(m.s))>>16 | 1
	}
	before := mix32(w.back(4).context()*0x9e3779b97f4a7c15+w.back(3).context()) &^ 0xffff
	after := mix32(w.back(1).context()*0xc2b2ae3d27d4eb4f+w.back(0).context()+1) &^ 0xffff
	return append(dst, before|v, after|v)
}

// context is a word, or one mark for all values: in a table row, or in "3 May
// 2026", a neighbour that differs must not hide that the value differs.
func (p *place) context() uint64 {
	switch {
	case p.kind != plain:
		return 1
	case p.s == "":
		return 0
	}
	return hashWord(p.s)
}

const fnvOffset, fnvPrime = 14695981039346656037, 1099511628211

func number(s string, i int) (end int, h uint64) {
	h = fnvOffset
	lead := true
	for i < len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if c != '0' || !lead {
				h = (h ^ uint64(c)) * fnvPrime
				lead = false
			}
		case (c == '.' || c == ',' || c == '\'') && i+1 < len(s) && s[i+1] >= '0' && s[i+1] <= '9':
		default:
			return i, h
		}
		i++
	}
	return i, h
}

func isLetter(s string, i int) bool {
	c := s[i]
	if c < utf8.RuneSelf {
		return c|0x20 >= 'a' && c|0x20 <= 'z'
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return unicode.IsLetter(r)
}

// word gives the end of a run of letters that begins before or at i.
func word(s string, i int) int {
	for i < len(s) {
		if letters[s[i]] {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r < utf8.RuneSelf || !unicode.IsLetter(r) {
			break
		}
		i += n
	}
	return i
}

func hashWord(s string) uint64 {
	h := uint64(fnvOffset)
	for _, r := range s {
		if r < utf8.RuneSelf {
			r |= 0x20
		} else {
			r = unicode.ToLower(r)
		}
		h = (h ^ uint64(r)) * fnvPrime
	}
	return h
}

// letters are those of ASCII.
var letters = func() (is [256]bool) {
	for c := 'a'; c <= 'z'; c++ {
		is[c], is[c-0x20] = true, true
	}
	return is
}()

func kindOf(s string) kind {
	if len(s) < 3 || len(s) > maxDateWord || dateStarts[s[0]|0x20]&(1<<(s[1]&31)) == 0 {
		return plain
	}
	if !dateWords.has(hashWord(s)) {
		return plain
	}
	return date
}

const maxDateWord = 9

// dateWords are months and days of the week: values, as numbers are. English
// only; in other languages the numbers of a date still differ. "may" and
// "march" are left out: they are words as well.
var dateWords = newHashes(func(add func(uint64)) {
	for _, s := range dateList {
		add(hashWord(s))
	}
})

var dateList = []string{"january", "february", "april", "june", "july", "august", "september", "october",
	"november", "december", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
	"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// dateStarts has a bit for the second letter at the first one of each.
var dateStarts = func() (seconds [256]uint32) {
	for _, s := range dateList {
		seconds[s[0]] |= 1 << (s[1] & 31)
	}
	return seconds
}()
