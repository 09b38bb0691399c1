package neardup

import "slices"

// overlap is what two sketches have in common.
type overlap struct {
	containment, jaccard float64 // of 2-word shingles, estimated
	told                 float64 // containment of what is neither quoted nor an outlet's furniture
	nTold                int     // sampled shingles that it rests on
	runs                 float64 // containment of 3-word shingles, estimated
	clumped              float64 // how much more often a shared shingle follows a shared one than chance has it; 1: spread evenly
	lead                 float64 // containment of the text without its tail, where that is larger: a footer was added
	n                    int     // sampled 2-word shingles of the smaller text: how sure the estimates are
	shared               int     // of them in both
	numbers, dates       tally   // in the same context
	values, missing      int     // numbers of the text that has fewer, and those that the other lacks
}

// tally counts places that two texts have in common, with the same value there
// and with another.
type tally struct{ agree, disagree int }

// minShared is the containment below which nothing else is worth a look.
const minShared = .2

// compare compares a with b. furniture marks 2-word shingles of a that its
// source repeats.
func compare(a, b *bare, furniture *mask) overlap {
	a3, a2, an, av := a.h3, a.h2, a.nums, a.values
	b3, b2, bn, bv := b.h3, b.h2, b.nums, b.values
	var o overlap
	bound := min(limit(a2, max2), limit(b2, max2)) | places
	na, nb := below(a2, bound), below(b2, bound)
	o.n = min(na, nb)
	if o.n == 0 {
		return o
	}
	// Most candidates have little more in common than what brought them here.
	if s := sharedValues(a2[:na], b2[:nb]); float64(s) < minShared*float64(o.n) {
		o.shared, o.nTold = s, o.n
		o.containment, o.jaccard = float64(s)/float64(o.n), float64(s)/float64(na+nb-s)
		return o
	}
	var placed [max2]uint8 // place<<1 | shared, of the smaller
	told, toldShared := 0, 0
	for i, j, n := 0, 0, 0; i < na || j < nb; {
		var va, vb uint32 = ^uint32(0), ^uint32(0)
		if i < na {
			va = a2[i]
		}
		if j < nb {
			vb = b2[j]
		}
		switch ka, kb := va>>placeBits, vb>>placeBits; {
		case i < na && j < nb && ka == kb:
			o.shared++
			v := va
			if nb < na {
				v = vb
			}
			placed[n] = uint8(v)&^quoted | 1
			n++
			if (va|vb)&quoted == 0 && !furniture.has(i) {
				told++
				toldShared++
			}
			i, j = i+1, j+1
		case j == nb || i < na && ka < kb:
			if na <= nb {
				placed[n] = uint8(va) &^ quoted
				n++
				if va&quoted == 0 && !furniture.has(i) {
					told++
				}
			}
			i++
		default:
			if nb < na {
				placed[n] = uint8(vb) &^ quoted
				n++
				if vb&quoted == 0 {
					told++
				}
			}
			j++
		}
	}
	o.containment = float64(o.shared) / float64(o.n)
	o.jaccard = float64(o.shared) / float64(na+nb-o.shared)
	if o.nTold = told; told > 0 {
		o.told = float64(toldShared) / float64(told)
	}
	sortPlaced(placed[:o.n])
	o.lead = lead(placed[:o.n])
	o.clumped = clumping(placed[:o.n], o.containment)
	bound = min(limit(a3, a.max3), limit(b3, b.max3))
	a3, b3 = a3[:below(a3, bound)], b3[:below(b3, bound)]
	if n := min(len(a3), len(b3)); n > 0 {
		o.runs = float64(common(a3, b3)) / float64(n)
	}
	o.numbers, o.dates = values(an, bn)
	o.values, o.missing = missing(av, bv)
	return o
}

// sortPlaced sorts by counting: there are no more values than a byte has.
func sortPlaced(p []uint8) {
	var n [256]uint8
	for _, v := range p {
		n[v]++
	}
	at := 0
	for v := range n {
		for range n[v] {
			p[at] = uint8(v)
			at++
		}
	}
}

// sharedValues counts what stands in both of two parts of 2-word shingles. It
// has no branches that a processor could guess wrong.
func sharedValues(a, b []uint32) (n int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		va, vb := a[i]>>placeBits, b[j]>>placeBits
		var less, more, same int
		if va <= vb {
			less = 1
		}
		if vb <= va {
			more = 1
		}
		if va == vb {
			same = 1
		}
		i, j, n = i+less, j+more, n+same
	}
	return n
}

// mask marks 2-word shingles of a sketch by their place in it; nil marks none.
type mask [(max2 + 63) / 64]uint64

func (m *mask) has(i int) bool { return m != nil && m[i>>6]>>(i&63)&1 == 1 }

// sharedMask marks the 2-word shingles of a that b has, too.
func sharedMask(a2, b2 []uint32) (m mask) {
	j := 0
	for i, v := range a2 {
		for j < len(b2) && b2[j]>>placeBits < v>>placeBits {
			j++
		}
		if j < len(b2) && b2[j]>>placeBits == v>>placeBits {
			m[i>>6] |= 1 << (i & 63)
		}
	}
	return m
}

// missing counts the numbers of the text that has fewer of them, and those
// that the other lacks. Two lists that are full are compared as far as both
// reach.
func missing(a, b []uint32) (n, lack int) {
	if len(a) > len(b) {
		a, b = b, a
	}
	full := len(b) == maxValues/2
	var last uint32
	if len(b) > 0 {
		last = b[len(b)-1] & 0xffff
	}
	before := ^uint32(0)
	for i := range 2 * len(a) {
		v := half(a, i)
		if v == before || full && v > last {
			continue
		}
		before = v
		n++
		if !holds(b, v) {
			lack++
		}
	}
	return n, lack
}

func half(p []uint32, i int) uint32 {
	if i&1 == 0 {
		return p[i>>1] >> 16
	}
	return p[i>>1] & 0xffff
}

func holds(p []uint32, v uint32) bool {
	for _, w := range p {
		if w>>16 == v || w&0xffff == v {
			return true
		}
	}
	return false
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
func lead(placed []uint8) (best float64) {
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
func clumping(placed []uint8, share float64) float64 {
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
