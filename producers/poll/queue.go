package poll

import (
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// feedEntry is what a poller holds of one feed between two polls. A hundred
// thousand of them are held at once.
type feedEntry struct {
	sub     *news.Feed
	state   *news.FeedState // without Seen
	seen    seen
	due     time.Time     // by the schedule
	next    time.Time     // due, or when its host may be asked
	written time.Time     // when its state was stored last
	planned time.Duration // interval that the budget counts; 0: none
	body    uint64        // hash of the last body that was read whole; 0: none
	name    mark          // the newest item with a GUID, and the hash of that
	index   int           // in the queue; -1 while a fetch is under way
	suspect uint8         // polls for which a 304 is not believed
	damaged bool          // its last answer was
	removed bool
}

// queue holds feeds by the time of their next poll; it is a container/heap.
type queue []*feedEntry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].next.Before(q[j].next) }
func (q queue) Swap(i, j int)      { q[i], q[j] = q[j], q[i]; q[i].index, q[j].index = i, j }

// Push is for container/heap.
func (q *queue) Push(x any) {
	e := x.(*feedEntry)
	e.index = len(*q)
	*q = append(*q, e)
}

// Pop is for container/heap.
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	e.index = -1
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return e
}
