package ner

import (
	"math/rand/v2"

	"github.com/dateline/dateline/pkg/text"
)

// examples are the chains of a corpus with features as rows of weights.
type examples struct {
	vocab  *vocabulary
	static [][5][]uint32 // rows of each word at each offset
	chains []example
	rows   int
	hashes []uint64 // of the features, by row
	tokens int
}

// example is one chain.
type example struct {
	toks   []exampleToken
	weight float32
}

type exampleToken struct {
	words [5]int32
	rows  []uint32
	class uint8
	gold  tag
	allow [policies]uint16
}

// Label policies: what is unsure is left open, or taken as one annotator has it.
const (
	agreed = iota
	trusted
	policies
)

// TrainingSet is documents that count alike.
type TrainingSet struct {
	Docs   []Document
	Weight float64
	Silver bool // labelled by other taggers
}

// gather reads the features of all sets, twice: to count them, and to number
// those which come often enough.
func gather(m *Model, sets []TrainingSet, cut int, seed uint64) *examples {
	x := &examples{}
	var lists [][5][]uint64
	x.vocab = newVocabulary(m, func(n, offset int, feats []uint64) {
		for len(lists) <= n {
			lists = append(lists, [5][]uint64{})
		}
		lists[n][offset] = append([]uint64(nil), feats...)
	})
	tokens := 0
	for i := range sets {
		for k := range sets[i].Docs {
			tokens += len(sets[i].Docs[k].Toks)
		}
	}
	count := newCounter(tokens)
	var used [][5]uint32
	x.each(m, sets, seed, func(v *view, _ *labels, _, from, to int32, _ float32, _ bool) {
		for i := from; i < to; i++ {
			for o := range 5 {
				n := v.at(i + int32(o) - 2).number
				for int(n) >= len(used) {
					used = append(used, [5]uint32{})
				}
				used[n][o]++
			}
			x.vocab.feats = v.features(x.vocab.feats[:0], i)
			for _, h := range x.vocab.feats {
				count.add(h, 1)
			}
		}
	})
	for n := range used {
		for o, u := range used[n] {
			for _, h := range lists[n][o] {
				count.add(h, u)
			}
		}
	}
	table := newRowTable()
	number := func(dst []uint32, feats []uint64) []uint32 {
		for _, h := range feats {
			if count.get(h) >= cut {
				dst = append(dst, table.row(h))
			}
		}
		return dst
	}
	x.static = make([][5][]uint32, len(lists))
	for n := range used {
		for o, u := range used[n] {
			if u > 0 {
				x.static[n][o] = number(nil, lists[n][o])
			}
		}
	}
	var buf []uint32
	x.each(m, sets, seed, func(v *view, l *labels, base, from, to int32, weight float32, silver bool) {
		e := example{toks: make([]exampleToken, to-from), weight: weight}
		open := true
		for k := range e.toks {
			i := from + int32(k)
			t := &e.toks[k]
			for o := range 5 {
				t.words[o] = v.at(i + int32(o) - 2).number
			}
			x.vocab.feats = v.features(x.vocab.feats[:0], i)
			buf = number(buf[:0], x.vocab.feats)
			t.rows = append([]uint32(nil), buf...)
			t.class, t.gold, t.allow = v.p.words[i].class, l.gold[base+i], [policies]uint16{l.allow[base+i], 1 << l.gold[base+i]}
			open = open && t.allow[agreed] == allTags
		}
		x.tokens += len(e.toks)
		if weight > 0 && (!open || silver) {
			x.chains = append(x.chains, e)
		}
	})
	x.rows = int(table.n)
	x.hashes = make([]uint64, table.n)
	for i, h := range table.keys {
		if h != 0 {
			x.hashes[table.rows[i]] = h
		}
	}
	return x
}

// each calls f with every chain of every document: tokens from to to of the page
// at hand, which begins at token base of the document. Names that lie outside of
// all chains cannot be learnt or found.
func (x *examples) each(m *Model, sets []TrainingSet, seed uint64, f func(v *view, l *labels, base, from, to int32, weight float32, silver bool)) {
	var p page
	x.tokens = 0
	for n, set := range sets {
		r := rand.New(rand.NewPCG(seed, uint64(n)))
		for k := range set.Docs {
			d := set.Docs[k].vary(r, set.Silver)
			l := d.label()
			base := int32(0)
			flush := func() {
				p.finish(m)
				for _, s := range p.sents {
					v := view{p: &p, v: x.vocab, s: s}
					for from, to := p.chain(s, s.from); from < to; from, to = p.chain(s, to) {
						f(&v, &l, base, from, to, float32(set.Weight), set.Silver)
					}
				}
				base += int32(len(p.words))
				p.begin()
			}
			p.begin()
			eachSentence(d.Toks, d.Sents, func(toks []text.Token) {
				if len(p.words)+len(toks) > maxPage {
					flush()
				}
				p.sentence(x.vocab, d.Text, toks)
			})
			flush()
		}
	}
}
