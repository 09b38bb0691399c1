package page

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
)

var t0 = time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)

func newTask(w *window, offset int64, host string) *task {
	return &task{owner: w, offset: offset, id: news.ID(offset + 1), host: host, seen: t0.Add(time.Duration(offset) * time.Second), index: -1}
}

// line gives what a desk hands out now, each task taking d.
func line(d *desk, now time.Time) string {
	var out []string
	for {
		t, _ := d.next(now)
		if t == nil {
			return strings.Join(out, " ")
		}
		out = append(out, fmt.Sprintf("%s%d", t.host, t.offset))
	}
}

func TestDeskTakesTurns(t *testing.T) {
	d := newDesk(3)
	w := newWindow(t.Context(), 0)
	var list []*task
	for i, host := range []string{"a", "a", "b", "a", "c", "d"} {
		list = append(list, newTask(w, int64(i), host))
	}
	for _, x := range list {
		d.add(x)
	}
	first := map[string]bool{}
	for range 3 {
		x, _ := d.next(t0)
		if first[x.host] {
			t.Errorf("%s twice at once", x.host)
		}
		first[x.host] = true
		if x.host == "a" && x.offset != 0 {
			t.Errorf("a%d before a0", x.offset)
		}
	}
	if x, wait := d.next(t0); x != nil || wait != 0 {
		t.Errorf("more than there are slots: %v, wait %v", x, wait)
	}
	for _, x := range list {
		if first[x.host] && x.index < 0 && d.hosts[x.host].busy {
			d.leave(x, t0, t0, true)
			d.end()
		}
	}
	if got := line(d, t0); len(strings.Fields(got)) != 2 || !strings.Contains(got, "a1") {
		t.Errorf("then %q", got)
	}
}

func TestDeskPauses(t *testing.T) {
	d := newDesk(10)
	w := newWindow(t.Context(), 0)
	x := newTask(w, 1, "a")
	d.add(x)
	d.add(newTask(w, 2, "b"))
	now := t0
	for i, want := range []time.Duration{15 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 16 * time.Minute, 30 * time.Minute, 30 * time.Minute} {
		got, wait := d.next(now)
		if i == 0 && got != nil && got.host == "b" {
			got, wait = d.next(now)
		}
		if got != x {
			t.Fatalf("try %d: %v, wait %v", i, got, wait)
		}
		d.leave(x, now, now, false)
		d.end()
		d.add(x)
		if i == 0 {
			line(d, now) // b, which waits for nobody
		}
		if _, wait = d.next(now); wait != want {
			t.Errorf("try %d: wait %v, want %v", i, wait, want)
		}
		now = now.Add(want)
	}
	if got, _ := d.next(now); got != x {
		t.Fatal("not asked again")
	}
	d.leave(x, now, now.Add(time.Hour), true) // what the publisher asks for counts as it is
	d.end()
	d.add(x)
	if _, wait := d.next(now); wait != time.Hour {
		t.Errorf("wait %v", wait)
	}
}

func TestDeskForgets(t *testing.T) {
	d := newDesk(10)
	mine, other := newWindow(t.Context(), 0), newWindow(t.Context(), 0)
	for i := range 6 {
		w := mine
		if i%2 == 1 {
			w = other
		}
		d.add(newTask(w, int64(i), string(rune('a'+i/3))))
	}
	d.forget(mine)
	if n, hosts := d.waiting(); n != 3 || hosts != 2 {
		t.Errorf("%d tasks at %d hosts", n, hosts)
	}
	if got := line(d, t0); got != "a1 b3" && got != "b3 a1" {
		t.Errorf("left %q", got)
	}
	d.sweep(t0)
	if len(d.hosts) != 2 {
		t.Errorf("%d hosts", len(d.hosts))
	}
}

// Given up is the oldest of the site with the longest way to go, and nothing
// where all move on.
func TestHopeless(t *testing.T) {
	d := newDesk(10)
	w, other := newWindow(t.Context(), 0), newWindow(t.Context(), 0)
	for i := range 40 {
		host := "quick"
		if i >= 10 {
			host = "long"
		}
		d.add(newTask(w, int64(i), host))
	}
	for i := range 100 {
		d.add(newTask(other, int64(i), "foreign"))
	}
	if x := d.hopeless(w, t0, time.Minute); x != nil {
		t.Errorf("%s%d given up", x.host, x.offset)
	}
	if x := d.hopeless(w, t0, 20*time.Second); x == nil || x.host != "long" || x.offset != 10 {
		t.Errorf("%+v given up", x)
	}
	// One that does not answer is slow before it has failed.
	for x, _ := d.next(t0); x != nil; x, _ = d.next(t0) {
		if x.host != "quick" {
			d.leave(x, t0, t0, true)
			d.end()
			d.hosts[x.host].at = t0.Add(time.Hour)
			d.settle(d.hosts[x.host])
			d.forget(other)
		}
	}
	if x := d.hopeless(w, t0.Add(10*time.Second), time.Minute); x == nil || x.host != "quick" {
		t.Errorf("%+v given up", x)
	}
}

// A mark says exactly what is pending, as far as there is room.
func TestMark(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		w := newWindow(t.Context(), rng.Int64N(1<<40))
		pending := map[int64]bool{}
		var tasks []*task
		from := w.read
		for range rng.IntN(5000) {
			off := w.read + rng.Int64N(1+rng.Int64N(300))
			var x *task
			if rng.IntN(2) == 0 {
				x = newTask(w, off, "a")
				tasks = append(tasks, x)
				pending[off] = true
			}
			w.pass(off, uint64(off), x)
		}
		for _, x := range tasks {
			if rng.IntN(3) > 0 {
				w.done(x)
				delete(pending, x.offset)
			}
		}
		offset, meta := w.mark()
		m, ok := readMark(offset, meta)
		if !ok || len(meta) > 4096 {
			t.Fatalf("%v, %d bytes", ok, len(meta))
		}
		if len(pending) == 0 {
			if offset != w.read || m.tail != w.read {
				t.Fatalf("nothing pending: %d, %d, want %d", offset, m.tail, w.read)
			}
			continue
		}
		delete(m.pending, m.tail)
		for off := range maps.Keys(pending) {
			if !m.wants(off) || off < offset {
				t.Fatalf("%d is lost", off)
			}
		}
		for off := range m.pending {
			if off < from || !pending[off] {
				t.Fatalf("%d is not pending", off)
			}
		}
		if m.tail < w.read && len(m.pending) < 1000 {
			t.Fatalf("room for %d only", len(m.pending))
		}
	}
	for _, bad := range []string{"", "v1", "v2:0:0:", "v1:x:y:", "v1:00:5:!!", "v1:00:5:gICA"} {
		if m, ok := readMark(3, bad); ok && !m.wants(7) {
			t.Errorf("%q is taken", bad)
		}
	}
}
