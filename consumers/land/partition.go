package land

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// planner decides what a run of messages becomes.
type planner interface {
	// restore brings the planner's state to what it was before offset to.
	restore(ctx context.Context, epoch uint32, part uint16, to uint64) error
	// plan decides on the messages of job, in order. Rows of its range that
	// have landed already keep their decisions. Until the plan has landed, the
	// planner's state is that of before, and of this plan at most.
	plan(ctx context.Context, j *job) (*plan, error)
	// same tells whether a message is the one that a row of the main table
	// names, see store.Last.
	same(m bus.Message, row string) (bool, error)
}

// job is a run of messages to be landed.
type job struct {
	store.Range
	msgs []bus.Message
	// refused are the messages that the main table does not take.
	refused map[uint64]error
	// partly are those of which it has a row, while another table refuses theirs.
	partly refusals
	again  bool // rows of the range may have landed already
	at     time.Time
	pace   judge.Pace // of who left the range pending; none: the planner's own
}

// plan is what a run of messages becomes.
type plan struct {
	batches []store.Batch // in the order of insertion, the main table first
	dead    []deadLetter
	landed  func() // notes the decisions in the planner's state
	counts  map[string]int
}

type deadLetter struct {
	msg bus.Message
	err error
}

// partition lands one partition for one generation.
type partition struct {
	*Lander
	a       lease
	topic   string
	id      int
	log     *slog.Logger
	planner planner
	held    *held  // texts to be offered again later; nil where there are none
	main    string // the table whose offsets tell what has landed
	epoch   uint32
	pos     int64 // everything below has landed
	dirty   bool  // pos is not committed yet
	// between is called whenever everything below pos has landed; nil: nothing
	// is to be done then.
	between func(ctx context.Context) error
	swaps   *swapper // looks after the table of mentions; nil: nobody does
}

// pending is the metadata of a committed offset.
type pending struct {
	V     int    `json:"v"`
	To    int64  `json:"to"`              // the range [committed, to) may have landed in part
	Epoch uint32 `json:"epoch,omitempty"` // in which it is landed; 0: written by an older build
	// Held are the offsets below committed whose texts are held back: the first
	// one, then how much further each next one is.
	Held []int64 `json:"held,omitempty"`
	// Pace is what the range is decided at, whoever finishes it. A token keeps
	// rows from landing twice that were decided otherwise, but only where there
	// are rows: he who drops a whole range must not be followed by one who does
	// not.
	Pace judge.Pace `json:"pace,omitzero"`
}

// metadata of the offset pos where [pos, to) is pending; empty where there is
// nothing to say.
func (p *partition) metadata(to int64) string {
	held := p.held.offsets()
	if to == p.pos && len(held) == 0 {
		return ""
	}
	note := pending{V: 1, To: to, Epoch: p.epoch, Held: differences(held)}
	if p.held != nil && to > p.pos {
		note.Pace = p.cfg.Judge.Pace()
	}
	b, _ := json.Marshal(note)
	return string(b)
}

// errLog marks a log that does not fit what has landed.
var errLog = errors.New("the log does not fit what has landed")

// errNewer marks a message that this build is too old for.
var errNewer = errors.New("a newer message")

func (p *partition) run(ctx context.Context) error {
	id := strconv.Itoa(p.id)
	stopped := p.m.stopped.WithLabelValues(p.topic, id)
	stopped.Set(0)
	defer p.m.stopped.DeleteLabelValues(p.topic, id)
	defer p.m.lag.DeleteLabelValues(p.topic, id)
	for {
		err := p.begin(ctx)
		if err == nil {
			err = p.work(ctx)
		}
		switch {
		case errors.Is(err, errSwapped):
			p.log.Warn("looking at the tables again", "err", err)
		case errors.Is(err, bus.ErrOutOfRange):
			// Retention was faster, or the topic has been recreated meanwhile.
			p.log.Warn("the log has moved, looking at it again", "err", err)
			if err := p.settle(ctx); err != nil {
				return err
			}
		case errors.Is(err, errLog), errors.Is(err, errNewer):
			// Nothing gets better by trying again, and nothing may be lost:
			// the partition stands until somebody has looked.
			stopped.Set(1)
			p.log.Error("partition stopped", "offset", p.pos, "err", err)
			if err := p.settle(ctx); err != nil {
				return err
			}
			p.stand(ctx)
			return nil
		default:
			return err
		}
	}
}

// begin starts, however long Kafka or ClickHouse are away: giving the
// partition back would help nobody.
func (p *partition) begin(ctx context.Context) error {
	var trouble patience
	for {
		err := p.start(ctx)
		if err == nil || ctx.Err() != nil || errors.Is(err, errLog) {
			return err
		}
		if trouble.worth() {
			p.log.Warn("cannot start, trying again", "err", err, "tries", trouble.tries)
		}
		if p.wait(ctx, trouble.next(), p.a.Stopping()) != nil {
			return nil // work sees the end
		}
	}
}

// stand keeps the partition without working on it, and tells how much waits.
func (p *partition) stand(ctx context.Context) {
	for p.wait(ctx, 5*time.Second, p.a.Stopping()) == nil {
		if _, end, err := p.logs.Bounds(ctx, p.topic, p.id); err == nil {
			p.m.lag.WithLabelValues(p.topic, strconv.Itoa(p.id)).Set(float64(max(0, end-p.pos)))
		}
	}
}

// work lands what comes until the partition is lost or the process stops.
func (p *partition) work(ctx context.Context) error {
	r := p.logs.Read(p.topic, p.id, p.pos)
	lag := p.m.lag.WithLabelValues(p.topic, strconv.Itoa(p.id))
	for {
		select {
		case <-p.a.Stopping():
			return p.settle(ctx)
		default:
		}
		if p.between != nil {
			if err := p.between(ctx); err != nil {
				return err
			}
		}
		msgs, err := r.Batch(ctx, p.cfg.Batch)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		lag.Set(float64(r.Lag()))
		if err := p.offerAgain(ctx); err != nil {
			return err
		}
		if len(msgs) == 0 {
			if err := p.settle(ctx); err != nil {
				return err
			}
			continue
		}
		began := p.now()
		msgs, newer := cutNewer(msgs)
		if len(msgs) > 0 {
			to := msgs[len(msgs)-1].Offset + 1
			p.countMissing(msgs, to)
			// This also commits what landed before.
			if err := p.a.Commit(ctx, p.pos, p.metadata(to)); err != nil {
				return err
			}
			p.dirty = false
			if err := p.land(ctx, msgs, to, nil); err != nil {
				return err
			}
		}
		if newer != nil {
			return newer
		}
		if r.Lag() == 0 {
			p.gather(ctx, p.now().Sub(began))
		}
	}
}

// Times for which what comes is gathered, so that a trickle does not become an
// insert, and a part to be merged, for each message. Documents wait three
// times as long as the last batch took to land, so that landing takes a quarter
// of a core at most while nothing piles up. Nobody waits for fetches.
const (
	gatherAtLeast = 100 * time.Millisecond
	gatherAtMost  = 800 * time.Millisecond
	gatherOthers  = 2 * time.Second
)

func (p *partition) gather(ctx context.Context, took time.Duration) {
	d := gatherOthers
	if p.topic == news.TopicDocuments || p.topic == news.TopicAlerts {
		d = min(max(3*took, gatherAtLeast), gatherAtMost)
	}
	_ = p.wait(ctx, d, p.a.Stopping()) // whoever called sees the end
}

// settle commits what has landed.
func (p *partition) settle(ctx context.Context) error {
	if !p.dirty {
		return nil
	}
	if err := p.a.Commit(ctx, p.pos, p.metadata(p.pos)); err != nil {
		return err
	}
	p.dirty = false
	return nil
}

// cutNewer ends the run before the first message of a newer version.
func cutNewer(msgs []bus.Message) ([]bus.Message, error) {
	for i, m := range msgs {
		if err := news.Newer(m.Value); err != nil {
			return msgs[:i], fmt.Errorf("%w at offset %d: %w", errNewer, m.Offset, err)
		}
	}
	return msgs, nil
}

// compacted tells whether holes in the topic's log are in order.
func (p *partition) compacted() bool { return p.topic == news.TopicKnowledge }

// countMissing looks for holes in the run [p.pos, to).
func (p *partition) countMissing(msgs []bus.Message, to int64) {
	next := p.pos
	for _, m := range msgs {
		if m.Offset > next {
			p.missing(next, m.Offset)
		}
		next = m.Offset + 1
	}
	if next < to {
		p.missing(next, to)
	}
}

// missing reports offsets [from, to) that the log does not hold any more.
func (p *partition) missing(from, to int64) {
	if p.compacted() {
		return
	}
	p.m.gaps.WithLabelValues(p.topic).Add(float64(to - from))
	p.log.Error("messages are missing from the log: they were removed before they had landed", "from", from, "to", to)
}
