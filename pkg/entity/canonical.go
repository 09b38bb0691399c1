package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxName bounds the name of an entity in bytes.
const maxName = 4 * maxID

// LearnedID returns the id and the name of an entity that the tables do not
// hold, from one written form of its name and nothing else, so that any two
// processes agree. Forms that differ only in case, in the accents of Latin
// letters, in white space, in an article, a possessive or an honorific, or, for
// persons, in initials in the middle, give one id; the name keeps the accents
// and small letters of the form at hand. The id is empty for None alone.
func LearnedID(kind Kind, surface string) (id, name string) {
	name = strings.ToValidUTF8(surface[:min(len(surface), 4*maxName)], "")
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	name = strings.Trim(name, " .,;:\"“”„«»()[]")
	if len(name) > maxName {
		name = strings.ToValidUTF8(name[:maxName], "")
	}
	for _, s := range []string{"'s", "’s", "'S", "’S", "'", "’"} {
		if n := len(name) - len(s); n > 1 && name[n:] == s {
			name = name[:n]
			break
		}
	}
	if kind == PER {
		name = bareName(unbracketed(name))
	} else if len(name) > 4 && strings.EqualFold(name[:4], "the ") {
		name = name[4:]
	}
	if strings.IndexByte(name, ' ') >= 0 && name == strings.ToUpper(name) {
		name = recase(name)
	}
	if id = ID(kind, unaccented(name)); id == "" {
		id = ID(kind, "x "+surface)
	}
	return id, name
}

// unbracketed takes an editor's bracket out of a name that holds one half of it:
// "Barack] Obama".
func unbracketed(name string) string {
	if strings.Count(name, "(") == strings.Count(name, ")") && strings.Count(name, "[") == strings.Count(name, "]") {
		return name
	}
	return strings.Join(strings.Fields(brackets.Replace(name)), " ")
}

var brackets = strings.NewReplacer("(", "", ")", "", "[", "", "]", "")

// bareName drops honorifics before a person's name and initials inside it.
func bareName(name string) string {
	f := strings.Fields(name)
	for len(f) > 1 && honorific(f[0]) {
		f = f[1:]
	}
	if len(f) > 2 {
		kept := f[:1:1]
		for _, w := range f[1 : len(f)-1] {
			if r, n := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) || w[n:] != "." && w[n:] != "" {
				kept = append(kept, w)
			}
		}
		f = append(kept, f[len(f)-1])
	}
	return strings.Join(f, " ")
}

// honorific says whether a word before a name is no part of it.
func honorific(w string) bool {
	switch strings.ToLower(strings.TrimSuffix(w, ".")) {
	case "mr", "mister", "sheik", "sheikh", "shaikh", "ayatollah", "mullah", "mrs", "ms", "miss", "dr", "prof", "sir", "dame", "sen", "rep", "gov", "gen", "lt", "col", "capt", "maj", "sgt", "rev", "hon",
		"president", "senator", "governor", "general", "colonel", "minister", "secretary", "judge", "justice", "professor":
		return true
	}
	return false
}

// unaccented drops the accents of Latin letters; those of other scripts tell
// letters apart ("й") and stay.
func unaccented(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < utf8.RuneSelf
	}
	if ascii {
		return s
	}
	var b strings.Builder
	latin := false
	for _, r := range norm.NFD.String(s) {
		if unicode.Is(unicode.Mn, r) {
			if latin {
				continue
			}
		} else {
			latin = unicode.Is(unicode.Latin, r)
		}
		switch r {
		case 'ß':
			b.WriteString("ss")
		case 'ø', 'Ø':
			b.WriteByte('o')
		case 'ł', 'Ł':
			b.WriteByte('l')
		case 'đ', 'Đ', 'ð', 'Ð':
			b.WriteByte('d')
		case 'æ', 'Æ':
			b.WriteString("ae")
		case 'œ', 'Œ':
			b.WriteString("oe")
		case 'ı':
			b.WriteByte('i')
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// recase writes a name of capitals as names are written.
func recase(s string) string {
	up := true
	return strings.Map(func(r rune) rune {
		out := unicode.ToLower(r)
		if up {
			out = r
		}
		up = !unicode.IsLetter(r) && r != '\'' && r != '’'
		return out
	}, s)
}
