package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/engine/kafkatest"
	"github.com/dateline/dateline/producers/newsroom"
)

// world is a data directory, a binary, and the processes that a test runs on
// them.
type world struct {
	*testing.T
	fleet *Fleet
	bin   string
	data  string
	env   []string
	kafka *kafkatest.Broker // nil: the embedded one
	count *counted
}

var binary struct {
	once sync.Once
	path string
	err  error
}

// build builds the program once for all tests. Where the library is missing,
// the test is skipped, or fails in CI.
func build(t *testing.T) string {
	t.Helper()
	if _, err := engine.Locate(engine.DefaultConfig()); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	binary.once.Do(func() {
		dir, err := os.MkdirTemp("", "dateline-drill-*")
		if err != nil {
			binary.err = err
			return
		}
		binary.path = filepath.Join(dir, "dateline")
		if out, err := exec.Command("go", "build", "-o", binary.path, "github.com/dateline/dateline/cmd/dateline").CombinedOutput(); err != nil {
			binary.err = fmt.Errorf("go build: %w\n%s", err, out)
		}
	})
	if binary.err != nil {
		t.Fatal(binary.err)
	}
	return binary.path
}

func newWorld(t *testing.T, env ...string) *world {
	t.Helper()
	bin := build(t)
	logs := t.TempDir()
	w := &world{T: t, fleet: NewFleet(logs), bin: bin, data: filepath.Join(t.TempDir(), "data"), count: new(counted)}
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, "DATELINE_") || strings.HasPrefix(kv, "DATELINE_ENGINE_LIBRARY=") {
			w.env = append(w.env, kv)
		}
	}
	w.env = append(w.env, "DATELINE_POLL_MIN_INTERVAL=1s", "DATELINE_POLL_MAX_INTERVAL=2s", "DATELINE_KAFKA_SESSION_TIMEOUT="+session.String(),
		"DATELINE_FETCH_ALLOW_PRIVATE=127.0.0.1", "DATELINE_WEB_LISTEN=127.0.0.1:0", "DATELINE_DATA="+w.data)
	w.env = append(w.env, env...)
	t.Cleanup(func() {
		w.fleet.Close()
		for _, name := range w.names(logs) {
			if strings.Contains(w.log(name), "WARNING: DATA RACE") {
				t.Errorf("%s has a data race", name)
			}
		}
		if t.Failed() {
			w.showLogs(logs)
			if keep := os.Getenv("DATELINE_CHAOS_KEEP"); keep != "" {
				t.Logf("kept in %s: %v", keep, errors.Join(os.CopyFS(filepath.Join(keep, "data"), os.DirFS(w.data)), os.CopyFS(filepath.Join(keep, "logs"), os.DirFS(logs))))
			}
		}
	})
	return w
}

// logTail is how much of each log a failed test shows.
const logTail = 6000

func (w *world) showLogs(dir string) {
	for _, name := range w.names(dir) {
		log := w.log(name)
		w.Logf("%s:\n%s", name, log[max(0, len(log)-logTail):])
	}
}

// names lists the processes that have a log.
func (w *world) names(dir string) []string {
	files, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil {
		w.Fatal(err)
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".log")
	}
	return files
}

// log is what the processes of a name have said so far.
func (w *world) log(name string) string {
	b, err := os.ReadFile(w.fleet.LogFile(name))
	if err != nil && !os.IsNotExist(err) {
		w.Fatal(err)
	}
	return string(b)
}

func (w *world) command(name string, args ...string) Command {
	return Command{Name: name, Args: append([]string{w.bin}, args...), Env: w.env}
}

func (w *world) start(name string, args ...string) *Process {
	w.Helper()
	p, err := w.fleet.Start(w.command(name, args...))
	if err != nil {
		w.Fatal(err)
	}
	return p
}

// run runs a command to its end and gives what it printed.
func (w *world) run(args ...string) (stdout, stderr string, code int) {
	w.Helper()
	return w.runWith(nil, args...)
}

// runWith does so with more in the environment.
func (w *world) runWith(env []string, args ...string) (stdout, stderr string, code int) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, w.bin, args...)
	var out, errOut bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = append(w.env[:len(w.env):len(w.env)], env...), &out, &errOut
	err := cmd.Run()
	if _, exited := err.(*exec.ExitError); err != nil && !exited || ctx.Err() != nil {
		w.Fatalf("dateline %s: %v\n%s", strings.Join(args, " "), err, errOut.String())
	}
	return out.String(), errOut.String(), cmd.ProcessState.ExitCode()
}

// ok runs a command that has to succeed.
func (w *world) ok(args ...string) string {
	w.Helper()
	out, errOut, code := w.run(args...)
	if code != 0 {
		w.Fatalf("dateline %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

// ready tells whether the engines are up, as a supervisor would look.
func (w *world) ready() bool {
	_, err := engine.ReadEndpoint(w.data)
	return err == nil
}

// until waits for a condition, and fails the test where it does not come.
func (w *world) until(what string, d time.Duration, cond func() bool) {
	w.Helper()
	deadline := time.Now().Add(d)
	for asked := time.Now(); !cond(); asked = time.Now() {
		if asked.After(deadline) {
			w.Fatalf("waited %v in vain: %s", d, what)
		}
		if w.Context().Err() != nil {
			w.FailNow()
		}
		rest(time.Since(asked))
	}
}

// rest leaves the processor to what is waited for, after a look that took so
// long.
func rest(took time.Duration) {
	time.Sleep(min(max(20*time.Millisecond, 4*took), 500*time.Millisecond))
}

// tryQuery asks the database as its owner; rows are lists of values.
func (w *world) tryQuery(sql string) ([][]any, error) {
	ep, err := engine.ReadEndpoint(w.data)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "http", Host: ep.SQL, Path: "/", User: url.UserPassword(ep.Writer.User, ep.Writer.Password),
		RawQuery: "database=dateline&default_format=JSONCompactEachRow"}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), strings.NewReader(sql))
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		b, _ := io.ReadAll(io.LimitReader(res.Body, 2000))
		return nil, fmt.Errorf("%s: %s", sql, b)
	}
	var rows [][]any
	for dec := json.NewDecoder(res.Body); ; {
		var row []any
		if err := dec.Decode(&row); err == io.EOF {
			return rows, nil
		} else if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
}

func (w *world) query(sql string) [][]any {
	w.Helper()
	rows, err := w.tryQuery(sql)
	if err != nil {
		w.Fatal(err)
	}
	return rows
}

// number is the one number that a query gives; -1 where the database is away.
func (w *world) number(sql string) int {
	rows, err := w.tryQuery(sql)
	if err != nil || len(rows) != 1 {
		return -1
	}
	n, ok := rows[0][0].(float64)
	if !ok {
		w.Fatalf("%s gives %v", sql, rows[0][0])
	}
	return int(n)
}

// landed is the number of rows in articles, as it was a moment ago at most; -1
// where the database is away. Whoever waits for more does not keep it busy.
func (w *world) landed() int {
	w.count.Lock()
	defer w.count.Unlock()
	if time.Since(w.count.at) > countEvery {
		w.count.n, w.count.at = w.number("SELECT toFloat64(count()) FROM articles"), time.Now()
	}
	return w.count.n
}

const countEvery = 150 * time.Millisecond

// counted is how many rows articles had at some time.
type counted struct {
	sync.Mutex
	n  int
	at time.Time
}

// room starts a newsroom that serves until the test ends.
func (w *world) room(cfg newsroom.Config) *newsroom.Newsroom {
	w.Helper()
	room, err := newsroom.New(cfg)
	if err != nil {
		w.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- room.Serve(ctx, nil) }()
	w.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			w.Error(err)
		}
	})
	return room
}

// feedsFile lists the feeds of newsrooms, and other addresses, one a line.
func (w *world) feedsFile(more []string, rooms ...*newsroom.Newsroom) string {
	w.Helper()
	for _, r := range rooms {
		for _, f := range r.Feeds() {
			more = append(more, f.URL)
		}
	}
	file := filepath.Join(w.TempDir(), "feeds.txt")
	if err := os.WriteFile(file, []byte(strings.Join(more, "\n")+"\n"), 0o600); err != nil {
		w.Fatal(err)
	}
	return file
}

// press publishes an article every now and then until it is stopped.
func (w *world) press(room *newsroom.Newsroom) (stop func()) {
	ctx, cancel := context.WithCancel(w.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			room.Publish(2)
			select {
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	})
	return func() { cancel(); wg.Wait() }
}

// moves waits until articles land that had not landed when it was called.
func (w *world) moves(d time.Duration) {
	w.Helper()
	n := -1
	w.until("for articles to land", d, func() bool {
		now := w.landed()
		if n < 0 {
			n = now
		}
		return n >= 0 && now > n
	})
}

// metric reads one value from the process that serves the dashboard; series is
// its name with labels as Prometheus writes them. -1 where it is not there.
func (w *world) metric(series string) float64 {
	ep, err := engine.ReadEndpoint(w.data)
	if err != nil || ep.Web == "" {
		return -1
	}
	res, err := http.Get("http://" + ep.Web + "/metrics")
	if err != nil {
		return -1
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return -1
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, series+" "); ok {
			v, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
			if err != nil {
				w.Fatalf("%s: %v", line, err)
			}
			return v
		}
	}
	return -1
}
