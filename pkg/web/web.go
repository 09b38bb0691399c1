// Package web shows what the store holds: server-rendered pages that read well
// without JavaScript, a JSON API under /api/v1/ that mirrors them, and
// /healthz, /readyz and /metrics.
//
// It only reads, but for articles that are pushed (see PushPath), which it
// hands to the receiver that it was given. Every figure carries the SQL that
// it came from, which is the very text that ran. Pages load nothing from
// elsewhere and run no inline script; requests with other methods than GET and
// HEAD are refused, pushes apart, and on loopback so are those with a foreign
// Host (DNS rebinding). What a request may ask for is bounded, and answered
// with a 400 that says how where it is too much. Times are in UTC everywhere.
package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// Config says where the dashboard listens.
type Config struct {
	Listen  string        `yaml:"listen"`  // host:port
	Hosts   []string      `yaml:"hosts"`   // names under which it is reached, beside addresses and localhost
	Timeout time.Duration `yaml:"timeout"` // of one page

	PushTokensFile string `yaml:"push_tokens_file"` // who may push articles, a name and a token a line; empty: nobody
}

// DefaultConfig listens on this machine alone.
func DefaultConfig() Config { return Config{Listen: "127.0.0.1:8420", Timeout: 30 * time.Second} }

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	var errs []error
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || port == "" {
		errs = append(errs, fmt.Errorf("web.listen is %q, want host:port", c.Listen))
	}
	if c.Timeout < time.Second {
		errs = append(errs, fmt.Errorf("web.timeout is %v, want 1s or more", c.Timeout))
	}
	return errors.Join(errs...)
}

// Listen opens cfg.Listen. Where that port is taken it is an error that names
// web.listen; with fallback, and the address being the default one, it takes a
// free port instead.
func Listen(ctx context.Context, cfg Config, fallback bool) (net.Listener, error) {
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.Listen)
	if err == nil {
		return ln, nil
	}
	taken := errors.Is(err, syscall.EADDRINUSE)
	if taken && fallback && cfg.Listen == DefaultConfig().Listen {
		return new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if taken {
		return nil, fmt.Errorf("web.listen %s: the port is in use; stop what listens there, or set web.listen to another (127.0.0.1:0 takes a free one)", cfg.Listen)
	}
	return nil, fmt.Errorf("web.listen %s: %w", cfg.Listen, err)
}

// Check is one thing that has to answer before the process is ready.
type Check struct {
	Name  string
	Ready func(context.Context) error
}

// Deps is what the server shows. Metrics and Checks may be empty; the store's
// own answer is always checked.
type Deps struct {
	Store   *store.Store // opened for a user who may only read
	Checks  []Check
	Metrics prometheus.Gatherer
	Log     *slog.Logger
	Version string
	// Feeds gives the subscriptions, with their titles; nil shows every feed that
	// was ever polled.
	Feeds func(context.Context) ([]*news.Feed, error)
	Now   func() time.Time // nil: the wall clock
	Push  http.Handler     // takes articles at PushPath and what is below it; nil: nothing does
}

// Server is the dashboard.
type Server struct {
	cfg   Config
	deps  Deps
	pages map[string]*template.Template
	files assets
	live  memo[live]
	mux   http.Handler

	feedCache feedCache
}

// New makes a server; it does not listen yet.
func New(cfg Config, deps Deps) *Server {
	if deps.Now == nil {
		deps.Now = time.Now
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{cfg: cfg, deps: deps, files: loadAssets()}
	s.pages = parsePages(s.files)
	s.mux = s.guard(s.routes())
	return s
}

// Handler serves everything.
func (s *Server) Handler() http.Handler { return s.mux }

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, page := range map[string]page{
		"/{$}":            s.home,
		"/search":         s.search,
		"/entity/{id...}": s.entity,
		"/story/{id}":     s.story,
		"/article/{id}":   s.article,
		"/alerts":         s.alerts,
		"/feeds":          s.feeds,
		"/feed":           s.feed,
	} {
		mux.HandleFunc(pattern, s.html(page))
	}
	for pattern, answer := range map[string]answer{
		"top": s.apiTop, "series": s.apiSeries, "recent": s.apiRecent, "live": s.apiLive, "entities": s.apiEntities,
		"entity/{id...}": s.apiEntity, "story/{id}": s.apiStory, "article/{id}": s.apiArticle, "alerts": s.apiAlerts,
		"changes": s.apiChanges, "feeds": s.apiFeeds, "feed": s.apiFeed, "totals": s.apiTotals, "completeness": s.apiCompleteness,
	} {
		mux.HandleFunc("/api/v1/"+pattern, s.json(answer))
	}
	if s.deps.Push != nil {
		mux.Handle(PushPath, s.deps.Push)
		mux.Handle(PushPath+"/schema", s.deps.Push)
	}
	mux.HandleFunc("/assets/{name}", s.asset)
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("/readyz", s.readyz)
	if s.deps.Metrics != nil {
		mux.Handle("/metrics", promhttp.HandlerFor(s.deps.Metrics, promhttp.HandlerOpts{}))
	}
	mux.HandleFunc("/api/", s.json(func(*http.Request) (any, store.Statement, error) { return nil, store.Statement{}, errNoPage }))
	mux.HandleFunc("/", s.html(func(*http.Request) (string, any, error) { return "", nil, errNoPage }))
	return mux
}

// Serve answers on ln until ctx ends, then lets running requests finish for up
// to five seconds.
func (s *Server) Serve(ctx context.Context, ln net.Listener) error {
	srv := &http.Server{
		Handler:           s.mux,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: s.cfg.Timeout + 10*time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10,
		ErrorLog:       slog.NewLogLogger(s.deps.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(ln) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the dashboard: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		_ = srv.Close()
	}
	return nil
}
