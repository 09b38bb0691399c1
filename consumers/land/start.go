package land

import (
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
	committed, meta, err := p.a.Committed(ctx)
	if err != nil {
		return err
	}
	if p.epoch, err = p.store.Epoch(ctx); err != nil {
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
	last, any, err := p.store.Last(ctx, p.main, p.a.Topic, p.epoch, uint16(p.a.ID))
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
			p.log.Info("a new epoch: the log is another one than that of the epoch before, reading it from its start", "epoch", p.epoch, "from", first)
			p.pos, p.dirty = first, true
			return p.planner.restore(ctx, p.epoch, uint16(p.a.ID), uint64(p.pos))
		}
		if !ours {
			return p.recreated(fmt.Errorf("offset %d does not hold what has landed from it", last.Off))
		}
	}
	p.pos = max(committed, 0)
	if most := max(p.pos, pend.To, next); most > end {
		return p.recreated(fmt.Errorf("it ends at %d, but offsets up to %d have been worked on", end, most))
	}
	if pend.To > p.pos {
		if err := p.replay(ctx, first, pend.To); err != nil {
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
	return p.planner.restore(ctx, p.epoch, uint16(p.a.ID), uint64(p.pos))
}

func (p *partition) recreated(why error) error {
	return fmt.Errorf("%w: %s/%d is another log than before, the topic was recreated: %w. Look at it, stop all roles, then start a new numbering with: dateline doctor --new-epoch",
		errLog, p.a.Topic, p.a.ID, why)
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
	msgs, err := p.bus.NewReader(p.a.Topic, p.a.ID, off).Batch(ctx, 1)
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
// boundaries that it had.
func (p *partition) replay(ctx context.Context, first, to int64) error {
	var msgs []bus.Message
	r := p.bus.NewReader(p.a.Topic, p.a.ID, max(p.pos, first))
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
	p.m.replays.WithLabelValues(p.a.Topic).Inc()
	p.countMissing(msgs, to)
	return p.land(ctx, msgs, to, true)
}
