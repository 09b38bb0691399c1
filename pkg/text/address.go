package text

import (
	"strings"
	"unicode/utf8"
)

// url gives the end of an address whose scheme is the word at [start, end),
// else 0.
func (t *tokenizer) url(start, end int) int {
	if end-start > 5 || !strings.HasPrefix(t.s[end:], "://") {
		return 0
	}
	switch lowerASCII(t.s[start:end]) {
	case "http", "https", "ftp":
	default:
		return 0
	}
	from := end + len("://")
	to := from
	for to < len(t.s) && t.s[to] > ' ' && t.s[to] < 0x7f && strings.IndexByte("<>\"`{}|\\^", t.s[to]) < 0 {
		to++
	}
	// Closing punctuation belongs to the sentence.
	for to > from && strings.IndexByte(".,;:!?'()[]*_", t.s[to-1]) >= 0 {
		to--
	}
	if to == from {
		return 0
	}
	return to
}

// email gives the end of the host at from, else 0.
func (t *tokenizer) email(from int) int {
	to, dot := from, false
	for to < len(t.s) {
		c := t.s[to]
		if c == '.' && to > from {
			dot = true
		} else if !isASCIILetter(c) && !isDigit(c) && c != '-' {
			break
		}
		to++
	}
	for to > from && (t.s[to-1] == '.' || t.s[to-1] == '-') {
		to--
	}
	if !dot || strings.IndexByte(t.s[from:to], '.') < 0 || to < len(t.s) && t.s[to] >= utf8.RuneSelf {
		return 0
	}
	return to
}
