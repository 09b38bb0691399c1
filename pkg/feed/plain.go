package feed

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plainLine gives the text of a title: markup stripped, entities decoded (also
// those that were encoded twice), white space folded. A tag is taken for
// markup only where HTML knows its name, so that "a < b" and "<3" stay.
func plainLine(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return foldSpace(s)
	}
	s = stripTags(s)
	if strings.IndexByte(s, '&') < 0 {
		return foldSpace(s)
	}
	s = unescape(s)
	// Markup that had been encoded twice shows up only now. One tag alone is
	// rather a title about HTML; a closing tag gives markup away.
	if strings.Contains(s, "</") {
		s = stripTags(s)
	}
	return foldSpace(unescape(s))
}

// unescape decodes entities that end in a semicolon. The forms without one,
// which browsers accept, would turn "R&notes" into "R¬es".
func unescape(s string) string {
	i := strings.IndexByte(s, '&')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i:]
		end := strings.IndexByte(s[:min(len(s), maxEntity)], ';')
		if end < 2 || strings.ContainsAny(s[1:end], " &<\t\r\n") {
			b.WriteByte('&')
			s = s[1:]
		} else {
			b.WriteString(html.UnescapeString(s[:end+1]))
			s = s[end+1:]
		}
		i = strings.IndexByte(s, '&')
	}
	b.WriteString(s)
	return b.String()
}

const maxEntity = 40

// stripTags removes HTML tags and comments. Tags that part words in a browser
// leave a space behind.
func stripTags(s string) string {
	i := strings.IndexByte(s, '<')
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for i >= 0 {
		b.WriteString(s[:i])
		s = s[i:]
		n, block := tagLen(s)
		if n == 0 {
			b.WriteByte('<')
			n = 1
		} else if block {
			b.WriteByte(' ')
		}
		s = s[n:]
		i = strings.IndexByte(s, '<')
	}
	b.WriteString(s)
	return b.String()
}

// tagLen gives the length of the tag or comment at the start of s, 0 where
// there is none, and whether it parts words.
func tagLen(s string) (n int, block bool) {
	if strings.HasPrefix(s, "<!--") {
		if end := strings.Index(s, "-->"); end >= 0 {
			return end + 3, false
		}
		return 0, false
	}
	i := 1
	if i < len(s) && s[i] == '/' {
		i++
	}
	start := i
	for i < len(s) && isAlnum(s[i]) {
		i++
	}
	if i == start || i-start > 12 || i >= len(s) || (s[i] != '>' && s[i] != '/' && s[i] > ' ') {
		return 0, false
	}
	kind, known := htmlTags[strings.ToLower(s[start:i])]
	if !known {
		return 0, false
	}
	end := strings.IndexByte(s[i:], '>')
	if end < 0 {
		return 0, false
	}
	return i + end + 1, kind
}

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// htmlTags are the elements seen in titles; true where they part words.
var htmlTags = func() map[string]bool {
	m := make(map[string]bool)
	for _, t := range strings.Fields("a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark q s samp small span strike strong sub sup time tt u var wbr nobr picture source label") {
		m[t] = false
	}
	for _, t := range strings.Fields("address article aside audio blockquote br button center dd details div dl dt embed figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr iframe img input li main nav noscript object ol p pre script section style summary svg table tbody td tfoot th thead tr ul video") {
		m[t] = true
	}
	return m
}()

// foldSpace trims s and makes each run of white space one space. Control
// characters, zero-width marks, what turns the direction of writing around
// and what is no character go: they make a title look like another one.
func foldSpace(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= 0x80 || c < ' ' || c == 0x7f || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for i, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = b.Len() > 0
			continue
		case unicode.IsControl(r), r == '\ufeff', r == '\u200b', r == '\u00ad', r == utf8.RuneError && s[i] != 0xef, r&0xfffe == 0xfffe,
			r >= 0x202a && r <= 0x202e, r >= 0x2060 && r <= 0x206f, r >= 0xfff9 && r <= 0xfffb, r >= 0xfdd0 && r <= 0xfdef:
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
