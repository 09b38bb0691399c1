package ner

import "math/bits"

// counter counts features roughly: two of a hash share a count, which stops at
// 255.
type counter struct {
	n     []uint8
	shift int
}

// newCounter returns a counter for the features of so many tokens.
func newCounter(tokens int) counter {
	size := min(max(bits.Len(uint(tokens))+5, 16), 28)
	return counter{make([]uint8, 1<<size), 64 - size}
}

func (c counter) add(h uint64, n uint32) {
	p := &c.n[h>>c.shift]
	*p = uint8(min(uint32(*p)+n, 255))
}

func (c counter) get(h uint64) int { return int(c.n[h>>c.shift]) }

// rowTable numbers features in the order of their coming.
type rowTable struct {
	keys []uint64
	rows []uint32
	n    uint32
}

func newRowTable() *rowTable {
	return &rowTable{keys: make([]uint64, 1<<16), rows: make([]uint32, 1<<16)}
}

// row returns the number of a feature.
func (t *rowTable) row(h uint64) uint32 {
	if h == 0 {
		h = 1
	}
	mask := uint64(len(t.keys) - 1)
	i := h & mask
	for ; t.keys[i] != 0; i = (i + 1) & mask {
		if t.keys[i] == h {
			return t.rows[i]
		}
	}
	if 3*int(t.n) > 2*len(t.keys) {
		t.grow()
		return t.row(h)
	}
	t.keys[i], t.rows[i] = h, t.n
	t.n++
	return t.n - 1
}

func (t *rowTable) grow() {
	keys, rows := t.keys, t.rows
	t.keys, t.rows = make([]uint64, 2*len(keys)), make([]uint32, 2*len(keys))
	mask := uint64(len(t.keys) - 1)
	for k, h := range keys {
		if h == 0 {
			continue
		}
		i := h & mask
		for t.keys[i] != 0 {
			i = (i + 1) & mask
		}
		t.keys[i], t.rows[i] = h, rows[k]
	}
}
