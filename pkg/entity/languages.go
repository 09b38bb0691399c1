package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Language is a language whose names the tables hold.
type Language uint8

// The languages in which known names are found. The tagger reads English.
const (
	English Language = iota
	German
	French
	Spanish
	Italian
	Portuguese
	Dutch
	Russian
	Arabic
	Other // whose names the tables do not hold
	languages
)

var languageCodes = [languages]string{"en", "de", "fr", "es", "it", "pt", "nl", "ru", "ar", "-"}

// languageOf returns the language of an ISO 639-1 code; English stands for all
// that are not known.
func languageOf(code string) Language {
	for l, c := range languageCodes {
		if c == code {
			return Language(l)
		}
	}
	return English
}

// seed opens the phrases of a language, so that "Nice" in one is not "nice" in
// another. English opens with nothing.
func (l Language) seed() uint64 {
	if l == English {
		return 0
	}
	return uint64(l) * 0x9e3779b97f4a7c15
}

// appendKeys appends the keys of the words of a name in this language.
func (l Language) appendKeys(dst []uint64, s string) []uint64 {
	if l == English {
		return appendNameKeys(dst, s)
	}
	for at := 0; ; {
		start, end := nextWord(s, at)
		if start == end {
			return dst
		}
		for start < end {
			n := l.elision(s[start:end])
			if n == 0 {
				break
			}
			start += n
		}
		dst = append(dst, l.wordKey(s[start:end]))
		at = end
	}
}

// elision returns the length of what is elided before a word, with its
// apostrophe: "l'Iran", "dell'Unione", or 0.
func (l Language) elision(w string) int {
	if l != French && l != Italian {
		return 0
	}
	i := strings.IndexAny(w, "'’")
	if i <= 0 || i > 5 {
		return 0
	}
	_, n := utf8.DecodeRuneInString(w[i:])
	if i+n >= len(w) {
		return 0
	}
	switch strings.ToLower(w[:i]) {
	case "l", "d", "qu", "n", "s", "j", "c", "m", "t", "un", "all", "dall", "dell", "nell", "sull", "dal", "coll", "quell", "jusqu", "lorsqu", "puisqu", "entr":
		return i + n
	}
	return 0
}

// wordKey is the key of one word: the same for its inflected forms in Russian,
// and for the spellings that Arabic texts mix.
func (l Language) wordKey(w string) uint64 {
	switch l {
	case Russian:
		return russianKey(w)
	case Arabic:
		return arabicKey(w)
	}
	return foldKey(w)
}

// russianKey is the key of a word without its ending, whatever its case.
// Abbreviations and short words keep theirs.
func russianKey(w string) uint64 {
	n := utf8.RuneCountInString(w)
	if n < 4 || w == strings.ToUpper(w) && n <= 5 {
		return foldKey(w)
	}
	low := strings.ToLower(w)
	const least = 6 // bytes: three letters
	for _, e := range [...]string{"ого", "его"} {
		if len(low)-len(e) >= least && strings.HasSuffix(low, e) {
			return foldKey(low[:len(low)-len(e)])
		}
	}
	low = trimVowels(low, least)
	for _, e := range [...]string{"ам", "ям", "ом", "ем", "ым", "им", "ах", "ях", "ых", "их"} {
		if len(low)-len(e) >= least && strings.HasSuffix(low, e) {
			return foldKey(trimVowels(low[:len(low)-len(e)], least))
		}
	}
	return foldKey(low)
}

// trimVowels drops the vowels and signs at the end of a word, as far as a
// number of bytes is left.
func trimVowels(w string, least int) string {
	for {
		r, n := utf8.DecodeLastRuneInString(w)
		if len(w)-n < least || !strings.ContainsRune("аеёиоуыэюяйь", r) {
			return w
		}
		w = w[:len(w)-n]
	}
}

// arabicKey folds what writers mix: forms of alif, ya and ta marbuta, vowel
// signs and the stretching stroke.
func arabicKey(w string) uint64 {
	h := uint64(fnvOffset)
	for _, r := range w {
		switch r {
		case 'أ', 'إ', 'آ', 'ٱ':
			r = 'ا'
		case 'ى', 'ی', 'ئ':
			r = 'ي'
		case 'ة':
			r = 'ه'
		case 'ک':
			r = 'ك'
		case 'ؤ':
			r = 'و'
		case 'ـ', 'ء':
			continue
		}
		if unicode.Is(unicode.Mn, r) || r >= 0x200b && r <= 0x200f {
			continue
		}
		for r >= utf8.RuneSelf {
			h = (h ^ uint64(r&0xff)) * fnvPrime
			r >>= 8
		}
		h = (h ^ uint64(r)) * fnvPrime
	}
	return h
}
