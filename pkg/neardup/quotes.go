package neardup

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a range of bytes of a text.
type span struct{ from, to int }

// minQuote is how long a quotation is at least, in bytes: shorter ones are
// titles and words held at arm's length.
const minQuote = 24

// appendQuotes appends the ranges of a text that are somebody else's words, in
// their order: between quotation marks, and posts from social media with the
// line that names their author. Reports that are independent of each other
// share them.
//
// A quotation ends with its paragraph, as typographers have it: the next
// paragraph opens it again. So a mark that is missing spoils one paragraph.
func appendQuotes(dst []span, text string) []span {
	for from := 0; from < len(text); {
		to := len(text)
		if i := strings.Index(text[from:], "\n\n"); i >= 0 {
			to = from + i
		}
		dst = appendQuoted(dst, text, from, to)
		from = to + 2
	}
	return dst
}

// appendQuoted takes one paragraph.
func appendQuoted(dst []span, text string, from, to int) []span {
	if isPost(text[from:to]) {
		first := from
		// The author may stand in a paragraph of his own, below his words.
		if strings.HasPrefix(strings.TrimSpace(text[from:to]), "—") && from >= 2 {
			first = strings.LastIndex(text[:from-2], "\n\n") + 1
		}
		for len(dst) > 0 && dst[len(dst)-1].to > first {
			dst = dst[:len(dst)-1]
		}
		return append(dst, span{first, to})
	}
	open := -1
	var closing rune
	m := newMarks(text[:to], from)
	for {
		i := m.next()
		if i == to {
			break
		}
		r, _ := utf8.DecodeRuneInString(text[i:to])
		switch {
		case open >= 0 && r == closing:
			if i-open >= minQuote {
				dst = append(dst, span{open, i})
			}
			open = -1
		case open >= 0:
		case r == '"' && opens(text, i, to):
			open, closing = i, '"'
		case r == '“':
			open, closing = i, '”'
		case r == '„':
			open, closing = i, '“'
		case r == '«':
			open, closing = i, '»'
		}
	}
	if open >= 0 && to-open >= minQuote {
		dst = append(dst, span{open, to})
	}
	return dst
}

// marks finds the bytes with which quotation marks begin, in their order.
type marks struct {
	text string
	at   [3]int
}

var markBytes = [3]byte{'"', 0xc2, 0xe2}

func newMarks(text string, from int) marks {
	m := marks{text: text}
	for k := range m.at {
		m.at[k] = m.find(k, from)
	}
	return m
}

func (m *marks) find(k, from int) int {
	if i := strings.IndexByte(m.text[from:], markBytes[k]); i >= 0 {
		return from + i
	}
	return len(m.text)
}

// next gives the next place, the length of the text at its end.
func (m *marks) next() int {
	k := 0
	if m.at[1] < m.at[0] {
		k = 1
	}
	if m.at[2] < m.at[k] {
		k = 2
	}
	i := m.at[k]
	if i < len(m.text) {
		m.at[k] = m.find(k, i+1)
	}
	return i
}

// opens tells whether a typewriter's quotation mark begins a quotation: what
// follows is a word, and what is before is none.
func opens(text string, i, to int) bool {
	after, _ := utf8.DecodeRuneInString(text[i+1 : to])
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	return i+1 < to && !unicode.IsSpace(after) && !unicode.IsLetter(before) && !unicode.IsDigit(before)
}

// isPost knows how pages embed posts.
func isPost(paragraph string) bool {
	i := strings.Index(paragraph, "(@")
	return i >= 0 && strings.Contains(paragraph[:i], "—") || strings.Contains(paragraph, "pic.twitter.com/")
}
