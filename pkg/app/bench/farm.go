package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// farm is the processes of one measurement, all of them this very binary.
type farm struct {
	dir, data string
	progress  io.Writer
	members   []*member
}

// member is one process.
type member struct {
	cmd     *exec.Cmd
	name    string
	metrics string // URL, empty: none
	ended   chan error
}

// start runs a command of this binary on the farm's data directory. What it
// logs goes to a file beside it.
func (f *farm) start(ctx context.Context, env []string, args ...string) (*member, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	out, err := os.Create(filepath.Join(f.dir, fmt.Sprintf("%s-%d.log", args[0], len(f.members))))
	if err != nil {
		return nil, err
	}
	defer out.Close()
	m := &member{name: args[0], ended: make(chan error, 1)}
	m.cmd = exec.CommandContext(ctx, exe, append(args, "--data", f.data)...)
	m.cmd.Env = append(os.Environ(), append([]string{"DATELINE_FETCH_ALLOW_PRIVATE=127.0.0.0/8", "DATELINE_LOG_LEVEL=warn"}, env...)...)
	m.cmd.Stdout, m.cmd.Stderr = out, out
	if err := m.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { m.ended <- m.cmd.Wait() }()
	f.members = append(f.members, m)
	return m, nil
}

// poller starts a poller and waits until it answers.
func (f *farm) poller(ctx context.Context, env []string) (*member, error) {
	addr, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	m, err := f.start(ctx, append(env, "DATELINE_METRICS_LISTEN="+addr), "poll")
	if err != nil {
		return nil, err
	}
	m.metrics = "http://" + addr + "/metrics"
	return m, f.until(ctx, "the poller answers", time.Minute, func() bool { return m.read() != nil })
}

// until waits for a condition; a process that ends meanwhile is an error.
func (f *farm) until(ctx context.Context, what string, atMost time.Duration, done func() bool) error {
	deadline := time.Now().Add(atMost)
	for !done() {
		for _, m := range f.members {
			select {
			case err := <-m.ended:
				m.ended <- err // for close
				return fmt.Errorf("waiting until %s: %s has ended (%v):\n%s", what, m.name, err, f.tail(m.name))
			default:
			}
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("after %v it is still not so that %s", atMost, what)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// tail gives the end of what the processes of a name have logged.
func (f *farm) tail(name string) string {
	files, _ := filepath.Glob(filepath.Join(f.dir, name+"-*.log"))
	if len(files) == 0 {
		return ""
	}
	raw, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		return err.Error()
	}
	return string(raw[max(0, len(raw)-1000):])
}

// kill ends a process without notice, and forgets it.
func (m *member) kill() error {
	if err := m.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	<-m.ended
	m.ended = nil
	return nil
}

// close ends everything that runs.
func (f *farm) close() error {
	var errs []error
	for _, m := range slices.Backward(f.members) {
		if m.ended == nil {
			continue
		}
		if err := m.cmd.Process.Signal(syscall.SIGTERM); err == nil {
			select {
			case <-m.ended:
				continue
			case <-time.After(20 * time.Second):
			}
		}
		errs = append(errs, m.kill())
	}
	return errors.Join(errs...)
}

// read gives the values of the process's metrics by their full names; nil where
// it does not answer.
func (m *member) read() map[string]float64 {
	res, err := (&http.Client{Timeout: 5 * time.Second}).Get(m.metrics)
	if err != nil {
		return nil
	}
	defer res.Body.Close()
	out := map[string]float64{}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); ok && err == nil && name != "#" {
			out[name] = v
		}
	}
	return out
}

// total sums a metric over its labels.
func (m *member) total(name string) (sum float64) {
	for k, v := range m.read() {
		if k == name || strings.HasPrefix(k, name+"{") {
			sum += v
		}
	}
	return sum
}

// sample is what a poller has done so far.
type sample struct {
	at                 time.Time
	cpu                time.Duration
	fetches, unchanged float64
	lag                histogram
}

func (m *member) sample() sample {
	s := sample{at: time.Now(), cpu: m.cpu()}
	for k, v := range m.read() {
		switch name, label, _ := strings.Cut(k, "{"); name {
		case "dateline_poll_fetches_total":
			s.fetches += v
			if strings.Contains(label, `"not_modified"`) {
				s.unchanged += v
			}
		case "dateline_poll_lag_seconds_bucket":
			edge, err := strconv.ParseFloat(strings.Trim(strings.TrimPrefix(label, "le="), `"}`), 64)
			if err == nil {
				s.lag = append(s.lag, bucket{edge, v})
			}
		}
	}
	slices.SortFunc(s.lag, func(a, b bucket) int {
		if a.edge < b.edge {
			return -1
		}
		return 1
	})
	return s
}

// histogram holds cumulative counts, in the order of the edges.
type histogram []bucket

type bucket struct{ edge, count float64 }

func (h histogram) since(was histogram) histogram {
	out := slices.Clone(h)
	for i := range out {
		if i < len(was) {
			out[i].count -= was[i].count
		}
	}
	return out
}

// quantile gives the upper edge of the bucket that holds it.
func (h histogram) quantile(p float64) float64 {
	if len(h) == 0 {
		return math.NaN()
	}
	all := h[len(h)-1].count
	for _, b := range h {
		if b.count >= p*all {
			return b.edge
		}
	}
	return math.Inf(1)
}

// cpu is what the process has used so far, in clock ticks of 10 ms.
func (m *member) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(raw), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// rss gives VmRSS or VmHWM in MB.
func (m *member) rss(key string) float64 {
	return statusOf(fmt.Sprint(m.cmd.Process.Pid), key) / 1e6
}

// topicMB is how much of the broker's directory a topic takes.
func (f *farm) topicMB(topic string) float64 {
	var sum int64
	_ = filepath.WalkDir(f.data, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, "."+topic) {
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil
	})
	return float64(sum) / 1e6
}
