package intake

import (
	"context"
	"time"

	"github.com/dateline/dateline/pkg/bus"
)

// Gate is a Publisher that lets history through no faster than it lands. Topics
// keep a bounded number of bytes, and what has not landed when it is removed is
// lost: so no more than Most bytes may be on their way, whatever else is. It is
// for one goroutine.
type Gate struct {
	Out     Publisher
	Waiting func(context.Context) (int64, error) // messages on their way to the store, those of others included
	Most    int64                                // bytes that may be on their way, uncompressed
	// Full is told how many messages are on their way whenever there is no
	// room, again and again until there is; may be nil.
	Full func(ctx context.Context, waiting int64) error
	// Pause waits before the next look; nil: by the clock.
	Pause func(context.Context, time.Duration) error

	messages, bytes int64 // published by this gate
	room            int64 // messages that may be published before the next look
}

const (
	// documentBytes is what a document takes beyond its article: mentions,
	// sketch and the fields around them.
	documentBytes = 8 << 10
	// gateStep is how many messages are published between two looks at most.
	gateStep = 4000
	// gatePause is the time between two looks while there is no room.
	gatePause = 250 * time.Millisecond
)

// Publish waits until there is room, and publishes then.
func (g *Gate) Publish(ctx context.Context, msgs ...bus.Message) error {
	for _, m := range msgs {
		g.messages++
		g.bytes += int64(len(m.Value))
	}
	if g.room < int64(len(msgs)) {
		if err := g.wait(ctx, int64(len(msgs))); err != nil {
			return err
		}
	}
	g.room -= int64(len(msgs))
	return g.Out.Publish(ctx, msgs...)
}

// wait returns when n messages may be published. Once there was no room, it
// waits for a quarter of it, so that looks stay few.
func (g *Gate) wait(ctx context.Context, n int64) error {
	rest := g.Pause
	if rest == nil {
		rest = pause
	}
	need := n
	for {
		waiting, err := g.Waiting(ctx)
		if err != nil {
			return err
		}
		limit := max(g.Most/(g.bytes/max(g.messages, 1)+documentBytes), 1)
		// A batch that is larger than the limit goes when nothing else is on
		// its way.
		if room := limit - waiting; room >= need || waiting == 0 {
			g.room = min(max(room, n), max(gateStep, n))
			return nil
		}
		need = max(n, limit/4)
		if g.Full != nil {
			if err := g.Full(ctx, waiting); err != nil {
				return err
			}
		}
		if err := rest(ctx, gatePause); err != nil {
			return err
		}
	}
}
