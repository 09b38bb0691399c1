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
func appendNumbers(dst []uint32, text string) []uint32 {
	var w window
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			var h uint64
			i, h = number(text, i)
			dst = w.push(dst, h, digits)
		case isLetter(text, i):
			var h uint64
			start := i
			i, h = word(text, i)
			k := plain
			if i-start <= maxDateWord && dateWords.has(h) {
				k = date
			}
			dst = w.push(dst, h, k)
		default:
			i++
		}
	}
	for range 2 {
		dst = w.push(dst, 0, plain)
	}
	return dst
}

// window holds the last five words: the middle one has its contexts complete.
type window struct {
	h    [5]uint64
	kind [5]kind
}

type kind uint8

const (
	plain kind = iota
	digits
	date
)

func (w *window) push(dst []uint32, h uint64, k kind) []uint32 {
	copy(w.h[:], w.h[1:])
	copy(w.kind[:], w.kind[1:])
	w.h[4], w.kind[4] = h, k
	if w.kind[2] == plain {
		return dst
	}
	v := mix32(w.h[2]) >> 16 &^ 1
	if w.kind[2] == date {
		v |= 1
	}
	before := mix32(w.context(0)*0x9e3779b97f4a7c15+w.context(1)) &^ 0xffff
	after := mix32(w.context(3)*0xc2b2ae3d27d4eb4f+w.context(4)+1) &^ 0xffff
	return append(dst, before|v, after|v)
}

// context is the word at i, or one mark for all values: in a table row, or in
// "3 May 2026", a neighbour that differs must not hide that the value differs.
func (w *window) context(i int) uint64 {
	if w.kind[i] != plain {
		return 1
	}
	return w.h[i]
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

func word(s string, i int) (end int, h uint64) {
	h = fnvOffset
	for i < len(s) {
		c := s[i]
		if c < utf8.RuneSelf {
			if c |= 0x20; c < 'a' || c > 'z' {
				return i, h
			}
			h = (h ^ uint64(c)) * fnvPrime
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) {
			return i, h
		}
		h = (h ^ uint64(unicode.ToLower(r))) * fnvPrime
		i += n
	}
	return i, h
}

const maxDateWord = 9

// dateWords are months and days of the week: values, as numbers are. English
// only; in other languages the numbers of a date still differ. "may" and
// "march" are left out: they are words as well.
var dateWords = newHashes(func(add func(uint64)) {
	for _, s := range []string{"january", "february", "april", "june", "july", "august", "september", "october",
		"november", "december", "jan", "feb", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"} {
		_, h := word(s, 0)
		add(h)
	}
})
