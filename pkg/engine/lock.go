package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrLocked is wrapped by the error of [Lock] when another process holds the directory.
var ErrLocked = errors.New("data directory in use")

// ErrNotRunning is wrapped by the error of [ReadEndpoint] when no process owns the directory.
var ErrNotRunning = errors.New("no dateline is running on this data directory")

// DirLock is held by the one process that owns a data directory. The kernel gives it back when
// the process ends, however it ends.
type DirLock struct{ f *os.File }

// Lock takes dir, creating it (mode 0700) where it is missing. It does not wait for a holder to end.
func Lock(dir string) (*DirLock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	f, err := os.OpenFile(lockFile(dir), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock of the data directory: %w", err)
	}
	// ReadEndpoint's probe holds the lock for an instant: a holder is one that holds it longer.
	for try := 0; ; try++ {
		if err = flock(f, syscall.LOCK_EX|syscall.LOCK_NB); !errors.Is(err, syscall.EWOULDBLOCK) || try == 10 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &lockedError{dir: dir, pid: readPID(f)}
		}
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	if err := writePID(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("write the lock of the data directory: %w", err)
	}
	return &DirLock{f: f}, nil
}

// Close gives the directory back.
func (l *DirLock) Close() error { return l.f.Close() }

type lockedError struct {
	dir string
	pid int
}

func (e *lockedError) Error() string {
	who := "another process"
	if e.pid > 0 {
		who = "process " + strconv.Itoa(e.pid)
	}
	return fmt.Sprintf("data directory %s is in use by %s; stop it or choose another --data", e.dir, who)
}

func (e *lockedError) Is(target error) bool { return target == ErrLocked }

func lockFile(dir string) string { return filepath.Join(dir, "lock") }

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

func writePID(f *os.File) error {
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	return err
}

func readPID(f *os.File) int {
	b := make([]byte, 32)
	n, _ := f.ReadAt(b, 0)
	pid, _ := strconv.Atoi(strings.TrimSpace(string(b[:n])))
	return pid
}

// Credentials are what a client of the ClickHouse endpoint signs in with.
type Credentials struct {
	User     string `json:"user"`
	Password string `json:"password"`
}

// String leaves the password out, so that it is never printed by accident.
func (c Credentials) String() string { return c.User }

// LogValue does the same for logs.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.User) }

// Endpoint says where a running instance listens: Kafka brokers, SQL and Web as host:port.
type Endpoint struct {
	Kafka  []string    `json:"kafka"`
	SQL    string      `json:"sql"`
	Writer Credentials `json:"writer"`
	Reader Credentials `json:"reader"`
	Web    string      `json:"web,omitempty"`
	PID    int         `json:"pid"`
}

func endpointFile(dir string) string { return filepath.Join(dir, "endpoint.json") }

// WriteEndpoint publishes e in dir (mode 0600: it holds passwords). The caller holds the lock.
func WriteEndpoint(dir string, e Endpoint) error {
	if e.PID == 0 {
		e.PID = os.Getpid()
	}
	b, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return fmt.Errorf("write the endpoint: %w", err)
	}
	if err := writeFileAtomic(endpointFile(dir), append(b, '\n')); err != nil {
		return fmt.Errorf("write the endpoint: %w", err)
	}
	return nil
}

// ReadEndpoint finds the instance running on dir. A file left behind by a killed process is not
// trusted: the lock must be held, and by the process that wrote the file. Everything else is
// [ErrNotRunning]; the lock holder may also not have got as far as listening.
func ReadEndpoint(dir string) (Endpoint, error) {
	f, err := os.Open(lockFile(dir))
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return Endpoint{}, fmt.Errorf("%w (%s)", ErrNotRunning, dir)
		}
		return Endpoint{}, fmt.Errorf("read the lock of the data directory: %w", err)
	}
	defer f.Close()
	if err := flock(f, syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return Endpoint{}, fmt.Errorf("%w (%s)", ErrNotRunning, dir)
	} else if !errors.Is(err, syscall.EWOULDBLOCK) {
		return Endpoint{}, fmt.Errorf("probe the lock of the data directory: %w", err)
	}
	b, err := os.ReadFile(endpointFile(dir))
	if errors.Is(err, os.ErrNotExist) {
		return Endpoint{}, fmt.Errorf("%w (%s: process %d has not come up yet)", ErrNotRunning, dir, readPID(f))
	}
	if err != nil {
		return Endpoint{}, fmt.Errorf("read the endpoint: %w", err)
	}
	var e Endpoint
	if err := json.Unmarshal(b, &e); err != nil {
		return Endpoint{}, fmt.Errorf("read the endpoint: %w", err)
	}
	if pid := readPID(f); e.PID != pid {
		return Endpoint{}, fmt.Errorf("%w (%s: the address left by process %d is not of process %d, which holds the directory)", ErrNotRunning, dir, e.PID, pid)
	}
	return e, nil
}
