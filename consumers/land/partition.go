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
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// planner decides what a run of messages becomes.
type planner interface {
	// restore brings the planner's state to what it was before offset to.
	restore(ctx context.Context, epoch uint32, part uint16, to uint64) error
	// plan decides on the messages of r, in order. Rows of r that have landed
	// already keep their decisions. It leaves no trace in the planner's state
	// unless the plan is landed.
	plan(ctx context.Context, r store.Range, msgs []bus.Message, bad map[uint64]error, at time.Time) (*plan, error)
}

// plan is what a run of messages becomes.
type plan struct {
	batches []store.Batch // in the order of insertion
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
	a       *bus.Assigned
	log     *slog.Logger
	planner planner
	main    string // the table whose offsets tell what has landed
	epoch   uint32
	pos     int64 // everything below has landed
	dirty   bool  // pos is not committed yet
}

// pending is the metadata of a committed offset.
type pending struct {
	V  int   `json:"v"`
	To int64 `json:"to"` // the range [committed, to) may have landed in part
}

func (p *partition) run(ctx context.Context) error {
	if err := p.start(ctx); err != nil {
		if errors.Is(err, errLog) {
			// Nothing gets better by trying again, and nothing may be lost:
			// the partition stands until somebody has looked.
			p.m.stopped.WithLabelValues(p.a.Topic).Set(1)
			p.log.Error("partition stopped", "err", err)
			p.hold(ctx)
			return nil
		}
		return err
	}
	r := p.bus.NewReader(p.a.Topic, p.a.ID, p.pos)
	for {
		select {
		case <-p.a.Stopping():
			return p.settle(ctx)
		default:
		}
		msgs, err := r.Batch(ctx, p.cfg.Batch)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		p.m.lag.WithLabelValues(p.a.Topic, strconv.Itoa(p.a.ID)).Set(float64(r.Lag()))
		if len(msgs) == 0 {
			if err := p.settle(ctx); err != nil {
				return err
			}
			continue
		}
		if first := msgs[0].Offset; first > p.pos && p.a.Topic != news.TopicKnowledge {
			p.m.gaps.WithLabelValues(p.a.Topic).Add(float64(first - p.pos))
			p.log.Error("messages are missing from the log", "from", p.pos, "to", first, "messages", first-p.pos)
		}
		msgs, newer := p.cutNewer(msgs)
		if len(msgs) > 0 {
			to := msgs[len(msgs)-1].Offset + 1
			// This also commits what landed before.
			if err := p.a.Commit(ctx, p.pos, metadata(to)); err != nil {
				return err
			}
			p.dirty = false
			if err := p.land(ctx, msgs, to, false); err != nil {
				return err
			}
		}
		if newer != nil {
			p.m.stopped.WithLabelValues(p.a.Topic).Set(1)
			p.log.Error("partition stopped: "+newer.Error(), "offset", p.pos)
			if err := p.settle(ctx); err != nil {
				return err
			}
			p.hold(ctx)
			return nil
		}
	}
}

// hold keeps the partition without working on it.
func (p *partition) hold(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-p.a.Stopping():
	}
}

func metadata(to int64) string {
	b, _ := json.Marshal(pending{V: 1, To: to})
	return string(b)
}

// settle commits what has landed.
func (p *partition) settle(ctx context.Context) error {
	if !p.dirty {
		return nil
	}
	if err := p.a.Commit(ctx, p.pos, ""); err != nil {
		return err
	}
	p.dirty = false
	return nil
}

// errLog marks a log that does not fit what has landed.
var errLog = errors.New("the log does not fit what has landed")

// start finds where to go on, and finishes a range that somebody left pending.
func (p *partition) start(ctx context.Context) error {
	committed, meta, err := p.a.Committed(ctx)
	if err != nil {
		return err
	}
	if p.epoch, err = p.store.Epoch(ctx); err != nil {
		return err
	}
	high, any, err := p.store.HighestOffset(ctx, p.main, p.a.Topic, p.epoch, uint16(p.a.ID))
	if err != nil {
		return err
	}
	first, end, err := p.bus.Bounds(ctx, p.a.Topic, p.a.ID)
	if err != nil {
		return err
	}
	var pend pending
	if meta != "" {
		if err := json.Unmarshal([]byte(meta), &pend); err != nil {
			return fmt.Errorf("%w: the offset's metadata %q is not of this program; is another one using the group?", errLog, meta)
		}
		if pend.V > 1 {
			return fmt.Errorf("%w: the offset's metadata is of a newer version; upgrade this process", errLog)
		}
	}
	p.pos = max(committed, 0)
	if pend.To > p.pos && pend.To <= end {
		if err := p.planner.restore(ctx, p.epoch, uint16(p.a.ID), uint64(p.pos)); err != nil {
			return err
		}
		if err := p.replay(ctx, max(p.pos, first), pend.To); err != nil {
			return err
		}
	}
	if any && int64(high)+1 > p.pos {
		p.log.Warn("the group's offset is older than what has landed; going on after that", "committed", committed, "landed", high)
		p.pos, p.dirty = int64(high)+1, true
	}
	if p.pos > end || pend.To > end {
		return fmt.Errorf("%w: %s/%d ends at %d, but offsets up to %d have been worked on: the topic was recreated. Look at it, then start a new numbering with: dateline doctor --new-epoch",
			errLog, p.a.Topic, p.a.ID, end, max(p.pos, pend.To))
	}
	if p.pos < first && p.a.Topic != news.TopicKnowledge {
		if committed >= 0 || any {
			p.m.gaps.WithLabelValues(p.a.Topic).Add(float64(first - p.pos))
			p.log.Error("retention has removed messages before they landed", "from", p.pos, "to", first)
		}
		p.pos = first
	}
	return p.planner.restore(ctx, p.epoch, uint16(p.a.ID), uint64(p.pos))
}

// replay finishes the range that was pending, with the batch boundaries that
// it had.
func (p *partition) replay(ctx context.Context, from, to int64) error {
	var msgs []bus.Message
	r := p.bus.NewReader(p.a.Topic, p.a.ID, from)
	for r.Next() < to {
		got, err := r.Batch(ctx, int(to-from))
		if err != nil {
			return err
		}
		for _, m := range got {
			if m.Offset < to {
				msgs = append(msgs, m)
			}
		}
		if len(got) == 0 && r.Lag() == 0 {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	p.log.Info("finishing a range that was left pending", "from", p.pos, "to", to, "messages", len(msgs))
	p.m.replays.WithLabelValues(p.a.Topic).Inc()
	return p.land(ctx, msgs, to, true)
}

// cutNewer ends the run before the first message of a newer version.
func (p *partition) cutNewer(msgs []bus.Message) ([]bus.Message, error) {
	for i, m := range msgs {
		if err := newerVersion(m.Value); err != nil {
			return msgs[:i], fmt.Errorf("offset %d: %w", m.Offset, err)
		}
	}
	return msgs, nil
}

// land decides on the messages of [pos, to), inserts what they become, and
// moves on. After trouble the offsets are checked.
func (p *partition) land(ctx context.Context, msgs []bus.Message, to int64, verify bool) error {
	start := p.now()
	rng := store.Range{Topic: p.a.Topic, Epoch: p.epoch, Part: uint16(p.a.ID), From: uint64(p.pos), To: uint64(to)}
	bad := map[uint64]error{}
	wait := 100 * time.Millisecond
	for {
		err := p.attempt(ctx, rng, msgs, bad, verify)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		// Pressure or trouble: Kafka keeps what is to come, and the same
		// range goes under the same token until it is through.
		verify = true
		p.m.retries.WithLabelValues(p.a.Topic).Inc()
		p.log.Warn("cannot land, trying again", "from", rng.From, "to", rng.To, "err", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 5*time.Second)
	}
	p.pos, p.dirty = to, true
	p.m.batch.WithLabelValues(p.a.Topic).Observe(p.now().Sub(start).Seconds())
	return nil
}

func (p *partition) attempt(ctx context.Context, rng store.Range, msgs []bus.Message, bad map[uint64]error, verify bool) error {
	pl, err := p.planner.plan(ctx, rng, msgs, bad, p.now())
	if err != nil {
		return err
	}
	for i, b := range pl.batches {
		if i == 1 && p.betweenInserts != nil && b.Len() > 0 {
			p.betweenInserts()
		}
		if err := p.insert(ctx, rng, b, verify); err != nil {
			if !store.IsData(err) {
				return err
			}
			found, perr := p.findBad(ctx, pl.batches[i:])
			if perr != nil {
				return perr
			}
			if len(found) == 0 {
				return fmt.Errorf("ClickHouse refuses a batch, but none of its rows alone: %w", err)
			}
			for off, e := range found {
				bad[off] = e
			}
			return fmt.Errorf("%d of %d messages are refused and go to the dead letters: %w", len(found), len(msgs), err)
		}
	}
	if err := p.bury(ctx, pl.dead); err != nil {
		return err
	}
	if pl.landed != nil {
		pl.landed()
	}
	for result, n := range pl.counts {
		p.m.landed.WithLabelValues(p.a.Topic, result).Add(float64(n))
	}
	return nil
}

// insert sends a batch under its original token. Where an earlier attempt may
// have got part of the way, it then checks the offsets, and sends what is
// still missing under a second token. The order matters: a fresh token first
// would double rows when a paused process wakes up.
func (p *partition) insert(ctx context.Context, rng store.Range, b store.Batch, verify bool) error {
	token := fmt.Sprintf("%s/%d/%d/%d-%d", rng.Topic, rng.Epoch, rng.Part, rng.From, rng.To)
	if err := p.store.Insert(ctx, token, b); err != nil || !verify || b.Len() == 0 {
		return err
	}
	for try := 1; try <= 3; try++ {
		have, err := p.store.Landed(ctx, b.Table, rng)
		if err != nil {
			return err
		}
		rest := b.Only(func(off uint64) bool { return have[off] == 0 })
		if rest.Len() == 0 {
			return nil
		}
		p.log.Warn("rows are missing after their token was taken, sending them again", "table", b.Table, "rows", rest.Len(), "try", try)
		if err := p.store.Insert(ctx, fmt.Sprintf("%s/r%d", token, try), rest); err != nil {
			return err
		}
	}
	return fmt.Errorf("rows of %s do not stay in %s", token, b.Table)
}

// findBad halves the batches until it has the offsets that ClickHouse refuses.
func (p *partition) findBad(ctx context.Context, batches []store.Batch) (map[uint64]error, error) {
	found := map[uint64]error{}
	var halve func(b store.Batch, lo, hi uint64) error
	halve = func(b store.Batch, lo, hi uint64) error {
		part := b.Only(func(off uint64) bool { return off >= lo && off < hi })
		if part.Len() == 0 {
			return nil
		}
		err := p.store.Probe(ctx, part)
		if err == nil || !store.IsData(err) {
			return err
		}
		if hi-lo == 1 {
			found[lo] = err
			return nil
		}
		mid := lo + (hi-lo)/2
		return errors.Join(halve(b, lo, mid), halve(b, mid, hi))
	}
	for _, b := range batches {
		lo, hi := ^uint64(0), uint64(0)
		for off := range b.Offsets() {
			lo, hi = min(lo, off), max(hi, off+1)
		}
		if lo < hi {
			if err := halve(b, lo, hi); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// bury publishes messages that cannot be used, with the reason, to the dead
// letters. After a crash one may be there twice; its key names it.
func (p *partition) bury(ctx context.Context, dead []deadLetter) error {
	var out []bus.Message
	for _, d := range dead {
		p.log.Warn("message goes to the dead letters", "offset", d.msg.Offset, "err", d.err)
		p.m.dead.WithLabelValues(p.a.Topic).Inc()
		out = append(out, d.msg.Dead(GroupName, d.err))
	}
	if len(out) == 0 {
		return nil
	}
	return p.bus.Publish(ctx, out...)
}
