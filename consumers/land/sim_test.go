package land

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/prometheus/client_golang/prometheus"
)

// sim runs several landers, the real code from partition.run on, against one
// log, one consumer group and one set of tables. One of them runs at a time,
// until its next call of Kafka or ClickHouse; there the schedule decides who
// goes on, and what goes wrong.
type sim struct {
	pick   func(what string, n int) int // 0 is what goes well
	cfg    func(k int) Config           // of the kth process
	tables tables
	mutant string
	faults int // that are left

	stream    []*news.Document // what is published, step by step
	published int
	log       []bus.Message
	dead      []bus.Message

	gen       int
	owner     *proc
	committed int64
	meta      string
	commits   []commitment

	procs []*proc
	asks  chan *proc
	now   time.Time
	ticks int
	trace []string
	wrong string // the first promise that was broken on the way
}

// commitment is how many rows stood below an offset when it was committed.
type commitment struct {
	at   int64
	rows map[string]int
}

// proc is one process: a lander and where it stands.
type proc struct {
	s       *sim
	name    string
	l       *Lander
	at      string // the call it is about to make
	answer  chan fate
	gone    bool
	paused  int // ticks that it does not run
	told    bool
	cancel  context.CancelFunc
	stop    chan struct{}
	stopped bool
	mine    *lessor // the partition, where it is assigned
	idle    bool    // nothing to read
}

type fate int

const (
	ok        fate = iota
	fails          // the call has no effect and fails
	lost           // the call has its effect, its answer is lost
	dies           // the process dies before the call
	diesAfter      // the process dies after the call
	tears          // ClickHouse dies in the insert: some parts are there, for the next one the token alone
	breaks         // ClickHouse dies in the insert, between two parts
)

var errTrouble = errors.New("trouble")

// call stops the process before a call until it is its turn.
func (p *proc) call(what string) fate {
	p.at = what
	p.s.asks <- p
	v := <-p.answer
	if v == dies {
		runtime.Goexit()
	}
	return v
}

// do makes a call that may go wrong.
func (p *proc) do(ctx context.Context, what string, f func() error) error {
	v := p.call(what)
	if v == fails {
		return errTrouble
	}
	if v != lost && ctx.Err() != nil {
		return ctx.Err()
	}
	err := f()
	switch v {
	case diesAfter:
		runtime.Goexit()
	case lost:
		if err == nil {
			err = errTrouble
		}
	}
	return err
}

func newSim(t testing.TB, pick func(string, int) int, tabs tables, cfg func(int) Config, docs []*news.Document) *sim {
	s := &sim{pick: pick, cfg: cfg, tables: tabs, stream: docs, asks: make(chan *proc), now: t0}
	for range 2 {
		s.launch(t)
	}
	return s
}

// launch starts a process.
func (s *sim) launch(t testing.TB) {
	k := len(s.procs)
	p := &proc{s: s, name: fmt.Sprint("P", k), answer: make(chan fate), stop: make(chan struct{})}
	l := New(s.cfg(k), nil, nil, slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry(), func() time.Time { return s.now })
	sm := &seam{p}
	l.logs, l.rows, l.epochs, l.documents = sm, sm, sm, newDocuments(l.cfg, sm, sm, sm, l.m)
	l.wait = p.wait
	p.l = l
	s.procs = append(s.procs, p)
	go p.live()
	<-s.asks
}

// live is what bus.Consume does: it joins, works on what it is given, and joins again.
func (p *proc) live() {
	defer func() {
		p.gone, p.mine = true, nil
		p.s.asks <- p
	}()
	for !p.stopped {
		p.call("join")
		if p.mine == nil {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		p.cancel, p.told, p.idle = cancel, false, false
		part := &partition{Lander: p.l, a: p.mine, topic: news.TopicDocuments, log: p.l.log, planner: p.l.documents, held: &p.l.documents.held, main: store.Articles}
		err := part.run(ctx)
		cancel()
		p.mine = nil
		if p.s.owner == p && err != nil { // gives its generation back
			p.s.owner = nil
		}
	}
}

func (p *proc) wait(ctx context.Context, d time.Duration, over <-chan struct{}) error {
	p.call("wait")
	p.s.now = p.s.now.Add(d)
	select {
	case <-over:
		return context.Canceled
	default:
		return ctx.Err()
	}
}

// end of the log.
func (s *sim) end() int64 { return int64(len(s.log)) }

func (s *sim) append(m bus.Message) {
	m.Offset = s.end()
	s.log = append(s.log, m)
}

// publish makes the next messages of the stream appear.
func (s *sim) publish(n int) {
	for ; n > 0 && s.published < len(s.stream); n-- {
		d := s.stream[s.published]
		s.published++
		m := bus.Message{Topic: news.TopicDocuments, Key: []byte(d.ID.String()), Value: news.Encode(d), Time: d.SeenAt}
		if d.Title == "not ours" {
			m.Value = []byte("?")
		}
		s.append(m)
	}
}

// assign starts a generation with another owner. The one before is told, or
// it is not, because it is asleep or its heartbeat is.
func (s *sim) assign(to *proc, tell bool) {
	s.gen++
	if old := s.owner; old != nil && tell {
		old.tell()
	}
	s.owner = to
	if to != nil {
		to.mine = &lessor{to, s.gen}
	}
	s.note("generation %d for %v", s.gen, name(to))
}

func (p *proc) tell() {
	if p.cancel != nil {
		p.cancel()
	}
	p.told = true
}

func name(p *proc) string {
	if p == nil {
		return "nobody"
	}
	return p.name
}

func (s *sim) note(format string, args ...any) {
	s.trace = append(s.trace, fmt.Sprintf("%4d ", s.ticks)+fmt.Sprintf(format, args...))
}

func (s *sim) fail(format string, args ...any) {
	if s.wrong == "" {
		s.wrong = fmt.Sprintf(format, args...)
		s.note("WRONG: %s", s.wrong)
	}
}

// turn lets p go on with what becomes of its call, up to its next one.
func (s *sim) turn(p *proc, v fate) {
	if v != ok || p.at != "wait" && p.at != "join" {
		s.note("%s %s %v", p.name, p.at, [...]string{"", "FAILS", "LOST", "DIES", "DIES AFTER", "TEARS", "BREAKS"}[v])
	}
	p.answer <- v
	<-s.asks
	if p.gone && s.owner == p {
		s.owner = nil
	}
}

func (s *sim) alive() []*proc {
	return slices.DeleteFunc(slices.Clone(s.procs), func(p *proc) bool { return p.gone })
}

// commit moves the group's offset, where the generation is the one in force.
func (s *sim) commit(gen int, off int64, meta string) error {
	if gen != s.gen && s.mutant != "no fence" {
		return errors.New("illegal generation")
	}
	s.committed, s.meta = off, meta
	if m, is := s.tables.(*memory); is {
		c := commitment{at: off, rows: map[string]int{}}
		for table, rows := range m.data {
			for _, r := range rows {
				if int64(r.off) < off {
					c.rows[table]++
				}
			}
		}
		s.commits = append(s.commits, c)
	}
	return nil
}
