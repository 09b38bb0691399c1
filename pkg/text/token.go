package text

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// TokenKind is the class of a token.
type TokenKind uint8

// The kinds of tokens.
const (
	Word    TokenKind = iota + 1 // begins with a letter, a mark or an underscore
	Number                       // begins with a digit: 1,000.50 10am 2nd
	Punct                        // punctuation; a run of the same sign is one token
	Symbol                       // everything else: currency, emoji, arithmetic
	Address                      // URL or e-mail address
	Handle                       // @name or #tag
)

// Token is the half-open byte range [Start, End) of a text.
type Token struct {
	Start, End int32
	Kind       TokenKind
}

// maxToken is the longest token in bytes; longer ones come in pieces.
const maxToken = 256

// AppendTokens appends the tokens of s to dst, in order, without overlap, each
// at least one byte long; white space belongs to none. Texts are cut at 2 GiB.
//
// Words are those of Unicode Standard Annex 29, changed to what names in news
// need:
//   - the period of "U.S.", "Mr." and "George W. Bush" belongs to the word, but
//     "Monday.The" is two words and a period;
//   - a possessive 's is a token of its own; O'Brien, Sana'a and don't are one;
//   - AT&T is one token, and so are al-Assad, Jean-Claude, Ki-moon, COVID-19 and
//     well-known, while Trump-era, US-led and Russia-Ukraine fall apart at the
//     hyphen, since each side may be a name (only white space and kind tell
//     glued tokens from parted ones: compare End with the next Start);
//   - addresses, @names and #tags are one token each.
//
// Scripts that do not part words (Han, Kana, Thai) give one token a character
// or run, as the Annex does without a dictionary.
func AppendTokens(dst []Token, s string) []Token {
	if len(s) > maxOffset {
		s = s[:maxOffset]
	}
	t := tokenizer{s: s, dst: dst, base: len(dst)}
	it := words.FromString(s)
	for it.Next() {
		start, end := it.Start(), it.End()
		if end <= t.skipTo {
			continue // inside an address
		}
		if start < t.skipTo {
			start = t.skipTo
		}
		t.segment(start, end)
	}
	return t.dst
}

type tokenizer struct {
	s      string
	dst    []Token
	base   int // tokens before this one are not ours
	skipTo int
}

// segment takes one UAX 29 segment.
func (t *tokenizer) segment(start, end int) {
	c := t.s[start]
	switch {
	case c < utf8.RuneSelf && asciiKind[c] == 0: // space and control
		return
	case c >= utf8.RuneSelf:
		t.unicodeSegment(start, end)
	case asciiKind[c] == Word || asciiKind[c] == Number:
		t.word(start, end, asciiKind[c])
	default:
		t.sign(start, end, asciiKind[c])
	}
}

func (t *tokenizer) unicodeSegment(start, end int) {
	r, _ := utf8.DecodeRuneInString(t.s[start:])
	switch {
	case unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Mc, r):
		t.word(start, end, Word)
	case unicode.IsDigit(r):
		t.word(start, end, Number)
	case unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
	case unicode.IsPunct(r):
		t.sign(start, end, Punct)
	default:
		t.push(start, end, Symbol)
	}
}

func (t *tokenizer) push(start, end int, kind TokenKind) {
	for end-start > maxToken {
		at := runeStart(t.s, start+maxToken)
		t.dst = append(t.dst, Token{int32(start), int32(at), kind})
		start = at
	}
	if end > start {
		t.dst = append(t.dst, Token{int32(start), int32(end), kind})
	}
}

// glued gives the last token if it ends where start begins.
func (t *tokenizer) glued(start int) *Token {
	if n := len(t.dst); n > t.base && int(t.dst[n-1].End) == start {
		return &t.dst[n-1]
	}
	return nil
}

func (t *tokenizer) word(start, end int, kind TokenKind) {
	if last := t.glued(start); last != nil {
		if t.join(last, start, end) {
			return
		}
	} else if end < len(t.s) && t.s[end] == ':' {
		if to := t.url(start, end); to > 0 {
			t.address(start, to)
			return
		}
	}
	if kind == Word && end < len(t.s) && t.s[end] == '@' {
		if to := t.email(end + 1); to > 0 {
			t.address(start, to)
			return
		}
	}
	// A segment may hold periods, colons and apostrophes; most hold none.
	from := start
	for i := start + 1; i < end; i++ {
		switch t.s[i] {
		case '.':
			if t.runTogether(from, i, end) {
				t.push(from, i, kind)
				t.push(i, i+1, Punct)
				from, kind = i+1, Word
			}
		case ':':
			// Swedish and Finnish inflect acronyms so: EU:s, USA:n.
			if end-i > 4 || kind == Number || !unicode.IsLower(rune(t.s[i+1])) {
				t.push(from, i, kind)
				t.push(i, i+1, Punct)
				from, kind = i+1, Word
			}
		}
	}
	if cutAt := t.possessive(from, end); cutAt > from {
		t.push(from, cutAt, kind)
		from, kind = cutAt, Word
	}
	t.push(from, end, kind)
}

func (t *tokenizer) address(start, end int) {
	t.push(start, end, Address)
	t.skipTo = end
}

// possessive gives the offset of a closing 's, or -1.
func (t *tokenizer) possessive(start, end int) int {
	if end-start < 3 || t.s[end-1]|0x20 != 's' {
		return -1
	}
	if t.s[end-2] == '\'' {
		return end - 2
	}
	if n := end - 1 - len("’"); n > start && t.s[n:end-1] == "’" {
		return n
	}
	return -1
}

// runTogether reports whether the period at i ends a sentence that the next
// one follows without a space: "Monday.The".
func (t *tokenizer) runTogether(from, i, end int) bool {
	if i-from < 2 || end-i < 3 {
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(t.s[from:i])
	if !unicode.IsLower(before) {
		return false
	}
	after, n := utf8.DecodeRuneInString(t.s[i+1:])
	if !unicode.IsUpper(after) {
		return false
	}
	next, _ := utf8.DecodeRuneInString(t.s[i+1+n:])
	return unicode.IsLower(next) || i-from > 3 && unicode.IsUpper(next)
}

// join lets a word at [start, end) grow the token before it.
func (t *tokenizer) join(last *Token, start, end int) bool {
	n := len(t.dst)
	if end-start == 1 && t.s[start]|0x20 == 's' && n-1 > t.base && t.dst[n-2].End == last.Start && t.dst[n-2].Kind == Word {
		if q := t.s[last.Start:last.End]; q == "'" || q == "’" { // U.S.'s
			*last = Token{last.Start, int32(end), Word}
			return true
		}
	}
	if last.End-last.Start != 1 {
		return false
	}
	switch t.s[start-1] {
	case '@', '#':
		if n-1 > t.base && t.dst[n-2].End == last.Start && t.dst[n-2].Kind != Punct {
			return false
		}
		if end-start > maxToken {
			return false
		}
		*last = Token{last.Start, int32(end), Handle}
		return true
	case '-', '&':
		if n-2 < t.base || t.dst[n-2].End != last.Start || t.dst[n-2].Kind > Number {
			return false
		}
		left := &t.dst[n-2]
		if end-int(left.Start) > maxToken || !t.compound(left, t.s[start-1], start, end) {
			return false
		}
		kind := left.Kind
		from := int(left.Start)
		t.dst = t.dst[:n-2]
		to := end
		if at := t.possessive(start, end); at > start {
			to = at
		}
		t.push(from, to, kind)
		if to < end {
			t.push(to, end, Word)
		}
		return true
	}
	return false
}

// sign takes punctuation and symbols.
func (t *tokenizer) sign(start, end int, kind TokenKind) {
	last := t.glued(start)
	if last != nil {
		if t.s[start] == '.' && last.Kind == Word && t.abbreviates(last, end) {
			last.End = int32(end)
			return
		}
		if last.Kind == kind && t.s[int(last.Start)] == t.s[start] && end-start == 1 && int(last.End-last.Start) < maxToken && repeats(t.s[start]) {
			last.End = int32(end)
			return
		}
	}
	t.push(start, end, kind)
}

// repeats tells signs of which a run is one token: "...", "--", "!!", "***".
func repeats(c byte) bool {
	switch c {
	case '.', '-', '!', '?', '*', '_', '=', '~', '#', '+', '/', '|', ',', '<', '>', '`':
		return true
	}
	return false
}

// asciiKind classifies ASCII; 0 is white space and control.
var asciiKind = func() (k [utf8.RuneSelf]TokenKind) {
	for c := byte('!'); c < 0x7f; c++ {
		switch {
		case isASCIILetter(c) || c == '_':
			k[c] = Word
		case isDigit(c):
			k[c] = Number
		case unicode.IsPunct(rune(c)):
			k[c] = Punct
		default:
			k[c] = Symbol
		}
	}
	return k
}()
