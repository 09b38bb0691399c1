package neardup

import (
	"math/rand/v2"
	"testing"
)

func (t *runs) len() (n int) {
	for i := range t.shards {
		n += t.shards[i].used
	}
	return n
}

// TestRuns compares the table with a map, under keys that are few, that stand
// close together, and that are many.
func TestRuns(t *testing.T) {
	for _, spread := range []uint32{7, 300, 1 << 31} {
		r := rand.New(rand.NewPCG(5, uint64(spread)))
		type list struct{ newest, n uint32 }
		var table runs
		want := map[uint32]list{}
		var queue []uint32
		for i := range uint32(200_000) {
			key := r.Uint32N(spread)
			before := table.push(key, i)
			l, ok := want[key]
			if ok && before != l.newest || !ok && before != noLink {
				t.Fatalf("key %d: %d before %d, want %+v", key, before, i, l)
			}
			want[key] = list{i, l.n + 1}
			queue = append(queue, key)
			if limit := 100_000; len(queue) > limit || i > 150_000 && len(queue) > 0 && r.IntN(2) == 0 {
				old := queue[0]
				queue = queue[1:]
				table.pop(old)
				if l := want[old]; l.n == 1 {
					delete(want, old)
				} else {
					want[old] = list{l.newest, l.n - 1}
				}
			}
		}
		if table.len() != len(want) {
			t.Errorf("%d keys, want %d", table.len(), len(want))
		}
		for key, l := range want {
			s, i := table.home(key)
			at := s.find(key, i)
			if at < 0 || s.slots[at].link != l.newest || table.count(s, at) != l.n {
				t.Fatalf("key %d: place %d, want %+v", key, at, l)
			}
		}
		if s, i := table.home(spread + 1); spread < 1<<31 && s.find(spread+1, i) >= 0 {
			t.Error("found what was never there")
		}
	}
}
