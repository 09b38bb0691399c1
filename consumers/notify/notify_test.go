package notify

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/prometheus/client_golang/prometheus"
)

// lines is a log that can be read while it is written.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

// delivered gives the messages of the alerts, in order.
func (l *lines) delivered() (out []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.Lines(l.buf.String()) {
		if _, rest, ok := strings.Cut(line, `msg="ALERT `); ok {
			name, _, _ := strings.Cut(rest, `"`)
			out = append(out, name)
		}
	}
	return out
}

func (l *lines) has(s string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(l.buf.String(), s)
}

func TestOncePerState(t *testing.T) {
	ctx := context.Background()
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Session = enginetest.StartKafka(t), 2*time.Second
	b, err := bus.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.EnsureTopics(ctx, news.Topics); err != nil {
		t.Fatal(err)
	}
	publish := func(values ...any) {
		t.Helper()
		for _, v := range values {
			raw, ok := v.([]byte)
			if !ok {
				raw = news.Encode(v)
			}
			if err := b.Publish(ctx, bus.Message{Topic: news.TopicAlerts, Key: []byte("k"), Value: raw}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var log lines
	start := func() (stop func()) {
		rctx, cancel := context.WithCancel(ctx)
		done := make(chan error, 1)
		n := New(b, slog.New(slog.NewTextHandler(&log, nil)), prometheus.NewRegistry())
		go func() { done <- n.Run(rctx) }()
		return func() {
			t.Helper()
			cancel()
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
	until := func(what string, f func() bool) {
		t.Helper()
		limit := time.NewTimer(60 * time.Second)
		defer limit.Stop()
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for !f() {
			select {
			case <-tick.C:
			case <-limit.C:
				t.Fatal("not reached: " + what)
			}
		}
	}
	settled := func(offset int64) {
		t.Helper()
		until(fmt.Sprint("offset ", offset), func() bool {
			off, _, err := b.Committed(ctx, GroupName, news.TopicAlerts, 0)
			return err == nil && off == offset
		})
	}
	alert := func(id news.ID, state string) *news.Alert {
		return &news.Alert{V: 1, ID: id, EntityID: "per/a", Name: fmt.Sprint("A", uint64(id)), State: state, At: time.Unix(1, 0), Since: time.Unix(1, 0)}
	}
	publish(alert(1, news.AlertFiring), alert(1, news.AlertFiring), []byte("?"), alert(2, news.AlertFiring), alert(1, news.AlertResolved))
	stop := start()
	settled(5)
	stop()
	want := []string{"firing: A1", "firing: A2", "resolved: A1"}
	if got := log.delivered(); !slices.Equal(got, want) {
		t.Errorf("delivered %q, want %q", got, want)
	}
	// A fresh process knows what was delivered, and tells repeats from news.
	publish(alert(2, news.AlertFiring), alert(1, news.AlertResolved), alert(2, news.AlertResolved))
	stop = start()
	settled(8)
	stop()
	// So does one whose offsets are those of before.
	if err := b.SetCommitted(ctx, GroupName, news.TopicAlerts, 0, 5); err != nil {
		t.Fatal(err)
	}
	newer := bytes.Replace(news.Encode(alert(3, news.AlertFiring)), []byte(`"v":1`), []byte(`"v":2`), 1)
	publish(newer, alert(4, news.AlertFiring))
	stop = start()
	settled(8)
	until("it stops before a newer message", func() bool { return log.has("partition stopped") })
	stop()
	if got := log.delivered(); len(got) != 5 || !slices.Equal(got[:4], append(want, "resolved: A2")) {
		t.Errorf("delivered %q: the states before the offset once each, the one after it once more", got)
	}
	dead := 0
	if _, err := b.ReadAll(ctx, news.TopicDeadLetters, 0, func(m bus.Message) error { dead++; return nil }); err != nil || dead != 1 {
		t.Errorf("%d dead letters, %v", dead, err)
	}
}

func TestMemory(t *testing.T) {
	var m memory
	for i := range 2*maxSeen + 10 {
		if !m.add(fmt.Sprint(i)) {
			t.Fatal("new, but known", i)
		}
	}
	if m.add(fmt.Sprint(maxSeen)) || m.add(fmt.Sprint(2*maxSeen)) {
		t.Error("forgot what is recent")
	}
	if len(m.recent)+len(m.older) > 2*maxSeen {
		t.Error("grows without bound")
	}
}
