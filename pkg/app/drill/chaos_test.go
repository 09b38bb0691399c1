package drill

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/producers/newsroom"
)

// fromEnv reads a number from the environment.
func fromEnv(t *testing.T, name string, def uint64) uint64 {
	t.Helper()
	s := os.Getenv(name)
	if s == "" {
		return def
	}
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestChaos kills and stops every role while a newsroom publishes, and then
// asks the newsroom's ledger, the tables and `dateline audit` whether every
// article is there once.
//
// DATELINE_CHAOS_ARTICLES, _KILLS and _STOPS make it longer, DATELINE_CHAOS_SEED
// repeats a plan, and DATELINE_CHAOS_KEEP names a directory that gets data and logs of a
// drill that failed.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("takes minutes")
	}
	var (
		articles = int(fromEnv(t, "DATELINE_CHAOS_ARTICLES", 3000))
		kills    = int(fromEnv(t, "DATELINE_CHAOS_KILLS", 10))
		stops    = int(fromEnv(t, "DATELINE_CHAOS_STOPS", 2))
		seed     = fromEnv(t, "DATELINE_CHAOS_SEED", uint64(time.Now().UnixNano())&0xffffffff)
	)
	t.Logf("DATELINE_CHAOS_SEED=%d: %d articles, %d kills, %d stops", seed, articles, kills, stops)
	w := newWorld(t)
	// A feed's window outlasts every outage. The small newsroom's does not:
	// what it loses has to be reported.
	room := w.room(newsroom.Config{Seed: seed, Outlets: 40, Words: 120, Window: 800})
	small := w.room(newsroom.Config{Seed: seed + 1, Outlets: 2, Words: 60, Window: 6, CopyShare: -1, RewriteShare: -1, RevisionShare: -1})
	room.Publish(50)
	small.Publish(10)

	c := newCrew(w)
	w.ok("feeds", "import", w.feedsFile(nil, room, small))
	began := time.Now()
	w.until("for the first articles", time.Minute, func() bool { return w.landed() > 0 })

	plan := Plan(seed, kills, stops)
	desk := &desk{room: room, pace: 40 * time.Millisecond, n: 50}
	for i, blow := range plan {
		if i%3 == 2 {
			small.Publish(20)
		}
		t.Logf("%5.1f s, %d published, %d landed: %s", time.Since(began).Seconds(), desk.n, w.landed(), blow)
		struck := make(chan struct{})
		written := make(chan struct{})
		go func() {
			defer close(written)
			desk.publish(t.Context(), (articles-desk.n)/(len(plan)+1-i), struck)
		}()
		c.strike(blow, func() { close(struck); <-written })
	}
	closed := make(chan struct{})
	close(closed)
	desk.publish(t.Context(), articles-desk.n, closed)
	w.waitLanded(time.Minute, room)
	took := time.Since(began)
	// The last roll-overs have to be reported, and everything has to come to
	// rest: audit waits for that.
	w.verifyAudit()
	w.verifyLedger([]*newsroom.Newsroom{room}, []*newsroom.Newsroom{small})
	w.verifyRows()
	c.verify(plan)
	t.Logf("%d articles in %.1f s", articles, took.Seconds())
}

// desk publishes steadily.
type desk struct {
	room *newsroom.Newsroom
	pace time.Duration // for five articles
	n    int           // so far
}

// publish publishes some articles, and then one now and then until done closes.
func (d *desk) publish(ctx context.Context, some int, done <-chan struct{}) {
	for {
		k := min(5, some)
		if some -= k; k == 0 {
			select {
			case <-done:
				return
			default:
			}
			k = 1
		}
		d.room.Publish(k)
		d.n += k
		pause := d.pace
		if some == 0 {
			pause *= 5
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// crew are the processes of the drill.
type crew struct {
	*world
	engine, alert, notify, enrich *Slot
	landers, pollers              []*Slot
	traps                         traps
	stopped                       int // and the other lander took over
}

func newCrew(w *world) *crew {
	w.Helper()
	c := &crew{world: w, traps: traps(w.TempDir())}
	ready := w.ready
	c.engine = w.fleet.Keep(w.command("engine", "engine"), nil)
	for i := range 2 {
		cmd := Command{Name: fmt.Sprintf("land-%d", i+1), Args: []string{os.Args[0]}, Env: append(w.env[:len(w.env):len(w.env)], trapsVar+"="+string(c.traps))}
		c.landers = append(c.landers, w.fleet.Keep(cmd, ready))
		c.pollers = append(c.pollers, w.fleet.Keep(w.command(fmt.Sprintf("poll-%d", i+1), "poll"), ready))
	}
	c.enrich = w.fleet.Keep(w.command("enrich", "enrich"), ready)
	c.alert = w.fleet.Keep(w.command("alert", "alert"), ready)
	c.notify = w.fleet.Keep(w.command("notify", "notify"), ready)
	w.until("for the engines to start", time.Minute, ready)
	return c
}

func (c *crew) all() []*Slot {
	return append(append([]*Slot{c.engine, c.enrich, c.alert, c.notify}, c.landers...), c.pollers...)
}

// kill kills what runs in the slots now, all at once.
func (c *crew) kill(slots ...*Slot) {
	var procs []*Process
	for _, s := range slots {
		c.until("for "+s.Name+" to run", 30*time.Second, func() bool { return s.Process() != nil })
		procs = append(procs, s.Process())
	}
	for _, p := range procs {
		if p != nil {
			_ = p.Signal(syscall.SIGKILL) // it may just have ended
		}
	}
}

// strike does one deed, and waits until articles land again unless it is a
// hasty one. At the end, also where it fails, it calls done.
func (c *crew) strike(b Blow, done func()) {
	c.Helper()
	defer done()
	before := c.kills()
	switch b.Deed {
	case KillLand:
		owner, _ := c.owner()
		c.kill(owner)
	case KillStandby:
		_, other := c.owner()
		c.kill(other)
	case KillEnrich:
		c.kill(c.enrich)
	case KillPoll:
		c.kill(c.pollers[before%2])
	case KillAlert:
		c.kill(c.alert)
	case KillNotify:
		c.kill(c.notify)
	case KillEngine:
		c.kill(c.engine)
	case KillAll:
		c.kill(c.all()...)
	case KillBetween:
		c.spring(trapKillBetween)
	case KillEdge:
		c.spring(trapKillEdge)
	case StopLand:
		owner, other := c.owner()
		if p := owner.Process(); p != nil && p.Signal(syscall.SIGSTOP) == nil {
			c.takeover(p, other)
		}
	case StopBetween:
		c.spring(trapStopBetween)
		c.until("for a lander to stop", 10*time.Second, func() bool { return c.stoppedLander() >= 0 })
		i := c.stoppedLander()
		c.takeover(c.landers[i].Process(), c.landers[1-i])
	default:
		c.Fatalf("unknown deed %q", b.Deed)
	}
	if b.Deed != StopLand && b.Deed != StopBetween {
		c.until("for the kill to be noticed", 30*time.Second, func() bool { return c.kills() > before })
	}
	if b.Hasty {
		return
	}
	n := c.landed()
	c.until("for articles to land again after: "+b.String(), time.Minute, func() bool {
		now := c.landed()
		if n < 0 {
			n = now
		}
		return n >= 0 && now > n
	})
}

// spring arms a trap and waits until a lander has stepped on it.
func (c *crew) spring(name string) {
	c.Helper()
	if err := c.traps.arm(name); err != nil {
		c.Fatal(err)
	}
	c.until("for a lander to step on "+name, time.Minute, func() bool {
		_, err := os.Stat(c.traps.path(name))
		return os.IsNotExist(err)
	})
}

// owner finds the lander that owns the documents, by its own answer.
func (c *crew) owner() (owner, other *Slot) {
	c.Helper()
	c.until("for a lander to own the documents", time.Minute, func() bool {
		c.spring(trapAnswer)
		var answers []string
		c.until("for an answer", 10*time.Second, func() bool {
			answers, _ = filepath.Glob(c.traps.path("pid-*"))
			return len(answers) > 0
		})
		for _, a := range answers {
			_ = os.Remove(a)
		}
		for i, s := range c.landers {
			if p := s.Process(); p != nil && strings.HasSuffix(answers[0], fmt.Sprintf("pid-%d", p.PID())) {
				owner, other = s, c.landers[1-i]
				return true
			}
		}
		return false // it has just ended
	})
	return owner, other
}

// stoppedLander gives the lander that is stopped; -1 for none.
func (c *crew) stoppedLander() int {
	for i, s := range c.landers {
		if p := s.Process(); p != nil && stopped(p.PID()) {
			return i
		}
	}
	return -1
}

// stopped tells whether a process is stopped: field 3 of proc_pid_stat(5).
func stopped(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return strings.HasPrefix(rest, "T")
}

// takeover leaves a process stopped until the other lander lands articles,
// which it can only when the session of the first has timed out; then the
// first wakes with what it had in hand.
func (c *crew) takeover(p *Process, other *Slot) {
	c.Helper()
	if !stopped(p.PID()) {
		c.until("for the lander to stop", 10*time.Second, func() bool { return stopped(p.PID()) })
	}
	n := -1
	c.until("for "+other.Name+" to take over", time.Minute, func() bool {
		now := c.landed()
		if n < 0 {
			n = now
		}
		return n >= 0 && now > n
	})
	c.stopped++
	if err := p.Signal(syscall.SIGCONT); err != nil {
		c.Error(err)
	}
}

func (c *crew) kills() int {
	n := 0
	for _, s := range c.all() {
		killed, _ := s.Ends()
		n += killed
	}
	return n
}

// verify looks whether the drill did what it says.
func (c *crew) verify(plan []Blow) {
	c.Helper()
	kills, stops := 0, 0
	for _, b := range plan {
		if b.Deed == StopLand || b.Deed == StopBetween {
			stops++
		} else {
			kills++
		}
	}
	if n := c.kills(); n < kills {
		c.Errorf("%d processes were killed by %d kills", n, kills)
	}
	if c.stopped != stops {
		c.Errorf("%d of %d stops led to a take-over", c.stopped, stops)
	}
	replays := 0
	for _, s := range c.landers {
		replays += strings.Count(c.log(s.Name), "finishing a range that was left pending")
	}
	if replays == 0 {
		c.Error("no range was found pending")
	}
	for _, s := range c.all() {
		// A role that finds no engines when it starts says so and ends; one
		// that runs outlasts them.
		killed, failed := s.Ends()
		if without := strings.Count(c.log(s.Name), "no dateline is running"); failed > without {
			c.Errorf("%s was killed %d times, and ended %d times by itself, %d of these because it found no engines", s.Name, killed, failed, without)
		}
	}
	c.Logf("%d processes killed, %d take-overs while the owner was stopped, %d ranges found pending and finished", c.kills(), c.stopped, replays)
}
