package entity

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Keys are FNV-1a hashes of folded words: lower case, Latin letters without
// diacritics, apostrophes and full stops dropped, so that "Erdoğan" and
// "Erdogan", "U.S." and "US" meet. Case is kept apart, in the token's flags.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// foldKey returns the key of a word. It does not allocate.
func foldKey(s string) uint64 {
	h := uint64(fnvOffset)
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			i++
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			} else if c == '\'' || c == '.' {
				continue
			}
			h = (h ^ uint64(c)) * fnvPrime
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		h = foldRune(h, r, s[i:i+n])
		i += n
	}
	return h
}

func foldRune(h uint64, r rune, enc string) uint64 {
	switch r {
	case '’', 'ʼ', '‘', '\u00ad', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\ufeff':
		return h
	case 'ß':
		h = (h ^ uint64(115)) * fnvPrime
		r = 115
	case 'ø', 'Ø':
		r = 'o'
	case 'ł', 'Ł':
		r = 'l'
	case 'đ', 'Đ', 'ð', 'Ð':
		r = 'd'
	case 'ı', 'İ':
		r = 'i'
	default:
		if unicode.Is(unicode.Mn, r) {
			return h
		}
		if d := norm.NFKD.PropertiesString(enc).Decomposition(); d != nil {
			if base, _ := utf8.DecodeRune(d); base != utf8.RuneError {
				r = base
			}
		}
		r = unicode.ToLower(r)
	}
	for r >= utf8.RuneSelf {
		h = (h ^ uint64(r&0xff)) * fnvPrime
		r >>= 8
	}
	return (h ^ uint64(r)) * fnvPrime
}

// join returns the key of a phrase from the key of its beginning and its next word.
func join(phrase, word uint64) uint64 {
	return (phrase*0x9e3779b97f4a7c15 ^ word) * fnvPrime
}
