package text

import (
	"unicode"
	"unicode/utf8"
)

// script is a script of the table below.
type script struct {
	table *unicode.RangeTable
	code  string // the one language of the script, "" where there are several
	voted bool   // languages of the script are told apart by their words
}

const (
	latinScript = iota
	cyrillicScript
	hanScript
	kanaScript
	hangulScript
)

var scripts = [...]script{
	latinScript:    {unicode.Latin, "", true},
	cyrillicScript: {unicode.Cyrillic, "", true},
	hanScript:      {unicode.Han, "zh", false},
	kanaScript:     {unicode.Hiragana, "ja", false},
	hangulScript:   {unicode.Hangul, "ko", false},
	{unicode.Arabic, "", true},
	{unicode.Devanagari, "", true},
	{unicode.Greek, "el", false},
	{unicode.Hebrew, "he", false},
	{unicode.Thai, "th", false},
	{unicode.Bengali, "bn", false},
	{unicode.Tamil, "ta", false},
	{unicode.Telugu, "te", false},
	{unicode.Gujarati, "gu", false},
	{unicode.Gurmukhi, "pa", false},
	{unicode.Kannada, "kn", false},
	{unicode.Malayalam, "ml", false},
	{unicode.Oriya, "or", false},
	{unicode.Sinhala, "si", false},
	{unicode.Myanmar, "my", false},
	{unicode.Khmer, "km", false},
	{unicode.Lao, "lo", false},
	{unicode.Georgian, "ka", false},
	{unicode.Armenian, "hy", false},
	{unicode.Ethiopic, "am", false},
}

// mainScript gives the script of most letters of s, and how many they are. A
// Han text with some kana among it is Japanese.
func mainScript(s string) (script, int) {
	var counts [len(scripts)]int
	last := latinScript
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if isASCIILetter(c) {
				counts[latinScript]++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if !unicode.IsLetter(r) {
			continue
		}
		if unicode.Is(scripts[last].table, r) {
			counts[last]++
			continue
		}
		if unicode.Is(unicode.Katakana, r) {
			counts[kanaScript]++
			continue
		}
		for k := range scripts {
			if unicode.Is(scripts[k].table, r) {
				counts[k]++
				last = k
				break
			}
		}
	}
	if han, kana := counts[hanScript], counts[kanaScript]; han > 0 && kana*12 >= han+kana {
		counts[kanaScript], counts[hanScript] = han+kana, 0
	}
	// A CJK character says what several Latin letters say.
	counts[hanScript] *= 2
	counts[kanaScript] *= 2
	counts[hangulScript] *= 2
	best := 0
	for k := range counts {
		if counts[k] > counts[best] {
			best = k
		}
	}
	return scripts[best], counts[best]
}
