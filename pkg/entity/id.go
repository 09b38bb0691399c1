package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxID is the length cap of an entity id in bytes, without its prefix.
const maxID = 80

var idPrefix = [...]string{"", "per/", "org/", "loc/"}

// ID returns the entity id of a canonical name, such as per/vladimir-putin:
// NFKC, lower case, letters and digits of any script kept, everything else one
// hyphen, at most 80 bytes after the prefix, cut at a rune border. It is empty
// where the name holds no letter and no digit.
func ID(kind Kind, name string) string {
	if int(kind) >= len(idPrefix) || kind == None {
		return ""
	}
	if len(name) > 8*maxID {
		name = strings.ToValidUTF8(name[:8*maxID], "")
	}
	name = norm.NFKC.String(name)
	var b strings.Builder
	b.WriteString(idPrefix[kind])
	empty := b.Len()
	gap := false
	for _, r := range name {
		switch {
		case r == '\'' || r == '’' || r == 'ʼ' || r == '.':
			// "O'Brien" and "U.S." stay one word.
			continue
		case r == utf8.RuneError, !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r):
			gap = b.Len() > empty
			continue
		}
		r = unicode.ToLower(r)
		n := utf8.RuneLen(r)
		if gap {
			n++
		}
		if b.Len()-empty+n > maxID {
			break
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteRune(r)
	}
	if b.Len() == empty {
		return ""
	}
	return b.String()
}
