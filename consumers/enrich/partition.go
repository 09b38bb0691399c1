package enrich

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/zeebo/xxh3"

	"github.com/dateline/dateline/pkg/bus"
)

func (e *Enricher) partition(ctx context.Context, a *bus.Assigned) error {
	from, err := e.start(ctx, a)
	if err != nil {
		return err
	}
	w := e.worker()
	lag := e.lag.WithLabelValues(strconv.Itoa(a.ID))
	defer e.lag.DeleteLabelValues(strconv.Itoa(a.ID))
	r := e.bus.NewReader(a.Topic, a.ID, from)
	r.Wait = 500 * time.Millisecond
	for {
		select {
		case <-a.Stopping():
			return nil
		default:
		}
		msgs, err := r.Batch(ctx, e.cfg.Batch)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, bus.ErrOutOfRange) {
			// Retention was faster, or the topic has been recreated meanwhile.
			if from, err = e.start(ctx, a); err != nil {
				return err
			}
			r = e.bus.NewReader(a.Topic, a.ID, from)
			continue
		}
		if err != nil {
			return err
		}
		lag.Set(float64(r.Lag()))
		if len(msgs) == 0 {
			continue
		}
		out, newer := w.batch(msgs)
		if len(out) > 0 {
			if err := e.bus.Publish(ctx, out...); err != nil {
				return err
			}
		}
		if newer != nil {
			for len(msgs) > 0 && msgs[len(msgs)-1].Offset >= newer.offset {
				msgs = msgs[:len(msgs)-1]
			}
		}
		if len(msgs) > 0 {
			last := msgs[len(msgs)-1]
			if err := a.Commit(ctx, last.Offset+1, fingerprint(last)); err != nil {
				return err
			}
		}
		if newer != nil {
			e.log.Error("partition stopped: "+newer.err.Error(), "partition", a.ID, "offset", newer.offset)
			e.done.WithLabelValues("newer").Inc()
			select {
			case <-ctx.Done():
			case <-a.Stopping():
			}
			return nil
		}
	}
}

// start finds where to go on. Where the log is not the one that the group's
// offset belongs to, since the topic was recreated, it is read from its start:
// that may repeat articles, which land tells from new ones, while going on at
// the offset would lose some.
func (e *Enricher) start(ctx context.Context, a *bus.Assigned) (int64, error) {
	committed, meta, err := a.Committed(ctx)
	if err != nil {
		return 0, err
	}
	first, end, err := e.bus.Bounds(ctx, a.Topic, a.ID)
	if err != nil {
		return 0, err
	}
	if committed <= first {
		return first, nil
	}
	if committed <= end {
		msgs, err := e.bus.NewReader(a.Topic, a.ID, committed-1).Batch(ctx, 1)
		if err != nil && !errors.Is(err, bus.ErrOutOfRange) {
			return 0, err
		}
		if meta == "" || len(msgs) == 0 || msgs[0].Offset != committed-1 || fingerprint(msgs[0]) == meta {
			return committed, nil
		}
	}
	e.log.Warn("the log is another one than before, the topic was recreated; reading it from its start", "partition", a.ID, "offset", committed, "from", first, "end", end)
	return first, nil
}

// fingerprint tells a message from the one that stands at its offset after the
// topic was recreated.
func fingerprint(m bus.Message) string {
	var h xxh3.Hasher
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(m.Time.UnixMilli())))
	_, _ = h.Write(m.Key)
	_, _ = h.Write(m.Value)
	return fmt.Sprintf("v1:%016x", h.Sum64())
}
