package land

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// lessor is the partition as one generation has it.
type lessor struct {
	p   *proc
	gen int
}

func (a *lessor) Stopping() <-chan struct{} { return a.p.stop }

func (a *lessor) Committed(ctx context.Context) (off int64, meta string, err error) {
	err = a.p.do(ctx, "committed", func() error {
		off, meta = a.p.s.committed, a.p.s.meta
		if off == 0 && meta == "" {
			off = -1
		}
		return nil
	})
	var pend pending
	if meta != "" && json.Unmarshal([]byte(meta), &pend) == nil {
		switch a.p.s.mutant {
		case "epoch in force":
			pend.Epoch, _ = a.p.s.tables.Epoch(ctx)
		case "pace of its own":
			pend.Pace = judge.Pace{}
		case "other boundaries":
			if pend.To > off+1 {
				pend.To--
			}
		}
		b, _ := json.Marshal(pend)
		meta = string(b)
	}
	return off, meta, err
}

func (a *lessor) Commit(ctx context.Context, off int64, meta string) error {
	var pend pending
	if meta != "" && json.Unmarshal([]byte(meta), &pend) == nil {
		switch a.p.s.mutant {
		case "commit first":
			off, meta = pend.To, ""
		case "no pending range":
			meta = ""
		case "held in memory alone":
			pend.Held = nil
			b, _ := json.Marshal(pend)
			meta = string(b)
		}
	}
	return a.p.do(ctx, fmt.Sprint("commit ", off, " ", meta), func() error { return a.p.s.commit(a.gen, off, meta) })
}

// seam is Kafka and ClickHouse as one process sees them.
type seam struct{ p *proc }

func (s *seam) Bounds(ctx context.Context, _ string, _ int) (first, end int64, err error) {
	return 0, s.p.s.end(), s.p.do(ctx, "bounds", func() error { return nil })
}

func (s *seam) Publish(ctx context.Context, msgs ...bus.Message) error {
	return s.p.do(ctx, "publish "+msgs[0].Topic, func() error {
		for _, m := range msgs {
			if m.Topic == news.TopicDeadLetters {
				s.p.s.dead = append(s.p.s.dead, m)
			} else {
				s.p.s.append(m)
			}
		}
		return nil
	})
}

func (s *seam) Read(_ string, _ int, from int64) source { return &tape{s.p, from} }

// tape reads the log.
type tape struct {
	p    *proc
	next int64
}

func (t *tape) Next() int64 { return t.next }
func (t *tape) Lag() int64  { return t.p.s.end() - t.next }

func (t *tape) Batch(ctx context.Context, limit int) (out []bus.Message, err error) {
	s := t.p.s
	t.p.idle = t.next >= s.end()
	what := fmt.Sprint("read ", t.next)
	if t.p.idle {
		what = "idle"
	}
	err = t.p.do(ctx, what, func() error {
		if t.next > s.end() {
			return bus.ErrOutOfRange
		}
		for ; len(out) < limit && t.next < s.end(); t.next++ {
			out = append(out, s.log[t.next])
		}
		return nil
	})
	t.p.idle = false
	return out, err
}

func (s *seam) Insert(ctx context.Context, token string, b store.Batch) error {
	switch s.p.s.mutant {
	case "fresh token first":
		token = fmt.Sprint(token, "/", s.p.mine.gen)
	}
	what := fmt.Sprint("insert ", b.Table, " ", token, " ", b.Len())
	switch v := s.p.call(what); v {
	case fails:
		return errTrouble
	case tears, breaks:
		return s.p.s.tables.(*memory).insert(token, b, s.p.s.pick("part", 2), v == tears)
	default:
		if v == ok && ctx.Err() != nil {
			return ctx.Err()
		}
		err := s.p.s.tables.Insert(context.WithoutCancel(ctx), token, b)
		if v == diesAfter {
			runtime.Goexit()
		}
		if v == lost && err == nil {
			err = errTrouble
		}
		return err
	}
}

func (s *seam) Probe(ctx context.Context, b store.Batch) error {
	return s.p.do(ctx, "probe", func() error { return s.p.s.tables.Probe(ctx, b) })
}

func (s *seam) Landed(ctx context.Context, table string, r store.Range) (out map[uint64]int, err error) {
	err = s.p.do(ctx, "landed "+table, func() (err error) {
		out, err = s.p.s.tables.Landed(ctx, table, r)
		return err
	})
	if s.p.s.mutant == "no verification" && err == nil {
		for off := r.From; off < r.To; off++ {
			out[off] = 1
		}
	}
	return out, err
}

func (s *seam) Epoch(ctx context.Context) (e uint32, err error) {
	err = s.p.do(ctx, "epoch", func() (err error) {
		e, err = s.p.s.tables.Epoch(ctx)
		return err
	})
	return e, err
}

func (s *seam) Last(ctx context.Context, table, topic string, epoch uint32, part uint16) (r store.Row, any bool, err error) {
	err = s.p.do(ctx, "last", func() (err error) {
		r, any, err = s.p.s.tables.Last(ctx, table, topic, epoch, part)
		return err
	})
	return r, any, err
}

func (s *seam) WindowStart(ctx context.Context, r store.Range, window time.Duration) (m store.Mark, any bool, err error) {
	err = s.p.do(ctx, "window", func() (err error) {
		m, any, err = s.p.s.tables.WindowStart(ctx, r, window)
		return err
	})
	return m, any, err
}

// Fold may break off at any row.
func (s *seam) Fold(ctx context.Context, r store.Range, start store.Mark, f func(*store.Stored) error) error {
	v := s.p.call("fold")
	left := 1 << 30
	switch v {
	case fails:
		left = 0
	case lost, diesAfter:
		left = 1 + s.p.s.pick("rows", 4)
	}
	err := s.p.s.tables.Fold(ctx, r, start, func(st *store.Stored) error {
		if left--; left < 0 {
			return errTrouble
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return f(st)
	})
	if v == diesAfter {
		runtime.Goexit()
	}
	if v == fails && err == nil {
		err = errTrouble
	}
	return err
}

func (s *seam) Adopted(ctx context.Context, r store.Range) (out map[uint64]*store.Stored, err error) {
	err = s.p.do(ctx, "adopted", func() (err error) {
		out, err = s.p.s.tables.Adopted(ctx, r)
		return err
	})
	if s.p.s.mutant == "no adoption" {
		clear(out)
	}
	return out, err
}

func (s *seam) Known(ctx context.Context, ids []news.ID, r store.Range) (out map[news.ID]*store.Revisions, err error) {
	err = s.p.do(ctx, "known", func() (err error) {
		out, err = s.p.s.tables.Known(ctx, ids, r)
		return err
	})
	if s.p.s.mutant == "identity of a week" {
		clear(out)
	}
	return out, err
}

func (s *seam) Mentioned(ctx context.Context, ids []news.ID, r store.Range) (out map[news.ID]map[string]bool, err error) {
	err = s.p.do(ctx, "mentioned", func() (err error) {
		out, err = s.p.s.tables.Mentioned(ctx, ids, r)
		return err
	})
	if s.p.s.mutant == "mentions of every revision" {
		clear(out)
	}
	return out, err
}

func (s *seam) KnownNames(ctx context.Context, table string, names []string, r store.Range) (out map[string]bool, err error) {
	err = s.p.do(ctx, "names "+table, func() (err error) {
		out, err = s.p.s.tables.KnownNames(ctx, table, names, r)
		return err
	})
	return out, err
}

func (s *seam) Clock(context.Context) (time.Time, error) { return t0.Add(10000 * time.Hour), nil }
