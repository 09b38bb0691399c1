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
// count (1,200 is 1200), nor do leading zeros. The lowest bit of a value tells
// words from digits.
//
// To values it appends a hash of 16 bits for each number. terms are hashes of
// the words, and at is where they begin.
func appendNumbers(dst, values []uint32, terms []uint64, at []int32, text string) (contexts, alone []uint32) {
	w := words{terms, at, text}
	for i := range at {
		c := text[at[i]]
		var v uint32
		switch {
		case c >= '0' && c <= '9':
			if w.within(i) {
				continue
			}
			_, h := number(text[at[i]:], 0)
			values = append(values, mix32(h)>>16)
			v = mix32(h) >> 16 &^ 1
		case startsDate(text, at[i]) && w.date(i):
			v = mix32(terms[i])>>16 | 1
		default:
			continue
		}
		a := w.step(i, -1)
		b := w.step(i, 1)
		before := mix32(w.context(w.step(a, -1))*0x9e3779b97f4a7c15+w.context(a)) &^ 0xffff
		after := mix32(w.context(b)*0xc2b2ae3d27d4eb4f+w.context(w.step(b, 1))+1) &^ 0xffff
		dst = append(dst, before|v, after|v)
	}
	return dst, values
}

// words are those of a text.
type words struct {
	terms []uint64
	at    []int32
	text  string
}

// within tells whether word i goes on with the number before it: 1,200 are two
// words and one number.
func (w *words) within(i int) bool {
	at := w.at[i]
	if c := w.text[at]; c < '0' || c > '9' || at < 2 {
		return false
	}
	between, before := w.text[at-1], w.text[at-2]
	return before >= '0' && before <= '9' && (between == '.' || between == ',' || between == '\'')
}

// step gives the word after or before i that begins a number or is none.
func (w *words) step(i, by int) int {
	for i += by; i >= 0 && i < len(w.at) && w.within(i); {
		i += by
	}
	return i
}

// startsDate tells whether a word begins with two letters that a date word
// begins with.
func startsDate(text string, at int32) bool {
	return int(at)+1 < len(text) && dateStarts[text[at]|0x20]&(1<<(text[at+1]&31)) != 0
}

// date tells whether word i is the name of a month or a day.
func (w *words) date(i int) bool {
	s := w.text[w.at[i]:]
	if len(s) < 3 || dateStarts[s[0]|0x20]&(1<<(s[1]&31)) == 0 {
		return false
	}
	n := 2
	for n < len(s) && n <= maxDateWord && letters[s[n]] {
		n++
	}
	return isDate(s[:n])
}

// context is the hash of a word, or one mark for all values: in a table row, or
// in "3 May 2026", a neighbour that differs must not hide that the value
// differs. It is 0 beyond the text.
func (w *words) context(i int) uint64 {
	if i < 0 || i >= len(w.at) {
		return 0
	}
	if c := w.text[w.at[i]]; c >= '0' && c <= '9' || dateStarts[c|0x20] != 0 && w.date(i) {
		return 1
	}
	return w.terms[i]
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

func isDate(s string) bool {
	return len(s) >= 3 && len(s) <= maxDateWord && dateWords.has(hashWord(s))
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
