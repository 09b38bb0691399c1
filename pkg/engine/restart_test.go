package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/segmentio/kafka-go"

	"github.com/dateline/dateline/pkg/engine"
)

// TestMain runs both engines on a directory instead of the tests when it is asked to: the process
// that the tests kill.
func TestMain(m *testing.M) {
	if dir := os.Getenv("ENGINE_TEST_SERVE"); dir != "" {
		if err := serve(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serve(dir string) error {
	lock, err := engine.Lock(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	ctx, cfg, log := context.Background(), engine.DefaultConfig(), slog.New(slog.NewTextHandler(os.Stderr, nil))
	b, err := engine.StartBroker(ctx, filepath.Join(dir, "kafka"), cfg, log)
	if err != nil {
		return err
	}
	ch, err := engine.StartClickHouse(ctx, filepath.Join(dir, "clickhouse"), cfg, log)
	if err != nil {
		return err
	}
	if err := engine.WriteEndpoint(dir, engine.Endpoint{Kafka: b.Addrs(), SQL: ch.Addr(), Writer: ch.Writer(), Reader: ch.Reader()}); err != nil {
		return err
	}
	select {}
}

// spawn starts that process and waits until it serves.
func spawn(t *testing.T, dir string) (e engine.Endpoint, kill func()) {
	t.Helper()
	if _, err := engine.Locate(engine.DefaultConfig()); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ENGINE_TEST_SERVE="+dir)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	kill = func() {
		if !killed {
			killed = true
			cmd.Process.Kill()
			cmd.Wait()
		}
	}
	t.Cleanup(kill)
	waitFor(t, func() (ok bool) {
		var err error
		if e, err = engine.ReadEndpoint(dir); err != nil && !errors.Is(err, engine.ErrNotRunning) {
			t.Fatal(err)
		}
		return err == nil && e.PID == cmd.Process.Pid
	})
	return e, kill
}

func insertTokened(t *testing.T, conn driver.Conn, token string, from, to int) {
	t.Helper()
	ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": token, "async_insert": 0}))
	b, err := conn.PrepareBatch(ctx, "INSERT INTO t (a)")
	if err != nil {
		t.Fatal(err)
	}
	for i := from; i < to; i++ {
		if err := b.Append(uint64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.Send(); err != nil {
		t.Fatal(err)
	}
}

func TestKillAndRestart(t *testing.T) {
	dir := t.TempDir()
	e, kill := spawn(t, dir)
	conn := open(t, e.SQL, "default", e.Writer, clickhouse.CompressionLZ4)
	ctx := t.Context()
	count := func(want uint64) {
		t.Helper()
		var n uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM t").Scan(&n); err != nil || n != want {
			t.Fatalf("%d rows, want %d, %v", n, want, err)
		}
	}
	if err := conn.Exec(ctx, "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100"); err != nil {
		t.Fatal(err)
	}
	insertTokened(t, conn, "one", 0, 10)
	insertTokened(t, conn, "one", 0, 10)
	count(10)
	insertTokened(t, conn, "two", 0, 10)
	count(20)

	client := func() *kafka.Client { return &kafka.Client{Addr: kafka.TCP(e.Kafka...), Transport: &kafka.Transport{}} }
	cr, err := client().CreateTopics(ctx, &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{
		{Topic: "log", NumPartitions: 1, ReplicationFactor: 1},
		{Topic: "state", NumPartitions: 1, ReplicationFactor: 1, ConfigEntries: []kafka.ConfigEntry{{ConfigName: "cleanup.policy", ConfigValue: "compact"}}},
	}})
	if err != nil || cr.Errors["log"] != nil || cr.Errors["state"] != nil {
		t.Fatal(err, cr)
	}
	w := &kafka.Writer{Addr: kafka.TCP(e.Kafka...), Topic: "log", RequiredAcks: kafka.RequireAll, BatchSize: 1, Transport: &kafka.Transport{}}
	for i := range 5 {
		if err := w.WriteMessages(ctx, kafka.Message{Value: []byte(fmt.Sprint(i))}); err != nil {
			t.Fatal(err)
		}
	}
	commit, err := client().OffsetCommit(ctx, &kafka.OffsetCommitRequest{GroupID: "g", GenerationID: -1, Topics: map[string][]kafka.OffsetCommit{"log": {{Partition: 0, Offset: 3, Metadata: "[3,5)"}}}})
	if err != nil || commit.Topics["log"][0].Error != nil {
		t.Fatal(err, commit)
	}

	kill()
	if _, err := engine.ReadEndpoint(dir); !errors.Is(err, engine.ErrNotRunning) {
		t.Errorf("the file of a killed process is trusted: %v", err)
	}
	tearTail(t, filepath.Join(dir, "kafka", "data"))
	losePart(t, filepath.Join(dir, "clickhouse", "data"))
	before := e
	e, _ = spawn(t, dir)
	if e.SQL != before.SQL || e.Kafka[0] != before.Kafka[0] || e.Writer != before.Writer || e.Reader != before.Reader {
		t.Errorf("moved from %+v to %+v", before, e)
	}
	count(10)
	insertTokened(t, conn, "one", 0, 10) // its rows are there
	count(10)
	insertTokened(t, conn, "two", 0, 10) // its rows are not, its record was
	count(20)
	insertTokened(t, conn, "two", 0, 10)
	count(20)
	insertTokened(t, conn, "three", 0, 10)
	count(30)

	r := kafka.NewReader(kafka.ReaderConfig{Brokers: e.Kafka, Topic: "log", MinBytes: 1, MaxBytes: 1 << 20, MaxWait: 50 * time.Millisecond})
	defer r.Close()
	for i := range 5 {
		m, err := r.FetchMessage(ctx)
		if err != nil || string(m.Value) != fmt.Sprint(i) || m.Offset != int64(i) {
			t.Fatalf("message %d: %q at %d, %v", i, m.Value, m.Offset, err)
		}
	}
	of, err := client().OffsetFetch(ctx, &kafka.OffsetFetchRequest{GroupID: "g", Topics: map[string][]int{"log": {0}}})
	if err != nil || of.Topics["log"][0].CommittedOffset != 3 || of.Topics["log"][0].Metadata != "[3,5)" {
		t.Errorf("%v %+v", err, of)
	}
	configs, err := client().DescribeConfigs(ctx, &kafka.DescribeConfigsRequest{Resources: []kafka.DescribeConfigRequestResource{
		{ResourceType: kafka.ResourceTypeTopic, ResourceName: "log"}, {ResourceType: kafka.ResourceTypeTopic, ResourceName: "state"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, res := range configs.Resources {
		for _, c := range res.ConfigEntries {
			got[res.ResourceName+" "+c.ConfigName] = c.ConfigValue
		}
	}
	if got["log retention.bytes"] != "536870912" || got["state retention.ms"] != "-1" || got["state retention.bytes"] != "-1" {
		t.Errorf("retention: %v", got)
	}
}

// tearTail leaves half a batch at the end of every segment, as a crash in the middle of a write does.
func tearTail(t *testing.T, dir string) {
	t.Helper()
	n := 0
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.Contains(path, "log-0") && strings.HasSuffix(path, ".dat") {
			f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.Write([]byte{0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 1})
			f.Close()
			n++
		}
		return err
	})
	if n == 0 {
		var all []string
		filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error { all = append(all, path); return nil })
		t.Fatalf("no segment found among %v", all)
	}
}

// losePart removes the newest part and keeps its deduplication record: what is left of a crash
// between the two.
func losePart(t *testing.T, data string) {
	t.Helper()
	parts, err := filepath.Glob(filepath.Join(data, "store", "*", "*", "all_*_0"))
	if err != nil || len(parts) != 2 {
		t.Fatal(parts, err)
	}
	if err := os.RemoveAll(parts[1]); err != nil {
		t.Fatal(err)
	}
}

func TestSecondEngine(t *testing.T) {
	_, _, _ = newClient(t)
	_, err := engine.StartClickHouse(t.Context(), t.TempDir(), engine.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "one data path a process") {
		t.Error(err)
	}
}

func TestPortInUse(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	cfg := engine.DefaultConfig()
	cfg.KafkaListen, cfg.SQLListen = ln.Addr().String(), ln.Addr().String()
	if _, err := engine.StartBroker(t.Context(), t.TempDir(), cfg, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "engine.kafka_listen: another program listens on "+cfg.KafkaListen) {
		t.Error(err)
	}
}

// Closing and opening again, also on another directory, leaves nothing behind.
func TestCloseAndReopen(t *testing.T) {
	for range 5 {
		w, _, _ := newClient(t)
		w.must("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
	}
	dir := t.TempDir()
	for i := range 5 {
		t.Run("", func(t *testing.T) {
			b, err := engine.StartBroker(t.Context(), dir, engine.DefaultConfig(), slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(i, err)
			}
			if err := errors.Join(b.Close(), b.Close()); err != nil {
				t.Error(err)
			}
		})
	}
}

// Close does not wait for a statement that runs on and on, and nothing crashes.
func TestCloseCancels(t *testing.T) {
	dir := t.TempDir()
	ch, err := engine.StartClickHouse(t.Context(), dir, engine.DefaultConfig(), slog.New(slog.DiscardHandler))
	if errors.Is(err, engine.ErrNoLibrary) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	w := client{t, "http://" + ch.Addr() + "/", ch.Writer(), "default"}
	failed := make(chan error, 1)
	go func() {
		req, _ := http.NewRequest(http.MethodPost, w.base, strings.NewReader("SELECT 'endless', sum(sipHash64(number)) FROM numbers(1000000000000)"))
		req.SetBasicAuth(w.cred.User, w.cred.Password)
		resp, err := plainTransport.Do(req)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				err = nil
			} else {
				err = errors.New(resp.Status)
			}
		}
		failed <- err
	}()
	waitFor(t, func() bool {
		return w.must("SELECT count() FROM system.processes WHERE query LIKE '%endless%' AND query NOT LIKE '%processes%'") == "1\n"
	})
	if err := errors.Join(ch.Close(), ch.Close()); err != nil {
		t.Error(err)
	}
	if err := <-failed; err == nil {
		t.Error("the statement succeeded")
	}
	again, err := engine.StartClickHouse(t.Context(), dir, engine.DefaultConfig(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if again.Addr() != ch.Addr() || again.Writer() != ch.Writer() {
		t.Error("address or password changed")
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
