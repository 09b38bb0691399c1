package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// compound reports whether left, a hyphen or ampersand, and the word at
// [start, end) are one token.
func (t *tokenizer) compound(left *Token, joint byte, start, end int) bool {
	l, r := t.s[left.Start:left.End], t.s[start:end]
	first, _ := utf8.DecodeRuneInString(l)
	next, _ := utf8.DecodeRuneInString(r)
	if joint == '&' {
		return unicode.IsUpper(first) && unicode.IsUpper(next) && len(l) <= 4
	}
	if left.Kind == Number {
		return false
	}
	switch {
	case unicode.IsDigit(next): // COVID-19, F-16, but not 19-year
		return unicode.IsUpper(first) && isAlnum(r) && len(r) <= 5
	case unicode.IsLower(first) && unicode.IsLower(next): // well-known
		return true
	case unicode.IsUpper(next):
		return inList(arabicArticles, l) || inList(compoundStarts, l)
	case unicode.IsUpper(first) && unicode.IsLower(next):
		return len(l) <= 6 && inList(koreanSyllables, r) || inList(arabicArticles, l) && !inList(suffixes, r)
	}
	return false
}

// inList looks a word of at most 8 bytes up in a list of lower-case words set
// in spaces, without case and without allocating.
func inList(list, word string) bool {
	var b [10]byte
	if len(word) > len(b)-2 {
		return false
	}
	b[0] = ' '
	n := 1
	for i := 0; i < len(word); i++ {
		c := word[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		if c == ' ' {
			return false
		}
		b[n] = c
		n++
	}
	b[n] = ' '
	return strings.Contains(list, string(b[:n+1]))
}

func isAlnum(s string) bool {
	for i := 0; i < len(s); i++ {
		if !isASCIILetter(s[i]) && !isDigit(s[i]) {
			return false
		}
	}
	return true
}

const (
	// The article and its assimilated forms, before a name.
	arabicArticles = " al el ul ad an ar as ash at az abd abu ath eth ez es er ed en "
	// First halves of given names that are written with a hyphen.
	compoundStarts = " jean marie anne ann mary pierre karl hans heinz klaus franz ernst john juan jose abd abu "
	// Second syllables of Korean given names in the romanisations of news.
	koreanSyllables = " un il in eun hui hye hee hyun hyon hyuk hyung jin jong jung joo ju jae je jun joon ki kyu kyung kyun min moon mi mo myung nam rae rim rok ryol ryong ryul sam seok sik sok song soo su suk sun sung tae taek uk um woo won wook yeon yeol yol yon yong yoon young yul yun gil geun gi gu guk gun gyu ha hak ho hoon hun hwa hwan ah bae bin bok bong bum chan cheol chol chul chun do dong duk a o sop seop shik hwi hwang kwan kwon kook koo kun pyo seo shin sil "
	// Lower-case words that make an adjective of the name before them.
	suffixes = " led era run like born made only wide based style held area "
)

// abbreviates reports whether the period at [last.End, end) belongs to the
// word before it.
func (t *tokenizer) abbreviates(last *Token, end int) bool {
	w := t.s[last.Start:last.End]
	switch {
	case isAcronym(w): // U.S + .
		return true
	case len(w) == 1 && 'A' <= w[0] && w[0] <= 'Z':
		// An initial stands before a name: "W. Bush", "J. K. Rowling", "J.R".
		rest := t.s[end:]
		rest = strings.TrimPrefix(rest, " ")
		r, _ := utf8.DecodeRuneInString(rest)
		return unicode.IsUpper(r)
	}
	if inList(" no nos art sec ", w) { // "No. 10", but "He said no."
		rest := strings.TrimPrefix(t.s[end:], " ")
		return rest != "" && isDigit(rest[0])
	}
	return inList(abbreviations, w) && (unicode.IsUpper(rune(w[0])) || inList(lowerAbbreviations, w))
}

// isAcronym knows letters parted by periods: U.S, a.m, e.g, Ph.D.
func isAcronym(w string) bool {
	dots, run := 0, 0
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case c == '.':
			if run == 0 {
				return false
			}
			dots++
			run = 0
		case isASCIILetter(c):
			if run++; run > 2 {
				return false
			}
		default:
			return false
		}
	}
	return dots > 0 && run == 1
}

const (
	// Titles, ranks, months, firms and the like, in English and its nearest
	// neighbours, whose period does not end a sentence.
	abbreviations      = " mr mrs ms dr prof sen sens rep reps gov govs gen col lt cmdr adm capt maj sgt cpl pvt brig insp supt hon rev fr sr jr st mt ft pres amb atty dist jan feb mar apr jun jul aug sept sep oct nov dec inc corp ltd co cos bros llc plc vs etc dept assn ave blvd rd approx est e.g i.e messrs mme mlle hr frau dipl ing sra srta dra cf al ca bzw vol fig ed eds "
	lowerAbbreviations = " vs etc e.g i.e approx cf al ca bzw vol fig ed eds "
)
