// Package bench measures the whole path on one machine: newsroom, broker,
// database and every role in one process. Each figure is measured in the same
// run; nothing is extrapolated. What costs are split by stage is measured on
// one goroutine over the same articles, by CPU time of the thread.
package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/dateline/dateline/pkg/app"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/producers/newsroom"
)

// Options of a run.
type Options struct {
	Articles int           // published as fast as they are taken
	Rate     float64       // articles a second of the steady part
	Steady   time.Duration // its length
	Profile  string        // file for a CPU profile of the first part; empty: none
}

// Figure is one measurement.
type Figure struct {
	Name  string  `json:"figure"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Note  string  `json:"note,omitempty"`
}

// Result is all that one run has measured.
type Result struct{ Figures []Figure }

func (r *Result) add(name string, v float64, unit, note string) {
	r.Figures = append(r.Figures, Figure{name, v, unit, note})
}

// Write prints the figures.
func (r *Result) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		for _, f := range r.Figures {
			if err := enc.Encode(f); err != nil {
				return err
			}
		}
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, f := range r.Figures {
		fmt.Fprintf(tw, "%s\t%.4g\t%s\t%s\n", f.Name, f.Value, f.Unit, f.Note)
	}
	return tw.Flush()
}

// outlets and window are chosen so that a poll finds a good part of a feed new,
// as with busy feeds, and nothing rolls over unseen.
const outlets, window = 120, 400

// workspace makes a temporary directory for a run on the embedded engines.
func workspace(cfg app.Config) (string, error) {
	if len(cfg.Kafka.Brokers) > 0 || len(cfg.ClickHouse.Addr) > 0 {
		return "", errors.New("bench measures the embedded engines; leave kafka.brokers and clickhouse.addr empty")
	}
	return os.MkdirTemp("", "dateline-bench-")
}

// Run measures. What it needs of disk stands in a temporary directory and is
// removed at the end.
func Run(ctx context.Context, cfg app.Config, opt Options, progress io.Writer) (_ *Result, err error) {
	dir, err := workspace(cfg)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	cfg.Data = dir
	cfg.Web.Listen = "127.0.0.1:0"
	cfg.Poll.MinInterval, cfg.Poll.MaxInterval = 3*time.Second, 4*time.Second
	room, err := newsroom.New(newsroom.Config{Seed: 1, Outlets: outlets, Window: window, Rate: opt.Rate})
	if err != nil {
		return nil, err
	}
	defer room.Close()
	host, _, err := net.SplitHostPort(room.Addr())
	if err != nil {
		return nil, err
	}
	cfg.Fetch.AllowPrivate = append(cfg.Fetch.AllowPrivate, host)
	log := app.NewLogger(app.LogConfig{Level: "error", Format: "text"}, progress)
	res := &Result{}
	idle, err := wholePath(ctx, cfg, opt, room, log, progress, res)
	if err != nil {
		return nil, err
	}
	res.add("memory, idle", idle/1e6, "MB", "resident, everything embedded, before the first article")
	res.add("memory, peak", peakMB(), "MB", "resident, newsroom included")
	return res, stages(res)
}

func wholePath(ctx context.Context, cfg app.Config, opt Options, room *newsroom.Newsroom, log *slog.Logger, progress io.Writer, res *Result) (idle float64, err error) {
	a, err := app.Start(ctx, cfg, log)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	var list []feed.Outline
	for _, f := range room.Feeds() {
		list = append(list, feed.Outline{URL: f.URL, Title: f.Title})
	}
	if _, err := a.AddFeeds(ctx, list, false); err != nil {
		return 0, err
	}
	rctx, stop := context.WithCancel(ctx)
	ended := make(chan error, 2)
	go func() { ended <- room.Serve(rctx, nil) }()
	go func() { ended <- a.Run(rctx, "poll", "enrich", "land", "alert", "notify") }()
	defer func() {
		stop()
		err = errors.Join(err, <-ended, <-ended)
	}()
	w := &watcher{app: a, published: map[string]time.Time{}}
	if err := w.waitFor(ctx, "fetches", outlets, time.Minute); err != nil {
		return 0, err
	}
	idle = rssBytes()
	fmt.Fprintf(progress, "publishing %g articles a second for %v\n", opt.Rate, opt.Steady)
	lat, err := w.steady(ctx, room, opt)
	if err != nil {
		return 0, err
	}
	note := fmt.Sprintf("from the fetch that saw it (seen_at) to the first query that finds it, asked every 50 ms; %d articles", len(lat))
	for _, p := range []float64{.5, .95, .99} {
		res.add(fmt.Sprintf("fetch to visible, p%g", p*100), quantile(lat, p), "s", note)
		note = ""
	}
	fmt.Fprintf(progress, "publishing %d articles as fast as they are taken\n", opt.Articles)
	stopProfile, err := profile(opt.Profile)
	if err != nil {
		return 0, err
	}
	cpu := cpuTime()
	n, took, err := w.flood(ctx, room, opt.Articles)
	stopProfile()
	if err != nil {
		return 0, err
	}
	spent := cpuTime() - cpu
	batches, err := a.Reader.Strings(ctx, "SELECT toString(uniqExact(landed_at)) FROM articles")
	if err != nil {
		return 0, err
	}
	var inserts float64
	if _, err := fmt.Sscan(batches[0], &inserts); err != nil {
		return 0, err
	}
	res.add("articles an insert", float64(n)/max(inserts, 1), "", "mean over the fast part")
	res.add("articles, end to end", float64(n)/took.Seconds(), "1/s",
		fmt.Sprintf("%d rows of articles landed; newsroom, broker and database on the same cores", n))
	res.add("CPU, whole process", spent.Seconds()*1000/float64(n), "ms/article", "newsroom, broker and database included")
	return idle, nil
}

func quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]
}

// profile writes a CPU profile until the function is called.
func profile(file string) (func(), error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

// cpuTime is what the process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// statusOf gives an amount of memory of a process, in bytes.
func statusOf(pid, key string) float64 {
	raw, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(raw)) {
		var kb float64
		if rest, ok := strings.CutPrefix(line, key+":"); ok {
			if _, err := fmt.Sscan(rest, &kb); err == nil {
				return kb * 1024
			}
		}
	}
	return 0
}

func rssBytes() float64 { return statusOf("self", "VmRSS") }
func peakMB() float64   { return statusOf("self", "VmHWM") / 1e6 }

func sorted(v []float64) []float64 { slices.Sort(v); return v }
