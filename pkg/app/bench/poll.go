package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/feed"
)

// PollOptions of a run that measures polling alone.
type PollOptions struct {
	Feeds   int           // subscribed to
	Measure time.Duration // length of each measured part
}

const (
	tooMany = 8000. // fetches a second: more than can be served
	pace    = 900   // articles a second of the newsroom, so that about half of the answers are 304
)

// headroom is the part of the capacity at which the lag is measured.
const headroom = .9

// Poll measures the poller as it is deployed: the newsroom, the engines and the
// poller are processes of their own on this machine. Half of the answers are
// meant to be 304: the newsroom publishes about as often as a feed is asked.
func Poll(ctx context.Context, cfg app.Config, opt PollOptions, progress io.Writer) (_ *Result, err error) {
	dir, err := workspace(cfg)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cfg.Data = filepath.Join(dir, "data")
	f := &farm{dir: dir, data: cfg.Data, progress: progress}
	defer func() { err = errors.Join(err, f.close()) }()
	res := &Result{}

	opml := filepath.Join(dir, "feeds.opml")
	room, err := f.start(ctx, nil, "newsroom", "--feeds", fmt.Sprint(opt.Feeds), "--hosts", "200", "--window", "6", "--backlog", "3",
		"--rate", fmt.Sprint(pace), "--words", "60", "--opml", opml)
	if err != nil {
		return nil, err
	}
	var list []feed.Outline
	if err := f.until(ctx, "the newsroom lists its feeds", 3*time.Minute, func() bool {
		list = subscriptions(opml) // the file may be half written
		return len(list) == opt.Feeds
	}); err != nil {
		return nil, err
	}
	if _, err := f.start(ctx, nil, "engine"); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := f.subscribe(ctx, cfg, list); err != nil {
		return nil, err
	}
	fmt.Fprintf(progress, "%d feeds subscribed to in %.1f s\n", opt.Feeds, time.Since(began).Seconds())

	// The first fill: every feed is asked once.
	p, err := f.poller(ctx, asking(opt.Feeds, tooMany))
	if err != nil {
		return nil, err
	}
	began = time.Now()
	if err := f.until(ctx, "every feed was asked once", 15*time.Minute, func() bool { return p.total("dateline_poll_fetches_total") >= float64(opt.Feeds) }); err != nil {
		return nil, err
	}
	took := time.Since(began)
	res.add("first fill", took.Seconds(), "s", fmt.Sprintf("%d feeds, %.0f articles", opt.Feeds, p.total("dateline_poll_articles_total")))

	from := p.sample()
	if err := pause(ctx, opt.Measure); err != nil {
		return nil, err
	}
	to := p.sample()
	rate := (to.fetches - from.fetches) / to.at.Sub(from.at).Seconds()
	res.add("fetches, at capacity", rate, "1/s", fmt.Sprintf("%.0f %% of them 304; newsroom, broker and poller on the same cores", 100*(to.unchanged-from.unchanged)/(to.fetches-from.fetches)))
	res.add("CPU a fetch: poller", 1e3*(to.cpu-from.cpu).Seconds()/(to.fetches-from.fetches), "ms", "broker and newsroom not included")
	res.add("memory of the poller, peak", p.rss("VmHWM"), "MB", fmt.Sprintf("resident, %d feeds known", opt.Feeds))

	// A crash, and a start with everything known.
	if err := p.kill(); err != nil {
		return nil, err
	}
	began = time.Now()
	if p, err = f.poller(ctx, asking(opt.Feeds, headroom*rate)); err != nil {
		return nil, err
	}
	if err := f.until(ctx, "every feed is known again", 5*time.Minute, func() bool { return p.total("dateline_poll_feeds") >= float64(opt.Feeds) }); err != nil {
		return nil, err
	}
	res.add("start after kill -9", time.Since(began).Seconds(), "s", "until every feed is scheduled; the dead member's session time-out included")
	res.add("state on disk", f.topicMB("feed-state"), "MB", "topic feed-state, compacting")

	// The backlog of the pause, and the bunches that it leaves.
	if err := pause(ctx, time.Duration(2*float64(opt.Feeds)/rate*float64(time.Second))); err != nil {
		return nil, err
	}
	from = p.sample()
	if err := pause(ctx, opt.Measure); err != nil {
		return nil, err
	}
	to = p.sample()
	res.add("fetches, below capacity", (to.fetches-from.fetches)/to.at.Sub(from.at).Seconds(), "1/s", fmt.Sprintf("%.0f asked for, %.0f %% of capacity", headroom*rate, 100*headroom))
	lag := to.lag.since(from.lag)
	res.add("scheduling lag, p50", lag.quantile(.5), "s", "from when a poll was due to its start; upper edge of the histogram's bucket")
	res.add("scheduling lag, p95", lag.quantile(.95), "s", "")
	res.add("memory of the poller, after the start", p.rss("VmRSS"), "MB", "resident")
	res.add("memory of the newsroom", room.rss("VmRSS"), "MB", "resident")
	return res, nil
}

// asking is the configuration in which so many feeds ask for that many fetches a
// second: each sits at the ceiling, since it brings far less.
func asking(feeds int, rate float64) []string {
	every := max(2*time.Second, time.Duration(float64(feeds)/rate*float64(time.Second)))
	return []string{fmt.Sprintf("DATELINE_POLL_MIN_INTERVAL=%v", every/2), fmt.Sprintf("DATELINE_POLL_MAX_INTERVAL=%v", every), "DATELINE_POLL_BUDGET=0"}
}

// subscriptions reads an OPML file; nil where that is not possible yet.
func subscriptions(file string) []feed.Outline {
	in, err := os.Open(file)
	if err != nil {
		return nil
	}
	defer in.Close()
	list, err := feed.ReadSubscriptions(in)
	if err != nil {
		return nil
	}
	return list
}

// subscribe adds feeds, each of which has to be taken.
func (f *farm) subscribe(ctx context.Context, cfg app.Config, list []feed.Outline) (err error) {
	var a *app.App
	log := app.NewLogger(app.LogConfig{Level: "error", Format: "text"}, f.progress)
	if werr := f.until(ctx, "the engines answer", time.Minute, func() bool {
		a, err = app.Join(ctx, cfg, log)
		return !errors.Is(err, engine.ErrNotRunning)
	}); werr != nil {
		return errors.Join(werr, err)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	got, err := a.AddFeeds(ctx, list, false)
	if err == nil && got.Added != len(list) {
		err = fmt.Errorf("of %d feeds of the newsroom %d were added: %w", len(list), got.Added, errors.Join(got.Refused...))
	}
	return err
}

// freePort gives a loopback address that nobody listens on.
func freePort(ctx context.Context) (string, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
