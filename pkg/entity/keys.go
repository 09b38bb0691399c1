package entity

import (
	"unicode"
	"unicode/utf8"
)

// A name is looked up by the keys of its words. What papers disagree about
// has no key: case, accents, hyphens, full stops, quotation marks. "&", ","
// and the like keep their place, so that "AT&T" and "Washington, D.C." are
// more than their words, and a possessive 's is a word of its own.
const (
	keyPossessive = 's'
	maxPhrase     = 12 // words of the longest alias
)

// appendNameKeys appends the keys of the words of a name.
func appendNameKeys(dst []uint64, s string) []uint64 {
	for at := 0; at < len(s); {
		start, end := nextWord(s, at)
		for i := at; i < start && (len(dst) > 0 || s[i] == '+'); i++ {
			switch c := s[i]; c {
			case '&', ',', '/', '%', '$', '@', '#', '*', ':', ';', '(', ')':
				if start < end {
					dst = append(dst, uint64(c))
				}
			case '+':
				dst = append(dst, uint64(c))
			}
		}
		if start == end {
			break
		}
		at = end
		w := s[start:end]
		if k := possessiveAt(w); k > 0 {
			dst = append(dst, foldKey(w[:k]), keyPossessive)
			continue
		}
		dst = append(dst, foldKey(w))
	}
	return dst
}

// possessiveAt returns where a word's 's begins, or 0.
func possessiveAt(w string) int {
	n := len(w)
	if n < 3 || w[n-1] != 's' && w[n-1] != 'S' {
		return 0
	}
	switch {
	case w[n-2] == '\'':
		return n - 2
	case n > 4 && (w[n-4:n-1] == "’" || w[n-4:n-1] == "ʼ"):
		return n - 4
	}
	return 0
}

// nextWord returns the next word of s from byte at on: letters, digits and
// marks, with full stops and apostrophes between them. start == end where
// there is none.
func nextWord(s string, at int) (start, end int) {
	for at < len(s) {
		r, n := rune(s[at]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[at:])
		}
		if isWordRune(r) {
			break
		}
		at += n
	}
	start = at
	for at < len(s) {
		c := s[at]
		if c < utf8.RuneSelf {
			if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' {
				at++
				continue
			}
			if (c == '.' || c == '\'') && at+1 < len(s) && wordByte(s[at+1]) {
				at++
				continue
			}
			if c == '.' && at-start == 1 || c == '.' && at >= 2 && s[at-2] == '.' {
				at++ // "J." and "U.S." keep their last full stop
			}
			break
		}
		r, n := utf8.DecodeRuneInString(s[at:])
		if !isWordRune(r) && r != '\u00ad' && !(r >= '\u200b' && r <= '\u200f') {
			if (r == '’' || r == 'ʼ') && at+n < len(s) && wordByte(s[at+n]) {
				at += n
				continue
			}
			break
		}
		at += n
	}
	return start, at
}

// wordByte says whether a byte begins or is within a letter or digit, as far
// as one byte can tell.
func wordByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0xC3
}

// lastWordBefore returns the word that ends right before byte at, with nothing
// but spaces between. start == end where punctuation stands there.
func lastWordBefore(s string, at int) (start, end int) {
	for at > 0 && s[at-1] == ' ' {
		at--
	}
	end = at
	if at > 0 && s[at-1] == '.' {
		at-- // "Mr."
	}
	for at > 0 {
		r, n := utf8.DecodeLastRuneInString(s[:at])
		if !unicode.IsLetter(r) && r != '.' && r != '\'' && r != '’' && r != '-' {
			break
		}
		at -= n
	}
	return at, end
}

// wordAfter returns the word that follows byte at, with one space between.
func wordAfter(s string, at int) (start, end int) {
	if at+1 >= len(s) || s[at] != ' ' {
		return at, at
	}
	start, end = nextWord(s, at+1)
	if start != at+1 {
		return at, at
	}
	return start, end
}

// phraseHash returns the key of a phrase of words.
func phraseHash(keys []uint64) uint64 {
	h := uint64(0)
	for _, k := range keys {
		h = join(h, k)
	}
	return h
}

// phraseTable maps phrase keys to aliases: open addressing.
type phraseTable struct {
	slots []phraseSlot
	used  int
}

type phraseSlot struct {
	key   uint64
	alias int32 // 1 + index of the first alias that ends here, 0: none
	more  bool  // longer phrases begin with this one
}

func newPhraseTable(n int) phraseTable {
	size := 1024
	for size < n+n/2 {
		size *= 2
	}
	return phraseTable{slots: make([]phraseSlot, size)}
}

func (p *phraseTable) get(k uint64) *phraseSlot {
	mask := uint64(len(p.slots) - 1)
	for i := spread(k) & mask; ; i = (i + 1) & mask {
		s := &p.slots[i]
		if s.key == k {
			return s
		}
		if s.key == 0 {
			return nil
		}
	}
}

// slot returns the slot of a key, made where there is none.
func (p *phraseTable) slot(k uint64) *phraseSlot {
	if p.used*4 >= len(p.slots)*3 {
		old := p.slots
		p.slots = make([]phraseSlot, 2*len(old))
		p.used = 0
		for _, s := range old {
			if s.key != 0 {
				*p.slot(s.key) = s
			}
		}
	}
	mask := uint64(len(p.slots) - 1)
	for i := spread(k) & mask; ; i = (i + 1) & mask {
		s := &p.slots[i]
		if s.key == k {
			return s
		}
		if s.key == 0 {
			s.key = k
			p.used++
			return s
		}
	}
}
