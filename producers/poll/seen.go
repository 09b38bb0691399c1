package poll

import (
	"encoding/binary"
	"slices"
)

// Bounds of what is remembered of one feed, in items: twice its length, within
// these. Beyond, land decides what is new.
const (
	minSeen = 64
	maxSeen = 16384
)

// seen remembers the items of a feed, for each id a hash of what it said; those
// that were in the feed last stand last. Its 16 bytes an item are all that a
// feed costs between two polls.
type seen []mark

type mark struct{ id, hash uint64 }

// decodeSeen reads the binary form.
func decodeSeen(b []byte) seen {
	s := make(seen, 0, len(b)/16)
	for ; len(b) >= 16; b = b[16:] {
		s = append(s, mark{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])})
	}
	return s
}

// encode gives the binary form: 8 bytes of id and 8 of hash each, little
// endian.
func (s seen) encode() []byte {
	b := make([]byte, 0, 16*len(s))
	for _, m := range s {
		b = binary.LittleEndian.AppendUint64(b, m.id)
		b = binary.LittleEndian.AppendUint64(b, m.hash)
	}
	return b
}

// index gives the hash of each id.
func (s seen) index() map[uint64]uint64 {
	known := make(map[uint64]uint64, len(s))
	for _, m := range s {
		known[m.id] = m.hash
	}
	return known
}

// next is what is remembered after a poll that found items: what was known and
// is not in the feed any more, and then the feed.
func (s seen) next(items []entry) seen {
	listed := make(map[uint64]bool, len(items))
	for i := range items {
		listed[uint64(items[i].article.ID)] = true
	}
	keep := min(max(2*len(items), minSeen), maxSeen)
	out := make(seen, 0, min(len(s)+len(items), keep))
	gone := slices.DeleteFunc(slices.Clone(s), func(m mark) bool { return listed[m.id] })
	out = append(out, gone[max(0, min(len(gone), len(gone)+len(items)-keep)):]...)
	for i := max(0, len(items)-keep); i < len(items); i++ {
		out = append(out, mark{uint64(items[i].article.ID), items[i].hash})
	}
	return out
}
