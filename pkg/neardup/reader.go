package neardup

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// reading is what two texts have in common when they are read word by word.
// Shares are those of the shorter text.
type reading struct {
	words     int     // of the shorter text
	narrated  int     // of them neither quoted nor furniture
	share     float64 // of its words that stand in passages of both
	taken     float64 // of what it narrates itself that the other narrates, too
	same      float64 // of its words that stand in pairs of words of both: the exact part of share
	own       int     // words that are not furniture
	head      int     // of them before the first passage
	solid     float64 // share of what stands between that one and the last
	shareLong float64 // of the words of the longer text
	takenLong float64
	lead      float64 // the largest share of taken in its first part, of half at least
	numbers   tally   // at the same place of a passage
	dates     tally
	values    int // numbers in passages
	missing   int // of them that the other text lacks altogether
	turned    int // words of passages in whose place the other has the opposite
}

// Reader compares texts word by word. It holds scratch space and is for one
// goroutine at a time.
type Reader struct {
	terms  func(dst []uint64, at []int32, s string) ([]uint64, []int32)
	common hashes
	dates  hashes
	turns  turns
	own    prose   // the document
	others []prose // what it is compared with
	n      int
	align  aligner
	spans  []span
}

// prose is a text in words.
type prose struct {
	text     string
	root     uint64 // the original
	kin      bool   // of the document's source
	terms    []uint64
	at       []int32
	plain    []bool // not a common word
	theirs   []bool // in a quotation
	usual    []bool // furniture of its source
	in       []bool // in a passage of both
	told     []bool // and narrated by both
	same     []bool // in a pair of words of both
	passages []passage
	met      []meeting
}

// NewReader gives a reader of words as terms hashes them: it appends the
// hashes of the normalised words of s and where they begin, in bytes.
func NewReader(terms func(dst []uint64, at []int32, s string) ([]uint64, []int32)) *Reader {
	hash := func(words []string) hashes {
		return newHashes(func(add func(uint64)) {
			for _, w := range words {
				h, _ := terms(nil, nil, w)
				for _, h := range h {
					add(h)
				}
			}
		})
	}
	return &Reader{terms: terms, common: hash(strings.Fields(commonWords)), dates: hash(dateList), turns: newTurns(terms)}
}

// begin takes the document.
func (r *Reader) begin(text string) {
	r.take(&r.own, text)
	r.n = 0
}

// add takes a text that the document is compared with.
func (r *Reader) add(text string, root uint64, kin bool) {
	if r.n == len(r.others) {
		r.others = append(r.others, prose{})
	}
	p := &r.others[r.n]
	r.n++
	r.take(p, text)
	p.root, p.kin = root, kin
	passages, met := r.align.passages(&r.own, p)
	p.passages, p.met = append(p.passages[:0], passages...), append(p.met[:0], met...)
}

// MaxText is how much of a text is read, in bytes.
const MaxText = 48 << 10

// Readable gives the part of a text that a Reader reads: all but what is far
// beyond the length of an article.
func Readable(text string) string {
	if len(text) <= MaxText {
		return text
	}
	n := MaxText
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

func (r *Reader) take(p *prose, text string) {
	text = Readable(text)
	p.text = text
	p.terms, p.at = r.terms(p.terms[:0], p.at[:0], text)
	n := min(len(p.terms), maxWords)
	p.terms, p.at = p.terms[:n], p.at[:n]
	p.plain = slices.Grow(p.plain[:0], n)[:n]
	for i, t := range p.terms {
		p.plain[i] = !r.common.has(t)
	}
	p.theirs, r.spans = markQuotes(p.theirs, r.spans, p.at, text)
	for _, b := range []*[]bool{&p.usual, &p.in, &p.told, &p.same} {
		*b = slices.Grow((*b)[:0], n)[:n]
		clear(*b)
	}
}

// furnitureRun is how many pairs of words an outlet repeats at least: the labels
// of a form are shorter.
const furnitureRun = 12

// furniture marks the words of the document that two other originals of its
// source have, too.
func (r *Reader) furniture() {
	n := len(r.own.terms)
	once := make([]uint64, n) // root that has the word
	for k := range r.others[:r.n] {
		p := &r.others[k]
		if !p.kin {
			continue
		}
		for _, s := range p.passages {
			if s.matched < furnitureRun || 2*s.matched < s.to-s.from {
				continue
			}
			for i := s.from; i < s.to; i++ {
				if once[i] == 0 {
					once[i] = p.root
				} else if once[i] != p.root {
					r.own.usual[i] = true
				}
			}
		}
	}
}

// compare gives what the document and the kth of the others have in common;
// ok: both have words.
func (r *Reader) compare(k int) (o reading, ok bool) {
	a, b := &r.own, &r.others[k]
	if len(a.terms) == 0 || len(b.terms) == 0 {
		return o, false
	}
	s, l := a, b
	if len(s.terms) > len(l.terms) {
		s, l = l, s
	}
	clear(a.in)
	clear(a.told)
	clear(a.same)
	for _, m := range b.met {
		a.same[m.i], a.same[m.i+1] = true, true
		b.same[m.j], b.same[m.j+1] = true, true
	}
	for _, p := range b.passages {
		back := passage{from: p.at, to: p.atEnd, at: p.from, atEnd: p.to}
		q := p
		if s == b {
			q = back
		}
		if fresh := countFalse(s.in[q.from:q.to]); 2*fresh >= int(q.to-q.from) {
			r.values(s, l, q, &o)
			o.turned += r.turned(s, l, q)
		}
		for i := p.from; i < p.to; i++ {
			j := p.other(i)
			a.in[i] = true
			a.told[i] = a.told[i] || !a.theirs[i] && !b.theirs[j]
			b.usual[j] = b.usual[j] || a.usual[i]
		}
		for j := p.at; j < p.atEnd; j++ {
			i := back.other(j)
			b.in[j] = true
			b.told[j] = b.told[j] || !a.theirs[i] && !b.theirs[j]
		}
	}
	o.words = len(s.terms)
	o.share, o.taken, o.narrated, o.lead = s.shares()
	o.shareLong, o.takenLong, _, _ = l.shares()
	o.edges(s)
	return o, true
}

// edges looks at the words of a text before the first that it shares, and at
// what stands between that one and the last.
func (o *reading) edges(p *prose) {
	first, last, n, in, same := -1, -1, 0, 0, 0
	for i := range p.terms {
		if p.usual[i] {
			continue
		}
		if p.in[i] {
			if first < 0 {
				first = n
			}
			last = n
			in++
		}
		if p.same[i] {
			same++
		}
		n++
	}
	o.own = n
	if first < 0 {
		return
	}
	o.head = first
	o.solid, o.same = share(in, last-first+1), share(same, n)
}

func (p *prose) shares() (in, taken float64, narrated int, lead float64) {
	nIn, nTaken, n := 0, 0, 0
	for i := range p.terms {
		if p.usual[i] {
			continue
		}
		n++
		if p.in[i] {
			nIn++
		}
		if !p.theirs[i] {
			narrated++
			if p.told[i] {
				nTaken++
			}
			if 2*n >= len(p.terms) && narrated >= fewWords {
				lead = max(lead, share(nTaken, narrated))
			}
		}
	}
	return share(nIn, n), share(nTaken, narrated), narrated, lead
}

func countFalse(b []bool) (n int) {
	for _, v := range b {
		if !v {
			n++
		}
	}
	return n
}

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

// other is about where a word of the passage stands in the other text.
func (p *passage) other(i int32) int32 {
	return min(p.at+(i-p.from)*(p.atEnd-p.at)/max(p.to-p.from, 1), p.atEnd-1)
}

// markQuotes marks the words, which begin at the bytes given, that stand in
// quotations.
func markQuotes(dst []bool, spans []span, at []int32, text string) ([]bool, []span) {
	dst = slices.Grow(dst[:0], len(at))[:len(at)]
	clear(dst)
	spans = appendQuotes(spans[:0], text)
	i := 0
	for _, q := range spans {
		for i < len(at) && int(at[i]) < q.from {
			i++
		}
		for i < len(at) && int(at[i]) < q.to {
			dst[i] = true
			i++
		}
	}
	return dst, spans
}
