package feed

import (
	"bytes"
	"regexp"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// legacy are the charsets which a page without a usable label is tried as, in
// order of preference, each with the language codes that speak for it.
var legacy = []struct{ label, languages string }{
	{"windows-1252", " en de fr es it pt nl sv da no nb fi is ca "},
	{"windows-1251", " ru uk be bg sr mk "},
	{"windows-1250", " pl cs sk hu sl hr ro bs sq "},
	{"windows-1254", " tr az "},
	{"windows-1253", " el "},
	{"windows-1255", " he iw "},
	{"windows-1256", " ar fa ur "},
	{"windows-1257", " lt lv et "},
	{"windows-874", " th "},
	{"shift_jis", " ja "},
	{"euc-jp", " ja "},
	{"gb18030", " zh "},
	{"big5", " zh "},
	{"euc-kr", " ko "},
	{"koi8-r", " ru "},
}

// rare are charsets without cases or kana to know them by: they have to look
// clearly better than the others.
var rare = map[string]bool{"windows-1253": true, "windows-1255": true, "windows-1256": true, "windows-874": true}

var languageHint = regexp.MustCompile(`(?i)(?:<(?:dc:)?language>\s*|xml:lang=["'])([a-z]{2})`)

// guessSample bounds what is tried in each charset.
const guessSample = 32 << 10

// guessCharset reads b, which is no UTF-8, in the legacy charset in which it
// looks most like text: letters of one script within each word, few symbols,
// and the language that the feed declares.
func guessCharset(b []byte) (label string, text []byte) {
	language := ""
	if m := languageHint.FindSubmatch(b[:min(len(b), 16<<10)]); m != nil {
		language = " " + string(bytes.ToLower(m[1])) + " "
	}
	sample := foreignWords(b)
	best := -1 << 60
	for _, l := range legacy {
		enc := lookup(l.label)
		if enc == nil {
			continue
		}
		t, _ := decode(enc, sample)
		score := plausible(t)
		if rare[l.label] {
			score -= score / 4
		}
		if language != "" && bytes.Contains([]byte(l.languages), []byte(language)) {
			score += utf8.RuneCount(t) / 2
		}
		if score > best {
			best, label = score, l.label
		}
	}
	enc, _ := htmlindex.Get(label)
	text, _ = decode(enc, b)
	return label, text
}

// foreignWords collects the words with bytes beyond ASCII, which alone tell
// charsets apart.
func foreignWords(b []byte) []byte {
	var out []byte
	for _, w := range bytes.FieldsFunc(b, func(r rune) bool { return r < 0x80 && !isAlnum(byte(r)) }) {
		if isASCII(w) {
			continue
		}
		out = append(append(out, w...), ' ')
		if len(out) > guessSample {
			break
		}
	}
	return out
}

// plausible scores text by its characters, in points for each byte that they
// came from: letters count for it, most of all kana and lower case; symbols,
// controls and rare ideographs count against it, and so do changes of script
// or case within a word and accented letters in a row.
func plausible(text []byte) int {
	score := 0
	var before rune
	for len(text) > 0 {
		r, n := utf8.DecodeRune(text)
		text = text[n:]
		score += points(r)
		switch {
		case r < 0x80:
			if isWide(before) && isAlnum(byte(r)) {
				score -= 4
			}
		case before < 0x80 && isWide(r) && before > ' ':
			score -= 6
		case before >= 0x80 && script(before) != script(r):
			if !isWide(r) || !isWide(before) || unicode.In(r, unicode.Hangul) || unicode.In(before, unicode.Hangul) {
				score -= 4
			}
		case before >= 0x80 && unicode.Is(unicode.Latin, r):
			score -= 4
		case unicode.IsUpper(r) && unicode.IsLower(before):
			score -= 4
		}
		before = r
	}
	return score
}

func points(r rune) int {
	switch {
	case r == utf8.RuneError:
		return -20
	case r < 0x80:
		return 0
	case unicode.Is(unicode.Han, r):
		if r < 0x4e00 || r > 0x9fff {
			return -6
		}
		return 3
	case unicode.In(r, unicode.Hiragana, unicode.Hangul):
		return 6
	case r >= 0xff61 && r <= 0xff9f: // half-width katakana
		return -3
	case unicode.Is(unicode.Katakana, r), r == 0x30fb, r == 0x30fc:
		return 5
	case unicode.IsLetter(r) || unicode.Is(unicode.Mn, r):
		return 2
	case r >= 0x2010 && r <= 0x2026, r >= 0x3000 && r <= 0x3011: // quotes, dashes, stops
		return 1
	case unicode.IsControl(r) || r >= 0xe000 && r <= 0xf8ff:
		return -10
	}
	return -2
}

// isWide tells the scripts of the Far East.
func isWide(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}

func script(r rune) *unicode.RangeTable {
	for _, s := range [...]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Hebrew, unicode.Arabic, unicode.Thai, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana} {
		if unicode.Is(s, r) {
			return s
		}
	}
	return nil
}
