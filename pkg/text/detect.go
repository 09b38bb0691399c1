package text

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/RadhiFadlillah/whatlanggo"
)

// Undetermined is the code for a text whose language cannot be told.
const Undetermined = "und"

const (
	detectBytes  = 3 << 10 // of a text that are read
	trigramBytes = 600     // of these that the trigram model reads
	minLetters   = 6       // fewer say nothing
)

// Detector tells the language of a text. It is safe for concurrent use.
//
// Scripts of one language decide by themselves. Among the languages of Latin,
// Cyrillic, Arabic and Devanagari script a text's function words and special
// letters vote; where the vote is not clear, as in headlines, a trigram model
// (Cavnar & Trenkle 1994) is asked as well.
type Detector struct {
	allowed  map[string]bool // nil: all
	trigrams map[whatlanggo.Lang]bool
}

// NewDetector gives a detector for these ISO 639-1 codes, or for every language
// it knows if there is none. Unknown codes are never found; a text that is
// clearly in another language is "und".
func NewDetector(langs ...string) *Detector {
	d := &Detector{trigrams: map[whatlanggo.Lang]bool{}}
	if len(langs) > 0 {
		d.allowed = make(map[string]bool, len(langs))
		for _, l := range langs {
			d.allowed[NormalizeLanguage(l)] = true
		}
	}
	for lang := whatlanggo.Lang(0); lang.Iso6393() != ""; lang++ {
		code := NormalizeLanguage(lang.Iso6391())
		if code != "" && d.may(code) && (len(langs) > 0 || slices.Contains(functionWords().codes, code)) {
			d.trigrams[lang] = true
		}
	}
	return d
}

func (d *Detector) may(code string) bool { return d.allowed == nil || d.allowed[code] }

// Detect gives the ISO 639-1 code of the language in which the first 3 kB of s
// are written, Bokmål and Nynorsk being "no", and a confidence in (0, 1], which
// is a rank and no probability. It is "und" and 0 where there is no telling.
func (d *Detector) Detect(s string) (code string, confidence float64) {
	if len(s) > detectBytes {
		s = s[:runeStart(s, detectBytes)]
	}
	script, letters := mainScript(s)
	if letters < minLetters && script.code == "" || letters < 2 {
		return Undetermined, 0
	}
	if script.code != "" {
		if !d.may(script.code) {
			return Undetermined, 0
		}
		return script.code, 1
	}
	if !script.voted {
		return Undetermined, 0
	}
	v := vote(s)
	v.count(nil)
	if v.best >= 3 && v.best >= 1.6*v.second {
		if !d.may(v.code) {
			return Undetermined, 0
		}
		return v.code, v.confidence()
	}
	v.count(d.allowed)
	if len(d.trigrams) == 0 {
		return Undetermined, 0
	}
	head := s
	if len(head) > trigramBytes {
		head = head[:runeStart(head, trigramBytes)]
	}
	info := whatlanggo.DetectWithOptions(head, whatlanggo.Options{Whitelist: d.trigrams})
	guess := ""
	if info.Lang >= 0 {
		guess = NormalizeLanguage(info.Lang.Iso6391())
	}
	switch {
	case guess != "" && guess == v.code:
		return guess, max(info.Confidence, v.confidence())
	case v.code != "" && (guess == "" || v.best >= 1 && v.of(guess) < v.best && (info.Confidence < 0.6 || v.best >= 2)):
		return v.code, v.confidence() / 2
	case guess != "":
		return guess, max(info.Confidence, 0.05) / 2
	}
	return Undetermined, 0
}

// ballot counts the votes for each language.
type ballot struct {
	votes        [64]float64
	code         string
	best, second float64
}

func (b *ballot) confidence() float64 {
	return max((b.best-b.second)/(b.best+b.second+1), 0.05)
}

func (b *ballot) of(code string) float64 {
	if i := slices.Index(functionWords().codes, code); i >= 0 {
		return b.votes[i]
	}
	return 0
}

// vote lets words and letters vote. A word that n languages have gives each of
// them 1/n; a letter half of that, since names carry letters abroad.
func vote(s string) ballot {
	var b ballot
	f := functionWords()
	var word [24]byte
	n := 0
	end := func() {
		if n > 0 && n <= len(word) {
			b.add(f.words[string(word[:n])], 1)
		}
		n = 0
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) {
			end()
			continue
		}
		low := unicode.ToLower(r)
		if low >= 0x80 {
			b.add(f.letters[low], 0.5)
		}
		if n+utf8.UTFMax > len(word) {
			n = len(word) + 1 // too long for a function word
			continue
		}
		n += utf8.EncodeRune(word[n:], low)
	}
	end()
	return b
}

// count finds the winner among these languages, or all.
func (b *ballot) count(allowed map[string]bool) {
	b.code, b.best, b.second = "", 0, 0
	for i, code := range functionWords().codes {
		switch v := b.votes[i]; {
		case allowed != nil && !allowed[code]:
		case v > b.best:
			b.second, b.best, b.code = b.best, v, code
		case v > b.second:
			b.second = v
		}
	}
}

func (b *ballot) add(langs []uint8, weight float64) {
	for _, l := range langs {
		b.votes[l] += weight / float64(len(langs))
	}
}

//go:embed data/function-words.txt
var functionWordsFile string

type wordTable struct {
	codes   []string
	words   map[string][]uint8 // indices into codes
	letters map[rune][]uint8
}

// functionWords is read once; the file is part of the build.
var functionWords = sync.OnceValue(func() *wordTable {
	t := &wordTable{words: map[string][]uint8{}, letters: map[rune][]uint8{}}
	for row := range strings.Lines(functionWordsFile) {
		f := strings.Fields(row)
		if len(f) == 0 || strings.HasPrefix(f[0], "#") {
			continue
		}
		lang := uint8(len(t.codes))
		t.codes = append(t.codes, f[0])
		for _, w := range f[1:] {
			if letters, ok := strings.CutPrefix(w, "+"); ok {
				for _, r := range letters {
					t.letters[unicode.ToLower(r)] = appendOnce(t.letters[unicode.ToLower(r)], lang)
				}
				continue
			}
			t.words[w] = appendOnce(t.words[w], lang)
		}
	}
	return t
})

func appendOnce(langs []uint8, lang uint8) []uint8 {
	if slices.Contains(langs, lang) {
		return langs
	}
	return append(langs, lang)
}
