package ner

import (
	"math"
	"math/bits"
)

// Model is a trained tagger: immutable, safe for concurrent use.
type Model struct {
	version string
	slots   []slot
	shift   uint
	seen    [seenWords]uint64 // a filter of one hash: most features are in no row
	trans   [classes][tags][tags]int32
	unit    float64 // what 1 in a weight is worth in the exponent
	bias    int32   // added to what stays outside
	lex     *lexicon
	sharp   float64             // exponents are divided by this for scores
	rows    []keyed[[tags]int8] // kept by Train for Write
}

const (
	seenBits  = 23
	seenWords = 1 << (seenBits - 6)
)

// Version names the model: a number of the format and a hash of the weights.
func (m *Model) Version() string { return m.version }

// slot is one feature's weights: three bytes that tell the feature from others
// of its place in the table, then one byte a tag, 128 above the weight. A slot
// whose three bytes are 0 is free.
type slot struct{ lo, hi uint64 }

const keyMask = 1<<24 - 1

// key gives the three bytes that stand for a feature.
func key(h uint64) uint64 {
	if k := short(h) & keyMask; k != 0 {
		return k
	}
	return 1
}

// lanes sum the weights of features, in 16 lanes of 16 bits: bytes at even and
// odd places of both halves of a slot. 256 features fit without carrying over.
type lanes struct {
	s [4]uint64
	n int32
}

const evenBytes = 0x00ff00ff00ff00ff

// add adds a feature's weights.
func (m *Model) add(a *lanes, h uint64) {
	b := h >> (64 - seenBits)
	if m.seen[b>>6]&(1<<(b&63)) == 0 {
		return
	}
	k := key(h)
	for i := h >> m.shift; ; i++ {
		s := &m.slots[i&uint64(len(m.slots)-1)]
		switch s.lo & keyMask {
		case k:
			a.s[0] += s.lo & evenBytes
			a.s[1] += s.lo >> 8 & evenBytes
			a.s[2] += s.hi & evenBytes
			a.s[3] += s.hi >> 8 & evenBytes
			a.n++
			return
		case 0:
			return
		}
	}
}

func (a *lanes) join(b *lanes) {
	a.s[0] += b.s[0]
	a.s[1] += b.s[1]
	a.s[2] += b.s[2]
	a.s[3] += b.s[3]
	a.n += b.n
}

// read writes the sums of the weights out: byte 3+t of a slot is tag t.
func (a *lanes) read(dst *[tags]int32) {
	base := a.n * 128
	for t := range dst {
		b := t + 3
		dst[t] = int32(a.s[b/8*2+b%2]>>(8*uint(b%8&^1))&0xffff) - base
	}
}

func (s *slot) set(k uint64, w *[tags]int8) {
	s.lo, s.hi = k, 0
	for t, v := range w {
		b := uint64(uint8(int(v) + 128))
		if i := t + 3; i < 8 {
			s.lo |= b << (8 * i)
		} else {
			s.hi |= b << (8 * (i - 8))
		}
	}
}

// allocate makes room for n features.
func (m *Model) allocate(n int) {
	size := max(bits.Len(uint(n+n/8)), 8)
	m.slots = make([]slot, 1<<size)
	m.shift = uint(64 - size)
}

// insert adds a feature that is not there yet.
func (m *Model) insert(h uint64, w *[tags]int8) {
	b := h >> (64 - seenBits)
	m.seen[b>>6] |= 1 << (b & 63)
	mask := uint64(len(m.slots) - 1)
	i := h >> m.shift
	for m.slots[i&mask].lo&keyMask != 0 {
		i++
	}
	m.slots[i&mask].set(key(h), w)
}

// exp turns a sum of weights into a factor of probabilities, for scores.
func (m *Model) exp(v int32) float64 { return math.Exp(float64(v) * m.unit / m.sharp) }
