package feed

import (
	"bytes"
	"math"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/encoding/htmlindex"
)

var languageHint = regexp.MustCompile(`(?i)(?:<(?:dc:)?language>\s*(?:<!\[CDATA\[\s*)?|xml:lang=["'])([a-z]{2})`)

// guessSample bounds what is tried in each charset, in bytes.
const guessSample = 4 << 10

// guess is one way to read bytes that are no UTF-8.
type guess struct {
	label string
	score float32 // log-likelihood of the sample
}

// guessCharset reads b, which is no UTF-8, in the legacy charset in which it
// looks most like text of some language.
func guessCharset(b []byte) (label string, text []byte) {
	best, _, _ := judge(b, "")
	enc, _ := htmlindex.Get(best.label)
	text, _ = decode(enc, b)
	return best.label, text
}

// judge scores b in the likeliest charset, and in the declared one, over a
// sample with so many bytes beyond ASCII. Each language has a distribution of characters
// beyond ASCII; what the bytes are likeliest to come from wins (a multinomial
// model, with costs for changes of script and case within a word). The
// language that the feed declares speaks for its charsets.
func judge(b []byte, declared string) (best, asDeclared guess, high int) {
	language := ""
	if m := languageHint.FindSubmatch(b[:min(len(b), 16<<10)]); m != nil {
		language = string(bytes.ToLower(m[1]))
	}
	sample := foreignWords(b)
	best.score, asDeclared = float32(math.Inf(-1)), guess{declared, float32(math.Inf(-1))}
	decoded := map[string][]rune{}
	for _, m := range models() {
		for _, label := range strings.Fields(m.charsets) {
			text, ok := decoded[label]
			if !ok {
				if enc := lookup(label); enc != nil {
					t, _ := decode(enc, sample)
					text = []rune(string(t))
				}
				decoded[label] = text
			}
			score := m.score(text)
			if language != "" && strings.Contains(" "+m.languages+" ", " "+language+" ") {
				score += languageBonus
			}
			if score > best.score {
				best = guess{label, score}
			}
			if score > asDeclared.score && sameCharset(label, declared) {
				asDeclared.score = score
			}
		}
	}
	for _, c := range sample {
		if c >= 0x80 {
			high++
		}
	}
	return best, asDeclared, high
}

// likelihood scores text in the language that suits it best.
func likelihood(text []rune) float32 {
	best := float32(math.Inf(-1))
	for _, m := range models() {
		best = max(best, m.score(text))
	}
	return best
}

const languageBonus = 8 // as much as two or three characters say

// sameCharset takes the labels of one charset, and its supersets, for one.
func sameCharset(a, b string) bool {
	name := func(label string) string {
		enc := lookup(label)
		if enc == nil {
			return ""
		}
		switch n, _ := htmlindex.Name(enc); n {
		case "gbk":
			return "gb18030"
		case "iso-8859-15", "windows-1258":
			return "windows-1252"
		case "iso-8859-8", "iso-8859-8-i":
			return "windows-1255"
		default:
			return n
		}
	}
	n := name(a)
	return n != "" && n == name(b)
}

// foreignWords collects the words with bytes beyond ASCII, which alone tell
// charsets apart, from all over b.
func foreignWords(b []byte) []byte {
	var out []byte
	for len(b) > 0 && len(out) < guessSample {
		high := bytes.IndexFunc(b, func(r rune) bool { return r >= 0x80 })
		if high < 0 {
			break
		}
		from, to := high, high
		for from > 0 && isAlnum(b[from-1]) {
			from--
		}
		// Second bytes of wide characters may be any ASCII sign: words are
		// parted by blanks and tags alone.
		for to < len(b) && b[to] > ' ' && b[to] != '<' && to-from < 512 {
			to++
		}
		out = append(append(out, b[from:to]...), ' ')
		b = b[to:]
	}
	return out
}

// models gives the language models with their distributions worked out.
var models = sync.OnceValue(func() []*scriptModel {
	for _, m := range scriptModels {
		m.logs = make(map[rune]float32, 2*len(m.letters))
		letters := []rune(m.letters)
		var sum float64
		weight := func(i int) float64 { return math.Exp(-3.5 * float64(i) / float64(len(letters))) }
		seen := map[rune]bool{}
		for i, r := range letters {
			if !seen[r] {
				sum += weight(i)
				seen[r] = true
			}
		}
		share := 0.9 / sum
		if len(letters) > 100 { // of thousands of characters
			share = 0.6 / sum
		}
		for i := len(letters) - 1; i >= 0; i-- {
			r := letters[i]
			m.logs[r] = float32(math.Log(share * weight(i)))
			if up := unicode.ToUpper(r); up != r {
				m.logs[up] = m.logs[r] + float32(math.Log(0.06))
			}
		}
		for _, r := range punctuation {
			if _, has := m.logs[r]; !has {
				m.logs[r] = float32(math.Log(0.004))
			}
		}
	}
	return scriptModels
})

// Costs, as natural logarithms of probabilities.
const (
	unknownLetter = -8  // of the language's script
	foreignLetter = -11 // of another one
	otherSymbol   = -9
	noCharacter   = -14
	mixedWord     = -5 // letters of two scripts side by side
	caseChange    = -3 // an upper-case letter behind a lower-case one
	accentPair    = -1.5
	innerSymbol   = -4 // a symbol between letters
)

// score gives the log-likelihood of text, which is a sample of words.
func (m *scriptModel) score(text []rune) float32 {
	var sum float32
	wide := len(m.logs) > 150
	for i, r := range text {
		if r < 0x80 {
			continue
		}
		var before, after rune = ' ', ' '
		if i > 0 {
			before = text[i-1]
		}
		if i+1 < len(text) {
			after = text[i+1]
		}
		p, known := m.logs[r]
		letter := unicode.IsLetter(r) || unicode.Is(unicode.Mn, r)
		switch {
		case known:
		case r == unicode.ReplacementChar || unicode.IsControl(r) || r >= 0xe000 && r <= 0xf8ff:
			p = noCharacter
		case wide && unicode.In(r, unicode.Han, unicode.Hangul):
			p = unknownLetter - 1
		case letter && unicode.Is(unicode.Latin, r) == m.latin && !isWide(r):
			p = unknownLetter
		case letter:
			p = foreignLetter
		default:
			p = otherSymbol
		}
		sum += p
		switch {
		case wide:
		case !letter:
			if unicode.IsLetter(before) && unicode.IsLetter(after) && r != '’' && r != '·' && r != '–' {
				sum += innerSymbol
			}
		case m.latin:
			if before >= 0x80 && unicode.IsLetter(before) {
				sum += accentPair
			}
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				sum += caseChange
			}
		default:
			if isAlpha(before) || isAlpha(after) {
				sum += mixedWord
			}
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				sum += caseChange
			}
		}
	}
	return sum
}

func isAlpha(r rune) bool { return r < 0x80 && isLetter(byte(r)) }

// isWide tells the scripts of the Far East.
func isWide(r rune) bool {
	return r >= 0x1100 && unicode.In(r, unicode.Han, unicode.Hangul, unicode.Hiragana, unicode.Katakana)
}
