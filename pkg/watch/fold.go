package watch

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// appendFold appends a letter or digit as it is compared: small, without
// accents, wide and joined forms taken apart. Marks of scripts in which they
// are letters of their own stay. Nothing is appended for what is not compared.
func appendFold(dst []byte, r rune) []byte {
	switch {
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(dst, byte(r))
	case ignorable(r):
		return dst
	case r == '\u0306' && hasSuffix(dst, "и"): // й taken apart
		return append(dst[:len(dst)-2], "й"...)
	case r >= 0x300 && r <= 0x36f, accent(r):
		return dst
	}
	if s, ok := letters[r]; ok {
		return append(dst, s...)
	}
	var enc [utf8.UTFMax]byte
	if r != 'й' && r != 'Й' {
		d := norm.NFKD.Properties(enc[:utf8.EncodeRune(enc[:], r)]).Decomposition()
		if len(d) > 0 && !hangul(r) {
			for i := 0; i < len(d); {
				p, n := utf8.DecodeRune(d[i:])
				i += n
				if p >= 0x300 && p <= 0x36f || accent(p) || p == 0x653 || p == 0x654 || p == 0x655 {
					continue
				}
				if s, ok := letters[p]; ok {
					dst = append(dst, s...)
				} else {
					dst = utf8.AppendRune(dst, unicode.ToLower(p))
				}
			}
			return dst
		}
	}
	return utf8.AppendRune(dst, unicode.ToLower(r))
}

func hasSuffix(b []byte, s string) bool {
	return len(b) >= len(s) && string(b[len(b)-len(s):]) == s
}

// letters are those that no decomposition takes to their plain form.
var letters = map[rune]string{
	'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o", 'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d",
	'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ı': "i", 'İ': "i", 'ħ': "h", 'Ħ': "h", 'ŋ': "n", 'ə': "e", 'Ə': "e",
	'ς': "σ", 'ё': "е", 'Ё': "е", 'ى': "ي", 'ة': "ه", 'ی': "ي", 'ک': "ك", 'ـ': "",
}

// accent tells vowel points of Arabic and Hebrew, which news leaves out.
func accent(r rune) bool {
	return r >= 0x64b && r <= 0x652 || r == 0x670 || r >= 0x591 && r <= 0x5bd || r >= 0x5bf && r <= 0x5c7
}

// ignorable tells characters that are not seen: joiners, marks of direction,
// soft hyphens, variation selectors.
func ignorable(r rune) bool {
	switch r {
	case '\u00ad', '\u061c', '\u180e', '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	}
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r >= 0xfe00 && r <= 0xfe0f
}

func hangul(r rune) bool { return r >= 0xac00 && r <= 0xd7a3 }

// jamo tells the parts of Hangul syllables in decomposed form.
func jamo(r rune) bool { return r >= 0x1100 && r <= 0x11ff }

// class is what a character is to the words of a text.
type class uint8

const (
	other class = iota
	blank
	letter // or digit, or a mark on one
	single // a letter of a script without blanks: a word of its own
	symbol // part of names, a word of its own
	apostrophe
	hyphen
	unseen
)

var asciiClass = func() (t [utf8.RuneSelf]class) {
	for c := range t {
		switch {
		case c <= ' ':
			t[c] = blank
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			t[c] = letter
		}
	}
	for _, c := range "&+#@$%" {
		t[c] = symbol
	}
	t['\''], t['`'], t['-'], t['_'] = apostrophe, apostrophe, hyphen, hyphen
	return t
}()

// asciiFold gives the letters and digits of ASCII as they are compared, 0 for
// everything else.
var asciiFold = func() (t [256]byte) {
	for c := range utf8.RuneSelf {
		if asciiClass[c] == letter {
			t[c] = byte(c)
			if 'A' <= c && c <= 'Z' {
				t[c] += 'a' - 'A'
			}
		}
	}
	return t
}()

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		return asciiClass[r]
	case ignorable(r):
		return unseen
	case r >= 0x2010 && r <= 0x2012 || r == '‑' || r == '・' || r == '·':
		return hyphen
	case r == '’' || r == '‘' || r == 'ʼ' || r == '′' || r == '＇':
		return apostrophe
	case r >= 0xe00 && unbroken(r):
		if unicode.IsLetter(r) {
			return single
		}
		if unicode.IsMark(r) || unicode.IsDigit(r) {
			return letter
		}
		return other
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
		return letter
	case r == '€' || r == '£' || r == '¥':
		return symbol
	case unicode.IsSpace(r):
		return blank
	}
	return other
}

// unbroken tells scripts that set no blanks between words.
func unbroken(r rune) bool {
	switch {
	case r <= 0xeff: // Thai, Lao
		return true
	case r >= 0x1000 && r <= 0x109f, r >= 0x1780 && r <= 0x17ff: // Myanmar, Khmer
		return true
	case r < 0x2e80 || hangul(r):
		return false
	}
	return unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hiragana, r)
}

// block parts runs of letters that stand together without being one word:
// Japanese loan words and Korean ones from everything else.
func block(r rune) uint8 {
	switch {
	case r < 0x1100:
		return 0
	case hangul(r) || jamo(r) || r >= 0x3130 && r <= 0x318f:
		return 1
	case r >= 0x30a0 && r <= 0x30ff || r >= 0x31f0 && r <= 0x31ff || r >= 0xff66 && r <= 0xff9f:
		return 2
	}
	return 0
}
