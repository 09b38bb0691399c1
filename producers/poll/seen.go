package poll

import (
	"encoding/binary"
	"slices"
)

// Bounds of what is remembered of one feed, in items: twice its length, within
// these. Of a longer feed only its newest items are read at all, so that none
// is published again and again. The state has to fit into one message.
const (
	minSeen = 64
	maxSeen = 32 << 10
)

// seen remembers the items of a feed in the order in which they first came,
// oldest first, but those that are not in the feed any more before all that
// are. For each it holds 8 bytes of id and 8 bytes of hash of what the item
// said, little endian: all that a feed costs between two polls.
type seen []byte

type mark struct{ id, hash uint64 }

const markSize = 16

func (s seen) len() int { return len(s) / markSize }

func (s seen) at(i int) mark {
	b := s[markSize*i:]
	return mark{binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])}
}

func (s seen) add(m mark) seen {
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(s, m.id), m.hash)
}

// index gives the hash of each id.
func (s seen) index() map[uint64]uint64 {
	known := make(map[uint64]uint64, s.len())
	for i := range s.len() {
		m := s.at(i)
		known[m.id] = m.hash
	}
	return known
}

// last gives the ids of the last n items, in their order.
func (s seen) last(n int) []uint64 {
	n = min(n, s.len())
	out := make([]uint64, 0, n)
	for i := s.len() - n; i < s.len(); i++ {
		out = append(out, s.at(i).id)
	}
	return out
}

// next is what is remembered after a poll that found items, the oldest first:
// what was known and is not in the feed any more, what was known and is, and
// what is new.
func (s seen) next(items []entry) seen {
	listed := make(map[uint64]uint64, len(items))
	for i := range items {
		listed[items[i].id] = items[i].hash
	}
	keep := min(max(2*len(items), minSeen), maxSeen)
	var gone, stayed []mark
	for i := range s.len() {
		m := s.at(i)
		if hash, ok := listed[m.id]; ok {
			stayed = append(stayed, mark{m.id, hash})
			delete(listed, m.id)
		} else {
			gone = append(gone, m)
		}
	}
	marks := slices.Concat(gone, stayed)
	for i := range items {
		if _, fresh := listed[items[i].id]; fresh {
			marks = append(marks, mark{items[i].id, items[i].hash})
		}
	}
	marks = marks[max(0, len(marks)-keep):]
	out := make(seen, 0, markSize*len(marks))
	for _, m := range marks {
		out = out.add(m)
	}
	return out
}
