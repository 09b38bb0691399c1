package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/zeebo/xxh3"
	"golang.org/x/text/unicode/norm"
)

// maxTerm is how many bytes of a folded word tell it from others.
const maxTerm = 64

// AppendTerms appends one hash (xxh3) for each word of s, in order. Two texts
// give the same terms if they differ only in case, accents, white space,
// punctuation, typographic quotes and dashes, ligatures and full-width forms,
// or invisible characters: "Café – don’t" and "cafe, dont" are equal.
//
// A word is a run of letters and digits, apostrophes left out; in Han, Kana,
// Thai, Lao, Khmer and Myanmar each character is one. Hashes do not change
// between versions, for they are stored.
func AppendTerms(dst []uint64, s string) []uint64 {
	t := terms{s: s}
	for t.next() {
		dst = append(dst, xxh3.Hash(t.buf[:t.n]))
	}
	return dst
}

// AppendTermsAt does the same and appends to at where each word begins, as an
// offset into s in bytes.
func AppendTermsAt(dst []uint64, at []int32, s string) ([]uint64, []int32) {
	t := terms{s: s}
	for t.next() {
		dst, at = append(dst, xxh3.Hash(t.buf[:t.n])), append(at, int32(t.start))
	}
	return dst, at
}

// Words counts the words of s as AppendTerms knows them.
func Words(s string) int {
	t := terms{s: s}
	n := 0
	for t.next() {
		n++
	}
	return n
}

// BodyHash is a hash of the terms of s and their order. It is 0 only for a
// text without a word.
func BodyHash(s string) uint64 {
	t := terms{s: s}
	var h xxh3.Hasher
	var chunk [1024]byte
	n := 0
	any := false
	for t.next() {
		any = true
		if n+t.n+1 > len(chunk) {
			h.Write(chunk[:n])
			n = 0
		}
		n += copy(chunk[n:], t.buf[:t.n])
		chunk[n] = ' '
		n++
	}
	if !any {
		return 0
	}
	h.Write(chunk[:n])
	return max(h.Sum64(), 1)
}

// terms walks over the folded words of a text.
type terms struct {
	s     string
	i     int
	n     int // bytes of buf in use
	start int // of the word in buf
	buf   [maxTerm + 2*utf8.UTFMax*4]byte
}

// next puts the next word into buf[:n].
func (t *terms) next() bool {
	t.n = 0
	s := t.s
	for t.i < len(s) {
		c := s[t.i]
		if c < utf8.RuneSelf {
			if f := termByte[c]; f > 1 {
				if t.n == 0 {
					t.start = t.i
				}
				if t.n < maxTerm {
					t.buf[t.n] = f
					t.n++
				}
			} else if f == 0 && t.n > 0 {
				t.i++
				return true
			}
			t.i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[t.i:])
		switch foldClass(r) {
		case foldSkip:
			t.i += size
		case foldAlone:
			if t.n > 0 {
				return true
			}
			t.start = t.i
			t.i += size
			t.n = utf8.EncodeRune(t.buf[:], r)
			return true
		case foldBreak:
			t.i += size
			if t.n > 0 {
				return true
			}
		case foldLetter:
			if t.n == 0 {
				t.start = t.i
			}
			if t.n < maxTerm {
				t.fold(r, size)
			}
			t.i += size
		}
	}
	return t.n > 0
}

// fold appends the rune at t.i, without case, accents and compatibility forms.
func (t *terms) fold(r rune, size int) {
	if d := norm.NFKD.PropertiesString(t.s[t.i : t.i+size]).Decomposition(); d != nil {
		for len(d) > 0 && t.n < maxTerm {
			r, n := utf8.DecodeRune(d)
			d = d[n:]
			if !unicode.Is(unicode.Mn, r) && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
				t.put(r)
			}
		}
		return
	}
	t.put(r)
}

func (t *terms) put(r rune) {
	if r >= 0x80 {
		r = unicode.ToLower(r)
		if s := letterFold(r); s != "" {
			t.n += copy(t.buf[t.n:], s)
			return
		}
	} else if 'A' <= r && r <= 'Z' {
		r += 'a' - 'A'
	}
	t.n += utf8.EncodeRune(t.buf[t.n:], r)
}

// letterFold spells out letters that do not decompose.
func letterFold(r rune) string {
	switch r {
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	case 'ø':
		return "o"
	case 'ð', 'đ':
		return "d"
	case 'þ':
		return "th"
	case 'ł':
		return "l"
	case 'ı':
		return "i"
	case 'ħ':
		return "h"
	case 'ŋ':
		return "n"
	case 'ς':
		return "σ"
	case 'ə':
		return "a"
	}
	return ""
}

type foldKind uint8

const (
	foldBreak foldKind = iota
	foldSkip
	foldAlone
	foldLetter
)

func foldClass(r rune) foldKind {
	switch {
	case r == 0xad || r == '’' || r == '‘' || r == 'ʼ' || r == 'ʻ' || r == '′' || r == '＇' || r == 0x0640,
		r >= 0x200b && r <= 0x200f, r == 0x2060 || r == 0xfeff:
		return foldSkip
	case r >= 0x2e80 && r <= 0x2fdf, r >= 0x3040 && r <= 0x30ff && r != 0x30fb, r >= 0x3400 && r <= 0x4dbf,
		r >= 0x4e00 && r <= 0x9fff, r >= 0xf900 && r <= 0xfaff, r >= 0x20000 && r <= 0x3ffff:
		return foldAlone
	case r >= 0x0e01 && r <= 0x0e33, r >= 0x0e40 && r <= 0x0e44, r >= 0x0e81 && r <= 0x0eb3, r >= 0x1000 && r <= 0x102a, r >= 0x1780 && r <= 0x17b3:
		return foldAlone
	case unicode.IsLetter(r) || unicode.IsDigit(r):
		return foldLetter
	case unicode.Is(unicode.M, r):
		return foldSkip
	}
	return foldBreak
}

// termByte folds ASCII: 0 breaks, 1 is left out, everything else is written.
var termByte = func() (f [utf8.RuneSelf]byte) {
	f['\''] = 1
	f['`'] = 1
	for c := byte('0'); c <= '9'; c++ {
		f[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		f[c] = c
		f[c-0x20] = c
	}
	return f
}()
