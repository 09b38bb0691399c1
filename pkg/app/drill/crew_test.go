package drill

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"
)

// crew are the processes of the drill.
type crew struct {
	*world
	engine, alert, notify, page, web *Slot
	broker                           *Slot // Apache Kafka, where it is a process of its own
	landers, pollers, enrichers      []*Slot
	wire                             *wire
	traps                            traps
	stops                            map[string]int // by name
	takeovers                        int            // while the owner was stopped
}

// session is the time-out of every group in a drill.
const session = 3 * time.Second

func newCrew(w *world) *crew {
	w.Helper()
	c := &crew{world: w, traps: traps(w.TempDir()), stops: map[string]int{}}
	ready := w.ready
	if w.kafka != nil {
		c.broker = w.fleet.Keep(Command{Name: "kafka", Args: w.kafka.Args(), Env: os.Environ()}, nil)
		w.until("for Apache Kafka to start", patience, w.kafka.Answers)
	}
	c.engine = w.fleet.Keep(w.command("engine", "engine"), nil)
	for i := range 2 {
		cmd := Command{Name: fmt.Sprintf("land-%d", i+1), Args: []string{os.Args[0]}, Env: append(w.env[:len(w.env):len(w.env)], trapsVar+"="+string(c.traps))}
		c.landers = append(c.landers, w.fleet.Keep(cmd, ready))
		c.pollers = append(c.pollers, w.fleet.Keep(w.command(fmt.Sprintf("poll-%d", i+1), "poll"), ready))
		c.enrichers = append(c.enrichers, w.fleet.Keep(w.command(fmt.Sprintf("enrich-%d", i+1), "enrich"), ready))
	}
	for name, slot := range map[string]**Slot{"alert": &c.alert, "notify": &c.notify, "page": &c.page, "web": &c.web} {
		*slot = w.fleet.Keep(w.command(name, name), ready)
	}
	w.until("for the engines to start", patience, ready)
	return c
}

func (c *crew) all() []*Slot {
	out := []*Slot{c.engine, c.alert, c.notify, c.page, c.web}
	if c.broker != nil {
		out = append(out, c.broker)
	}
	return slices.Concat(out, c.landers, c.pollers, c.enrichers)
}

// kill kills what runs in the slots now, all at once.
func (c *crew) kill(slots ...*Slot) {
	c.Helper()
	var procs []*Process
	for _, s := range slots {
		c.until("for "+s.Name+" to run", patience, func() bool { return s.Process() != nil })
		procs = append(procs, s.Process())
	}
	for _, p := range procs {
		if p != nil {
			_ = p.Signal(syscall.SIGKILL) // it may just have ended
		}
	}
}

// patience is how long the drill waits for what has to happen by itself. Some
// other load on the machine is no failure.
const patience = 3 * time.Minute

// one of those that are alike.
func one(slots []*Slot, which int) *Slot { return slots[which%len(slots)] }

// strike does one deed, and waits until articles land again unless it is a
// hasty one. At the end, also where it fails, it calls done.
func (c *crew) strike(b Blow, done func()) {
	c.Helper()
	defer done()
	pause(b.After)
	before := c.kills()
	switch b.Deed {
	case KillLand:
		owner, _ := c.owner()
		c.kill(owner)
	case KillStandby:
		_, other := c.owner()
		c.kill(other)
	case KillEnrich:
		c.kill(one(c.enrichers, b.Which))
	case KillPoll:
		c.kill(one(c.pollers, b.Which))
	case KillAlert:
		c.kill(c.alert)
	case KillNotify:
		c.kill(c.notify)
	case KillPage:
		c.kill(c.page)
	case KillWeb:
		c.kill(c.web)
	case KillEngine:
		c.kill(c.engine)
	case KillBroker:
		c.kill(c.broker)
	case KillAll:
		c.wire.kill(false)
		c.kill(c.all()...)
	case KillWire:
		if !c.wire.kill(true) { // it has come to its end before the plan has
			c.kill(one(c.enrichers, b.Which))
		}
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
		c.until("for a lander to stop", patience, func() bool { return c.stoppedLander() >= 0 })
		i := c.stoppedLander()
		c.takeover(c.landers[i].Process(), c.landers[1-i])
	case StopEnrich:
		c.stop(one(c.enrichers, b.Which))
	case StopPoll:
		c.stop(one(c.pollers, b.Which))
	case StopAlert:
		c.stop(c.alert)
	case StopEngine:
		c.stop(c.engine)
	case StopBroker:
		c.stop(c.broker)
	default:
		c.Fatalf("unknown deed %q", b.Deed)
	}
	if !b.Deed.IsStop() {
		c.until("for the kill to be noticed", patience, func() bool { return c.kills() > before })
	}
	if b.Hasty {
		return
	}
	n := c.landed()
	c.until("for articles to land again after: "+b.String(), patience, func() bool {
		now := c.landed()
		if n < 0 {
			n = now
		}
		return n >= 0 && now > n
	})
}

// pause is part of a plan: the moment at which a blow falls is random.
func pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	<-t.C
}

// spring arms a trap and waits until a lander has stepped on it.
func (c *crew) spring(name string) {
	c.Helper()
	if err := c.traps.arm(name); err != nil {
		c.Fatal(err)
	}
	c.until("for a lander to step on "+name, patience, func() bool {
		_, err := os.Stat(c.traps.path(name))
		return os.IsNotExist(err)
	})
}

// owner finds the lander that owns the documents, by its own answer.
func (c *crew) owner() (owner, other *Slot) {
	c.Helper()
	c.until("for a lander to own the documents", patience, func() bool {
		c.spring(trapAnswer)
		var answers []string
		c.until("for an answer", patience, func() bool {
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
		c.until("for the lander to stop", patience, func() bool { return stopped(p.PID()) })
	}
	n := -1
	c.until("for "+other.Name+" to take over", patience, func() bool {
		now := c.landed()
		if n < 0 {
			n = now
		}
		return n >= 0 && now > n
	})
	c.takeovers++
	c.stops[p.Name]++
	if err := p.Signal(syscall.SIGCONT); err != nil {
		c.Error(err)
	}
}

// stop stops what runs in a slot for longer than a session lasts, and wakes it
// with what it had in hand.
func (c *crew) stop(s *Slot) {
	c.Helper()
	c.until("for "+s.Name+" to run", patience, func() bool { return s.Process() != nil })
	p := s.Process()
	if p == nil || p.Signal(syscall.SIGSTOP) != nil {
		c.Logf("%s has just ended", s.Name)
		return
	}
	pause(session + session/3)
	c.stops[p.Name]++
	if err := p.Signal(syscall.SIGCONT); err != nil {
		c.Error(err)
	}
}

func (c *crew) kills() int {
	n := c.wire.kills()
	for _, s := range c.all() {
		killed, _ := s.Ends()
		n += killed
	}
	return n
}

var noEngines = regexp.MustCompile(`no dateline is running|: EOF|unexpected EOF|connection refused|connection reset|broken pipe|deadline exceeded`)

// verify looks whether the drill did what it says.
func (c *crew) verify(plan []Blow) {
	c.Helper()
	kills, takeovers := 0, 0
	for _, b := range plan {
		if b.Deed == StopLand || b.Deed == StopBetween {
			takeovers++
		} else if !b.Deed.IsStop() {
			kills++
		}
	}
	if n := c.kills(); n < kills {
		c.Errorf("%d processes were killed by %d kills", n, kills)
	}
	if c.takeovers != takeovers {
		c.Errorf("%d of %d stops led to a take-over", c.takeovers, takeovers)
	}
	replays := 0
	for _, s := range c.landers {
		replays += strings.Count(c.log(s.Name), "finishing a range that was left pending")
	}
	if replays == 0 {
		c.Error("no range was found pending")
	}
	for _, s := range c.all() {
		// A role that finds no engines when it starts, or loses them before it
		// runs, says so and ends; one that runs outlasts them.
		killed, failed := s.Ends()
		c.Logf("%-9s killed %3d times, stopped %2d times, ended by itself %d times", s.Name, killed, c.stops[s.Name], failed)
		without := 0
		for line := range strings.Lines(c.log(s.Name)) {
			if strings.HasPrefix(line, "dateline: ") && noEngines.MatchString(line) {
				without++
			}
		}
		if failed > without {
			c.Errorf("%s was killed %d times, and ended %d times by itself, %d of these because it found no engines", s.Name, killed, failed, without)
		}
	}
	c.Logf("%-9s killed %3d times in %d runs", "publish", c.wire.kills(), c.wire.started())
	c.Logf("%d processes killed, %d take-overs while the owner was stopped, %d ranges found pending and finished", c.kills(), c.takeovers, replays)
}
