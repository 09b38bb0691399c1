package neardup

// packed is a sketch as the window holds it, in three quarters of the space:
// 2-word shingles by their distances, of 3-word shingles the indexed ones
// alone. Their lowest bits are left out where distances need more than 16: a
// sketch is compared with it after align has left them out there, too.
type packed struct {
	keys   [postings]uint32 // the smallest 3-word shingles, ascending: the indexed ones
	nums   [maxNumbers]uint32
	values [maxValues / 2]uint32
	gaps   [max2]uint16 // between the 2-word shingles, shift bits left out
	marks  [max2]uint8  // places, and whether quoted
	n3, n2 uint8        // n3: of the whole sketch
	nn, nv uint8
	shift  uint8
}

// pack takes a sketch; one of another version or a broken one is empty.
func (p *packed) pack(s Sketch) {
	h3, h2, nums, values := s.parts()
	*p = packed{n3: uint8(len(h3)), n2: uint8(len(h2)), nn: uint8(len(nums)), nv: uint8(len(values))}
	copy(p.keys[:], h3)
	copy(p.nums[:], nums)
	copy(p.values[:], values)
	most, before := uint32(0), uint32(0)
	for _, v := range h2 {
		most, before = max(most, v>>placeBits-before), v>>placeBits
	}
	for (most>>p.shift)+1 > 1<<16-1 {
		p.shift++
	}
	before = 0
	for i, v := range h2 {
		h := v >> placeBits >> p.shift
		p.gaps[i], p.marks[i] = uint16(h-before), uint8(v)
		before = h
	}
}

// indexed are the 3-word shingles that lead to the entry.
func (p *packed) indexed() []uint32 { return p.keys[:min(p.n3, postings)] }

// touch reads one value of each line of memory that a comparison needs.
func (e *entry) touch() uint32 {
	p := &e.packed
	return uint32(e.id) + p.nums[0] + uint32(p.gaps[0]) + uint32(p.gaps[32]) + uint32(p.gaps[64]) + uint32(p.marks[0]) + uint32(p.n3)
}

// bare is a sketch taken apart.
type bare struct {
	h3, h2, nums, values []uint32
	max3                 int // from which number on h3 is a sample
	buffer               [max2]uint32
}

// unpack gives what p holds.
func (p *packed) unpack(b *bare) {
	b.h3, b.nums, b.values, b.max3 = p.indexed(), p.nums[:p.nn], p.values[:p.nv], postings
	if p.n3 == postings {
		b.max3++ // no more than these
	}
	h := uint32(0)
	for i := range p.gaps[:p.n2] {
		h += uint32(p.gaps[i])
		b.buffer[i] = h<<p.shift<<placeBits | uint32(p.marks[i])
	}
	b.h2 = b.buffer[:p.n2]
}

// take takes a sketch apart.
func (b *bare) take(s Sketch) {
	b.h3, b.h2, b.nums, b.values = s.parts()
	b.max3 = max3
}

// align leaves out of a what c has left out.
func (b *bare) align(a *bare, shift uint8) *bare {
	if shift == 0 {
		return a
	}
	b.h3, b.nums, b.values, b.max3 = a.h3, a.nums, a.values, a.max3
	keep := ^uint32(0)<<(placeBits+shift) | places
	for i, v := range a.h2 {
		b.buffer[i] = v & keep
	}
	b.h2 = b.buffer[:len(a.h2)]
	return b
}
