package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/dateline/dateline/pkg/engine"
)

// engines are the embedded servers of this process, with the lock of their
// data directory.
type engines struct {
	dir    string
	lock   *engine.DirLock
	broker *engine.Broker
	ch     *engine.ClickHouse
}

// startEngines locks the data directory before anything else, starts what is
// asked for, and leaves the address where commands find it.
func startEngines(ctx context.Context, cfg Config, log *slog.Logger) (_ *engines, err error) {
	lock, err := engine.Lock(cfg.Data)
	if err != nil {
		return nil, err
	}
	e := &engines{dir: cfg.Data, lock: lock}
	defer func() {
		if err != nil {
			err = errors.Join(err, e.close())
		}
	}()
	if e.ch, err = engine.StartClickHouse(ctx, filepath.Join(cfg.Data, "clickhouse"), cfg.Engine, log); err != nil {
		return nil, err
	}
	if e.broker, err = engine.StartBroker(ctx, filepath.Join(cfg.Data, "kafka"), cfg.Engine, log); err != nil {
		return nil, err
	}
	return e, e.announce("")
}

func (e *engines) endpoint(web string) engine.Endpoint {
	return engine.Endpoint{Kafka: e.broker.Addrs(), SQL: e.ch.Addr(), Writer: e.ch.Writer(), Reader: e.ch.Reader(), Web: web}
}

// announce writes the file by which other processes find this one.
func (e *engines) announce(web string) error { return engine.WriteEndpoint(e.dir, e.endpoint(web)) }

func (e *engines) close() error {
	var errs []error
	if e.broker != nil {
		errs = append(errs, e.broker.Close())
	}
	if e.ch != nil {
		errs = append(errs, e.ch.Close())
	}
	return errors.Join(append(errs, e.lock.Close())...)
}

// lockWait is how long a command waits for an instance that is coming up.
const lockWait = 15 * time.Second

// running finds the instance on the data directory. Where the directory is
// locked but no address is there yet, it waits.
func running(ctx context.Context, dir string) (engine.Endpoint, error) {
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		ep, err := engine.ReadEndpoint(dir)
		if err == nil || !errors.Is(err, engine.ErrNotRunning) {
			return ep, err
		}
		free, lerr := engine.Lock(dir)
		if lerr == nil {
			return ep, errors.Join(err, free.Close())
		}
		if !errors.Is(lerr, engine.ErrLocked) {
			return ep, lerr
		}
		select {
		case <-ctx.Done():
			return ep, fmt.Errorf("%w; it has not come up within %v", lerr, lockWait)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
