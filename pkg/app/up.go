package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/web"
	"github.com/dateline/dateline/producers/intake"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// UpOptions are the flags of `dateline up`.
type UpOptions struct {
	Feeds string    // file of feeds to add
	Out   io.Writer // for the addresses
}

// Up runs everything on this machine until ctx ends.
func Up(ctx context.Context, cfg Config, log *slog.Logger, opt UpOptions) (err error) {
	var list []feed.Outline
	if opt.Feeds != "" {
		if list, err = readFeeds(opt.Feeds); err != nil {
			return err
		}
	}
	a, err := Start(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if len(list) > 0 {
		res, err := a.AddFeeds(ctx, list, false)
		for _, e := range res.Refused {
			log.Warn("feed not added", "err", e)
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(opt.Out, "Feeds: %d added, %d were there already, %d refused\n", res.Added, res.Known, len(res.Refused))
	}
	return a.runAll(ctx, opt.Out)
}

func readFeeds(file string) ([]feed.Outline, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := feed.ReadSubscriptions(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}

// runAll runs every role, and prints where to look.
func (a *App) runAll(ctx context.Context, out io.Writer) error {
	if err := a.listen(ctx, true); err != nil {
		return err
	}
	if err := a.engines.announce(a.webListener.Addr().String()); err != nil {
		return err
	}
	a.printAddresses(out)
	return a.Run(ctx, AllRoles()...)
}

func (a *App) printAddresses(out io.Writer) {
	ep := a.engines.endpoint("")
	fmt.Fprintf(out, "Dashboard: http://%s/\n", a.webListener.Addr())
	fmt.Fprintf(out, "SQL:       %s (ClickHouse over HTTP; user %s, password in %s; or `dateline query`)\n", ep.SQL, ep.Reader.User, a.engines.dir)
	fmt.Fprintf(out, "Kafka:     %s\n", ep.Kafka[0])
}

// Engine runs the embedded servers alone until ctx ends.
func Engine(ctx context.Context, cfg Config, log *slog.Logger, out io.Writer) (err error) {
	e, err := startEngines(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.close()) }()
	ep := e.endpoint("")
	fmt.Fprintf(out, "SQL:   %s\nKafka: %s\n", ep.SQL, ep.Kafka[0])
	<-ctx.Done()
	return nil
}

// RunAlone runs one role, with its health and metrics where metrics.listen
// names an address.
func (a *App) RunAlone(ctx context.Context, name string, out io.Writer) error {
	if name == "web" {
		if err := a.listen(ctx, false); err != nil {
			return err
		}
		fmt.Fprintf(out, "Dashboard: http://%s/\n", a.webListener.Addr())
	}
	if a.Config.Metrics.Listen != "" {
		stop, err := a.serveMetrics(ctx)
		if err != nil {
			return err
		}
		defer stop()
	}
	a.log.Info("running", "role", name)
	return a.Run(ctx, name)
}

func (a *App) listen(ctx context.Context, fallback bool) (err error) {
	a.webListener, err = web.Listen(ctx, a.Config.Web, fallback)
	return err
}

func (a *App) web(ctx context.Context) error {
	push, err := intake.NewPush(a.Config.Web.PushTokensFile, a.Bus, a.log.With("role", "web"), a.Reg, a.Now)
	if err != nil {
		return err
	}
	s := web.New(a.Config.Web, web.Deps{
		Store: a.Reader, Metrics: a.Reg, Log: a.log.With("role", "web"), Now: a.Now, Version: Version(), Push: push, Feeds: a.Feeds,
		Checks: []web.Check{{Name: "kafka", Ready: a.Bus.Ping}, {Name: "clickhouse", Ready: a.Store.Ping}},
	})
	return s.Serve(ctx, a.webListener)
}

// serveMetrics serves health and metrics of a role that runs alone.
func (a *App) serveMetrics(ctx context.Context) (stop func(), err error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", a.Config.Metrics.Listen)
	if err != nil {
		return nil, fmt.Errorf("metrics.listen: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.Reg, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := errors.Join(a.Bus.Ping(ctx), a.Store.Ping(ctx)); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, "ok")
	})
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = srv.Serve(ln) }()
	return func() { _ = srv.Close() }, nil
}
