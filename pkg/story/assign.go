package story

import (
	"cmp"
	"math"
	"slices"
)

const maxCompare = 16 // candidates that are compared in full

// Assign finds the story of d, without changing what the index knows: its id
// and how similar the closest article is (0..1), or d's own id and 0 where it
// begins a new one.
func (x *Index) Assign(d *Doc) (storyID uint64, similarity float32) {
	entry := newEntry(d)
	e := &entry
	best := 0.0
	storyID = d.ID
	for _, k := range x.candidates(e) {
		c := x.at(k.seq)
		s := x.similarity(e, c)
		if s <= best || s < x.cfg.Threshold || !x.fits(e, c) {
			continue
		}
		best, storyID = s, c.story
	}
	return storyID, float32(best)
}

// fits asks the first article of the story, where the window still has it, so
// that a story does not drift from one event to the next.
func (x *Index) fits(e, c *entry) bool {
	if e.apart(c) > x.cfg.Gap {
		return false
	}
	seq, ok := x.ids[c.story]
	if !ok || c.id == c.story {
		return true
	}
	first := x.at(seq)
	return e.apart(first) <= x.cfg.Span && x.similarity(e, first) >= x.cfg.Threshold/2
}

// candidate is an original and the weight of what it shares.
type candidate struct {
	seq    uint32
	weight float32
}

// candidates gives the originals with the largest weight of shared rare
// features, best first, newest first among equals. Features that are not rare
// bring none: two rare ones have to agree.
func (x *Index) candidates(e *entry) []candidate {
	clear(x.found)
	x.order = x.order[:0]
	for i, f := range e.feature[:e.n] {
		p, ok := x.features[f]
		if !ok || !x.rare(p.n) {
			continue
		}
		w := e.weight[i] * float32(x.rarity(p.n))
		for seq, hops := p.last, 0; hops < maxHops && x.has(seq); hops++ {
			c := x.at(seq)
			at, known := x.found[seq]
			if !known {
				at = len(x.order)
				x.found[seq] = at
				x.order = append(x.order, candidate{seq: seq})
			}
			x.order[at].weight += w
			before := c.prev[slices.Index(c.feature[:c.n], f)]
			if before == seq {
				break
			}
			seq = before
		}
	}
	x.order = slices.DeleteFunc(x.order, func(k candidate) bool {
		c := x.at(k.seq)
		return c.id == 0 || c.id == e.id || c.lang != e.lang
	})
	slices.SortFunc(x.order, func(a, b candidate) int {
		if c := cmp.Compare(b.weight, a.weight); c != 0 {
			return c
		}
		return cmp.Compare(x.next-a.seq, x.next-b.seq)
	})
	return x.order[:min(len(x.order), maxCompare)]
}

// similarity is the cosine of the weighted features of two originals, names
// and title taken apart, so that a long list of names does not drown the
// title. It is 0 unless two features agree that few others have.
func (x *Index) similarity(a, b *entry) float64 {
	if a.lang != b.lang {
		return 0
	}
	names, rareNames := x.cosine(a, b, 0, 0, a.entities, b.entities)
	title, rareWords := x.cosine(a, b, a.entities, b.entities, a.n, b.n)
	if rareNames+rareWords < 2 {
		return 0
	}
	return min(1, .6*names+.5*title)
}

// cosine compares the features of a from a0 to a1 with those of b from b0 to
// b1, and counts the rare ones that both have.
func (x *Index) cosine(a, b *entry, a0, b0, a1, b1 uint8) (cos float64, rare int) {
	var dot, na, nb float64
	shared := false
	for _, f := range a.feature[a0:a1] {
		shared = shared || slices.Contains(b.feature[b0:b1], f)
	}
	if !shared {
		return 0, 0
	}
	for i := a0; i < a1; i++ {
		n := x.features[a.feature[i]].n
		w := float64(a.weight[i]) * x.rarity(n)
		na += w * w
		if slices.Contains(b.feature[b0:b1], a.feature[i]) {
			dot += w * w
			if x.rare(n) {
				rare++
			}
		}
	}
	for i := b0; i < b1; i++ {
		w := float64(b.weight[i]) * x.rarity(x.features[b.feature[i]].n)
		nb += w * w
	}
	return dot / math.Sqrt(na*nb), rare
}

// rarity is the inverse document frequency of a feature that n originals of
// the window have.
func (x *Index) rarity(n uint32) float64 {
	return math.Log(float64(x.Len()+prior) / float64(n+1))
}

// rare features stand in at most 1 of 50 originals.
func (x *Index) rare(n uint32) bool { return float64(n) <= math.Max(20, float64(x.Len())/50) }
