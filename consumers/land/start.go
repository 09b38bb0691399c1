package land

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// start finds where to go on, and finishes a range that somebody left pending.
func (p *partition) start(ctx context.Context) error {
	p.dirty = false
	if p.swaps != nil {
		if err := p.swaps.fence(ctx); err != nil {
			return err
		}
	}
	committed, meta, err := p.a.Committed(ctx)
	if err != nil {
		return err
	}
	if p.epoch, err = p.epochs.Epoch(ctx); err != nil {
		return err
	}
	first, end, err := p.logs.Bounds(ctx, p.topic, p.id)
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
	last, any, err := p.epochs.Last(ctx, p.main, p.topic, p.epoch, uint16(p.id))
	if err != nil {
		return err
	}
	next := int64(0) // after the last row
	if any {
		next = int64(last.Off) + 1
		ours, err := p.recognise(ctx, last, first, end)
		if err != nil {
			return err
		}
		if !ours && last.Epoch < p.epoch {
			return p.fromStart(ctx, pend, committed, first)
		}
		if !ours {
			return p.recreated(fmt.Errorf("offset %d does not hold what has landed from it", last.Off))
		}
	}
	p.pos = max(committed, 0)
	if pend.Epoch = cmp.Or(pend.Epoch, last.Epoch, p.epoch); pend.Epoch < p.epoch && pend.To > end {
		return p.fromStart(ctx, pend, committed, first)
	}
	if most := max(p.pos, pend.To, next); most > end {
		return p.recreated(fmt.Errorf("it ends at %d, but offsets up to %d have been worked on", end, most))
	}
	if err := p.resume(ctx, sums(pend.Held), first); err != nil {
		return err
	}
	if pend.To > p.pos {
		if err := p.replay(ctx, first, pend); err != nil {
			return err
		}
	}
	if next > p.pos {
		p.log.Warn("the group's offset is older than what has landed; going on after that", "committed", committed, "landed", last.Off)
		p.pos, p.dirty = next, true
	}
	if p.pos < first {
		if committed >= 0 || any {
			p.missing(p.pos, first)
		}
		p.pos = first
	}
	return p.planner.restore(ctx, p.epoch, uint16(p.id), uint64(p.pos))
}

// fromStart begins with a log that is another one than that of the epoch before.
func (p *partition) fromStart(ctx context.Context, pend pending, committed, first int64) error {
	if pend.To > committed {
		p.log.Error("a range was pending in the log of the epoch before and cannot be finished: it may have articles without mentions, see dateline audit", "from", committed, "to", pend.To)
	}
	p.log.Info("a new epoch: the log is another one than that of the epoch before, reading it from its start", "epoch", p.epoch, "from", first)
	p.pos, p.dirty = first, true
	p.held.clear()
	return p.planner.restore(ctx, p.epoch, uint16(p.id), uint64(p.pos))
}

func (p *partition) recreated(why error) error {
	return fmt.Errorf("%w: %s/%d is another log than before, the topic was recreated: %w. Look at it, stop all roles, then start a new numbering with: dateline doctor --new-epoch",
		errLog, p.topic, p.id, why)
}

// recognise tells whether the log holds the message of the last row that has
// landed. Where the log does not reach back to it, nothing speaks against.
func (p *partition) recognise(ctx context.Context, last store.Row, first, end int64) (bool, error) {
	off := int64(last.Off)
	if off >= end {
		return false, nil
	}
	if off < first {
		return true, nil
	}
	msgs, err := p.logs.Read(p.topic, p.id, off).Batch(ctx, 1)
	if err != nil && !errors.Is(err, bus.ErrOutOfRange) {
		return false, err
	}
	if len(msgs) == 0 || msgs[0].Offset != off {
		return true, nil
	}
	same, err := p.planner.same(msgs[0], last.What)
	if errors.Is(err, news.ErrNewer) {
		return true, nil
	}
	return same && err == nil, nil
}

// replay finishes the range [p.pos, to) that was pending, with the batch
// boundaries that it had and in the epoch that it had.
func (p *partition) replay(ctx context.Context, first int64, pend pending) error {
	to := pend.To
	var msgs []bus.Message
	r := p.logs.Read(p.topic, p.id, max(p.pos, first))
	for empty := 0; r.Next() < to; {
		got, err := r.Batch(ctx, int(to-r.Next()))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return err
		}
		for _, m := range got {
			if m.Offset < to {
				msgs = append(msgs, m)
			}
		}
		if len(got) > 0 {
			empty = 0
			continue
		}
		// The last offsets of a compacted log may hold nothing. Elsewhere they
		// must come: to go on without them would lose them.
		if empty++; empty >= 4 && p.compacted() {
			break
		}
		if empty >= 40 {
			return fmt.Errorf("messages %d to %d of a pending range do not come", r.Next(), to)
		}
	}
	msgs, newer := cutNewer(msgs)
	if newer != nil {
		// A newer process left the range: only such a one can finish it.
		return fmt.Errorf("%w: the range up to %d is pending: %w", errLog, to, newer)
	}
	p.log.Info("finishing a range that was left pending", "from", p.pos, "to", to, "messages", len(msgs))
	p.m.replays.WithLabelValues(p.topic).Inc()
	p.countMissing(msgs, to)
	inForce := p.epoch
	p.epoch = pend.Epoch
	err := p.land(ctx, msgs, to, &pend)
	p.epoch = inForce
	return err
}
