package drill

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/segmentio/kafka-go"
)

// TestUp takes one installation through a life: refused starts, orderly and
// disorderly ends, hostile feeds and strange messages. Its steps build on each
// other.
func TestUp(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	t.Parallel()
	w := newWorld(t, "DATELINE_FETCH_HEADER_TIMEOUT=2s", "DATELINE_FETCH_IDLE_TIMEOUT=2s", "DATELINE_FETCH_TIMEOUT=10s")
	room := w.room(newsroom.Config{Seed: 5, Outlets: 8, Words: 80, Window: 800})
	room.Publish(20)
	step := func(name string, f func(w *world)) {
		if !t.Failed() {
			t.Run(name, func(t *testing.T) { inner := *w; inner.T = t; f(&inner) })
		}
	}
	step("a broken configuration is refused with its place", brokenConfiguration)
	step("a port in use is refused", portInUse)

	up := w.start("up", "up", "--feeds", w.feedsFile(nil, room))
	stop := w.press(room)
	defer func() { stop() }()
	w.moves(patience)

	step("a second process is refused", func(w *world) {
		out, errOut, code := w.run("up")
		want := fmt.Sprintf("is in use by process %d", up.PID())
		if code != 1 || !strings.Contains(errOut, want) || out != "" {
			w.Errorf("exit %d, %q, %q; want exit 1 and %q", code, out, errOut, want)
		}
	})
	step("SIGTERM finishes the work in hand, and the next start goes on", func(w *world) {
		w.end(up)
		before := len(w.articles(room))
		up = w.start("up", "up")
		w.until("for what is published since to land", patience, func() bool { return w.landed() > before })
	})
	step("after SIGKILL the next start goes on", func(w *world) {
		up.Kill()
		up = w.start("up", "up")
		w.moves(patience)
	})
	step("hostile feeds are recorded with their errors, and the others go on", func(w *world) { hostileFeeds(w) })
	step("a foreign message goes to the dead letters", foreignMessage)

	stop()
	w.waitLanded(patience, room)
	step("everything has landed once", func(w *world) {
		w.verifyLedger([]*newsroom.Newsroom{room}, nil)
		w.verifyRows()
		w.verifyAudit()
	})
	w.end(up)
}

// end ends an `up` as Ctrl-C does.
func (w *world) end(up *Process) {
	w.Helper()
	began := time.Now()
	if err := up.Signal(syscall.SIGTERM); err != nil {
		w.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.Context(), 10*time.Second)
	defer cancel()
	if code, by, err := up.Exit(ctx); err != nil || code != 0 {
		w.Errorf("after SIGTERM: exit %d, signal %v, %v; want exit 0 within 10 s", code, by, err)
	}
	w.Logf("ended %.1f s after SIGTERM", time.Since(began).Seconds())
}

func brokenConfiguration(w *world) {
	file := filepath.Join(w.TempDir(), "dateline.yaml")
	f := func(yaml string, want ...string) {
		w.Helper()
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			w.Fatal(err)
		}
		_, errOut, code := w.run("up", "--config", file)
		for _, s := range append(want, file) {
			if code != 1 || !strings.Contains(errOut, s) {
				w.Errorf("%q: exit %d, %q; want exit 1 and %q", yaml, code, errOut, s)
			}
		}
	}
	f("log:\n  level: info\nland:\n  bach: 5\n", "[4:3]", "bach")
	f("poll:\n  workers: many\n", "[2:12]", "many")
	f("land:\n  batch: [\n", "[2:")
	if err := os.WriteFile(file, []byte("land:\n  batch: 0\n"), 0o600); err != nil {
		w.Fatal(err)
	}
	if _, errOut, code := w.run("up", "--config", file); code != 1 || !strings.Contains(errOut, "land.batch is 0, want 1 to 10000") {
		w.Errorf("exit %d, %q", code, errOut)
	}
}

func portInUse(w *world) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	defer ln.Close()
	for key, what := range map[string]string{
		"DATELINE_WEB_LISTEN": "web.listen", "DATELINE_ENGINE_KAFKA_LISTEN": "engine.kafka_listen", "DATELINE_ENGINE_SQL_LISTEN": "engine.sql_listen",
	} {
		_, errOut, code := w.runWith([]string{key + "=" + ln.Addr().String()}, "up")
		if code != 1 || !strings.Contains(errOut, what) || !strings.Contains(errOut, "stop ") || !strings.Contains(errOut, ln.Addr().String()) {
			w.Errorf("%s: exit %d, %q; want exit 1, %s and what to do", key, code, errOut, what)
		}
	}
}

func foreignMessage(w *world) {
	before := max(0, w.metric(`dateline_land_dead_letters_total{topic="documents"}`))
	w.produce("documents", "not ours", `{"hello":"world"}`, "")
	w.until("for the dead letters", patience, func() bool {
		return w.metric(`dateline_land_dead_letters_total{topic="documents"}`) >= before+3
	})
	w.produce("articles", "not ours")
	w.moves(patience)
	w.verifyAudit()
}

// produce sends messages to a topic as a stranger would.
func (w *world) produce(topic string, values ...string) {
	w.Helper()
	wr := &kafka.Writer{Addr: kafka.TCP(w.brokers()...), Topic: "dateline." + topic, RequiredAcks: kafka.RequireAll, BatchTimeout: time.Millisecond}
	defer wr.Close()
	var msgs []kafka.Message
	for _, v := range values {
		msgs = append(msgs, kafka.Message{Value: []byte(v)})
	}
	if err := wr.WriteMessages(w.Context(), msgs...); err != nil {
		w.Fatal(err)
	}
}

func (w *world) brokers() []string {
	w.Helper()
	if w.kafka != nil {
		return []string{w.kafka.Addr}
	}
	ep, err := engine.ReadEndpoint(w.data)
	if err != nil {
		w.Fatal(err)
	}
	return ep.Kafka
}

// recreate deletes and creates `documents` under the running process, and then
// publishes some articles.
func recreate(w *world, room *newsroom.Newsroom) {
	w.Helper()
	c := &kafka.Client{Addr: kafka.TCP(w.brokers()...), Transport: &kafka.Transport{}}
	del, err := c.DeleteTopics(w.Context(), &kafka.DeleteTopicsRequest{Topics: []string{"dateline.documents"}})
	if err != nil || del.Errors["dateline.documents"] != nil {
		w.Fatal(err, del)
	}
	created, err := c.CreateTopics(w.Context(), &kafka.CreateTopicsRequest{Topics: []kafka.TopicConfig{{Topic: "dateline.documents", NumPartitions: 1, ReplicationFactor: 1}}})
	if err != nil || created.Errors["dateline.documents"] != nil {
		w.Fatal(err, created)
	}
	room.Publish(20)
}
