package watch

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is one word of a text as it is compared.
type word struct {
	start, end int32  // bytes; a possessive ending stands outside
	key        uint64 // of the folded letters
	joined     uint64 // the same with its possessive ending; 0: it has none
	shape      shape
	gap        gap // to the word before
	letters    uint8
}

// shape is how a word is written.
type shape uint8

const (
	firstUpper shape = 1 << iota
	anyUpper
	anyLower
	pluralTail // capitals, and a small s at the end
)

// gap is what stands between two words.
type gap uint8

const (
	joint  gap = iota // blanks, a hyphen, nothing
	dotted            // the full stop of an abbreviation
	broken            // punctuation
	parted            // an empty line, or too much to be one name
)

// Keys are FNV-1a hashes of folded bytes.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func keyOf(folded string) uint64 {
	h := uint64(fnvOffset)
	for i := 0; i < len(folded); i++ {
		h = (h ^ uint64(folded[i])) * fnvPrime
	}
	return h
}

func extend[T string | []byte](h uint64, b T) uint64 {
	for i := 0; i < len(b); i++ {
		h = (h ^ uint64(b[i])) * fnvPrime
	}
	return h
}

// scanner finds the words of texts; its buffer is kept from text to text.
type scanner struct{ buf []byte }

// maxGap is how many marks of punctuation may stand inside a name.
const maxGap = 4

// scan appends the words of s.
func (c *scanner) scan(dst []word, s string) []word {
	dst, _ = c.part(dst, s, 0, len(s), len(s))
	return dst
}

// part appends the words of s that begin at byte i and before byte to, at most
// so many, and gives where the next one may begin. Where i lies behind a word
// or at a blank the words are those of the whole.
func (c *scanner) part(dst []word, s string, i, to, most int) ([]word, int) {
	first := len(dst)
	between, lines, marks := joint, 0, 0
	for i < to && len(dst)-first < most {
		r, n := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		k := classOf(r)
		if r == utf8.RuneError && n == 1 {
			k = other
		}
		switch k {
		case letter, single, symbol:
			w := c.word(s, i, k)
			w.gap = between
			if lines > 1 || marks > maxGap {
				w.gap = parted
			}
			between, lines, marks = joint, 0, 0
			dst = append(dst, w)
			// A possessive ending, or the apostrophe of an elision, lies behind it.
			i = max(int(w.end), i+n)
			if w.joined != 0 {
				i = c.pastEnding(s, i)
			}
			continue
		case blank:
			if r == '\n' || r == '\u2029' {
				lines++
			}
		case other:
			marks++
			if r == '.' && len(dst) > first && int(dst[len(dst)-1].end) == i && abbreviated(s, &dst[len(dst)-1]) {
				between = max(between, dotted)
			} else {
				between = broken
			}
		}
		i += n
	}
	return dst, i
}

// abbreviated tells whether the full stop behind a word may belong to it.
func abbreviated(s string, w *word) bool {
	if w.letters <= 2 {
		return true
	}
	if w.letters > 4 {
		return false
	}
	switch s[w.start:w.end] {
	case "Mrs", "Gen", "Gov", "Sen", "Rep", "Col", "Sgt", "Maj", "Adm", "Rev", "Hon", "Prof", "Capt", "Dipl", "Ing", "Bros", "Corp", "Inc", "Ltd", "Sra", "Mme":
		return true
	}
	return false
}

// word reads the word that begins at byte i.
func (c *scanner) word(s string, i int, k class) word {
	w := word{start: int32(i), key: fnvOffset}
	var group uint8
	decomposed := false
	at := i
	if k == letter {
		for ; at < len(s); at++ { // most words end here
			c := asciiFold[s[at]]
			if c == 0 {
				break
			}
			if c != s[at] {
				w.upper()
			} else if c >= 'a' {
				w.lower(c)
			}
			w.key = (w.key ^ uint64(c)) * fnvPrime
			w.count()
		}
	}
	for at < len(s) {
		b := s[at]
		if b < utf8.RuneSelf {
			switch cl := asciiClass[b]; {
			case cl == letter && k == letter && group == 0:
				if 'A' <= b && b <= 'Z' {
					w.upper()
					b += 'a' - 'A'
				} else if b >= 'a' {
					w.lower(b)
				}
				w.key = (w.key ^ uint64(b)) * fnvPrime
				w.count()
				at++
				continue
			case cl == symbol && at == i:
				w.key, w.letters = (w.key^uint64(b))*fnvPrime, 1
				at++
			case cl == apostrophe && at > i && k == letter && group == 0:
				if next, more := c.apostrophe(s, at, 1, &w); more {
					at = next
					continue
				}
			case b == '.' && k == letter && w.letters > 0 && initials(s, i, at):
				at++
				continue
			}
			break
		}
		r, n := utf8.DecodeRuneInString(s[at:])
		cl := classOf(r)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if cl == unseen && at > i {
			at += n
			continue
		}
		if cl == apostrophe && at > i && k == letter && group == 0 {
			if next, more := c.apostrophe(s, at, n, &w); more {
				at = next
				continue
			}
			break
		}
		if at > i && (cl != letter || k == symbol || k == single && !unicode.IsMark(r)) {
			break
		}
		if g := block(r); at == i {
			group = g
		} else if g != group && !unicode.IsMark(r) {
			break
		}
		decomposed = decomposed || jamo(r)
		if unicode.IsUpper(r) || unicode.IsTitle(r) {
			w.upper()
		} else if unicode.IsLower(r) {
			w.lower(0)
		}
		c.buf = appendFold(c.buf[:0], r)
		if r == 0x306 { // may belong to the letter before
			c.buf = foldString(c.buf[:0], s[i:at+n])
			w.key = fnvOffset
		}
		w.key = extend(w.key, c.buf)
		if !unicode.IsMark(r) {
			w.count()
		}
		at += n
	}
	if decomposed {
		c.buf = foldString(c.buf[:0], norm.NFC.String(s[i:at]))
		w.key = extend(fnvOffset, c.buf)
	}
	for at > i && s[at-1] >= utf8.RuneSelf { // joiners at its end are not part of it
		r, n := utf8.DecodeLastRuneInString(s[i:at])
		if !ignorable(r) || r == utf8.RuneError {
			break
		}
		at -= n
	}
	w.end = int32(at)
	return w
}

// foldString folds the letters of a word.
func foldString(dst []byte, s string) []byte {
	for _, r := range s {
		switch classOf(r) {
		case letter, single, symbol:
			dst = appendFold(dst, r)
		}
	}
	return dst
}

func (w *word) count() {
	if w.letters < 255 {
		w.letters++
	}
}

func (w *word) upper() {
	if w.letters == 0 {
		w.shape |= firstUpper
	}
	w.shape = w.shape&^pluralTail | anyUpper
}

func (w *word) lower(b byte) {
	if b == 's' && w.shape&(anyLower|anyUpper) == anyUpper && w.letters > 1 {
		w.shape |= pluralTail
	} else {
		w.shape &^= pluralTail
	}
	w.shape |= anyLower
}

// initials tells whether the full stop at byte dot goes on single letters, as
// in "U.S." and "J.K.".
func initials(s string, start, dot int) bool {
	_, n := utf8.DecodeLastRuneInString(s[start:dot])
	if dot-n != start && s[dot-n-1] != '.' {
		return false // more than one letter before it
	}
	r, n := utf8.DecodeRuneInString(s[dot+1:])
	if !unicode.IsLetter(r) {
		return dot-n != start // the last one of several
	}
	if dot+1+n == len(s) {
		return true
	}
	after, _ := utf8.DecodeRuneInString(s[dot+1+n:])
	return !unicode.IsLetter(after) && !unicode.IsMark(after) && !unicode.IsDigit(after)
}

// elided are the words that lose their last letter before a name.
var elided = map[string]bool{"l": true, "d": true, "dell": true, "nell": true, "all": true, "dall": true, "sull": true, "un": true, "qu": true, "j": true,
	"c": true, "n": true, "s": true, "m": true, "t": true, "jusqu": true, "lorsqu": true, "puisqu": true, "quell": true, "sant": true}

// apostrophe decides what one at byte at is: inside a name ("O'Brien"), then
// the word goes on behind it; before an ending ("Hartwell's", "NATO'nun"),
// which is noted; or behind an article ("l'Élysée").
func (c *scanner) apostrophe(s string, at, size int, w *word) (next int, more bool) {
	end, low := at+size, true
	letters := 0
	for end < len(s) {
		r, n := utf8.DecodeRuneInString(s[end:])
		if classOf(r) != letter || r == utf8.RuneError {
			break
		}
		low = low && !unicode.IsUpper(r)
		letters++
		end += n
	}
	tail := s[at+size : end]
	switch {
	case letters == 0:
		return 0, false
	case tail == "s" || tail == "S":
		w.joined = (w.key ^ 's') * fnvPrime
		return 0, false
	}
	c.buf = foldString(c.buf[:0], s[w.start:at])
	if elided[string(c.buf)] && !(string(c.buf) == "d" && low) {
		return 0, false
	}
	if w.letters >= 3 && low && letters <= 5 {
		c.buf = foldString(c.buf[:0], tail)
		w.joined = extend(w.key, c.buf)
		return 0, false
	}
	return at + size, true
}

// pastEnding skips the ending of a word.
func (c *scanner) pastEnding(s string, i int) int {
	_, n := utf8.DecodeRuneInString(s[i:])
	for i += n; i < len(s); i += n {
		var r rune
		if r, n = utf8.DecodeRuneInString(s[i:]); classOf(r) != letter || r == utf8.RuneError {
			break
		}
	}
	return i
}

// phraseWord is one word of a name or term.
type phraseWord struct {
	folded string
	text   string // composed, as written
	shape  shape
	gap    gap
	prefix bool // any word that begins so
}

// minPrefix is how many folded bytes a word before * has at least.
const minPrefix = 3

// phrase reads a name or term.
func phrase(s string) []phraseWord {
	var c scanner
	ws := c.scan(nil, s)
	out := make([]phraseWord, len(ws))
	for i, w := range ws {
		end := int(w.end)
		if w.joined != 0 {
			end = c.pastEnding(s, end)
		}
		text := s[w.start:end]
		out[i] = phraseWord{folded: string(foldString(nil, norm.NFC.String(text))), text: written(text), shape: w.shape, gap: w.gap, prefix: end < len(s) && s[end] == '*'}
	}
	return out
}

// written gives a word as it is compared letter for letter.
func written(s string) string {
	var b []rune
	for _, r := range norm.NFC.String(s) {
		switch classOf(r) {
		case letter, single, symbol:
			b = append(b, r)
		case apostrophe:
			b = append(b, '\'')
		}
	}
	return string(b)
}
