package page

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/zeebo/xxh3"
)

const (
	batch       = 200             // messages taken at once
	commitEvery = 5 * time.Second // at most, where something has changed
	windowBytes = 8 << 20         // of waiting articles, of one partition
)

// handler reads one partition.
type handler struct {
	*Pager
	a         *bus.Assigned
	w         *window
	before    marked
	offset    int64 // as committed
	mark      string
	committed time.Time
}

func (p *Pager) partition(ctx context.Context, a *bus.Assigned) error {
	h := &handler{Pager: p, a: a}
	if err := h.start(ctx); err != nil {
		return err
	}
	defer h.close()
	label := strconv.Itoa(a.ID)
	lag := p.m.lag.WithLabelValues(label)
	defer p.m.lag.DeleteLabelValues(label)
	r := p.bus.NewReader(a.Topic, a.ID, h.w.read)
	r.Wait = 500 * time.Millisecond
	for {
		select {
		case <-a.Stopping():
			return h.finish(ctx)
		default:
		}
		msgs, err := r.Batch(ctx, batch)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, bus.ErrOutOfRange) {
			// Retention was faster, or the topic has been recreated meanwhile.
			h.close()
			if err := h.start(ctx); err != nil {
				return err
			}
			r = p.bus.NewReader(a.Topic, a.ID, h.w.read)
			r.Wait = 500 * time.Millisecond
			continue
		}
		if err != nil {
			return err
		}
		lag.Set(float64(r.Lag()))
		for _, m := range msgs {
			if err := news.Newer(m.Value); err != nil {
				return h.stopAt(ctx, m, err)
			}
			if ok, err := h.take(ctx, m); err != nil || !ok {
				return err
			}
		}
		if err := h.commit(ctx, commitEvery); err != nil {
			return err
		}
	}
}

// start finds where to go on: as in enrich, from the start of the log where it
// is not the one that the group's offset belongs to.
func (h *handler) start(ctx context.Context) error {
	committed, meta, err := h.a.Committed(ctx)
	if err != nil {
		return err
	}
	first, end, err := h.bus.Bounds(ctx, h.a.Topic, h.a.ID)
	if err != nil {
		return err
	}
	h.before, h.offset, h.mark = marked{}, committed, meta
	from := first
	switch mark, ok := readMark(committed, meta); {
	case committed < 0:
	case committed <= end:
		same := true
		if ok && committed > first {
			msgs, err := h.bus.NewReader(h.a.Topic, h.a.ID, committed-1).Batch(ctx, 1)
			if err != nil && !errors.Is(err, bus.ErrOutOfRange) {
				return err
			}
			same = len(msgs) == 0 || msgs[0].Offset != committed-1 || fingerprint(msgs[0]) == mark.fingerprint
		}
		if same {
			from = max(from, committed)
			if ok {
				h.before = mark
			}
			break
		}
		fallthrough
	default:
		h.log.Warn("the log is another one than before, the topic was recreated; reading it from its start", "partition", h.a.ID, "offset", committed, "from", first, "end", end)
	}
	h.w = newWindow(ctx, from)
	h.w.last = h.before.fingerprint
	return nil
}

// fingerprint tells a message from the one that stands at its offset after the
// topic was recreated.
func fingerprint(m bus.Message) uint64 {
	return xxh3.HashSeed(m.Value, uint64(m.Time.UnixMilli())^xxh3.Hash(m.Key))
}

// take looks at one message. It blocks while the window is full and what is in
// it moves on; ok is false where the work has to end.
func (h *handler) take(ctx context.Context, m bus.Message) (ok bool, err error) {
	t := h.task(m)
	for t != nil {
		now := h.now()
		h.mu.Lock()
		done, until := h.recent.check(t, now)
		if done {
			h.mu.Unlock()
			h.count("recent")
			break
		}
		t.at = until
		h.supersede(t)
		if len(h.w.pending) < h.cfg.Window && h.w.bytes < windowBytes {
			h.w.pass(m.Offset, fingerprint(m), t)
			h.desk.add(t)
			h.mu.Unlock()
			h.stir()
			return true, nil
		}
		if old := h.desk.hopeless(h.w, now, h.cfg.Patience); old != nil {
			h.w.done(old)
			h.count("crowded")
			if now.Sub(h.warned) > 5*time.Minute {
				h.warned = now
				h.log.Warn("a site is too slow for what its feeds bring: its oldest articles keep the text they have; give its feeds full_text never, or raise page.window", "host", old.host)
			}
			h.mu.Unlock()
			continue
		}
		h.mu.Unlock()
		if !h.wait(ctx) {
			return false, h.finish(ctx)
		}
		if err := h.commit(ctx, commitEvery); err != nil {
			return false, err
		}
	}
	h.mu.Lock()
	h.w.pass(m.Offset, fingerprint(m), nil)
	h.mu.Unlock()
	return ctx.Err() == nil, nil
}

// wait waits for the window to change; it is false where the work has to end.
func (h *handler) wait(ctx context.Context) bool {
	t := time.NewTimer(time.Second)
	defer t.Stop()
	select {
	case <-h.w.changed:
	case <-t.C:
	case <-h.a.Stopping():
		return false
	case <-ctx.Done():
		return false
	}
	return true
}

// wanted is what stands in each message that wants its page.
var wanted = []byte(`"want_page"`)

// task makes a task of a message, where it is one.
func (h *handler) task(m bus.Message) *task {
	if !bytes.Contains(m.Value, wanted) || !h.before.wants(m.Offset) {
		return nil
	}
	a, err := news.Decode[news.Article](m.Value)
	if err != nil || !a.WantPage || a.TextFrom == news.FromPage {
		return nil // what is no article goes to the dead letters in enrich
	}
	u, err := url.Parse(strings.TrimSpace(a.URL))
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		h.count("url")
		return nil
	case a.Backlog && !h.cfg.Backlog:
		h.count("backlog")
		return nil
	case h.now().Sub(a.SeenAt) > h.cfg.MaxAge:
		h.count("old")
		return nil
	}
	t := &task{
		owner: h.w, offset: m.Offset, id: a.ID, host: strings.ToLower(u.Host), seen: a.SeenAt, index: -1,
		article: a, claim: newClaim(a), version: xxh3.HashString(a.Title + "\x00" + a.Summary), bytes: len(m.Value) - len(a.Content) + 512,
	}
	a.Content = "" // the page's text takes its place
	t.bytes += 8 * (len(t.claim.title) + len(t.claim.terms))
	return t
}

// supersede drops an older version of an article that still waits.
func (h *handler) supersede(t *task) {
	if old := h.w.latest[t.id]; old != nil && h.desk.drop(old) {
		h.w.done(old)
		h.count("superseded")
	}
}

func (h *handler) count(result string) { h.m.articles.WithLabelValues(result).Inc() }

// commit says how far the work has come, where that has changed and the last
// time was long enough ago.
func (h *handler) commit(ctx context.Context, every time.Duration) error {
	now := h.now()
	if now.Sub(h.committed) < every {
		return nil
	}
	h.mu.Lock()
	offset, mark := h.w.mark()
	h.mu.Unlock()
	if offset == h.offset && mark == h.mark {
		return nil
	}
	if err := h.a.Commit(ctx, offset, mark); err != nil {
		return err
	}
	h.offset, h.mark, h.committed = offset, mark, now
	return nil
}

// close takes what waits off the desk; what is under way is not taken back.
func (h *handler) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.w.closed = true
	h.desk.forget(h.w)
}

// finish waits for the pages under way and commits.
func (h *handler) finish(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil
	}
	h.close()
	for {
		h.mu.Lock()
		busy := h.w.busy
		h.mu.Unlock()
		if busy == 0 {
			return h.commit(ctx, 0)
		}
		select {
		case <-h.w.changed:
		case <-ctx.Done():
			return nil
		}
	}
}

// stopAt ends the work on a partition before a message of a later version.
func (h *handler) stopAt(ctx context.Context, m bus.Message, why error) error {
	h.log.Error("partition stopped: "+why.Error(), "partition", h.a.ID, "offset", m.Offset)
	h.count("newer")
	for ctx.Err() == nil {
		if !h.wait(ctx) {
			break
		}
		if err := h.commit(ctx, commitEvery); err != nil {
			return err
		}
	}
	return h.finish(ctx)
}
