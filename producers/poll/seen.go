package poll

import "encoding/binary"

// maxSeen bounds what is remembered of one feed, in items. Beyond it, land
// decides what is new.
const maxSeen = 16384

// seen remembers the items of a feed: for each id, a hash of what it said.
type seen struct {
	hash  map[uint64]uint64
	order []uint64 // oldest first
}

// decodeSeen reads the binary form, pairs of id and hash.
func decodeSeen(b []byte) *seen {
	s := &seen{hash: make(map[uint64]uint64, len(b)/16)}
	for ; len(b) >= 16; b = b[16:] {
		s.put(binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:]))
	}
	return s
}

// encode gives the binary form, oldest first.
func (s *seen) encode() []byte {
	b := make([]byte, 0, 16*len(s.order))
	for _, id := range s.order {
		b = binary.LittleEndian.AppendUint64(b, id)
		b = binary.LittleEndian.AppendUint64(b, s.hash[id])
	}
	return b
}

func (s *seen) put(id, hash uint64) {
	if _, ok := s.hash[id]; !ok {
		s.order = append(s.order, id)
	}
	s.hash[id] = hash
}

// trim forgets the oldest items: twice the length of the feed is kept.
func (s *seen) trim(items int) {
	keep := min(max(2*items, 64), maxSeen)
	for len(s.order) > keep {
		delete(s.hash, s.order[0])
		s.order = s.order[1:]
	}
}
