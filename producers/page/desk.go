package page

import (
	"container/heap"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

// task is one article whose page is wanted.
type task struct {
	owner  *window
	offset int64
	id     news.ID
	host   string
	seen   time.Time // when the article was seen
	tries  int
	rung   int       // of the identity ladder
	at     time.Time // not before
	index  int       // in the queue of its host; -1: not in it

	article *news.Article // without content
	claim   claim
	version uint64 // of title and teaser
	bytes   int    // in memory
}

// desk decides whose page is fetched next: from each host one at a time, the
// oldest first, and a host that is in trouble later and later. What waits for
// one host never stands before what waits for another. It is pure but for its
// memory, and for one goroutine at a time.
type desk struct {
	slots int
	busy  int
	hosts map[string]*host
	ready hosts // those that have work and none under way, by when they may be asked
}

// host is one site.
type host struct {
	name     string
	queue    tasks
	busy     bool
	began    time.Time     // the request under way
	at       time.Time     // may be asked again
	pace     time.Duration // from one page to the next, lately
	failures int           // in a row
	rung     int           // of the identity ladder, that it let in
	index    int           // in ready; -1: not in it
}

// Pauses of a host that is in trouble: the first, doubling up to the longest.
const (
	firstPause   = 15 * time.Second
	longestPause = 30 * time.Minute
)

// usualPace is what a page of a host takes, politeness included, while nothing
// else is known.
const usualPace = time.Second

func newDesk(slots int) *desk { return &desk{slots: slots, hosts: map[string]*host{}} }

// add takes a task.
func (d *desk) add(t *task) {
	h := d.hosts[t.host]
	if h == nil {
		h = &host{name: t.host, pace: usualPace, index: -1}
		d.hosts[t.host] = h
	}
	heap.Push(&h.queue, t)
	d.settle(h)
}

// next gives the task to do now. Where there is none it says how long there
// will be none, and 0 where only a task that ends can change that.
func (d *desk) next(now time.Time) (t *task, wait time.Duration) {
	if d.busy >= d.slots || len(d.ready) == 0 {
		return nil, 0
	}
	h := d.ready[0]
	if w := h.due().Sub(now); w > 0 {
		return nil, w
	}
	t = heap.Pop(&h.queue).(*task)
	t.rung = max(t.rung, h.rung)
	h.busy, h.began = true, now
	d.busy++
	d.settle(h)
	return t, 0
}

// leave says that the host of a task may be asked again, from `at` on. ok: it
// has answered; else it is in trouble, and pauses.
func (d *desk) leave(t *task, now, at time.Time, ok bool) {
	h := d.hosts[t.host]
	h.busy = false
	if ok {
		h.failures = 0
	} else {
		at = later(at, now.Add(min(firstPause<<min(h.failures, 10), longestPause)))
		h.failures++
	}
	h.at = later(h.at, at)
	h.pace = later(now, h.at).Sub(h.began)
	d.settle(h)
}

// letIn notes under which rung of the identity ladder a host answers.
func (d *desk) letIn(t *task) { d.hosts[t.host].rung = t.rung }

// postpone puts a task back whose host may not be asked before a time.
func (d *desk) postpone(t *task, at time.Time) {
	h := d.hosts[t.host]
	h.busy = false
	h.at = later(h.at, at)
	d.settle(h)
}

// end gives the slot of a task back.
func (d *desk) end() { d.busy-- }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// drop takes a task out that waits; it tells whether it did.
func (d *desk) drop(t *task) bool {
	h := d.hosts[t.host]
	if h == nil || t.index < 0 {
		return false
	}
	heap.Remove(&h.queue, t.index)
	d.settle(h)
	return true
}

// forget takes everything out that waits for an owner.
func (d *desk) forget(w *window) {
	for _, h := range d.hosts {
		kept := h.queue[:0]
		for _, t := range h.queue {
			if t.owner == w {
				t.index = -1
			} else {
				kept = append(kept, t)
			}
		}
		clear(h.queue[len(kept):])
		h.queue = kept
		for i, t := range h.queue {
			t.index = i
		}
		heap.Init(&h.queue)
		d.settle(h)
	}
}

// hopeless takes a task out whose turn is furthest away: the oldest of the
// owner's at the host which has the longest way to go, where that is longer
// than patience. nil: everything moves on.
func (d *desk) hopeless(w *window, now time.Time, patience time.Duration) *task {
	var worst *host
	longest := patience
	for _, h := range d.hosts {
		pace := h.pace
		if h.busy {
			pace = max(pace, now.Sub(h.began))
		}
		if wait := time.Duration(len(h.queue)) * pace; wait > longest && h.has(w) {
			worst, longest = h, wait
		}
	}
	if worst == nil {
		return nil
	}
	var oldest *task
	for _, t := range worst.queue {
		if t.owner == w && (oldest == nil || t.offset < oldest.offset) {
			oldest = t
		}
	}
	d.drop(oldest)
	return oldest
}

func (h *host) has(w *window) bool {
	for _, t := range h.queue {
		if t.owner == w {
			return true
		}
	}
	return false
}

// waiting counts tasks and hosts with tasks.
func (d *desk) waiting() (n, hosts int) {
	for _, h := range d.hosts {
		if len(h.queue) > 0 {
			n += len(h.queue)
			hosts++
		}
	}
	return n, hosts
}

// settle puts a host where it belongs after a change: among the ready ones, or
// out of them.
func (d *desk) settle(h *host) {
	switch ready := !h.busy && len(h.queue) > 0; {
	case ready && h.index < 0:
		heap.Push(&d.ready, h)
	case ready:
		heap.Fix(&d.ready, h.index)
	case h.index >= 0:
		heap.Remove(&d.ready, h.index)
	}
}

// sweep forgets hosts that have nothing to remember.
func (d *desk) sweep(now time.Time) {
	for name, h := range d.hosts {
		if !h.busy && len(h.queue) == 0 && !h.at.After(now) && h.failures == 0 {
			delete(d.hosts, name)
		}
	}
	const troubled = 10_000 // hosts in trouble that are remembered
	for name, h := range d.hosts {
		if len(d.hosts) <= troubled {
			break
		}
		if !h.busy && len(h.queue) == 0 {
			delete(d.hosts, name)
		}
	}
}

// due is when the first task of the host may be done.
func (h *host) due() time.Time { return later(h.at, h.queue[0].at) }

// tasks is a heap by time, then by age.
type tasks []*task

func (q tasks) Len() int { return len(q) }
func (q tasks) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	if !q[i].seen.Equal(q[j].seen) {
		return q[i].seen.Before(q[j].seen)
	}
	return q[i].offset < q[j].offset
}
func (q tasks) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *tasks) Push(x any) {
	t := x.(*task)
	t.index = len(*q)
	*q = append(*q, t)
}
func (q *tasks) Pop() any {
	last := len(*q) - 1
	t := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	t.index = -1
	return t
}

// hosts is a heap by when the next request is due.
type hosts []*host

func (q hosts) Len() int           { return len(q) }
func (q hosts) Less(i, j int) bool { return q[i].due().Before(q[j].due()) }
func (q hosts) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}
func (q *hosts) Push(x any) {
	h := x.(*host)
	h.index = len(*q)
	*q = append(*q, h)
}
func (q *hosts) Pop() any {
	last := len(*q) - 1
	h := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	h.index = -1
	return h
}
