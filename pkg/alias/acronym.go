package alias

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// bounds of an acronym, in letters and digits.
const (
	minAcronym = 2
	maxAcronym = 8
)

// isAcronym tells whether s is written like an acronym: capitals, digits, an
// ampersand, at most one small letter ("UNHCR", "R&D", "MoD"), full stops aside.
func isAcronym(s string) bool {
	caps, low, n := 0, 0, 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			caps++
			n++
		case unicode.IsLower(r):
			low++
			n++
		case unicode.IsDigit(r) || r == '&':
			n++
		case r == '.':
		default:
			return false
		}
	}
	return caps >= 2 && low <= 1 && n >= minAcronym && n <= maxAcronym && caps > low
}

// abbreviates tells whether an acronym can stand for a name: its letters are
// found in it from the end to the beginning, the first one at the beginning of
// the first word (Schwartz and Hearst 2003), and of the name's capitals no more
// than one in six is passed over.
func abbreviates(acronym, name string) bool {
	a := []rune(strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(acronym, ".", ""), "&", "")))
	words := strings.FieldsFunc(strings.TrimPrefix(strings.TrimPrefix(name, "the "), "The "), func(r rune) bool { return r == ' ' || r == '-' || r == '\u00a0' || r == '\n' })
	if len(words) < 2 || len(a) < 2 || strings.Contains(name, acronym) {
		return false
	}
	l := []rune(strings.ToLower(strings.Join(words, " ")))
	i, j := len(a)-1, len(l)-1
	for ; i >= 0; i-- {
		for j >= 0 && (l[j] != a[i] || i == 0 && j > 0) {
			if i == 0 && j > 0 {
				j = 0 // the first letter begins the name
				continue
			}
			j--
		}
		if j < 0 {
			return false
		}
		j--
	}
	caps, used := 0, 0
	k := 0
	for _, w := range words {
		r, _ := utf8.DecodeRuneInString(w)
		if !unicode.IsUpper(r) {
			continue
		}
		caps++
		for x := k; x < len(a); x++ {
			if a[x] == unicode.ToLower(r) {
				used++
				k = x + 1
				break
			}
		}
	}
	return used >= 2 && 6*(caps-used) <= caps
}

// bracketed gives what stands in the brackets that begin at most one blank
// behind byte at, and where they end.
func bracketed(text string, at int) string {
	rest := strings.TrimPrefix(text[at:], " ")
	if len(rest) < 4 || rest[0] != '(' {
		return ""
	}
	end := strings.IndexByte(rest[:min(len(rest), 24)], ')')
	if end < 0 {
		return ""
	}
	in := rest[1:end]
	for _, sep := range []string{",", ";", " or ", " – "} { // "(NGB, in Norlandic)"
		in, _, _ = strings.Cut(in, sep)
	}
	return strings.Trim(in, " \"'“”‘’")
}

// beforeBracket gives the word that stands before the bracket in which byte at
// is first.
func beforeBracket(text string, at int) string {
	head := text[:at]
	for _, q := range []string{"\"", "“", "the "} {
		head = strings.TrimSuffix(head, q)
	}
	if !strings.HasSuffix(head, "(") {
		return ""
	}
	head = strings.TrimRight(strings.TrimSuffix(head, "("), " ")
	i := strings.LastIndexAny(head, " \n\t(“\"'‘") + 1
	if i > 0 {
		_, n := utf8.DecodeRuneInString(head[i-1:])
		i += n - 1
	}
	return head[i:]
}
