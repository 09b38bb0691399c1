package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxSentence is the longest sentence in tokens; longer ones come in pieces.
const maxSentence = 400

// AppendSentences appends the sentences of s to dst, in order, as byte ranges
// from their first to their last token; toks are the tokens of s, as
// AppendTokens gives them. Every token lies in exactly one sentence.
//
// A sentence ends at a full stop, question or exclamation mark (of any script)
// with the quotes and brackets that close behind it, unless a lower-case word
// follows; at an empty line; and at a line end after which nothing hints that
// the line goes on. An abbreviation such as "U.S." ends one only before a word
// that usually begins one.
func AppendSentences(dst []Span, s string, toks []Token) []Span {
	first := 0
	for i := range toks {
		if i+1 < len(toks) && i-first+1 < maxSentence && !endsAt(s, toks, first, i) {
			continue
		}
		dst = append(dst, Span{toks[first].Start, toks[i].End})
		first = i + 1
	}
	return dst
}

// endsAt reports whether a sentence that began at token first ends with i.
func endsAt(s string, toks []Token, first, i int) bool {
	t, next := toks[i], toks[i+1]
	between := s[t.End:next.Start]
	if n := strings.Count(between, "\n"); n > 1 {
		return true
	} else if n == 1 && lineEnds(s, toks, first, i) {
		return true
	}
	// Step back over what closes behind the stop.
	j := i
	for j > first && closes(s, toks[j]) && toks[j-1].End == toks[j].Start {
		j--
	}
	last := s[toks[j].Start:toks[j].End]
	switch {
	case toks[j].Kind == Word && strings.HasSuffix(last, "."):
		return between != "" && starts(s, next)
	case toks[j].Kind != Punct || !stops(last):
		return false
	}
	r, _ := utf8.DecodeRuneInString(s[next.Start:])
	if wide := last[0] >= utf8.RuneSelf && last != "…"; wide {
		return !closes(s, next)
	}
	if between == "" {
		// "Monday.The" and "«Oui.»": glued, but not "3.5" or ".com".
		return next.Kind == Word && unicode.IsUpper(r) && j == i && last == "."
	}
	return !unicode.IsLower(r) && (next.Kind != Punct || !strings.ContainsRune(",;:)]-–", r))
}

// lineEnds decides whether the single line end behind token i ends a sentence:
// not in hard-wrapped prose, where a long line breaks before any word.
func lineEnds(s string, toks []Token, first, i int) bool {
	if stops(s[toks[i].Start:toks[i].End]) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s[toks[i+1].Start:])
	if unicode.IsLower(r) || s[toks[i].Start] == ',' {
		return false
	}
	lineStart := strings.LastIndexByte(s[toks[first].Start:toks[i].End], '\n') + 1 + int(toks[first].Start)
	length := int(toks[i].End) - lineStart
	return length < 50 || length > 100
}

// stops reports whether a token is a mark that ends sentences.
func stops(mark string) bool {
	switch r, _ := utf8.DecodeRuneInString(mark); r {
	case '.', '!', '?', '…', '。', '！', '？', '．', '｡', '।', '॥', '؟', '۔', '։', '።', '၊', '။', '។', '‼', '⁇', '⁈', '⁉':
		return true
	}
	return false
}

// closes reports whether a token closes a quotation or bracket.
func closes(s string, t Token) bool {
	switch r, _ := utf8.DecodeRuneInString(s[t.Start:t.End]); r {
	case '”', '’', '»', ')', ']', '}', '」', '』', '）', '›', '】':
		return true
	case '"', '\'', '“':
		return true
	}
	return false
}

// starts reports whether a token is a word with which sentences like to begin.
func starts(s string, t Token) bool {
	r, _ := utf8.DecodeRuneInString(s[t.Start:])
	return unicode.IsUpper(r) && inList(starters, s[t.Start:t.End])
}

const starters = " the a an in on at it its he she they we i but and as for if this that these those there his her their when while after before since because however what who why how so to by with some many most one no not you our "
