// Package revision tells what changed between two texts of one article, word by
// word, as people read it.
//
// Words and marks are compared, not the space between them. Words that occur
// once in both texts align them first ("patience", Bram Cohen), what stands
// between those is compared by the shortest edit script (Eugene Myers, 1986) up
// to a bound of its length; beyond it a passage counts as rewritten. So time is
// at most proportional to n·log n, memory to n, whatever the texts are.
//
// The package is pure: no clock, no I/O.
package revision

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Op says what became of a passage.
type Op byte

// Equal stands in both texts, Delete in the old one, Insert in the new one.
// Gap stands for a passage of both that an excerpt leaves out.
const (
	Equal Op = iota
	Delete
	Insert
	Gap
)

var opNames = [...]string{"equal", "delete", "insert", "gap"}

func (o Op) String() string { return opNames[o] }

// MarshalText gives the name, for JSON.
func (o Op) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// Edit is one passage, without the space around it. Words counts its words,
// marks left out.
type Edit struct {
	Op    Op     `json:"op"`
	Text  string `json:"text"`
	Words int    `json:"words"`
	// Broken: a new line or paragraph begins with it.
	Broken bool `json:"broken,omitempty"`
	// Glued: no space stands before it.
	Glued bool `json:"glued,omitempty"`
}

// token is a word or a mark; end is its first byte after, start its first.
type token struct {
	start, end int32
	word       bool
}

// tokens splits a text into words (letters, digits, and marks within them, as
// in "don't" or "3.5") and single marks.
func tokens(text string) []token {
	out := make([]token, 0, len(text)/5+1)
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRuneInString(text[i:])
		switch {
		case unicode.IsSpace(r):
			i += n
		case wordRune(r):
			start := i
			for i += n; i < len(text); {
				r, n := utf8.DecodeRuneInString(text[i:])
				if !wordRune(r) {
					next, _ := utf8.DecodeRuneInString(text[i+n:])
					if !strings.ContainsRune("'’.,-", r) || !wordRune(next) {
						break
					}
				}
				i += n
			}
			out = append(out, token{int32(start), int32(i), true})
		default:
			out = append(out, token{int32(i), int32(i + n), false})
			i += n
		}
	}
	return out
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

// Diff gives the passages by which old becomes next, in their order; a Delete
// stands before the Insert that replaces it. Equal passages are given as they
// stand in next. Two texts that differ in space alone have no change.
func Diff(old, next string) []Edit {
	a, b := tokens(old), tokens(next)
	c := &comparison{a: make([]int32, len(a)), b: make([]int32, len(b)), match: make([]int32, len(a))}
	ids := make(map[string]int32, len(a))
	id := func(s string) int32 {
		v, ok := ids[s]
		if !ok {
			v = int32(len(ids))
			ids[s] = v
		}
		return v
	}
	for i, t := range a {
		c.a[i] = id(old[t.start:t.end])
		c.match[i] = -1
	}
	for i, t := range b {
		c.b[i] = id(next[t.start:t.end])
	}
	c.count = make([]int32, 2*len(ids))
	c.compare(0, len(a), 0, len(b), 0)
	c.slide(func(inA bool, i int) bool {
		text, list := next, b
		if inA {
			text, list = old, a
		}
		if i == 0 {
			return true
		}
		end, start := list[i-1].end, list[i].start
		return strings.ContainsRune(text[end:start], '\n') || start > end && strings.Contains(".!?", text[list[i-1].start:end])
	})
	w := &writer{old: old, next: next, a: a, b: b}
	for i, j := 0, 0; i < len(a) || j < len(b); {
		switch {
		case i < len(a) && c.match[i] == int32(j):
			w.equal = append(w.equal, [2]int{i, j})
			i, j = i+1, j+1
			continue
		case i < len(a) && c.match[i] < 0:
			w.change()
			w.deleted = append(w.deleted, i)
			i++
		default:
			w.change()
			w.inserted = append(w.inserted, j)
			j++
		}
	}
	w.change()
	w.flush()
	return w.out
}

// writer makes passages of matched and unmatched tokens.
type writer struct {
	old, next         string
	a, b              []token
	deleted, inserted []int // of the change that is being written
	equal             [][2]int
	out               []Edit
}

// few equal tokens between larger changes are no resting place for an eye: they
// become part of one change.
const few = 3

// change begins or goes on with a change, after the equal tokens before it.
func (w *writer) change() {
	n := len(w.equal)
	if n == 0 {
		return
	}
	changed := max(len(w.deleted), len(w.inserted))
	if n <= few && changed > 2*n && !w.sentenceIn(w.equal) {
		for _, e := range w.equal {
			w.deleted, w.inserted = append(w.deleted, e[0]), append(w.inserted, e[1])
		}
		w.equal = w.equal[:0]
		return
	}
	w.flush()
}

// sentenceIn tells whether a sentence ends among equal tokens.
func (w *writer) sentenceIn(equal [][2]int) bool {
	return slices.ContainsFunc(equal, func(e [2]int) bool {
		t := w.b[e[1]]
		return strings.Contains(".!?", w.next[t.start:t.end])
	})
}

// flush writes the change and the equal tokens after it. Tokens that a change
// has taken in at its end, and that are the same on both sides, stay out of it.
func (w *writer) flush() {
	for n, m := len(w.deleted), len(w.inserted); n > 0 && m > 0 && w.text(w.old, w.a, w.deleted[n-1]) == w.text(w.next, w.b, w.inserted[m-1]); n, m = n-1, m-1 {
		w.equal = slices.Insert(w.equal, 0, [2]int{w.deleted[n-1], w.inserted[m-1]})
		w.deleted, w.inserted = w.deleted[:n-1], w.inserted[:m-1]
	}
	w.passage(Delete, w.old, w.a, w.deleted)
	w.passage(Insert, w.next, w.b, w.inserted)
	if len(w.equal) > 0 {
		at := make([]int, len(w.equal))
		for i, e := range w.equal {
			at[i] = e[1]
		}
		w.passage(Equal, w.next, w.b, at)
	}
	w.deleted, w.inserted, w.equal = w.deleted[:0], w.inserted[:0], w.equal[:0]
}

func (w *writer) text(text string, list []token, i int) string {
	return text[list[i].start:list[i].end]
}

// passage writes tokens that follow each other.
func (w *writer) passage(op Op, text string, list []token, at []int) {
	if len(at) == 0 {
		return
	}
	first, last := list[at[0]], list[at[len(at)-1]]
	e := Edit{Op: op, Text: text[first.start:last.end], Glued: first.start > 0 && !isSpace(text[first.start-1])}
	for i := int(first.start) - 1; i >= 0 && isSpace(text[i]); i-- {
		e.Broken = e.Broken || text[i] == '\n'
	}
	for _, i := range at {
		if list[i].word {
			e.Words++
		}
	}
	w.out = append(w.out, e)
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
