package poll_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/producers/poll"
	"github.com/prometheus/client_golang/prometheus"
)

// memberVar, in the environment, makes the test binary a poller of its own.
const memberVar = "POLL_TEST_MEMBER"

// setup is what a poller in a process of its own is told.
type setup struct {
	Brokers []string
	Session time.Duration
	Poll    poll.Config
	Fetch   fetch.Config
	Probe   uint64
}

func TestMain(m *testing.M) {
	if raw := os.Getenv(memberVar); raw != "" {
		if err := runMember(raw); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runMember(raw string) error {
	var s setup
	if err := json.Unmarshal([]byte(raw), &s); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // the test that started it has ended
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(2)
	}()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Session = s.Brokers, s.Session
	b, err := bus.New(cfg, log)
	if err != nil {
		return err
	}
	defer b.Close()
	c, err := fetch.New(s.Fetch, time.Now)
	if err != nil {
		return err
	}
	defer c.Close()
	p := poll.New(s.Poll, b, c, fetch.NewVault(s.Fetch.Secrets), log, prometheus.NewRegistry(), time.Now)
	if s.Probe > 0 {
		p.Probe(s.Probe)
	}
	return p.Run(ctx)
}

// member is a poller in a process of its own.
type member struct {
	t    testing.TB
	cmd  *exec.Cmd
	file string // its log
	hold io.Closer
	done chan struct{}
}

func (r *rig) spawn(name string, s setup, env ...string) *member {
	r.t.Helper()
	s.Brokers = r.broker.Addrs()
	raw, err := json.Marshal(s)
	if err != nil {
		r.t.Fatal(err)
	}
	m := &member{t: r.t, file: filepath.Join(r.t.TempDir(), name+".log"), done: make(chan struct{})}
	log, err := os.Create(m.file)
	if err != nil {
		r.t.Fatal(err)
	}
	defer log.Close()
	m.cmd = exec.Command(os.Args[0], "-test.run=^$")
	m.cmd.Env = append(os.Environ(), append(env, memberVar+"="+string(raw))...)
	m.cmd.Stdout, m.cmd.Stderr = log, log
	if m.hold, err = m.cmd.StdinPipe(); err != nil {
		r.t.Fatal(err)
	}
	if err := m.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func() { _ = m.cmd.Wait(); close(m.done) }()
	r.t.Cleanup(m.kill)
	return m
}

func (m *member) signal(s syscall.Signal) {
	m.t.Helper()
	if err := m.cmd.Process.Signal(s); err != nil {
		m.t.Error(err)
	}
}

// kill ends the process at once.
func (m *member) kill() {
	_ = m.cmd.Process.Kill() // it may have ended
	<-m.done
	m.hold.Close()
}

// stop ends it as a person would.
func (m *member) stop() {
	m.t.Helper()
	m.signal(syscall.SIGTERM)
	select {
	case <-m.done:
	case <-time.After(30 * time.Second):
		m.t.Error("the poller does not stop")
	}
}

// lines are those of its log that hold all the texts.
func (m *member) lines(texts ...string) (out []string) {
	raw, err := os.ReadFile(m.file)
	if err != nil {
		m.t.Fatal(err)
	}
next:
	for line := range strings.Lines(string(raw)) {
		for _, text := range texts {
			if !strings.Contains(line, text) {
				continue next
			}
		}
		out = append(out, line)
	}
	return out
}
