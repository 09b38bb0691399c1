package app

import (
	"context"
	"errors"
	"time"

	"github.com/dateline/dateline/consumers/enrich"
	"github.com/dateline/dateline/consumers/land"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/producers/intake"
)

// History is where an import publishes to: what it takes is never more than the
// broker keeps until it has landed. Where this process runs the engines itself,
// nobody else works: it starts the roles that do as soon as it is full, and
// Close ends them.
type History struct {
	intake.Gate
	app *App

	stop  context.CancelFunc // of the roles; nil: none run here
	ended chan error

	last         int64 // messages on their way at the last look
	looked, fell time.Time
}

// History prepares an import.
func (a *App) History() *History {
	h := &History{app: a}
	h.Gate = intake.Gate{Out: a.Bus, Waiting: h.waiting, Most: a.Config.Engine.RetentionBytes / 2, Full: h.full}
	return h
}

// waiting counts what has been published and has not landed.
func (h *History) waiting(ctx context.Context) (n int64, err error) {
	for _, bl := range []bus.Backlog{{Topic: news.TopicArticles, Group: enrich.GroupName}, {Topic: news.TopicDocuments, Group: land.GroupName}} {
		p, err := h.app.Bus.Pending(ctx, bl, partitions(bl.Topic))
		if err != nil {
			return 0, err
		}
		n += p.Messages
	}
	return n, nil
}

// stalled is for how long nothing may land before a person is told.
const stalled = time.Minute

func (h *History) full(ctx context.Context, waiting int64) error {
	now := h.app.Now()
	switch {
	case h.stop == nil && h.app.engines != nil:
		h.app.log.Warn("nothing runs on the data directory, and it holds as much as may wait: landing it before going on", "waiting", waiting)
		h.start(ctx)
	case h.stop != nil:
		select {
		case err := <-h.ended:
			h.ended <- nil
			return errors.Join(errors.New("what was published does not land"), err)
		default:
		}
	}
	if waiting < h.last || now.Sub(h.looked) > 10*time.Second {
		h.fell = now
	}
	h.last, h.looked = waiting, now
	if now.Sub(h.fell) > stalled {
		h.fell = now
		h.app.log.Warn("waiting: nothing lands; are enrich and land running, and their partitions not stopped?", "waiting", waiting)
	}
	return nil
}

func (h *History) start(ctx context.Context) {
	ctx, h.stop = context.WithCancel(context.WithoutCancel(ctx))
	h.ended = make(chan error, 1)
	go func() { h.ended <- h.app.Run(ctx, "enrich", "land") }()
}

// Close ends the roles that run here, with their work in hand finished.
func (h *History) Close() error {
	if h.stop == nil {
		return nil
	}
	h.stop()
	return <-h.ended
}
