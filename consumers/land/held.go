package land

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/prometheus/client_golang/prometheus"
)

// A text that comes too soon after a revision is no revision yet, but it may be
// the last one of its article. The newest such text of each article is held
// back, and published to `documents` once more when its time has come. What it
// is then is decided like anything else, so that a text that is offered twice,
// or has been overtaken meanwhile, does no harm. The offsets that are held are
// part of the metadata of the committed offset: they outlive the process.

// maxHeld texts are held at most, since Kafka keeps 4096 bytes of metadata.
const maxHeld = 250

// held are texts that wait for their time.
type held struct {
	texts  map[news.ID]waiting
	stream time.Time // the newest seen_at so far
	m      *prometheus.CounterVec
}

type waiting struct {
	off   int64
	due   time.Time // the seen_at that it is offered with
	until time.Time // by the clock of this process, for where the stream stands still
	feed  string
}

// note takes up what has been decided on a run of messages.
func (h *held) note(msgs []decoded[news.Document], d *decisions, now time.Time) {
	for _, m := range msgs {
		if m.value.SeenAt.After(h.stream) {
			h.stream = m.value.SeenAt
		}
		id, off := m.value.ID, uint64(m.Offset)
		have, any := h.texts[id]
		due, early := d.due[off]
		switch v := d.verdicts[off]; {
		case early:
			if any {
				h.m.WithLabelValues("replaced").Inc()
			}
			h.add(id, waiting{off: m.Offset, due: due, until: now.Add(due.Sub(m.value.SeenAt)), feed: m.value.FeedURL})
		case !any:
		case v.Kind == judge.Revision, v.Reason == judge.ReasonIdentical && m.value.FeedURL == have.feed:
			// The feed has moved on, or has gone back to what is stored. Another
			// feed may just be behind.
			h.m.WithLabelValues("replaced").Inc()
			delete(h.texts, id)
		}
	}
}

func (h *held) add(id news.ID, w waiting) {
	if h.texts == nil {
		h.texts = map[news.ID]waiting{}
	}
	if _, any := h.texts[id]; !any && len(h.texts) >= maxHeld {
		h.m.WithLabelValues("lost").Inc()
		return
	}
	h.m.WithLabelValues("held").Inc()
	h.texts[id] = w
}

// offsets of the texts held, ascending.
func (h *held) offsets() []int64 {
	if h == nil || len(h.texts) == 0 {
		return nil
	}
	out := make([]int64, 0, len(h.texts))
	for _, w := range h.texts {
		out = append(out, w.off)
	}
	slices.Sort(out)
	return out
}

func (h *held) clear() {
	if h != nil {
		clear(h.texts)
	}
}

// offerAgain publishes the texts whose time has come: the stream has reached
// it, or has stood still for as long.
func (p *partition) offerAgain(ctx context.Context) error {
	if p.held == nil || len(p.held.texts) == 0 {
		return nil
	}
	now := p.now()
	for _, id := range slices.Sorted(maps.Keys(p.held.texts)) {
		w := p.held.texts[id]
		if p.held.stream.Before(w.due) && now.Before(w.until) {
			continue
		}
		m, d, err := p.reread(ctx, w.off)
		if err != nil {
			return err
		}
		if d != nil {
			if d.SeenAt = w.due; !d.Backlog {
				d.TS = w.due
			}
			m = bus.Message{Topic: p.topic, Key: m.Key, Value: news.Encode(d), Time: w.due, Headers: m.Headers}
			if err := p.logs.Publish(ctx, m); err != nil {
				return fmt.Errorf("offer a text again: %w", err)
			}
			p.held.m.WithLabelValues("offered").Inc()
		}
		delete(p.held.texts, id)
		p.dirty = true
	}
	return nil
}

// reread gives the document at an offset; none where it is gone.
func (p *partition) reread(ctx context.Context, off int64) (m bus.Message, d *news.Document, err error) {
	r := p.logs.Read(p.topic, p.id, off)
	if r, is := r.(*bus.Reader); is {
		r.MaxBytes = 64 << 10 // a larger one comes whole, and nothing after it
	}
	msgs, err := r.Batch(ctx, 1)
	if errors.Is(err, bus.ErrOutOfRange) || err == nil && (len(msgs) == 0 || msgs[0].Offset != off) {
		return m, nil, nil
	}
	if err != nil {
		return m, nil, err
	}
	d, err = news.Decode[news.Document](msgs[0].Value)
	if err != nil {
		return m, nil, nil
	}
	return msgs[0], d, nil
}

// rereadGap is how many documents are read in passing rather than asked for
// anew: a takeover waits for all that is held.
const rereadGap = 2000

// rereadAll gives the documents at ascending offsets from first on, none where
// one is gone.
func (p *partition) rereadAll(ctx context.Context, offs []int64, first int64) ([]*news.Document, error) {
	out := make([]*news.Document, len(offs))
	var r source
	for i, off := range offs {
		if off < first {
			continue
		}
		if r == nil || off < r.Next() || off-r.Next() > rereadGap {
			r = p.logs.Read(p.topic, p.id, off)
		}
		for r != nil && r.Next() <= off {
			msgs, err := r.Batch(ctx, int(off-r.Next())+1)
			if err != nil && !errors.Is(err, bus.ErrOutOfRange) {
				return nil, err
			}
			if len(msgs) == 0 || msgs[len(msgs)-1].Offset > off {
				r = nil // there is a hole
			}
			for _, m := range msgs {
				if m.Offset == off {
					out[i], _ = news.Decode[news.Document](m.Value) // what is none was not held
				}
			}
		}
	}
	return out, nil
}

// resume takes up the texts at these offsets, which somebody held back.
func (p *partition) resume(ctx context.Context, offs []int64, first int64) error {
	if p.held == nil {
		return nil
	}
	before := maps.Clone(p.held.texts)
	p.held.clear()
	if len(offs) == 0 {
		return nil
	}
	if err := p.planner.restore(ctx, p.epoch, uint16(p.id), uint64(max(p.pos, 0))); err != nil {
		return err
	}
	docs, err := p.rereadAll(ctx, offs, first)
	if err != nil {
		return err
	}
	for i, off := range offs {
		d := docs[i]
		if d == nil {
			continue
		}
		d.SeenAt = millis(d.SeenAt)
		due, ok, err := p.documents.due(ctx, d)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		w := waiting{off: off, due: due, until: p.now().Add(due.Sub(d.SeenAt)), feed: d.FeedURL}
		if b, any := before[d.ID]; any && b.off == off {
			w.until = b.until
		}
		p.held.add(d.ID, w)
	}
	return nil
}

// due tells when a document may be a revision, by what is known of its article.
func (p *documents) due(ctx context.Context, d *news.Document) (time.Time, bool, error) {
	look := newLookup(p.store, store.Range{})
	look.ask(d.ID)
	k, err := look.get(ctx, p.index.judge, d.ID)
	if err != nil {
		return time.Time{}, false, err
	}
	at, ok := p.index.judge.Due(p.index.input(d), k)
	return at, ok, nil
}

// differences and sums turn ascending offsets into short numbers and back.
func differences(offs []int64) []int64 {
	for i := len(offs) - 1; i > 0; i-- {
		offs[i] -= offs[i-1]
	}
	return offs
}

func sums(offs []int64) []int64 {
	for i := 1; i < len(offs); i++ {
		offs[i] += offs[i-1]
	}
	return offs
}
