package ner

import "math/bits"

// Templates of more than one word, part of the model's format.
const (
	tMode = 200 + iota
	tModeWord
	tHead
	tPair // pairs and triples of words and shapes
	_
	_
	_
	_
	_
	_
	_
	_
	tClusterPair
	_
	_
	_
	_
	_
	_
	_
	_
	_
	tRun // the run of capitals
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	tPhrase // phrases of the lists
	_
	_
	_
	_
	_
	_
	_
	tElsewhere // what the document says elsewhere
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	_
	tFar // the words beyond two
	_
	tAcronym // what brackets introduce
	_
	_
	_
)

// view reads a page around one token.
type view struct {
	p   *page
	v   *vocabulary
	s   sentence
	pos int32
}

func (c *view) at(i int32) *word {
	if i < c.s.from {
		return c.v.bos
	}
	if i >= c.s.to {
		return c.v.eos
	}
	return c.p.words[i]
}

// features appends all features of a token that hang on more than one word.
func (c *view) features(dst []uint64, i int32) []uint64 {
	p, s := c.p, c.s
	m2, m1, w, p1, p2 := c.at(i-2), c.at(i-1), p.words[i], c.at(i+1), c.at(i+2)
	mode := uint64(s.mode)
	head := uint64(0)
	if i == s.from || i == s.from+1 && !m1.alpha {
		head = 1
	}
	dst = append(dst,
		f2(tMode, mode, w.shape), f2(tModeWord, mode, w.id), f3(tHead, head, w.shape, w.clus[0]),
		f2(tPair, m1.id, w.id), f2(tPair+1, w.id, p1.id), f3(tPair+2, m1.shape, w.shape, p1.shape),
		f2(tPair+3, m1.id, w.shape), f2(tPair+4, w.shape, p1.id), f2(tPair+5, m2.id, m1.id), f2(tPair+6, p1.id, p2.id),
		f3(tPair+7, m1.id, w.shape, p1.id),
		f2(tClusterPair, m1.clus[1], w.clus[1]), f2(tClusterPair+1, w.clus[1], p1.clus[1]),
		f3(tClusterPair+2, m1.clus[1], w.shape, p1.clus[1]), f2(tClusterPair+3, m2.clus[1], m1.clus[1]),
		f2(tClusterPair+4, p1.clus[1], p2.clus[1]), f3(tClusterPair+5, m1.clus[1], w.clus[1], p1.clus[1]),
		f2(tClusterPair+6, m1.id, w.clus[1]), f2(tClusterPair+7, w.clus[1], p1.id),
		f1(tFar, c.at(i - 3).clus[1]), f1(tFar+1, c.at(i + 3).clus[1]))
	if r := p.run[i]; r.to > r.from {
		dst = c.runFeatures(dst, i, w, s.from+int32(r.from), s.from+int32(r.to), mode)
	}
	dst = c.phraseFeatures(dst, i, w, m1, p1)
	if l := p.long[i]; l != 0 {
		dst = append(dst, f2(tAcronym+3, uint64(l), w.shape))
	}
	if w.alpha && w.runes > 1 && (w.anyUpper || s.mode == modeSmall) {
		dst = c.elsewhere(dst, i, w)
	}
	return dst
}

// runFeatures see the run of capitals from a to b, of which token i is part.
func (c *view) runFeatures(dst []uint64, i int32, w *word, a, b int32, mode uint64) []uint64 {
	pos := mode << 2
	if i > a {
		pos |= 1
	}
	if i < b-1 {
		pos |= 2
	}
	n := uint64(b - a)
	first, lastWord, before, after := c.p.words[a], c.p.words[b-1], c.at(a-1), c.at(b)
	dst = append(dst, f2(tRun, pos, n), f2(tRun+1, lastWord.id, pos), f2(tRun+2, first.id, pos),
		f2(tRun+3, before.id, pos), f2(tRun+4, after.id, pos), f3(tRun+5, lastWord.clus[1], pos, n),
		f3(tRun+6, before.clus[1], after.clus[1], pos), f3(tRun+7, first.clus[1], lastWord.clus[1], pos), f2(tRun+8, lastWord.tail, pos),
		f3(tRun+9, uint64(first.gaz), uint64(lastWord.gaz), pos))
	// "Ministry of the Interior": the run behind the link.
	if b+1 < c.s.to && (after.class == classLower || after.class == classSign || after.class == classHyphen) {
		next := c.p.words[b+1]
		if next.opener && b+2 < c.s.to {
			next = c.p.words[b+2]
		}
		if next.anyUpper {
			dst = append(dst, f3(tRun+10, after.id, next.clus[1], pos))
		}
	}
	if a-2 >= c.s.from && before.class != classCapital {
		if prev := c.p.words[a-2]; prev.anyUpper {
			dst = append(dst, f3(tRun+11, before.id, prev.clus[1], pos))
		}
	}
	return dst
}

// maxPhraseFeatures bounds how far phrases may go on: lanes hold 256 features,
// of which words take some 96 and what follows phrases 33.
const maxPhraseFeatures = 115

// phraseFeatures see the phrases of the lists around a token.
func (c *view) phraseFeatures(dst []uint64, i int32, w, m1, p1 *word) []uint64 {
	g := c.p.gaz[i]
	if g.begin|g.inside|g.last != 0 {
		dst = append(dst, f3(tPhrase, uint64(g.begin), uint64(g.inside), uint64(g.last)))
		for part, set := range [3]gazClass{g.begin, g.inside, g.last} {
			for ; set != 0 && len(dst) < maxPhraseFeatures; set &= set - 1 {
				x := uint64(part)<<8 | uint64(bits.TrailingZeros16(uint16(set)))
				dst = append(dst, f1(tPhrase+1, x), f2(tPhrase+2, x, w.shape), f2(tPhrase+3, x, p1.clus[0]))
			}
		}
	}
	if i+1 < c.s.to {
		if n := c.p.gaz[i+1].begin; n != 0 {
			dst = append(dst, f2(tPhrase+4, uint64(n), w.shape))
		}
	}
	if i > c.s.from {
		if n := c.p.gaz[i-1].last; n != 0 {
			dst = append(dst, f2(tPhrase+5, uint64(n), w.shape))
		}
	}
	if a, b, d := m1.gaz&^gazMore, w.gaz&^gazMore, p1.gaz&^gazMore; b|d|a != 0 {
		dst = append(dst, f2(tPhrase+6, uint64(a)<<16|uint64(b), w.shape), f2(tPhrase+7, uint64(b)<<16|uint64(d), w.shape))
	}
	return dst
}

// elsewhere sees where else the document has the word.
func (c *view) elsewhere(dst []uint64, i int32, w *word) []uint64 {
	p := c.p
	d := p.docs.get(w.id)
	large := d.middle
	if d.small > 0 {
		dst = append(dst, f2(tElsewhere, uint64(min(d.small, 3)), w.shape))
	}
	own := p.run[i]
	others := 0
	for k := range d.at[:d.n] {
		j := d.at[k]
		if j == i {
			if large > 0 {
				large--
			}
			continue
		}
		others++
		if others > 4 {
			break
		}
		var before, after *word
		if before = c.v.bos; j > 0 {
			before = p.words[j-1]
		}
		if after = c.v.eos; int(j)+1 < len(p.words) {
			after = p.words[j+1]
		}
		dst = append(dst, f1(tElsewhere+1, before.id), f1(tElsewhere+2, after.id))
		if before.anyUpper {
			dst = append(dst, f1(tElsewhere+3, before.id), f1(tElsewhere+4, before.clus[1]))
		}
		if after.anyUpper {
			dst = append(dst, f1(tElsewhere+5, after.id), f1(tElsewhere+6, after.clus[1]))
		}
	}
	switch {
	case others == 0:
		dst = append(dst, f1(tElsewhere+7, 1))
	case large > 0:
		dst = append(dst, f2(tElsewhere+8, 1, w.shape))
	}
	if d.longTo > d.longFrom {
		first, end := p.words[d.longFrom], p.words[d.longTo-1]
		dst = append(dst, f1(tAcronym, end.id), f2(tAcronym+1, first.clus[1], end.clus[1]), f2(tAcronym+2, uint64(first.gaz), uint64(end.gaz)))
	}
	// The longest run that the word is part of, where that is another one.
	if d.to > d.from && d.from != c.s.from+int32(own.from) && d.to-d.from > int32(own.to-own.from) {
		pos, n := uint64(0), uint64(d.to-d.from)
		switch w.id {
		case p.words[d.to-1].id:
			pos = 2
		case p.words[d.from].id:
		default:
			pos = 1
		}
		first, end := p.words[d.from], p.words[d.to-1]
		before := c.v.bos
		if d.from > 0 {
			before = p.words[d.from-1]
		}
		dst = append(dst, f2(tElsewhere+9, pos, n), f2(tElsewhere+10, first.id, pos), f2(tElsewhere+11, end.id, pos),
			f2(tElsewhere+12, before.id, pos), f3(tElsewhere+13, first.clus[1], end.clus[1], pos),
			f3(tElsewhere+14, uint64(first.gaz), uint64(end.gaz), pos))
	}
	return dst
}
