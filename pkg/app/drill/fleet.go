// Package drill runs dateline as a fleet of separate processes and does to
// them what machines do: it kills, stops and restarts them while articles are
// published. Its tests show that nothing is lost and nothing is counted twice.
//
// A Fleet keeps every process that it was asked to keep: one that ends is
// started again at once. It signals only processes that it has started itself,
// and they do not outlive the process that the fleet is part of.
package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Fleet owns processes and their logs.
type Fleet struct {
	logs  string
	spawn chan func()

	mu    sync.Mutex
	procs []*Process
	slots []*Slot
	done  chan struct{}
}

// NewFleet keeps the logs of its processes in a directory that exists.
func NewFleet(logs string) *Fleet {
	f := &Fleet{logs: logs, spawn: make(chan func()), done: make(chan struct{})}
	go func() {
		// A process is told of the death of the thread that has started it, not
		// of the process that the thread is part of: this thread stays.
		runtime.LockOSThread()
		for start := range f.spawn {
			start()
		}
	}()
	return f
}

// Command is what a process is started with.
type Command struct {
	Name string // of its log; processes of one name share it
	Args []string
	Env  []string // whole
	Attr *syscall.SysProcAttr
}

// Process is one running process. Its methods may be called after its end.
type Process struct {
	Name string
	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}
}

// Start starts a process whose output goes to the end of the log of its name.
func (f *Fleet) Start(c Command) (*Process, error) {
	log, err := os.OpenFile(f.LogFile(c.Name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(c.Args[0], c.Args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.Env, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{}
	if c.Attr != nil {
		attr := *c.Attr
		cmd.SysProcAttr = &attr
	}
	cmd.SysProcAttr.Setpgid, cmd.SysProcAttr.Pdeathsig = true, syscall.SIGKILL
	p := &Process{Name: c.Name, cmd: cmd, log: log, done: make(chan struct{})}
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.done:
		log.Close()
		return nil, errClosed
	default:
	}
	started := make(chan error)
	f.spawn <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		log.Close()
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	f.procs = append(f.procs, p)
	go func() {
		_ = cmd.Wait() // its outcome is in ProcessState
		log.Close()
		close(p.done)
	}()
	return p, nil
}

var errClosed = errors.New("the fleet is closed")

// LogFile is where the output of the processes of a name goes.
func (f *Fleet) LogFile(name string) string { return filepath.Join(f.logs, name+".log") }

// Close kills every process that still runs and waits for their ends.
func (f *Fleet) Close() {
	f.mu.Lock()
	procs, slots := f.procs, f.slots
	select {
	case <-f.done:
	default:
		close(f.done)
		close(f.spawn)
	}
	f.mu.Unlock()
	for _, p := range procs {
		_ = p.Signal(syscall.SIGKILL) // it may have ended
	}
	for _, p := range procs {
		<-p.done
	}
	for _, s := range slots {
		<-s.done
	}
}

// PID of the process.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Signal sends a signal to the process itself; after its end that is an error.
func (p *Process) Signal(s syscall.Signal) error { return p.cmd.Process.Signal(s) }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Kill ends the process with SIGKILL and waits for its end.
func (p *Process) Kill() {
	_ = p.Signal(syscall.SIGKILL) // it may have ended
	<-p.done
}

// Exit waits for the end and gives the exit code; a process that a signal has
// ended has the code -1 and the signal.
func (p *Process) Exit(ctx context.Context) (code int, by syscall.Signal, err error) {
	select {
	case <-p.done:
	case <-ctx.Done():
		return 0, 0, fmt.Errorf("%s (process %d) does not end: %w", p.Name, p.PID(), ctx.Err())
	}
	st := p.cmd.ProcessState
	if ws, ok := st.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		by = ws.Signal()
	}
	return st.ExitCode(), by, nil
}

// Slot is a place in the fleet that always has a process in it.
type Slot struct {
	Name string

	mu     sync.Mutex
	now    *Process
	killed int
	failed int
	done   chan struct{}
}

// restartPause keeps a process that cannot start from spinning.
const restartPause = 200 * time.Millisecond

// Keep starts a process in a new slot once ready allows it, and again whenever
// it ends, until the fleet is closed. ready may be nil.
func (f *Fleet) Keep(c Command, ready func() bool) *Slot {
	s := &Slot{Name: c.Name, done: make(chan struct{})}
	f.mu.Lock()
	f.slots = append(f.slots, s)
	f.mu.Unlock()
	go func() {
		defer close(s.done)
		for {
			for ready != nil && !ready() {
				if f.pause(restartPause / 4) {
					return
				}
			}
			p, err := f.Start(c)
			if errors.Is(err, errClosed) {
				return
			}
			if err == nil {
				s.mu.Lock()
				s.now = p
				s.mu.Unlock()
				<-p.done
			}
			select {
			case <-f.done:
				return
			default:
			}
			if err == nil {
				if _, by, _ := p.Exit(context.Background()); by == syscall.SIGKILL {
					s.count(&s.killed)
					continue // at once
				}
			}
			s.count(&s.failed)
			if f.pause(restartPause) {
				return
			}
		}
	}()
	return s
}

// pause waits, and tells whether the fleet was closed meanwhile.
func (f *Fleet) pause(d time.Duration) (closed bool) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-f.done:
		return true
	case <-t.C:
		return false
	}
}

func (s *Slot) count(n *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = nil
	*n++
}

// Process is what runs in the slot; nil between two.
func (s *Slot) Process() *Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// Ends counts how often the slot's process was killed, and how often it ended
// by itself.
func (s *Slot) Ends() (killed, failed int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.killed, s.failed
}
