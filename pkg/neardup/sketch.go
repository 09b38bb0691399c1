package neardup

import (
	"fmt"
	"slices"
)

// Sketch is the stored digest of one text. Its layout, version 1:
//
//	[0]           version<<24 | n3<<16 | n2<<8 | nn
//	n3 values     smallest hashes of 3-word shingles, ascending: candidates, and long shared runs
//	n2 values     smallest hashes of 2-word shingles, ascending: hash<<8 | place of its first
//	              occurrence in 256ths of the text: containment, Jaccard, and how what is
//	              shared spreads over the text
//	nn values     numbers and dates, ascending: context<<16 | value, see appendNumbers
//
// Where a part is full, it is the sample of all shingles at or below its last
// value (a bottom-k sketch); where it is not, it holds every shingle. Two
// sketches are compared below the smaller of both bounds, so that a cut of a
// text is compared with the part of the text's sample that it could have.
// An empty sketch belongs to a text without words.
type Sketch []uint32

const (
	sketchVersion = 1
	max3          = 36
	max2          = 60
	maxNumbers    = 16
	placeBits     = 8
	places        = 1<<placeBits - 1

	// MaxSketch bounds the length of a Sketch.
	MaxSketch = 1 + max3 + max2 + maxNumbers
)

// Sketcher computes sketches, see NewSketcher. It holds scratch space and is
// for one goroutine at a time.
type Sketcher struct {
	common       hashes
	plain        []bool // of the terms: not a common word
	h3, h2, nums []uint32
}

// Append appends the sketch of one text to dst. terms are 64-bit hashes of its
// normalised words in their order; text is the text itself, which is scanned
// for numbers and dates. It does not allocate once its scratch space has grown.
func (s *Sketcher) Append(dst Sketch, terms []uint64, text string) Sketch {
	if len(terms) == 0 {
		return dst
	}
	s.h3, s.h2, s.plain = s.h3[:0], s.h2[:0], s.plain[:0]
	for _, t := range terms {
		s.plain = append(s.plain, !s.common.has(t))
	}
	limit2, limit3 := guess(len(terms), max2), guess(len(terms), max3)
	s.shingles(terms, limit2, limit3)
	s.h2, s.h3 = smallest(s.h2, max2, placeBits), smallest(s.h3, max3, 0)
	// A text that repeats itself has fewer distinct shingles than guessed.
	short2 := len(s.h2) < max2 && limit2 != ^uint32(0)
	short3 := len(s.h3) < max3 && limit3 != ^uint32(0)
	if short2 || short3 {
		s.h3, s.h2 = s.h3[:0], s.h2[:0]
		s.shingles(terms, ^uint32(0), ^uint32(0))
		s.h2, s.h3 = smallest(s.h2, max2, placeBits), smallest(s.h3, max3, 0)
	}
	s.nums = appendNumbers(s.nums[:0], text)
	s.nums = smallest(s.nums, maxNumbers, 0)
	dst = append(dst, sketchVersion<<24|uint32(len(s.h3))<<16|uint32(len(s.h2))<<8|uint32(len(s.nums)))
	dst = append(dst, s.h3...)
	dst = append(dst, s.h2...)
	return append(dst, s.nums...)
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
				s.h2 = append(s.h2, h&^places|uint32(i*(places+1)/len(terms)))
			}
		}
		if i+2 < len(terms) && (told || s.plain[i+2]) {
			if h := mix32(a*0xc2b2ae3d27d4eb4f + terms[i+2]); h <= limit3 {
				s.h3 = append(s.h3, h)
			}
		}
	}
}

// smallest sorts h, drops repeats and keeps the first k values. The low bits
// do not tell values apart; of several the smallest stays.
func smallest(h []uint32, k, bits int) []uint32 {
	slices.Sort(h)
	n := 0
	for i, v := range h {
		if i > 0 && v>>bits == h[i-1]>>bits {
			continue
		}
		h[n] = v
		if n++; n == k {
			break
		}
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
func (s Sketch) parts() (h3, h2, nums []uint32) {
	if s.Validate() != nil || len(s) == 0 {
		return nil, nil, nil
	}
	n3, n2 := int(s[0]>>16&0xff), int(s[0]>>8&0xff)
	return s[1 : 1+n3], s[1+n3 : 1+n3+n2], s[1+n3+n2:]
}

// Validate says why a sketch that came from outside is not one of this build.
func (s Sketch) Validate() error {
	if len(s) == 0 {
		return nil
	}
	n3, n2, nn := int(s[0]>>16&0xff), int(s[0]>>8&0xff), int(s[0]&0xff)
	switch {
	case s[0]>>24 != sketchVersion:
		return fmt.Errorf("sketch version %d, this build knows %d", s[0]>>24, sketchVersion)
	case n3 > max3 || n2 > max2 || nn > maxNumbers || len(s) != 1+n3+n2+nn:
		return fmt.Errorf("sketch of %d values does not hold %d+%d+%d", len(s), n3, n2, nn)
	}
	return nil
}
