package entity

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/text"
)

// Known is a tagger for texts that are not in English: it finds the names that
// the tables know in a language, and persons by surname once their full name
// has stood. It never finds a name that the tables do not hold. Its mentions
// carry their Ref. It keeps scratch space and belongs to one goroutine.
type Known struct {
	t        *Tables
	words    []foreignWord
	surnames map[uint64]int32 // of persons named in full
}

type foreignWord struct {
	start, end int32
	key, plain uint64 // in the language, and as the English aliases have it
	capital    bool
	upper      bool
	joined     bool // nothing but a space, hyphen or apostrophe before it
}

// sKnown is the score of a name that the tables know in this language.
const sKnown = 0.9

// NewKnown returns a tagger for names in other languages.
func NewKnown(t *Tables) *Known { return &Known{t: t, surnames: map[uint64]int32{}} }

// TagLanguage appends the mentions of a title and a text in this language.
func (k *Known) TagLanguage(lang Language, dstTitle, dstText []Mention, title, text string) (inTitle, inText []Mention) {
	clear(k.surnames)
	// The text introduces in full what the title shortens.
	dstText = k.tag(lang, dstText, text)
	return k.tag(lang, dstTitle, title), dstText
}

func (k *Known) tag(lang Language, dst []Mention, s string) []Mention {
	k.read(lang, s)
	for i := 0; i < len(k.words); {
		ref, end, start := k.longest(lang, s, i)
		if ref < 0 {
			if w := &k.words[i]; (w.capital || lang == Arabic) && k.surnames[w.key] > 0 {
				ref, end, start = k.surnames[w.key]-1, i+1, w.start
			}
		}
		if ref < 0 {
			i++
			continue
		}
		e := &k.t.entities[ref]
		if e.Kind == PER && end-i > 1 {
			k.surnames[k.words[end-1].key] = ref + 1
		}
		dst = append(dst, Mention{Start: start, End: k.words[end-1].end, Kind: e.Kind, Score: sKnown, Ref: ref})
		i = end
	}
	return dst
}

// read takes a text apart into words.
func (k *Known) read(lang Language, s string) {
	k.words = k.words[:0]
	for at := 0; ; {
		start, end := nextWord(s, at)
		if start == end {
			return
		}
		w := foreignWord{joined: at > 0 && start-at <= 3 && joins(s[at:start])}
		at = end
		for {
			n := lang.elision(s[start:end])
			if n == 0 {
				break
			}
			start += n
		}
		if p := possessiveAt(s[start:end]); p > 0 {
			end = start + p
		}
		r := firstRune(s[start:end])
		w.start, w.end = int32(start), int32(end)
		w.capital = unicode.IsUpper(r) || unicode.IsDigit(r)
		w.upper = w.capital && isUpperWord(s[start:end])
		if w.key = lang.wordKey(s[start:end]); lang <= Dutch || lang == Other {
			w.plain = w.key
		}
		k.words = append(k.words, w)
	}
}

// joins says whether what stands between two words may stand inside a name.
func joins(gap string) bool {
	for _, r := range gap {
		switch r {
		case ' ', '-', '\'', '’', '.', '\u00a0', '\u2010', '\u2011':
		default:
			return false
		}
	}
	return true
}

// longest finds the longest name that begins at word i: its row or -1, the word
// after it, and the byte at which it begins.
func (k *Known) longest(lang Language, s string, i int) (ref int32, end int, start int32) {
	w := &k.words[i]
	ref, end = k.walk(lang, s, i, lang.seed(), w.key, false)
	start = w.start
	if w.plain != 0 && w.capital {
		if r, e := k.walk(lang, s, i, 0, w.plain, true); r >= 0 && e > end {
			ref, end = r, e
		}
	}
	if ref < 0 && lang == Arabic {
		return k.prefixed(s, i)
	}
	return ref, end, start
}

// walk follows the phrases from word i on, whose own key is given.
func (k *Known) walk(lang Language, s string, i int, h, key uint64, english bool) (ref int32, end int) {
	ref, end = -1, i
	for j := i; j < len(k.words) && j-i < maxPhrase; j++ {
		w := &k.words[j]
		if j > i {
			if !w.joined {
				break
			}
			if key = w.key; english {
				key = w.plain
			}
		}
		h = join(h, key)
		slot := k.t.phrases.get(h)
		if slot == nil {
			break
		}
		if r := k.accept(slot.alias-1, s, i, j, english); r >= 0 {
			ref, end = r, j+1
		}
		if !slot.more {
			break
		}
	}
	return ref, end
}

// accept picks the most prominent row that carries words i to j.
func (k *Known) accept(chain int32, s string, i, j int, english bool) int32 {
	best, rank := int32(-1), int32(-1)
	first := &k.words[i]
	surface := s[first.start:k.words[j].end]
	for a := chain; a >= 0; a = k.t.aliases[a].next {
		al := &k.t.aliases[a]
		e := &k.t.entities[al.entity]
		if english {
			switch {
			case al.flags&(aliasWeak|aliasHome|aliasLanguage) != 0, e.doubtful, e.needs != "":
				continue
			case i == j && (e.Rank < 40_000 || al.flags&(aliasStrong|aliasExact) == 0):
				continue
			case e.Kind != PER && e.Rank < 25_000:
				continue
			}
		} else if al.flags&aliasLanguage == 0 {
			continue
		}
		if r := firstRune(al.text); unicode.IsUpper(r) && !first.capital {
			continue
		}
		if n := utf8.RuneCountInString(al.text); (al.flags&aliasExact != 0 || n <= 5 && isUpper(al.text)) && isCased(al.text) && !sameLetters(al.text, surface) {
			continue
		}
		if e.Rank > rank {
			best, rank = al.entity, e.Rank
		}
	}
	return best
}

// isCased says whether a form is in a script that has capitals.
func isCased(s string) bool {
	r := firstRune(s)
	return unicode.IsUpper(r) || unicode.IsLower(r)
}

// prefixed finds a name behind the Arabic words that are written as one with
// it: wa- and fa-, then bi-, li- and ka-.
func (k *Known) prefixed(s string, i int) (ref int32, end int, start int32) {
	w := k.words[i]
	word := s[w.start:w.end]
	at := w.start
	for _, set := range [2]string{"وف", "بلك"} {
		r, n := utf8.DecodeRuneInString(word)
		if !strings.ContainsRune(set, r) || utf8.RuneCountInString(word) < 5 {
			continue
		}
		word = word[n:]
		at += int32(n)
		if ref, end = k.walk(Arabic, s, i, Arabic.seed(), arabicKey(word), false); ref >= 0 {
			return ref, end, at
		}
		if r == 'ل' && strings.HasPrefix(word, "ل") {
			// li- before the article swallows its alif.
			if ref, end = k.walk(Arabic, s, i, Arabic.seed(), arabicKey("ا"+word), false); ref >= 0 {
				return ref, end, at
			}
		}
	}
	return -1, i, w.start
}

var detector = sync.OnceValue(func() *text.Detector { return text.NewDetector() })

// LanguageOf tells in which of the tables' languages a document is written:
// English where nothing says otherwise, Other where it is clearly in none.
func LanguageOf(title, body string) Language {
	sample := body
	if len(sample) < 40 {
		sample = title
		if len(body) > len(title) {
			sample = body
		}
	}
	sample = sample[:min(len(sample), 2000)]
	letters, latin := 0, 0
	for _, r := range sample[:min(len(sample), 400)] {
		if unicode.IsLetter(r) {
			letters++
			if r < 0x250 {
				latin++
			}
		}
	}
	if letters < 6 {
		return English
	}
	if latin*2 > letters {
		words, english := 0, 0
		for at := 0; words < 200; {
			start, end := nextWord(sample, at)
			if start == end {
				break
			}
			at = end
			words++
			switch sample[start:end] {
			case "the", "The", "of", "and", "to", "is", "was", "for", "with", "that", "his", "said", "has", "have", "by", "as", "it", "its", "at", "from", "are", "were", "will":
				english++
			}
		}
		if words < 10 || english*20 >= words {
			return English
		}
	}
	code, sure := detector().Detect(sample)
	l := languageOf(code)
	switch {
	case code == "en":
		return English
	case l != English && (latin*2 <= letters || sure >= 0.2):
		return l
	case latin*2 > letters && (code == text.Undetermined || sure < 0.6):
		return English // headings and lists of names look like any language
	}
	return Other
}

// tag finds the names of a document by the tagger for its language.
func (p *Pipeline) tag(title, text string) {
	lang := LanguageOf(title, text)
	if lang == English {
		p.title, p.text = p.tagger.TagDocument(p.title[:0], p.text[:0], title, text)
		return
	}
	if p.known == nil {
		p.known = NewKnown(p.t)
	}
	p.title, p.text = p.known.TagLanguage(lang, p.title[:0], p.text[:0], title, text)
}
