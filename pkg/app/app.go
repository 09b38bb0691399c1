// Package app composes the configuration, connects to the broker and the
// database, embedded or not, and runs roles: one, or all of them in one
// process. There is no second code path: everything goes through the Kafka and
// the ClickHouse protocol.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// App is one process, connected.
type App struct {
	Config Config
	Bus    *bus.Bus
	Store  *store.Store // may write
	Reader *store.Store // for statements of users
	Reg    *prometheus.Registry
	Now    func() time.Time

	log     *slog.Logger
	engines *engines // nil where they run elsewhere
	running engine.Endpoint

	fetching sync.Mutex
	client   *fetch.Client // of fetcher

	webListener    net.Listener
	betweenInserts func()            // crashes here in drills; see land.BetweenInserts
	onRetry        func(step string) // for tests, see RetryDeadLetters
}

// NewLogger logs to w as the configuration says.
func NewLogger(cfg LogConfig, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Level)) // validated
	opt := &slog.HandlerOptions{Level: level}
	if cfg.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, opt))
	}
	return slog.New(slog.NewTextHandler(w, opt))
}

// Embedded tells whether the configuration names no cluster, so that a data
// directory is what it speaks to.
func (c Config) Embedded() bool { return len(c.Kafka.Brokers) == 0 || len(c.ClickHouse.Addr) == 0 }

// Start locks the data directory, starts the engines in it, and connects.
func Start(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	e, err := startEngines(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	a, err := connect(cfg, e.endpoint(""), log)
	if err == nil {
		a.engines = e
		err = a.prepare(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, e.close())
	}
	return a, nil
}

// Join connects to clusters, or to the instance that runs on the data
// directory. ErrNotRunning of package engine says that none does.
func Join(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	var ep engine.Endpoint
	if cfg.Embedded() {
		var err error
		if ep, err = running(ctx, cfg.Data); err != nil {
			return nil, err
		}
	}
	a, err := connect(cfg, ep, log)
	if err != nil {
		return nil, err
	}
	if err := a.prepare(ctx); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// Open joins what runs, and starts the engines for the moment where nothing
// does: what commands need that look at things.
func Open(ctx context.Context, cfg Config, log *slog.Logger) (*App, error) {
	a, err := Join(ctx, cfg, log)
	if errors.Is(err, engine.ErrNotRunning) {
		return Start(ctx, cfg, log)
	}
	return a, err
}

func connect(cfg Config, ep engine.Endpoint, log *slog.Logger) (*App, error) {
	a := &App{Config: cfg, Reg: prometheus.NewRegistry(), Now: time.Now, log: log, running: ep}
	a.Reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	kafka, ch := cfg.Kafka, cfg.ClickHouse
	if len(kafka.Brokers) == 0 {
		kafka.Brokers = ep.Kafka
	}
	reader := ch.ForReader()
	if len(ch.Addr) == 0 {
		ch.Addr, ch.User, ch.Password = []string{ep.SQL}, ep.Writer.User, ep.Writer.Password
		reader = ch
		reader.User, reader.Password = ep.Reader.User, ep.Reader.Password
	}
	var err error
	if a.Bus, err = bus.New(kafka, log); err != nil {
		return nil, err
	}
	if a.Store, err = store.Open(ch); err == nil {
		a.Reader, err = store.Open(reader)
	}
	if err != nil {
		return nil, errors.Join(err, a.Close())
	}
	return a, nil
}

// prepare brings the database and the topics to the shape that this build
// relies on, and proves that the database keeps its word about tokens.
func (a *App) prepare(ctx context.Context) error {
	if err := a.waitForStore(ctx); err != nil {
		return err
	}
	if err := a.Store.Restoring(ctx); err != nil {
		return err
	}
	if err := a.Store.Migrate(ctx); err != nil {
		return err
	}
	return a.Bus.EnsureTopics(ctx, news.Topics)
}

const unknownDatabase = 81

// waitForStore is patient with a server that is just starting.
func (a *App) waitForStore(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		err := a.Store.Ping(ctx)
		if err == nil || store.Code(err) == unknownDatabase {
			return nil // the migrations make it
		}
		if store.Code(err) != 0 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// Close releases the connections, and stops the engines where this process
// runs them.
func (a *App) Close() error {
	var errs []error
	if a.client != nil {
		a.client.Close()
	}
	if a.Bus != nil {
		errs = append(errs, a.Bus.Close())
	}
	for _, s := range []*store.Store{a.Store, a.Reader} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if a.engines != nil {
		errs = append(errs, a.engines.close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
