package entity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/text"
)

// A token is a word, a number or one punctuation mark, with all that the rules
// ask of its form.
type token struct {
	start, end int32
	key        uint64 // of the folded word, see foldKey
	word       wordClass
	form       form
	punct      byte // ASCII stand-in of a punctuation mark, 0 for words
}

type form uint16

const (
	capital    form = 1 << iota // starts with an upper-case letter
	upper                       // has two or more letters, all upper case
	inner                       // an upper-case letter inside after a lower-case one, "McCain", "eBay"
	numeric                     // holds a digit
	initial                     // one capital letter, with or without a full stop: "J.", "W"
	dotted                      // "U.S."
	glued                       // no space before
	sentence                    // first word of a sentence, heading or quotation
	breaks                      // first token of a paragraph: no name crosses into it
	headline                    // stands in a heading in Title Case: capitals say little
	shouting                    // stands in a line of capitals: they say nothing
	possessive                  // 's
)

func (t *token) is(f form) bool        { return t.form&f != 0 }
func (t *token) has(w wordClass) bool  { return t.word&w != 0 }
func (t *token) name() bool            { return t.punct == 0 && t.form&capital != 0 }
func (t *token) in(text string) string { return text[t.start:t.end] }

// A lexer turns texts into tokens with all that the rules ask of them: those
// of package text, taken apart at hyphens and ampersands, since either side may
// be a name, and at the full stops of abbreviations. It keeps scratch space.
type lexer struct {
	words *wordTable
	toks  []text.Token
	sents []text.Span
}

// lex appends the tokens of s to dst and marks sentences, paragraphs and headings.
func (l *lexer) lex(dst []token, s string) []token {
	l.toks = text.AppendTokens(l.toks[:0], s)
	l.sents = text.AppendSentences(l.sents[:0], s, l.toks)
	base, next, end := len(dst), 0, int32(0)
	from := base // of the present sentence
	var pending form
	for _, t := range l.toks {
		if next < len(l.sents) && t.Start >= l.sents[next].Start {
			markSentence(dst[from:], s)
			from = len(dst)
			next++
			pending |= sentence
			if len(dst) == base || strings.IndexByte(s[end:t.Start], '\n') >= 0 {
				pending |= breaks
			}
		}
		at := len(dst)
		dst = l.split(dst, s, t)
		if t.Start == end && at > base {
			dst[at].form |= glued
		}
		end = t.End
		dst[at].form |= pending & breaks
		pending &^= breaks
		// Marks before the first word of a sentence leave it the first; a
		// colon, a dash or a quotation mark may open one inside another.
		if t.Kind <= text.Number {
			dst[at].form |= pending
			pending = 0
		} else if opens(&dst[len(dst)-1]) {
			pending |= sentence
		}
	}
	markSentence(dst[from:], s)
	return dst
}

// opens says whether a word after this mark is written large for that alone.
func opens(t *token) bool {
	switch t.punct {
	case ':', ';', '*', '.', '!', '?':
		return true
	case '"':
		return !t.is(glued)
	}
	return false
}

// split appends the pieces of one token: one at least.
func (l *lexer) split(dst []token, s string, t text.Token) []token {
	if t.Kind > text.Number {
		r, _ := utf8.DecodeRuneInString(s[t.Start:])
		p := standIn(r)
		if t.Kind > text.Symbol {
			p = '~' // addresses and handles part names
		}
		return append(dst, token{start: t.Start, end: t.End, punct: p})
	}
	if c := s[t.Start]; t.End-t.Start <= 4 && (c == '\'' || c >= utf8.RuneSelf && strings.HasPrefix(s[t.Start:], "’")) {
		return append(dst, token{start: t.Start, end: t.End, punct: '\'', form: possessive})
	}
	start := t.Start
	for i := t.Start; i < t.End; i++ {
		if c := s[i]; (c == '-' || c == '&') && i > start && i+1 < t.End {
			dst = append(dst, l.word(s, start, i, start > t.Start), token{start: i, end: i + 1, punct: c, form: glued})
			start = i + 1
		}
	}
	w := l.word(s, start, t.End, start > t.Start)
	if s[t.End-1] == '.' && t.End-start > 2 && !w.is(dotted) {
		// "Mr.": the rules know titles and abbreviations without their full stop.
		return append(dst, l.word(s, start, t.End-1, start > t.Start), token{start: t.End - 1, end: t.End, punct: '.', form: glued})
	}
	return append(dst, w)
}

// word describes s[start:end].
func (l *lexer) word(s string, start, end int32, inside bool) token {
	t := token{start: start, end: end}
	if inside {
		t.form |= glued
	}
	letters, ups, dots, low := 0, 0, 0, false
	for i, r := range s[start:end] {
		switch {
		case r == '.':
			dots++
		case '0' <= r && r <= '9':
			t.form |= numeric
		case unicode.IsUpper(r):
			letters++
			ups++
			if i == 0 {
				t.form |= capital
			}
			if low {
				t.form |= inner
			}
		case unicode.IsLetter(r):
			letters++
			low = low || unicode.IsLower(r)
		}
	}
	if letters >= 2 && ups == letters {
		t.form |= upper
	}
	if letters == 1 && ups == 1 && !t.is(numeric) {
		t.form |= initial
	}
	if dots > 1 || dots == 1 && letters > 1 && ups == letters && s[end-1] != '.' {
		t.form |= dotted
	}
	t.key = foldKey(s[start:end])
	t.word = l.words.get(t.key)
	return t
}

// markSentence marks a heading in Title Case or in capitals, where case tells
// little.
func markSentence(s []token, from string) {
	if len(s) < 3 {
		return
	}
	var words, caps, ups, long, longLow int
	for i := range s {
		t := &s[i]
		if t.punct != 0 || t.is(numeric|possessive) {
			continue
		}
		words++
		if t.is(upper | initial) {
			ups++
		}
		if t.end-t.start >= 4 {
			long++
			if !t.is(capital) && t.in(from)[0] < utf8.RuneSelf {
				longLow++
			}
		}
		if t.is(capital) {
			caps++
		}
	}
	var mark form
	switch {
	case words >= 4 && ups*10 >= words*7:
		mark = shouting | headline
	case long >= 3 && longLow*5 <= long && caps*2 >= words && s[len(s)-1].punct != '.':
		mark = headline
	default:
		return
	}
	for i := range s {
		s[i].form |= mark
	}
}

func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// standIn maps a punctuation mark to the ASCII mark that stands for its class.
func standIn(r rune) byte {
	switch r {
	case '“', '”', '„', '«', '»', '‟':
		return '"'
	case '‘', '’', '‚', 'ʼ', '`', '´':
		return '\''
	case '–', '—', '―', '‒', '‑', '‐', '−':
		return '-'
	case '…', '。', '．':
		return '.'
	case '•', '·', '●', '▪', '*':
		return '*'
	case '，', '、', '،':
		return ','
	case '：':
		return ':'
	case '（':
		return '('
	case '）':
		return ')'
	case '？', '؟':
		return '?'
	case '！':
		return '!'
	}
	if r < utf8.RuneSelf && r > ' ' {
		return byte(r)
	}
	return '~'
}
