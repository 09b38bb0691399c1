package poll

import (
	"context"
	"log/slog"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// courier stores what the visits of all partitions bring, many of them in one
// go: a write of its own for each would cost more than the fetch.
//
// Items are waited for. Notes (records of fetches that brought nothing, and
// states) are not: a crash loses those of the last moment, which says no more
// than that a feed was asked and what the next poll finds out again. Both lanes
// are bounded; while Kafka is away they fill, and then polling stands still.
type courier struct {
	bus   publisher
	log   *slog.Logger
	items chan parcel
	notes chan parcel
}

type publisher interface {
	Publish(ctx context.Context, msgs ...bus.Message) error
}

// parcel is what is stored together.
type parcel struct {
	ctx   context.Context
	msgs  []bus.Message
	done  chan<- error // buffered; nil where nobody waits
	owner owner        // of the states among the notes; nil: nobody's
	began time.Time    // when the work began that the notes are about
}

// owner can tell whether a partition is still this process's own.
type owner interface {
	owns(ctx context.Context) bool
}

// How long the first parcel of a batch waits for others, and the bounds of a
// batch and of a lane.
const (
	itemsLinger = 25 * time.Millisecond
	notesLinger = 250 * time.Millisecond
	batchLimit  = 1000
	notesLimit  = 4096
)

// unsure is the age from which on the group is asked whether a partition is
// still this process's own, before a state is stored that may be older than
// what another process has stored: this one may have been stopped meanwhile.
const unsure = time.Second

func newCourier(b publisher, log *slog.Logger) *courier {
	return &courier{bus: b, log: log, items: make(chan parcel), notes: make(chan parcel, notesLimit)}
}

// run stores until ctx ends. Nobody may be waiting then.
func (c *courier) run(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.lane(ctx, c.items, itemsLinger, c.deliver)
	}()
	c.lane(ctx, c.notes, notesLinger, c.deliverNotes)
	<-done
}

// send stores messages and waits until Kafka has them all.
func (c *courier) send(ctx context.Context, msgs []bus.Message) error {
	done := make(chan error, 1)
	return c.wait(ctx, c.items, parcel{ctx: ctx, msgs: msgs, done: done}, done)
}

// flush waits until Kafka has every note that was left before.
func (c *courier) flush(ctx context.Context) error {
	done := make(chan error, 1)
	return c.wait(ctx, c.notes, parcel{ctx: ctx, done: done}, done)
}

func (c *courier) wait(ctx context.Context, lane chan<- parcel, p parcel, done <-chan error) error {
	select {
	case lane <- p:
	case <-ctx.Done():
		return errMoved
	}
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return errMoved
	}
}

// leave stores messages soon, and a later state of a feed in place of an
// earlier one. It waits while too much is left already.
func (c *courier) leave(ctx context.Context, o owner, began time.Time, msgs ...bus.Message) {
	select {
	case c.notes <- parcel{ctx: ctx, msgs: msgs, owner: o, began: began}:
	case <-ctx.Done():
	}
}

// lane gathers parcels and hands them on, batch after batch.
func (c *courier) lane(ctx context.Context, in <-chan parcel, linger time.Duration, deliver func(context.Context, []parcel)) {
	timer := time.NewTimer(linger)
	defer timer.Stop()
	var batch []parcel
	for {
		select {
		case <-ctx.Done():
			return
		case p := <-in:
			batch = append(batch[:0], p)
		}
		timer.Reset(linger)
		for n, open := len(batch[0].msgs), true; open && n < batchLimit; {
			select {
			case p := <-in:
				batch = append(batch, p)
				n += len(p.msgs)
			case <-timer.C:
				open = false
			case <-ctx.Done():
				return
			}
		}
		deliver(ctx, batch)
		clear(batch)
	}
}

// deliver stores a batch. Where one parcel of it can never be stored, the
// others are all the same.
func (c *courier) deliver(ctx context.Context, batch []parcel) {
	var msgs []bus.Message
	for _, p := range batch {
		if p.ctx.Err() == nil {
			msgs = append(msgs, p.msgs...)
		}
	}
	err := c.publish(ctx, msgs)
	for _, p := range batch {
		each := err
		switch {
		case p.ctx.Err() != nil:
			each = errMoved
		case err != nil && len(batch) > 1:
			each = c.publish(ctx, p.msgs)
		}
		if p.done != nil {
			p.done <- each
		}
	}
}

func (c *courier) publish(ctx context.Context, msgs []bus.Message) error {
	if len(msgs) == 0 {
		return nil
	}
	return c.bus.Publish(ctx, msgs...)
}

// deliverNotes stores notes: of each feed the last state alone, and none for
// partitions that have moved, whose new owner has written since.
func (c *courier) deliverNotes(ctx context.Context, batch []parcel) {
	states := map[string]int{} // by feed: where in msgs
	asked := map[owner]bool{}
	var msgs []bus.Message
	for _, p := range batch {
		if p.owner != nil && time.Since(p.began) > unsure {
			if _, ok := asked[p.owner]; !ok {
				asked[p.owner] = p.owner.owns(p.ctx)
			}
			if !asked[p.owner] {
				continue
			}
		}
		if p.ctx.Err() != nil {
			continue
		}
		for _, m := range p.msgs {
			if m.Topic == news.TopicFeedState {
				if i, ok := states[string(m.Key)]; ok {
					msgs[i] = m
					continue
				}
				states[string(m.Key)] = len(msgs)
			}
			msgs = append(msgs, m)
		}
	}
	err := c.publish(ctx, msgs)
	if err != nil && ctx.Err() == nil {
		for _, m := range msgs {
			if err := c.publish(ctx, []bus.Message{m}); err != nil && ctx.Err() == nil {
				c.log.Error("a record cannot be stored and is left out", "topic", m.Topic, "feed", string(m.Key), "err", err)
			}
		}
	}
	for _, p := range batch {
		if p.done != nil {
			p.done <- nil
		}
	}
}
