package neardup

// runs are the heads of the posting lists: for each indexed 3-word shingle the
// newest link and the number of entries of the window that have it. It is a
// hash table with linear probing, in shards that grow one by one and by a
// quarter, so that it is never far from full; a Go map needs twice the memory
// and, where it is larger than the caches, several times the time.
type runs struct {
	shards [1 << shardBits]shard
	many   map[uint32]uint32 // counts from manyRuns on
}

const (
	shardBits = 8
	manyRuns  = 1<<16 - 1
	noLink    = ^uint32(0)
)

type shard struct {
	slots []slot
	n     []uint16 // entries of each slot's list; manyRuns: see runs.many
	used  int
}

type slot struct{ key, link uint32 } // link: noLink where the slot is empty

// home gives the shard of a key, and where in it the search begins.
func (t *runs) home(key uint32) (*shard, int) {
	h := key * 0x9e3779b1
	s := &t.shards[h>>(32-shardBits)]
	return s, s.at(h)
}

func (s *shard) at(h uint32) int {
	return int(uint64(h<<shardBits) * uint64(len(s.slots)) >> 32)
}

// touch reads what find and count will.
func (t *runs) touch(key uint32) uint32 {
	s, i := t.home(key)
	if len(s.slots) == 0 {
		return 0
	}
	return s.slots[i].link + uint32(s.n[i])
}

// find gives the slot of a key; -1: it has none.
func (s *shard) find(key uint32, i int) int {
	if len(s.slots) == 0 {
		return -1
	}
	for {
		switch sl := &s.slots[i]; {
		case sl.link == noLink:
			return -1
		case sl.key == key:
			return i
		}
		if i++; i == len(s.slots) {
			i = 0
		}
	}
}

// count is how many entries a slot's list has.
func (t *runs) count(s *shard, i int) uint32 {
	if n := s.n[i]; n != manyRuns {
		return uint32(n)
	}
	return t.many[s.slots[i].key]
}

func (t *runs) setCount(s *shard, i int, n uint32) {
	key := s.slots[i].key
	if n < manyRuns {
		if s.n[i] == manyRuns {
			delete(t.many, key)
		}
		s.n[i] = uint16(n)
		return
	}
	if t.many == nil {
		t.many = map[uint32]uint32{}
	}
	s.n[i], t.many[key] = manyRuns, n
}

// push makes link the newest of a key, and returns the one before; noLink
// where there was none.
func (t *runs) push(key, link uint32) (before uint32) {
	s, i := t.home(key)
	if at := s.find(key, i); at >= 0 {
		before, s.slots[at].link = s.slots[at].link, link
		t.setCount(s, at, t.count(s, at)+1)
		return before
	}
	if 8*(s.used+1) > 7*len(s.slots) {
		s.grow()
		_, i = t.home(key)
	}
	s.put(slot{key, link}, 1, i)
	return noLink
}

func (s *shard) put(sl slot, n uint16, i int) {
	for s.slots[i].link != noLink {
		if i++; i == len(s.slots) {
			i = 0
		}
	}
	s.slots[i], s.n[i] = sl, n
	s.used++
}

func (s *shard) grow() {
	old, n := s.slots, s.n
	size := len(old)*5/4 + 8
	s.slots, s.n, s.used = make([]slot, size), make([]uint16, size), 0
	for i := range s.slots {
		s.slots[i].link = noLink
	}
	for i, sl := range old {
		if sl.link != noLink {
			s.put(sl, n[i], s.at(sl.key*0x9e3779b1))
		}
	}
}

// pop takes the oldest entry off the list of a key.
func (t *runs) pop(key uint32) {
	s, i := t.home(key)
	if i = s.find(key, i); i < 0 {
		return
	}
	if n := t.count(s, i); n > 1 {
		t.setCount(s, i, n-1)
		return
	}
	// What stands behind moves up, unless it would stand before its home.
	s.used--
	for hole := i; ; {
		if i++; i == len(s.slots) {
			i = 0
		}
		sl := s.slots[i]
		if sl.link == noLink {
			s.slots[hole].link = noLink
			return
		}
		home := s.at(sl.key * 0x9e3779b1)
		if between := hole <= i; between && (home > hole && home <= i) || !between && (home > hole || home <= i) {
			continue
		}
		s.slots[hole], s.n[hole] = sl, s.n[i]
		hole = i
	}
}
