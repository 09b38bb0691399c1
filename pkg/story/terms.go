package story

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Terms is the stored digest of what a text is about, ascending:
//
//	hash<<8 | title<<7 | weight
//
// hash is the upper 24 bits of that of a word, title tells that the word stands
// in the title, and weight, in 12ths, is 1 + ln n for a word that occurs n
// times, 1 more in the title and ½ more in the lead. The words with the largest
// weights are kept, those of the title before all others. Among equals it is
// the smaller hash that decides, so that two texts keep the same words of those
// that both have.
type Terms []uint32

const (
	// MaxTerms bounds the length of Terms.
	MaxTerms = 28

	maxTitle  = 10   // words of the title that are kept for certain
	maxWords  = 4096 // of a text that are looked at
	leadWords = 100
	inTitle   = 1 << 7
	maxWeight = inTitle - 1
	unit      = 12 // of weights
)

// Validate says why terms that came from outside are none of this build.
func (t Terms) Validate() error {
	if len(t) > MaxTerms {
		return fmt.Errorf("%d terms, at most %d", len(t), MaxTerms)
	}
	for i := 1; i < len(t); i++ {
		if t[i]>>8 <= t[i-1]>>8 {
			return fmt.Errorf("terms are not ascending")
		}
	}
	return nil
}

// Weigher makes Terms. It holds scratch space and is for one goroutine at a
// time.
type Weigher struct {
	common map[string]map[uint64]struct{} // by language
	slots  [2 * maxWords]word
	round  uint32 // slots of other rounds are empty
	used   []uint32
	ranked []uint64
}

type word struct {
	hash  uint64
	round uint32
	n     uint16
	from  int32 // where it first stands in the text, in bytes; -1: unknown
	title bool
	lead  bool
}

// NewWeigher gives a weigher for words hashed by terms, which appends the
// hashes of the normalised words of s to dst. Terms compare only where they
// come from the same function.
func NewWeigher(terms func(dst []uint64, s string) []uint64) *Weigher {
	w := &Weigher{common: make(map[string]map[uint64]struct{}, len(commonWords))}
	for language, list := range commonWords {
		set := map[uint64]struct{}{}
		for _, h := range terms(nil, list) {
			set[h] = struct{}{}
		}
		w.common[language] = set
	}
	return w
}

// Append appends the terms of one text to dst. title and words are the hashes
// of the normalised words of both, at is where each of words begins in text, in
// bytes, or nil. Function words are left out in the languages that have a list
// of them; in others a word counts the less the shorter it is, since the most
// frequent words are short (Zipf 1935).
func (w *Weigher) Append(dst Terms, title, words []uint64, at []int32, text, language string) Terms {
	w.round++
	w.used, w.ranked = w.used[:0], w.ranked[:0]
	common, listed := w.common[language]
	titles := 0
	for _, h := range title {
		if _, is := common[h]; is || titles == maxTitle {
			continue
		}
		if s := w.slot(h); !s.title {
			s.title, s.from = true, -1
			titles++
		}
	}
	for i, h := range words[:min(len(words), maxWords-maxTitle)] {
		if _, is := common[h]; is {
			continue
		}
		s := w.slot(h)
		if s.n++; s.n == 1 && i < len(at) {
			s.from = at[i]
		}
		s.lead = s.lead || i < leadWords
	}
	for _, at := range w.used {
		s := &w.slots[at]
		weight := s.weight()
		rank := weight
		if !listed && s.from >= 0 {
			rank *= float64(letters(text, s.from)) / longWord
		}
		if s.title {
			rank += 100
		}
		w.ranked = append(w.ranked, uint64(math.MaxUint32-uint32(rank*1e6))<<32|uint64(s.term(weight)))
	}
	slices.Sort(w.ranked)
	start := len(dst)
	for _, r := range w.ranked {
		if len(dst)-start == MaxTerms {
			break
		}
		dst = append(dst, uint32(r))
	}
	return dst[:start+len(tidy(dst[start:]))]
}

// slot finds the place of a word, or makes one: there are twice as many slots
// as words.
func (w *Weigher) slot(h uint64) *word {
	for i := uint32(h>>20) % uint32(len(w.slots)); ; i = (i + 1) % uint32(len(w.slots)) {
		s := &w.slots[i]
		if s.round != w.round {
			*s = word{hash: h, round: w.round, from: -1}
			w.used = append(w.used, i)
			return s
		}
		if s.hash == h {
			return s
		}
	}
}

func (s *word) weight() float64 {
	weight := 1 + math.Log(float64(max(s.n, 1)))
	if s.title {
		weight++
	}
	if s.lead {
		weight += .5
	}
	return weight
}

func (s *word) term(weight float64) uint32 {
	t := uint32(s.hash>>40)<<8 | min(uint32(weight*unit+.5), maxWeight)
	if s.title {
		t |= inTitle
	}
	return t
}

// tidy sorts terms and drops all but the heaviest of one hash.
func tidy(t Terms) Terms {
	slices.SortFunc(t, func(a, b uint32) int { return cmp.Or(cmp.Compare(a>>8, b>>8), cmp.Compare(b, a)) })
	return slices.CompactFunc(t, func(a, b uint32) bool { return a>>8 == b>>8 })
}

// titleTerms makes terms of nothing but a title.
func titleTerms(dst Terms, title []uint64) Terms {
	for _, h := range title[:min(len(title), maxTitle)] {
		s := word{hash: h, title: true}
		dst = append(dst, s.term(s.weight()))
	}
	return tidy(dst)
}

// longWord is a length from which a word is hardly a function word, in letters.
const longWord = 5

// letters counts the characters of a word up to longWord.
func letters(text string, from int32) (n int) {
	for _, r := range text[min(int(from), len(text)):] {
		if n == longWord || r < utf8.RuneSelf && !('a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' || r == '\'') {
			break
		}
		n++
	}
	return max(n, 1)
}
