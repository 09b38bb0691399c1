package poll

import "time"

// turnover describes two listings of one feed, one poll after the other.
type turnover struct {
	before []uint64            // ids of the earlier listing, in the order in which they first came
	after  map[uint64]struct{} // ids of the later one
	fresh  int                 // of the later one, never seen before
	oldest time.Time           // date of the oldest item of the later one; zero where one of them has none
	polled time.Time           // when the earlier one was read
}

// gap tells whether items may have come and gone between the two listings:
// nothing proves that the later one begins where the earlier one ended.
//
// The proof is an item that was among the newest of the earlier listing and is
// still there. An old item proves nothing where newer ones have gone, since it
// did not stay by its age: it is pinned. As pins are few, half of a listing
// that stays is no turnover; that also bears with newest items which the
// publisher took back. A later listing that is much shorter may be the same
// window emptied and begun again; it tells of a gap only where all of it is
// younger than the poll before.
func (t turnover) gap() bool {
	n := len(t.before)
	if n == 0 || t.fresh == 0 {
		return false
	}
	newest := n - max(1, n/4)
	gone := 0
	for i, id := range t.before {
		_, stayed := t.after[id]
		switch {
		case !stayed:
			gone++
		case i >= newest:
			return false
		}
	}
	if 2*gone < n || 2*t.fresh < gone && 2*t.fresh < len(t.after) {
		return false
	}
	return 10*len(t.after) >= 9*n || t.oldest.After(t.polled)
}
