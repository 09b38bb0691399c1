package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/producers/newsroom"
)

// watcher asks the database what has landed.
type watcher struct {
	app       *app.App
	published map[string]time.Time
}

func (w *watcher) count(ctx context.Context, table string) (int, error) {
	out, err := w.app.Reader.Strings(ctx, "SELECT toString(count()) FROM "+table)
	if err != nil {
		return 0, err
	}
	var n int
	_, err = fmt.Sscan(out[0], &n)
	return n, err
}

// waitFor waits until a table has n rows.
func (w *watcher) waitFor(ctx context.Context, table string, n int, atMost time.Duration) error {
	deadline := time.Now().Add(atMost)
	for {
		have, err := w.count(ctx, table)
		if err != nil {
			return err
		}
		if have >= n {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s has %d rows after %v, want %d", table, have, atMost, n)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// flood publishes in portions that the feeds can show, as long as not too many
// are under way, and gives the number of rows landed when no more come.
func (w *watcher) flood(ctx context.Context, room *newsroom.Newsroom, total int) (int, time.Duration, error) {
	start, err := w.count(ctx, "articles")
	if err != nil {
		return 0, 0, err
	}
	const ahead = 3000 // in feeds and queues at once; less than the feeds hold
	published, landed := 0, 0
	began := time.Now()
	last := began
	for published < total || time.Since(last) < settle {
		if published < total && published-landed < ahead {
			n := min(500, total-published)
			room.Publish(n)
			published += n
		} else if err := pause(ctx, 100*time.Millisecond); err != nil {
			return 0, 0, err
		}
		now, err := w.count(ctx, "articles")
		if err != nil {
			return 0, 0, err
		}
		if now-start != landed {
			landed, last = now-start, time.Now()
		}
		if time.Since(last) > stuck {
			return 0, 0, fmt.Errorf("%d of %d articles have landed, and no more come", landed, total)
		}
	}
	return landed, last.Sub(began), nil
}

// settle is how long nothing may land until the flood counts as over: the
// rest are revisions that by rule do not land, since they change nothing in a
// teaser, or come too soon. stuck is when it is given up.
const settle, stuck = 5 * time.Second, time.Minute

// steady publishes at a rate and gives, in seconds and in order, how long each
// article took from the fetch that saw it until a query found it.
func (w *watcher) steady(ctx context.Context, room *newsroom.Newsroom, opt Options) ([]float64, error) {
	rctx, stop := context.WithTimeout(ctx, opt.Steady)
	defer stop()
	go func() { _ = room.Run(rctx) }()
	high, err := w.app.Reader.Strings(ctx, "SELECT toString(max(off)) FROM articles")
	if err != nil {
		return nil, err
	}
	var lat []float64
	last := high[0]
	for rctx.Err() == nil || len(lat) == 0 {
		rows, err := w.app.Reader.Strings(ctx, "SELECT toString(off) || ' ' || toString(toUnixTimestamp64Milli(seen_at)) FROM articles WHERE off > "+last+" AND revision = 0 ORDER BY off")
		if err != nil {
			return nil, err
		}
		now := time.Now().UnixMilli()
		for _, r := range rows {
			var seen int64
			if _, err := fmt.Sscan(r, &last, &seen); err != nil {
				return nil, err
			}
			lat = append(lat, float64(now-seen)/1000)
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
	return sorted(lat), nil
}
