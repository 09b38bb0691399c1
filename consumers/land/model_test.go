package land

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"pgregory.net/rapid"
)

// play runs the schedule until everything has landed and nobody is left who
// could still do harm.
func (s *sim) play(t testing.TB) {
	for s.ticks = 0; !s.done(); s.ticks++ {
		if s.ticks > 20000 {
			s.fail("it does not come to an end")
			return
		}
		for len(s.alive()) < 2 {
			s.launch(t)
		}
		s.coordinate()
		var able []*proc
		for _, p := range s.alive() {
			if p.paused > 0 {
				p.paused--
			} else if p.at != "join" || p.mine != nil || p.stopped {
				able = append(able, p)
			}
		}
		if len(able) == 0 {
			continue
		}
		p := able[s.pick("who", len(able))]
		if p != s.owner && p.mine != nil && !p.told && s.pick("told", 3) == 0 {
			p.tell()
		}
		if p.at == "idle" && s.published < len(s.stream) {
			s.publish(1 + s.pick("publish", 4))
		} else if p.at == "idle" {
			s.now = s.now.Add(2 * time.Minute)
		}
		if v := s.fate(t, p); v >= ok {
			s.turn(p, v)
		}
	}
}

// coordinate gives the partition to somebody who has joined, where nobody has
// it or its owner does not answer.
func (s *sim) coordinate() {
	if s.owner != nil && !s.owner.gone && !s.owner.told && s.owner.paused == 0 {
		return
	}
	var joined []*proc
	for _, p := range s.alive() {
		if p.at == "join" && p.mine == nil && p.paused == 0 && !p.stopped {
			joined = append(joined, p)
		}
	}
	if len(joined) > 0 {
		s.assign(joined[s.pick("owner", len(joined))], false)
	}
}

const stay fate = -1

// fate decides what becomes of the call that p is about to make.
func (s *sim) fate(t testing.TB, p *proc) fate {
	if s.faults == 0 {
		return ok
	}
	among := 90
	if strings.HasPrefix(p.at, "insert") || strings.HasPrefix(p.at, "commit ") {
		among = 27
	}
	n := s.pick("fault", among) - (among - 18)
	if n < 9 {
		return ok
	}
	s.faults--
	_, torn := s.tables.(*memory)
	switch n {
	case 9:
		return fails
	case 10, 11:
		return lost
	case 12:
		return dies
	case 13:
		return diesAfter
	case 14:
		if torn && strings.HasPrefix(p.at, "insert") {
			return []fate{tears, breaks}[s.pick("how", 2)]
		}
		return fails
	case 15, 16: // stopped, and maybe for longer than its session
		p.paused = 3 + s.pick("pause", 60)
		s.note("%s sleeps before %s", p.name, p.at)
		return stay
	}
	switch s.pick("event", 4) {
	case 0: // a rebalance
		if s.owner != nil {
			s.owner.tell()
		}
		return stay
	case 1: // a rebalance that its owner hears of late
		s.assign(nil, false)
		return stay
	case 2: // a shutdown
		if !p.stopped {
			s.note("%s shuts down", p.name)
			p.stopped = true
			close(p.stop)
		}
		return ok
	default: // everything is stopped, and somebody starts a new epoch
		for _, p := range s.alive() {
			s.turn(p, dies)
		}
		e, err := s.tables.NewEpoch(context.Background(), "test")
		s.note("epoch %d %v", e, err)
		return stay
	}
}

func (s *sim) done() bool {
	var pend pending
	if s.published < len(s.stream) || s.owner == nil || s.committed != s.end() || s.owner.at != "idle" || s.owner.told || s.owner.paused > 0 {
		return s.wrong != ""
	}
	if s.meta != "" && json.Unmarshal([]byte(s.meta), &pend) != nil || pend.To > s.committed || len(pend.Held) > 0 {
		return false
	}
	if len(s.owner.l.documents.held.texts) > 0 {
		return false
	}
	for _, p := range s.alive() {
		if p != s.owner && (p.at != "join" || p.paused > 0) {
			return false
		}
	}
	return true
}

// close ends the processes.
func (s *sim) close() {
	for _, p := range s.alive() {
		s.turn(p, dies)
	}
}

// calm lands the whole log in one piece and without any trouble.
func (s *sim) calm(t testing.TB, tabs tables) *sim {
	c := newSim(t, func(string, int) int { return 0 }, tabs, func(int) Config {
		cfg := s.cfg(0)
		cfg.Batch = 10000
		return cfg
	}, nil)
	c.log = slices.Clone(s.log)
	c.play(t)
	c.close()
	return c
}

// documentsFor draws a stream: repeats, copies, edits and templates of a few
// texts, over hours and two months; or two live blogs, edited all the time.
func documentsFor(pick func(string, int) int, n int, poison, live bool) (out []*news.Document) {
	at := 0.
	for i := range n {
		if live {
			at += []float64{.05, .1, .3}[pick("step", 3)]
			d := doc(news.ID(1+pick("id", 2)), hours(at), prose(1, 40)+prose(uint64(1000+i), 12), fmt.Sprint("per/", pick("who", 4)))
			out = append(out, d)
			continue
		}
		at += []float64{.05, .01, .3, 2, -1, 14}[pick("step", 6)]
		text := prose(uint64(pick("text", 4)), []int{40, 0, 5, 80}[pick("words", 4)])
		if pick("edited", 2) == 1 {
			text += prose(uint64(1000+i), 12)
		}
		d := doc(news.ID(1+pick("id", 5)), hours(at), text, "per/a", fmt.Sprint("per/", pick("who", 4)))
		d.Source = []string{"a.example", "b.example"}[pick("source", 2)]
		d.Backlog = pick("backlog", 8) == 7
		if pick("month", 8) == 7 {
			d.SeenAt = d.SeenAt.AddDate(0, -1, 0)
			d.TS = d.SeenAt
		}
		if poison {
			switch pick("poison", 8) {
			case 5:
				d.Source = "poison.example"
			case 6:
				d.Mentions[1].EntityID = "per/poison"
			case 7:
				d.Title = "not ours"
			}
		}
		out = append(out, d)
	}
	return out
}

func smallWindow(k int) Config {
	cfg := DefaultConfig()
	cfg.Judge.Copies.Window, cfg.Judge.Stories.Window = 12*time.Hour, 12*time.Hour
	cfg.Judge.Copies.MaxDocs, cfg.Judge.Stories.MaxDocs = 1000, 1000
	cfg.Batch = []int{3, 1, 5, 2}[k%4]
	return cfg
}

// simulate draws a stream and a schedule and says what went wrong.
func simulate(t testing.TB, pick func(string, int) int, mutant string) *sim {
	kind := pick("kind", 4)
	cfg, poison := smallWindow, kind == 2
	if kind == 3 { // an upgrade: the next process decides otherwise
		cfg = func(k int) Config {
			cfg := smallWindow(k)
			cfg.Judge.RevisionEvery = []time.Duration{0, 5 * time.Hour}[k%2]
			if k%2 == 1 {
				cfg.Judge.Copies.Containment, cfg.Judge.Copies.Jaccard, cfg.Judge.Copies.Grey = .95, .9, .95
				cfg.Judge.Copies.Window, cfg.Judge.Stories.Window = time.Minute, time.Minute
			}
			return cfg
		}
	}
	s := newSim(t, pick, newMemory(), cfg, documentsFor(pick, 4+pick("documents", 12), poison, kind == 1))
	s.mutant, s.faults = mutant, 1+pick("faults", 6)
	s.play(t)
	s.close()
	s.judgeRun(t, kind < 2)
	return s
}

// mutants are ways to break the protocol that the model has to find.
var mutants = []struct {
	name string
	kind int    // of stream, that shows it best
	from uint64 // the first seed to try: one that is known to find it
}{
	{"fresh token first", 0, 0}, {"commit first", 0, 0}, {"no pending range", 0, 0}, {"other boundaries", 0, 26}, {"no fence", 0, 9},
	{"no verification", 0, 83}, {"no adoption", 3, 980}, {"epoch in force", 0, 41}, {"held in memory alone", 1, 661},
	{"pace of its own", 3, 273}, {"identity of a week", 0, 0}, {"mentions of every revision", 0, 0},
}

func TestModel(t *testing.T) {
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		s := simulate(nil, func(what string, n int) int { return rapid.IntRange(0, n-1).Draw(t, what) }, "")
		n += s.ticks
		if s.wrong != "" {
			t.Fatalf("%s\n%s", s.wrong, strings.Join(s.trace, "\n"))
		}
	})
	t.Logf("%d steps", n)
}

// TestModelHasTeeth breaks the protocol, and wants to be told.
func TestModelHasTeeth(t *testing.T) {
	for _, mutant := range mutants {
		t.Run(mutant.name, func(t *testing.T) {
			for seed := mutant.from; seed < mutant.from+3000; seed++ {
				r := rand.New(rand.NewPCG(seed, 1))
				pick := func(what string, n int) int {
					if what == "kind" {
						return mutant.kind
					}
					return r.IntN(n)
				}
				if s := simulate(t, pick, mutant.name); s.wrong != "" {
					t.Logf("found with seed %d: %s", seed, s.wrong)
					return
				}
			}
			t.Error("not found")
		})
	}
}
