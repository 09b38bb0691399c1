package neardup

import "slices"

// overlap is what two sketches have in common.
type overlap struct {
	containment, jaccard float64 // of 2-word shingles, estimated
	runs                 float64 // containment of 3-word shingles, estimated
	clumped              float64 // how much more often a shared shingle follows a shared one than chance has it; 1: spread evenly
	lead                 float64 // containment of the text without its tail, where that is larger: a footer was added
	n                    int     // sampled 2-word shingles of the smaller text: how sure the estimates are
	shared               int     // of them in both
	numbers, dates       tally
}

// tally counts places that two texts have in common, with the same value there
// and with another.
type tally struct{ agree, disagree int }

// minShared is the containment below which nothing else is worth a look.
const minShared = .2

func compare(a, b Sketch) overlap {
	a3, a2, an := a.parts()
	b3, b2, bn := b.parts()
	var o overlap
	bound := min(limit(a2, max2), limit(b2, max2)) | places
	na, nb := below(a2, bound), below(b2, bound)
	small, large := a2[:na], b2[:nb]
	if nb < na {
		small, large = large, small
	}
	var placed [max2]uint16 // place<<1 | shared
	o.n = len(small)
	j := 0
	for i, v := range small {
		for j < len(large) && large[j]>>placeBits < v>>placeBits {
			j++
		}
		placed[i] = uint16(v&places) << 1
		if j < len(large) && large[j]>>placeBits == v>>placeBits {
			o.shared++
			placed[i] |= 1
		}
	}
	if o.n > 0 {
		o.containment = float64(o.shared) / float64(o.n)
		o.jaccard = float64(o.shared) / float64(na+nb-o.shared)
	}
	if o.containment < minShared {
		return o
	}
	slices.Sort(placed[:o.n])
	o.lead = lead(placed[:o.n])
	o.clumped = clumping(placed[:o.n], o.containment)
	bound = min(limit(a3, max3), limit(b3, max3))
	a3, b3 = a3[:below(a3, bound)], b3[:below(b3, bound)]
	if n := min(len(a3), len(b3)); n > 0 {
		o.runs = float64(common(a3, b3)) / float64(n)
	}
	o.numbers, o.dates = values(an, bn)
	return o
}

// limit is the value up to which a bottom-k sample is complete.
func limit(h []uint32, k int) uint32 {
	if len(h) < k {
		return ^uint32(0)
	}
	return h[k-1]
}

func below(h []uint32, bound uint32) int {
	n, _ := slices.BinarySearch(h, bound)
	if n < len(h) && h[n] == bound {
		n++
	}
	return n
}

// lead is the largest share of shared shingles in the first part of a text, of
// half at least.
func lead(placed []uint16) (best float64) {
	shared := 0
	for i, p := range placed {
		shared += int(p & 1)
		if n := i + 1; n*2 >= len(placed) {
			best = max(best, float64(shared)/float64(n))
		}
	}
	return best
}

// clumping divides how often the neighbour of a shared shingle is shared, in
// the order of the text, by how often any is. A rewrite word by word gives
// about 1; independent texts with quotations in common give 2 and more.
func clumping(placed []uint16, share float64) float64 {
	pairs, both := 0, 0
	for i := range placed[:len(placed)-1] {
		if placed[i]&1 == 1 {
			pairs++
			both += int(placed[i+1] & 1)
		}
	}
	if pairs == 0 {
		return 1
	}
	return float64(both) / float64(pairs) / share
}

// values compares numbers, and date words, which stand in the same context.
func values(a, b []uint32) (numbers, dates tally) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		ca, cb := a[i]>>16, b[j]>>16
		if ca != cb {
			if ca < cb {
				i++
			} else {
				j++
			}
			continue
		}
		i0, j0 := i, j
		for i < len(a) && a[i]>>16 == ca {
			i++
		}
		for j < len(b) && b[j]>>16 == ca {
			j++
		}
		numbers.count(a[i0:i], b[j0:j], 0)
		dates.count(a[i0:i], b[j0:j], 1)
	}
	return numbers, dates
}

// count looks at the values of one context whose lowest bit is bit.
func (t *tally) count(a, b []uint32, bit uint32) {
	var inA, inB bool
	for _, v := range b {
		inB = inB || v&1 == bit
	}
	for _, v := range a {
		if v&1 != bit {
			continue
		}
		inA = true
		if slices.Contains(b, v) {
			t.agree++
			return
		}
	}
	if inA && inB {
		t.disagree++
	}
}
