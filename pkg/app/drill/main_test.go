package drill

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/app"
)

// trapsVar, in the environment, makes the test binary a lander with traps in
// the directory that it names.
const trapsVar = "DRILL_LANDER_TRAPS"

func TestMain(m *testing.M) {
	if dir := os.Getenv(trapsVar); dir != "" {
		os.Exit(lander(dir))
	}
	code := m.Run()
	if binary.path != "" {
		_ = os.RemoveAll(filepath.Dir(binary.path))
	}
	os.Exit(code)
}

// traps are files: whoever removes one has to do what it says.
type traps string

const (
	trapKillBetween = "kill-between"
	trapStopBetween = "stop-between"
	trapKillEdge    = "kill-edge"
	trapAnswer      = "answer"
)

func (t traps) path(name string) string { return filepath.Join(string(t), name) }

func (t traps) arm(name string) error { return os.WriteFile(t.path(name), nil, 0o600) }

// sprung tells whether the caller is the one who has stepped on a trap.
func (t traps) sprung(name string) bool { return os.Remove(t.path(name)) == nil }

// lander runs the role alone, as the command does. Between the two inserts of
// a batch, and whenever it reads the clock, which it does at the edges of a
// batch (the range is pending and nothing inserted; all is inserted and nothing
// committed), it looks for traps.
func lander(dir string) int {
	t := traps(dir)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := func() error {
		cfg, err := app.LoadConfig("", os.Environ(), io.Discard)
		if err != nil {
			return err
		}
		a, err := app.Join(ctx, cfg, app.NewLogger(cfg.Log, os.Stderr))
		if err != nil {
			return err
		}
		defer a.Close()
		a.Now = func() time.Time {
			if t.sprung(trapKillEdge) {
				signalSelf(syscall.SIGKILL)
			}
			return time.Now()
		}
		a.BetweenInserts(func() {
			if t.sprung(trapAnswer) {
				_ = os.WriteFile(t.path(fmt.Sprintf("pid-%d", os.Getpid())), nil, 0o600)
			}
			if t.sprung(trapKillBetween) {
				signalSelf(syscall.SIGKILL)
			}
			if t.sprung(trapStopBetween) {
				signalSelf(syscall.SIGSTOP)
			}
		})
		return a.RunAlone(ctx, "land", os.Stdout)
	}()
	if err != nil {
		fmt.Fprintf(os.Stderr, "dateline: %v\n", err)
		return 1
	}
	return 0
}

// signalSelf returns from SIGSTOP only after SIGCONT, and never from SIGKILL.
func signalSelf(s syscall.Signal) {
	if err := syscall.Kill(os.Getpid(), s); err != nil {
		panic(err)
	}
	time.Sleep(time.Millisecond) // the signal may reach another thread first
}
