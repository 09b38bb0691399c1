package poll

import (
	"testing"
	"time"
)

func TestGap(t *testing.T) {
	// span lists from..to, the oldest first.
	span := func(from, to int) (ids []uint64) {
		for i := from; i <= to; i++ {
			ids = append(ids, uint64(i))
		}
		return ids
	}
	join := func(parts ...[]uint64) (ids []uint64) {
		for _, p := range parts {
			ids = append(ids, p...)
		}
		return ids
	}
	f := func(want bool, what string, before, after []uint64, old ...uint64) {
		t.Helper()
		known := map[uint64]bool{}
		for _, id := range join(before, old) {
			known[id] = true
		}
		tu := turnover{before: before, after: map[uint64]struct{}{}, polled: monday, oldest: monday.Add(-time.Hour)}
		for _, id := range after {
			tu.after[id] = struct{}{}
			if !known[id] {
				tu.fresh++
			}
		}
		if got := tu.gap(); got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	ten := span(1, 10)
	f(false, "first fill", nil, ten)
	f(false, "nothing has changed", ten, ten)
	f(false, "the newest is still there", ten, span(10, 19))
	f(true, "all have gone", ten, span(12, 21))
	f(true, "all have gone, and it could have been all", ten, span(11, 20))
	f(false, "the order is swapped", ten, []uint64{9, 8, 10, 7, 6, 5, 4, 3, 2, 1})
	f(false, "one is taken back", ten, span(1, 9))
	f(false, "the newest is taken back, and another comes", ten, join(span(1, 9), span(11, 11)))
	f(true, "one is pinned, the rest has gone", ten, join(span(1, 1), span(12, 20)))
	f(true, "three are pinned, the rest has gone", ten, join(span(1, 3), span(12, 18)))
	f(false, "three are pinned, the newest is still there", ten, join(span(1, 3), span(10, 16)))
	f(false, "it shrinks", span(1, 50), span(41, 50))
	f(false, "it shrinks, and new ones come", span(1, 50), span(45, 54))
	f(false, "emptied and begun again", ten, span(12, 16))
	f(false, "back with what was known", ten, span(101, 110), span(101, 110)...)
	f(true, "a short one has turned over", span(1, 1), span(2, 2))
	f(true, "ten thousand pages have turned over", span(1, 10000), span(10001, 20000))
	f(false, "ten thousand pages move on", span(1, 10000), span(5000, 15000))
	f(false, "by popularity: known ones come back, one is new", ten, join(span(101, 109), span(11, 11)), span(101, 109)...)

	tu := turnover{before: ten, after: map[uint64]struct{}{21: {}, 22: {}, 23: {}}, fresh: 3, polled: monday, oldest: monday.Add(time.Minute)}
	if !tu.gap() {
		t.Error("fewer than before, and all of them younger than the last poll: a window in time has rolled over")
	}
}
