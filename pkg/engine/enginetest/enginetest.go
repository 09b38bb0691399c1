// Package enginetest gives tests a running embedded Kafka and an embedded ClickHouse.
//
// Each call starts a broker of its own. The ClickHouse is shared by the tests of a process that run
// at the same time (libchdb allows one), each in a database of its own.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/engine/kafkatest"
)

// Engines are the addresses of what Start started.
type Engines struct {
	Kafka    []string // host:port
	SQL      string   // host:port
	Writer   engine.Credentials
	Reader   engine.Credentials
	Database string // exists, is empty and belongs to this test alone
}

// Start starts both engines; they end with the test. Where the ClickHouse library has not been
// fetched, the test is skipped, or fails if CI is set in the environment.
func Start(t testing.TB) *Engines {
	t.Helper()
	e := StartClickHouse(t)
	e.Kafka = StartKafka(t)
	return e
}

// StartKafka starts a broker alone and returns its addresses. Where kafkatest.Chosen, it is an
// Apache Kafka that the tests of the process share: they keep apart by [Prefix], and the process's
// TestMain calls [Run].
func StartKafka(t testing.TB) []string {
	t.Helper()
	if kafkatest.Chosen() {
		return apache.addrs(t)
	}
	b, err := engine.StartBroker(context.Background(), t.TempDir(), engine.DefaultConfig(), quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b.Addrs()
}

var databases atomic.Int64

// StartClickHouse starts the database alone.
func StartClickHouse(t testing.TB) *Engines {
	t.Helper()
	c, err := shared.acquire()
	if errors.Is(err, engine.ErrNoLibrary) {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := shared.release(); err != nil {
			t.Error(err)
		}
	})
	e := &Engines{
		SQL: c.Addr(), Writer: c.Writer(), Reader: c.Reader(),
		Database: fmt.Sprintf("test_%d", databases.Add(1)),
	}
	e.exec(t, "CREATE DATABASE "+e.Database)
	t.Cleanup(func() { e.exec(t, "DROP DATABASE "+e.Database) })
	return e
}

func (e *Engines) exec(t testing.TB, sql string) {
	t.Helper()
	u := url.URL{Scheme: "http", Host: e.SQL, Path: "/", User: url.UserPassword(e.Writer.User, e.Writer.Password)}
	resp, err := http.Post(u.String(), "text/plain", strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", sql, b)
	}
}

var quiet = slog.New(slog.DiscardHandler)

// shared counts the tests that use the process's ClickHouse and closes it after the last.
var shared instance

type instance struct {
	sync.Mutex
	users int
	dir   string
	ch    *engine.ClickHouse
}

func (s *instance) acquire() (*engine.ClickHouse, error) {
	s.Lock()
	defer s.Unlock()
	if s.users == 0 {
		dir, err := os.MkdirTemp("", "dateline-test-*")
		if err != nil {
			return nil, err
		}
		ch, err := engine.StartClickHouse(context.Background(), dir, engine.DefaultConfig(), quiet)
		if err != nil {
			os.RemoveAll(dir)
			return nil, err
		}
		s.dir, s.ch = dir, ch
	}
	s.users++
	return s.ch, nil
}

func (s *instance) release() error {
	s.Lock()
	defer s.Unlock()
	if s.users--; s.users > 0 {
		return nil
	}
	err := s.ch.Close()
	s.ch = nil
	return errors.Join(err, os.RemoveAll(s.dir))
}
