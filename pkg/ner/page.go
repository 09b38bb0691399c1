package ner

import (
	"math/bits"

	"github.com/dateline/dateline/pkg/text"
)

// Limits on what is judged together.
const (
	maxPage     = 8192 // tokens
	maxSentence = 400  // tokens; longer ones are cut
)

// page is a document, or a piece of a long one, with all that the features ask
// of it. It is used again from page to page.
type page struct {
	words []*word
	sents []sentence
	run   []span16 // of capitals around each token, from and to, within its sentence
	gaz   []gazTags
	docs  docTable
	look  []bool // tokens that may be part of a name
	long  []byte // 1 to 3: first, inner, last word of what brackets give an acronym
}

type sentence struct {
	from, to int32
	mode     uint8
}

// span16 is a run of tokens as offsets from the first of its sentence.
type span16 struct{ from, to uint16 }

// gazTags are the lists of which a phrase begins, goes on or ends at a token.
type gazTags struct{ begin, inside, last gazClass }

// begin empties a page.
func (p *page) begin() {
	p.words, p.sents = p.words[:0], p.sents[:0]
}

// sentence adds a sentence of at most maxSentence tokens, one at least.
func (p *page) sentence(v *vocabulary, s string, toks []text.Token) {
	from := int32(len(p.words))
	mode := modeOf(s, toks)
	for _, t := range toks {
		p.words = append(p.words, v.get(s[t.Start:t.End], mode))
	}
	p.sents = append(p.sents, sentence{from, int32(len(p.words)), mode})
}

// modeOf tells headings in capitals or Title Case from prose.
func modeOf(s string, toks []text.Token) uint8 {
	letters, ups, long, longUps := 0, 0, 0, 0
	for _, t := range toks {
		w := s[t.Start:t.End]
		n := 0
		for i := range len(w) {
			c := w[i]
			if c|0x20 >= 'a' && c|0x20 <= 'z' {
				n++
				if c < 'a' {
					ups++
				}
			} else if c >= 0xc3 { // a letter beyond ASCII, as a rule
				n++
			}
		}
		letters += n
		if n > 3 {
			long++
			if c := w[0]; c >= 'A' && c <= 'Z' {
				longUps++
			}
		}
	}
	switch {
	case letters > 8 && ups*10 >= letters*8:
		return modeCapitals
	case ups == 0:
		return modeSmall
	case long > 3 && longUps*10 >= long*8:
		return modeTitle
	}
	return modeMixed
}

// finish works out runs, phrases of the lists, what words do elsewhere in the
// page, and which tokens are worth a look.
func (p *page) finish(m *Model) {
	n := len(p.words)
	p.run, p.gaz, p.look, p.long = zeroed(p.run, n), zeroed(p.gaz, n), zeroed(p.look, n), zeroed(p.long, n)
	p.docs.begin()
	for _, s := range p.sents {
		p.runs(s)
		p.phrases(m, s)
		p.choose(s)
		p.note(s)
		p.acronyms(s)
	}
}

// zeroed returns n zeroes in the memory of s where there is enough.
func zeroed[T any](s []T, n int) []T {
	if cap(s) < n {
		s = make([]T, n, max(n, maxPage))
	}
	s = s[:n]
	clear(s)
	return s
}

// runs finds the sequences of capitalised words.
func (p *page) runs(s sentence) {
	for i := s.from; i < s.to; {
		if !p.words[i].anyUpper || s.mode == modeCapitals || i == s.from && p.words[i].opener {
			i++
			continue
		}
		j := i + 1
		for j < s.to && j-i < 12 && p.words[j].anyUpper {
			j++
		}
		for k := i; k < j; k++ {
			p.run[k] = span16{uint16(i - s.from), uint16(j - s.from)}
		}
		i = j
	}
}

// phrases finds the phrases of several words that the lists hold: for each list
// the longest that begins at a token.
func (p *page) phrases(m *Model, s sentence) {
	for i := s.from; i < s.to; i++ {
		w := p.words[i]
		if !w.more || w.class > classNumber || w.class == classLower && w.opener {
			continue
		}
		// In small letters only places are told from what their words mean.
		usable := ^gazMore
		if w.class == classLower && s.mode != modeSmall && !w.particle {
			usable = gazSmall
		}
		var length [gazLists]int32
		found := gazClass(0)
		h := w.id
		for j := i + 1; j < min(s.to, i+maxPhrase); j++ {
			h = mix(h, p.words[j].id)
			e := m.lex.get(h)
			if e == nil {
				break
			}
			for g := e.gaz & usable; g != 0; g &= g - 1 {
				length[bits.TrailingZeros16(uint16(g))] = j - i
				found |= g & -g
			}
			if e.gaz&gazMore == 0 {
				break
			}
		}
		for g := found; g != 0; g &= g - 1 {
			b := g & -g
			end := i + length[bits.TrailingZeros16(uint16(g))]
			p.gaz[i].begin |= b
			for j := i + 1; j < end; j++ {
				p.gaz[j].inside |= b
			}
			p.gaz[end].last |= b
		}
	}
}

// gazSmall are the lists whose members are names even in small letters.
const gazSmall = gazCountry | gazRegion | gazCity

// choose marks the tokens that may be part of a name: those with a capital,
// what links them, and in texts without capitals what the lists hold.
func (p *page) choose(s sentence) {
	lastOne := s.from - 10
	for i := s.from; i < s.to; i++ {
		w := p.words[i]
		hit := w.anyUpper || p.gaz[i].begin|p.gaz[i].inside|p.gaz[i].last != 0
		if !hit && w.class == classLower {
			hit = w.gaz&gazSmall != 0 && w.runes > 3 ||
				s.mode == modeSmall && w.gaz&(gazSmall|gazGiven|gazSurname|gazCompany|gazTown|gazMedia) != 0 && w.runes > 2
		}
		if !hit {
			continue
		}
		p.look[i] = true
		// What stands before a capital may open its name: "al-Qaeda", "20th
		// Century Fox"; what stands between two may link them.
		for j := i - 1; j >= s.from && j >= i-3 && !p.look[j]; j-- {
			if w := p.words[j]; !w.particle && w.class != classNumber && w.class != classHyphen {
				break
			}
			p.look[j] = true
		}
		if i-lastOne <= 4 {
			for j := lastOne + 1; j < i; j++ {
				p.look[j] = true
			}
		}
		lastOne = i
	}
}

// chain returns the next stretch of tokens to be decoded together: from token i
// on within a sentence, or from == to where there is none.
func (p *page) chain(s sentence, i int32) (from, to int32) {
	for i < s.to && !p.look[i] {
		i++
	}
	from = i
	for i < s.to && p.look[i] && i-from < maxChain {
		i++
	}
	return from, i
}
