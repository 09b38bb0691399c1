package neardup

import (
	"fmt"
	"math/bits"
	"slices"
)

// Sketch is the stored digest of one text. Its layout, version 3:
//
//	[0]           version<<24 | n3<<16 | n2<<8 | nn
//	n3 values     smallest hashes of 3-word shingles, ascending: candidates, and long shared runs
//	n2 values     smallest hashes of 2-word shingles, ascending: hash<<8 | place<<1 | quoted; place is
//	              that of the first occurrence in 128ths of the text, quoted tells that one stands in
//	              a quotation: containment, Jaccard, and how what is shared spreads over the text
//	nn values     numbers and dates, ascending: context<<16 | value, see appendNumbers
//	the rest      smallest hashes of numbers alone, of 16 bits, ascending, two in each value; an odd
//	              one stands twice
//
// Where a part is full, it is the sample of all shingles at or below its last
// value (a bottom-k sketch); where it is not, it holds every shingle. Two
// sketches are compared below the smaller of both bounds, so that a cut of a
// text is compared with the part of the text's sample that it could have.
// An empty sketch belongs to a text without words. One of another version
// compares as empty: such a text is found by its body and its title alone,
// until the window has passed it.
type Sketch []uint32

const (
	sketchVersion = 3
	max3          = 24
	max2          = 84
	maxNumbers    = 16
	maxValues     = 20 // numbers alone
	placeBits     = 8
	places        = 1<<placeBits - 1
	quoted        = 1

	// MaxSketch bounds the length of a Sketch.
	MaxSketch = 1 + max3 + max2 + maxNumbers + maxValues/2
)

// Sketcher computes sketches, see NewSketcher. It holds scratch space and is
// for one goroutine at a time.
type Sketcher struct {
	common       hashes
	plain        []bool // of the terms: not a common word
	theirs       []bool // of the terms: in a quotation
	spans        []span
	h3, h2, nums []uint32
	values       []uint32
	spare        []uint32
}

// Append appends the sketch of one text to dst. terms are 64-bit hashes of its
// normalised words in their order, at is where each of them begins in text, in
// bytes; nil: quotations, numbers and dates are left out. It does not allocate once its scratch space
// has grown.
func (s *Sketcher) Append(dst Sketch, terms []uint64, at []int32, text string) Sketch {
	if len(terms) == 0 {
		return dst
	}
	s.h3, s.h2, s.plain = s.h3[:0], s.h2[:0], s.plain[:0]
	for _, t := range terms {
		s.plain = append(s.plain, !s.common.has(t))
	}
	s.quotations(len(terms), at, text)
	limit2, limit3 := guess(len(terms), max2), guess(len(terms), max3)
	s.shingles(terms, limit2, limit3)
	s.sort(limit2, limit3)
	// A text that repeats itself has fewer distinct shingles than guessed.
	short2 := len(s.h2) < max2 && limit2 != ^uint32(0)
	short3 := len(s.h3) < max3 && limit3 != ^uint32(0)
	if short2 || short3 {
		s.h3, s.h2 = s.h3[:0], s.h2[:0]
		s.shingles(terms, ^uint32(0), ^uint32(0))
		s.sort(^uint32(0), ^uint32(0))
	}
	s.nums, s.values = s.nums[:0], s.values[:0]
	if len(at) == len(terms) {
		s.nums, s.values = appendNumbers(s.nums, s.values, terms, at, text)
	}
	slices.Sort(s.nums)
	s.nums = smallest(s.nums, maxNumbers, 0)
	slices.Sort(s.values)
	s.values = smallest(s.values, maxValues, 0)
	dst = append(dst, sketchVersion<<24|uint32(len(s.h3))<<16|uint32(len(s.h2))<<8|uint32(len(s.nums)))
	dst = append(dst, s.h3...)
	dst = append(dst, s.h2...)
	dst = append(dst, s.nums...)
	for i := 0; i < len(s.values); i += 2 {
		dst = append(dst, s.values[i]<<16|s.values[min(i+1, len(s.values)-1)])
	}
	return dst
}

// sort puts what shingles has collected into its final form.
func (s *Sketcher) sort(limit2, limit3 uint32) {
	s.h2, s.spare = sortUniform(s.h2, s.spare, limit2)
	s.h2 = smallest(s.h2, max2, placeBits)
	s.h3, s.spare = sortUniform(s.h3, s.spare, limit3)
	s.h3 = smallest(s.h3, max3, 0)
}

// sortUniform sorts values that are spread evenly up to limit: each of 256
// buckets has one or two. It gives the sorted ones and the other slice.
func sortUniform(h, spare []uint32, limit uint32) (sorted, other []uint32) {
	const small = 24
	if len(h) < small || len(h) > 1<<15 {
		slices.Sort(h)
		return h, spare
	}
	shift := max(bits.Len32(limit), 8) - 8
	var ends [256]uint16
	for _, v := range h {
		ends[v>>shift&0xff]++
	}
	sum := uint16(0)
	for i, n := range ends {
		ends[i] = sum
		sum += n
	}
	spare = slices.Grow(spare[:0], len(h))[:len(h)]
	for _, v := range h {
		b := v >> shift & 0xff
		spare[ends[b]] = v
		ends[b]++
	}
	for i := 1; i < len(spare); i++ {
		v := spare[i]
		j := i
		for ; j > 0 && spare[j-1] > v; j-- {
			spare[j] = spare[j-1]
		}
		spare[j] = v
	}
	return spare, h
}

// quotations marks the words that stand in quotations.
func (s *Sketcher) quotations(n int, at []int32, text string) {
	if len(at) != n {
		s.theirs = slices.Grow(s.theirs[:0], n)[:n]
		clear(s.theirs)
		return
	}
	s.theirs, s.spans = markQuotes(s.theirs, s.spans, at, text)
}

// guess gives a bound below which about twice k of n uniform hashes lie.
func guess(n, k int) uint32 {
	if n <= 3*k {
		return ^uint32(0)
	}
	return uint32(float64(1<<32-1) * 2 * float64(k) / float64(n))
}

// shingles collects the hashes at or below the limits.
func (s *Sketcher) shingles(terms []uint64, limit2, limit3 uint32) {
	if len(terms) == 1 {
		s.h2 = append(s.h2, mix32(terms[0])&^places)
		return
	}
	for i := 0; i+1 < len(terms); i++ {
		a := terms[i]*0x9e3779b97f4a7c15 + terms[i+1]
		told := s.plain[i] || s.plain[i+1]
		if told {
			if h := mix32(a); h <= limit2 {
				h = h&^places | uint32(i*((places+1)/2)/len(terms))<<1
				if s.theirs[i] && s.theirs[i+1] {
					h |= quoted
				}
				s.h2 = append(s.h2, h)
			}
		}
		if i+2 < len(terms) && (told || s.plain[i+2]) {
			if h := mix32(a*0xc2b2ae3d27d4eb4f + terms[i+2]); h <= limit3 {
				s.h3 = append(s.h3, h)
			}
		}
	}
}

// smallest drops repeats of sorted values and keeps the first k. The low bits
// do not tell values apart; of several the smallest stays, quoted if one is.
func smallest(h []uint32, k, low int) []uint32 {
	n := 0
	for _, v := range h {
		if n > 0 && v>>low == h[n-1]>>low {
			if low > 0 {
				h[n-1] |= v & quoted
			}
			continue
		}
		if n == k {
			break
		}
		h[n] = v
		n++
	}
	return h[:n]
}

// mix32 is the finaliser of splitmix64 (Steele et al. 2014), upper half.
func mix32(x uint64) uint32 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return uint32((x ^ x>>31) >> 32)
}

// parts takes a sketch apart. A sketch of another version or a broken one
// compares as empty.
func (s Sketch) parts() (h3, h2, nums, values []uint32) {
	if s.Validate() != nil || len(s) == 0 {
		return nil, nil, nil, nil
	}
	n3, n2, nn := int(s[0]>>16&0xff), int(s[0]>>8&0xff), int(s[0]&0xff)
	s = s[1:]
	return s[:n3], s[n3 : n3+n2], s[n3+n2 : n3+n2+nn], s[n3+n2+nn:]
}

// Validate says why a sketch that came from outside is not one of this build.
func (s Sketch) Validate() error {
	if len(s) == 0 {
		return nil
	}
	n3, n2, nn := int(s[0]>>16&0xff), int(s[0]>>8&0xff), int(s[0]&0xff)
	rest := len(s) - 1 - n3 - n2 - nn
	switch {
	case s[0]>>24 != sketchVersion:
		return fmt.Errorf("sketch version %d, this build knows %d", s[0]>>24, sketchVersion)
	case n3 > max3 || n2 > max2 || nn > maxNumbers || rest < 0 || rest > maxValues/2:
		return fmt.Errorf("sketch of %d values does not hold %d+%d+%d", len(s), n3, n2, nn)
	}
	return nil
}
