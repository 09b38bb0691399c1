package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"
)

// ClickHouse is the embedded ClickHouse with its HTTP endpoint.
type ClickHouse struct {
	cfg    Config
	log    *slog.Logger
	lib    *library
	path   string // data directory
	args   []string
	root   *conn // keeps the engine open between statements
	ln     net.Listener
	srv    *http.Server
	slots  chan struct{}
	writer Credentials
	reader Credentials
	ver    string

	base    context.Context // ends when the engine closes, and with it every statement
	stop    context.CancelFunc
	running sync.WaitGroup
	closing sync.Once
	closed  error
}

// libchdb serves one data path a process; when its last connection is closed, it may serve another.
var inUse struct {
	sync.Mutex
	dir string
}

// StartClickHouse opens the database on dir, which this process must own, and serves it. A process
// runs one at a time. Deduplication records that a crash left without their part are removed first.
func StartClickHouse(ctx context.Context, dir string, cfg Config, log *slog.Logger) (*ClickHouse, error) {
	c, err := startClickHouse(ctx, dir, cfg, log)
	if err != nil {
		return nil, fmt.Errorf("start the embedded ClickHouse: %w", err)
	}
	return c, nil
}

func startClickHouse(ctx context.Context, dir string, cfg Config, log *slog.Logger) (_ *ClickHouse, err error) {
	if runtime.GOOS != "linux" {
		return nil, fmt.Errorf("it runs on Linux, not on %s; point dateline at a ClickHouse server", runtime.GOOS)
	}
	path, err := Locate(cfg)
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	if err := reserve(dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			release()
		}
	}()
	c := &ClickHouse{cfg: cfg, log: log, path: dir, args: []string{"--path=" + data}, slots: make(chan struct{}, cfg.Connections)}
	if c.writer, err = credentials(dir, "dateline"); err != nil {
		return nil, err
	}
	if c.reader, err = credentials(dir, "reader"); err != nil {
		return nil, err
	}
	removeLeftovers(dir)
	dropped, err := repairDeduplicationLogs(data)
	if err != nil {
		return nil, fmt.Errorf("repair the deduplication logs: %w", err)
	}
	if dropped > 0 {
		log.Warn("embedded ClickHouse: dropped deduplication records of inserts that a crash cut short", "records", dropped)
	}
	if c.lib, err = loadLibrary(path); err != nil {
		return nil, err
	}
	if c.ln, err = listen(ctx, cfg.SQLListen, dir, "engine.sql_listen"); err != nil {
		return nil, err
	}
	if err := c.open(); err != nil {
		c.ln.Close()
		return nil, err
	}
	c.base, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.srv = &http.Server{
		Handler:           c,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    1 << 20,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return c.base },
	}
	go c.srv.Serve(c.ln)
	return c, nil
}

// removeLeftovers deletes what a killed process had not finished writing.
func removeLeftovers(dir string) {
	for _, pattern := range []string{".insert-*", ".tmp-*"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, f := range files {
			os.Remove(f)
		}
	}
}

func reserve(dir string) error {
	inUse.Lock()
	defer inUse.Unlock()
	if inUse.dir != "" {
		return fmt.Errorf("this process runs one on %s already, and libchdb serves one data path a process", inUse.dir)
	}
	inUse.dir = dir
	return nil
}

func release() {
	inUse.Lock()
	defer inUse.Unlock()
	inUse.dir = ""
}

func (c *ClickHouse) open() (err error) {
	if c.root, err = c.lib.open(c.args...); err != nil {
		return err
	}
	out, _, err := c.root.exec("SELECT version()", "TSV")
	if err != nil {
		c.root.close()
		return err
	}
	c.ver = strings.TrimSpace(string(out))
	return nil
}

// credentials reads the password of a user, or makes one up and keeps it (mode 0600).
func credentials(dir, user string) (Credentials, error) {
	path := filepath.Join(dir, user+".password")
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		secret := make([]byte, 24)
		rand.Read(secret)
		b = []byte(base64.RawURLEncoding.EncodeToString(secret) + "\n")
		err = writeFileAtomic(path, b)
	}
	password := strings.TrimSpace(string(b))
	if err == nil && password == "" {
		err = fmt.Errorf("%s is empty; remove it to get a new one", path)
	}
	if err != nil {
		return Credentials{}, fmt.Errorf("password of the SQL user %s: %w", user, err)
	}
	return Credentials{User: user, Password: password}, nil
}

func (c *ClickHouse) dir() string { return c.path }

// Addr is where the endpoint listens, host:port.
func (c *ClickHouse) Addr() string { return c.ln.Addr().String() }

// Writer may do everything.
func (c *ClickHouse) Writer() Credentials { return c.writer }

// Reader may query, see the package comment.
func (c *ClickHouse) Reader() Credentials { return c.reader }

// closeGrace is how long running statements may go on once Close was called.
const closeGrace = 2 * time.Second

// Close waits shortly for running statements, cancels those left, and closes the database. It may
// be called twice.
func (c *ClickHouse) Close() error {
	c.closing.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
		defer cancel()
		graceful := c.srv.Shutdown(ctx)
		c.stop()
		if graceful != nil {
			c.srv.Close()
		}
		done := make(chan struct{})
		go func() { c.running.Wait(); close(done) }()
		select {
		case <-done:
			c.root.close()
			release()
		case <-time.After(2 * closeGrace):
			// Closing under a running statement would crash; the data is safe as it is.
			c.closed = errors.New("close the embedded ClickHouse: a statement does not end")
		}
	})
	return c.closed
}
