package neardup

import (
	"encoding/binary"
	"math"

	"github.com/zeebo/xxh3"
)

// Digest is a hash of the whole state, chains included: equal digests, equal
// answers. It reads every entry.
func (x *Index) Digest() uint64 {
	var h xxh3.Hasher
	var b []byte
	put := func(vs ...uint64) {
		for _, v := range vs {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
	}
	put(uint64(x.ring.len()), uint64(x.newest))
	for seq := x.ring.head; seq != x.ring.next; seq++ {
		e := x.ring.at(seq)
		put(e.id, e.copyOf, e.story, e.body, e.title, uint64(e.seen), uint64(e.ts),
			uint64(e.lang)<<32|uint64(e.words), x.back(seq, e.prevBody), x.back(seq, e.prevTitle))
		put(uint64(e.source), uint64(math.Float32bits(e.note.Similarity)), uint64(e.note.Revision)<<8|uint64(uint8(e.note.Rank)))
		if e.superseded {
			put(1)
		}
		if e.correction {
			put(2)
		}
		for i, key := range e.packed.indexed() {
			put(uint64(key), x.backLink(seq, x.ring.links(seq)[i]))
		}
		p := &e.packed
		put(uint64(p.n3)<<32|uint64(p.n2)<<24|uint64(p.nn)<<16|uint64(p.nv)<<8|uint64(p.shift), uint64(e.nTitle), uint64(e.nEntities))
		for _, vs := range [][]uint32{p.nums[:p.nn], p.values[:p.nv]} {
			for _, v := range vs {
				b = binary.LittleEndian.AppendUint32(b, v)
			}
		}
		b = append(b, p.marks[:p.n2]...)
		for _, vs := range [][]uint16{p.gaps[:p.n2], e.titleTerms[:e.nTitle], e.entities[:e.nEntities]} {
			for _, v := range vs {
				b = binary.LittleEndian.AppendUint16(b, v)
			}
		}
		_, _ = h.Write(b)
		b = b[:0]
	}
	return h.Sum64()
}

// back is how many entries before seq a link points; 0: none in the window.
func (x *Index) back(seq, before uint32) uint64 {
	if !x.ring.has(before) {
		return 0
	}
	return uint64(seq - before)
}

// backLink tells the same of a link, and which of the keys it names.
func (x *Index) backLink(seq, link uint32) uint64 {
	before := x.ring.entryOf(link)
	if !x.ring.has(before) || before == seq {
		return 0
	}
	return uint64(seq-before)<<keyBits | uint64(link&(1<<keyBits-1))
}
