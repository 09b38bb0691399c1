package watch

import (
	"slices"
	"unicode/utf8"
)

// spot is a stretch of a text, in bytes, that holds a place where a name may
// stand, with the words beside it.
type spot struct{ from, to int }

// starts fills the set of the words that begin a name.
func (b *builder) starts() {
	l := b.l
	l.starts = make([]uint64, powerOfTwo(max(len(b.firsts), 64)))
	for key, ids := range b.forms {
		for _, id := range ids {
			if b.firsts[id] {
				h := mix(key)
				l.starts[h>>6&uint64(len(l.starts)-1)] |= 1 << (h & 63)
				l.small = l.small || b.small[id]
			}
		}
	}
	for _, ids := range b.prefixes {
		l.small = l.small || slices.ContainsFunc(ids, func(id uint32) bool { return b.firsts[id] && b.small[id] })
	}
}

// begins tells whether a key may begin a name.
func (l *List) begins(key uint64) bool {
	h := mix(key)
	return l.starts[h>>6&uint64(len(l.starts)-1)]&(1<<(h&63)) != 0
}

// read reads the words of a text of which names may be made, and tells whether
// there are any. Most of a text is only looked at: it is read in words around
// the places where all words of a name stand in a row, and as a whole where
// such a name asks for words that stand farther away.
func (m *Matcher) read(s string) bool {
	m.words, m.spots = m.words[:0], m.spots[:0]
	if whole := m.look(s); whole {
		m.words = m.scanner.scan(m.words, s)
		return true
	}
	for i, p := range m.spots {
		n := len(m.words)
		m.words, _ = m.scanner.part(m.words, s, p.from, p.to, len(s))
		if i > 0 && n < len(m.words) {
			m.words[n].gap = parted
		}
	}
	return len(m.words) > 0
}

// look finds the spots of a text. It ends early, and returns true, where the
// whole text has to be read.
func (m *Matcher) look(s string) (whole bool) {
	l := m.l
	for i := 0; i < len(s); {
		b := s[i]
		if b >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			k := classOf(r)
			if k != letter && k != single || r == utf8.RuneError && n == 1 {
				i += n
				continue
			}
			w := m.scanner.word(s, i, k)
			if m.try(s, i, &w) {
				return true
			}
			i = max(int(w.end), i+n)
			continue
		}
		if asciiFold[b] == 0 {
			if l.small && asciiClass[b] == symbol {
				if w := m.scanner.word(s, i, symbol); m.try(s, i, &w) {
					return true
				}
			}
			i++
			continue
		}
		end := i + 1
		if !l.small && (b < 'A' || b > 'Z') {
			for end < len(s) && asciiFold[s[end]] != 0 {
				end++
			}
			i = end
			continue
		}
		key := (fnvOffset ^ uint64(asciiFold[b])) * fnvPrime
		for end < len(s) {
			c := asciiFold[s[end]]
			if c == 0 {
				break
			}
			key = (key ^ uint64(c)) * fnvPrime
			end++
		}
		// Behind these the word may go on.
		more := end < len(s) && (s[end] >= utf8.RuneSelf || s[end] == '\'' || s[end] == '`' || s[end] == '.' && end-i == 1)
		if more || l.lengths != 0 || l.begins(key) {
			if w := m.scanner.word(s, i, letter); m.try(s, i, &w) {
				return true
			}
		}
		i = end
	}
	return false
}

// try notes a spot where a name may begin with a word, whatever stands between
// its words and however they are written. whole says that the name asks for
// words that stand farther away.
func (m *Matcher) try(s string, at int, w *word) (whole bool) {
	if m.l.lengths == 0 && !m.l.begins(w.key) && (w.joined == 0 || !m.l.begins(w.joined)) {
		return false
	}
	m.states = m.follow(m.states[:0], 0, s, w)
	end, found := int(w.end), false
	if w.joined != 0 {
		end = m.scanner.pastEnding(s, end)
	}
	for to := end; len(m.states) > 0; {
		for _, st := range m.states {
			for _, p := range m.l.outs[st] {
				if e := m.l.patterns[p].entry; e >= 0 {
					if c := &m.l.entries[e]; len(c.near)+len(c.not) > 0 {
						return true
					}
					found, end = true, to
				}
			}
		}
		m.ahead, to = m.scanner.part(m.ahead[:0], s, to, len(s), 1)
		if len(m.ahead) == 0 || m.ahead[0].gap == parted {
			break
		}
		m.next = m.next[:0]
		for _, st := range m.states {
			m.next = m.follow(m.next, st, s, &m.ahead[0])
		}
		m.states, m.next = m.next, m.states
	}
	if !found {
		return false
	}
	p := spot{at, forth(s, end)}
	n := len(m.spots)
	if n == 0 || at > m.spots[n-1].to {
		p.from = back(s, at)
	}
	switch {
	case p.from < 0 || p.to < 0:
		return true
	case n > 0 && p.from <= m.spots[n-1].to:
		m.spots[n-1].to = max(m.spots[n-1].to, p.to)
	default:
		m.spots = append(m.spots, p)
	}
	return false
}

// besides is how many words on each side of a name tell how the line is
// written, and farthest within how many bytes they stand.
const (
	besides  = 4
	farthest = 512
)

// back gives the start of a few words before byte i, at a blank; -1 where they
// begin far away.
func back(s string, i int) int {
	least, words, inside := i-farthest, 0, false
	for ; i > 0; i-- {
		if i < least {
			return -1
		}
		if c := s[i-1]; c >= utf8.RuneSelf || asciiClass[c] != blank {
			inside = inside || c >= utf8.RuneSelf || asciiClass[c] == letter
			continue
		}
		if inside {
			if words++; words == besides {
				break
			}
		}
		inside = false
	}
	return i
}

// forth gives the end of a few words behind byte i, at a blank; -1 where they
// end far away.
func forth(s string, i int) int {
	most, words, inside := i+farthest, 0, false
	for ; i < len(s); i++ {
		if i > most {
			return -1
		}
		if c := s[i]; c >= utf8.RuneSelf || asciiClass[c] != blank {
			inside = inside || c >= utf8.RuneSelf || asciiClass[c] == letter
			continue
		}
		if inside {
			if words++; words == besides {
				break
			}
		}
		inside = false
	}
	return i
}
