package bus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/news"
	"github.com/twmb/franz-go/pkg/kfake"
)

// dial connects to brokers; the connection ends with the test.
func dial(t testing.TB, brokers []string, set ...func(*bus.Config)) *bus.Bus {
	t.Helper()
	cfg := bus.DefaultConfig()
	cfg.Brokers, cfg.Prefix = brokers, enginetest.Prefix(t)
	for _, f := range set {
		f(&cfg)
	}
	b, err := bus.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func ensure(t testing.TB, b *bus.Bus, topics ...news.Topic) {
	t.Helper()
	if err := b.EnsureTopics(within(t, 20*time.Second), topics); err != nil {
		t.Fatal(err)
	}
}

func publish(t testing.TB, b *bus.Bus, msgs ...bus.Message) {
	t.Helper()
	if err := b.Publish(within(t, 20*time.Second), msgs...); err != nil {
		t.Fatal(err)
	}
}

func within(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// read takes n messages, or fails.
func read(t testing.TB, r *bus.Reader, n int) []bus.Message {
	t.Helper()
	ctx := within(t, 20*time.Second)
	var out []bus.Message
	for len(out) < n {
		msgs, err := r.Batch(ctx, n-len(out))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, msgs...)
	}
	return out
}

func plain(name string, partitions int) news.Topic {
	return news.Topic{Name: name, Partitions: partitions, Retention: time.Hour}
}

func TestPublishRead(t *testing.T) {
	b := dial(t, enginetest.StartKafka(t))
	ensure(t, b, plain("t", 1), plain("u", 3))
	at := time.Date(2026, 11, 3, 4, 5, 6, 789e6, time.UTC)
	publish(t, b,
		bus.Message{Topic: "t", Key: []byte("k"), Value: []byte("one"), Time: at, Headers: map[string]string{"stage": "poll", "trace": "x"}},
		bus.Message{Topic: "t", Key: []byte("gone")},
		bus.Message{Topic: "u", Key: []byte("k"), Value: []byte("elsewhere")},
		bus.Message{Topic: "t", Value: []byte("no key")},
	)
	r := b.NewReader("t", 0, 0)
	if r.Lag() != -1 {
		t.Errorf("lag %d before the first fetch", r.Lag())
	}
	got := read(t, r, 3)
	m := got[0]
	if m.Topic != "t" || m.Offset != 0 || string(m.Key) != "k" || string(m.Value) != "one" || !m.Time.Equal(at) ||
		!maps.Equal(m.Headers, map[string]string{"stage": "poll", "trace": "x"}) {
		t.Errorf("got %+v", m)
	}
	if got[1].Value != nil || string(got[1].Key) != "gone" || got[1].Time.IsZero() {
		t.Errorf("tombstone %+v", got[1])
	}
	if got[2].Key != nil || r.Next() != 3 || r.Lag() != 0 {
		t.Errorf("key %q, next %d, lag %d", got[2].Key, r.Next(), r.Lag())
	}
	if msgs, err := r.Batch(t.Context(), 10); len(msgs) != 0 || err != nil {
		t.Errorf("at the end: %v, %v", msgs, err)
	}
	one := b.NewReader("t", 0, 1)
	if m := read(t, one, 1); m[0].Offset != 1 || one.Next() != 2 || one.Lag() != 1 {
		t.Errorf("from 1: offset %d, next %d, lag %d", m[0].Offset, one.Next(), one.Lag())
	}
	for _, from := range []int64{4, 1000} {
		if _, err := b.NewReader("t", 0, from).Batch(within(t, 5*time.Second), 1); !errors.Is(err, bus.ErrOutOfRange) {
			t.Errorf("from %d: %v", from, err)
		}
	}
	if first, end, err := b.Bounds(t.Context(), "t", 0); first != 0 || end != 3 || err != nil {
		t.Errorf("bounds %d, %d, %v", first, end, err)
	}
}

// A key keeps its partition across processes and versions: murmur2, as every
// other Kafka client has it.
func TestPartitionOfKey(t *testing.T) {
	b := dial(t, enginetest.StartKafka(t))
	ensure(t, b, plain("t", 64))
	// Computed with Kafka's own Utils.toPositive(murmur2(key)) % 64.
	for key, want := range map[string]int{"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536, "abc": 479470107} {
		publish(t, b, bus.Message{Topic: "t", Key: []byte(key), Value: []byte("x")})
		p := (want & 0x7fffffff) % 64
		if m := read(t, b.NewReader("t", p, 0), 1); string(m[0].Key) != key {
			t.Errorf("partition %d holds %q, want %q", p, m[0].Key, key)
		}
	}
}

func TestTooLarge(t *testing.T) {
	b := dial(t, enginetest.StartKafka(t))
	ensure(t, b, plain("t", 1), plain(news.TopicDeadLetters, 1))
	noise := func(n int) []byte {
		v := make([]byte, n)
		x := uint32(1)
		for i := range v {
			x ^= x << 13
			x ^= x >> 17
			x ^= x << 5
			v[i] = byte(x)
		}
		return v
	}
	publish(t, b, bus.Message{Topic: "t", Value: noise(bus.MaxMessageBytes - 600)})
	for _, m := range []bus.Message{
		{Topic: "t", Value: noise(bus.MaxMessageBytes)},
		{Topic: "t", Value: noise(bus.MaxMessageBytes - 600), Headers: map[string]string{"error": strings.Repeat("x", 400)}},
	} {
		err := b.Publish(within(t, 5*time.Second), bus.Message{Topic: "t", Value: []byte("fits")}, m)
		if !errors.Is(err, bus.ErrTooLarge) {
			t.Errorf("%v", err)
		}
	}
	if _, end, _ := b.Bounds(t.Context(), "t", 0); end != 1 {
		t.Errorf("%d messages, want none of a call that fails", end)
	}
	// A dead letter always fits.
	huge := bus.Message{Topic: "t", Partition: 3, Offset: 7, Value: noise(3 << 20), Headers: map[string]string{"a": "b", "c": strings.Repeat("d", 2<<20)}}
	publish(t, b, huge.Dead("enrich", errors.New(strings.Repeat("why ", 1000))))
	m := read(t, b.NewReader(news.TopicDeadLetters, 0, 0), 1)[0]
	if string(m.Key) != "t/3/7" || m.Headers["value-bytes"] != fmt.Sprint(3<<20) || m.Headers["a"] != "b" ||
		m.Headers["stage"] != "enrich" || m.Headers["topic"] != "t" || m.Headers["partition"] != "3" || m.Headers["offset"] != "7" || m.Headers["error"] == "" {
		t.Errorf("dead letter %q %v", m.Key, m.Headers)
	}
}

func TestEnsureTopics(t *testing.T) {
	brokers := enginetest.StartKafka(t)
	b, ctx, prefix := dial(t, brokers), within(t, time.Minute), enginetest.Prefix(t)
	for range 2 {
		if err := b.EnsureTopics(ctx, news.Topics); err != nil {
			t.Fatal(err)
		}
	}
	// Another process, whose picture of the cluster is its own.
	other := dial(t, brokers)
	if err := other.Ping(ctx); err != nil {
		t.Error(err)
	}
	if err := other.EnsureTopics(ctx, news.Topics); err != nil {
		t.Error(err)
	}
	f := func(topic news.Topic, want ...string) {
		t.Helper()
		err := b.EnsureTopics(ctx, []news.Topic{topic})
		if err == nil {
			t.Fatal("accepted")
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q lacks %q", err, w)
			}
		}
	}
	f(news.Topic{Name: news.TopicArticles, Partitions: 3, Retention: time.Hour}, prefix+"articles has 16 partitions", "needs 3", "kafka.prefix")
	f(news.Topic{Name: news.TopicFeedState, Partitions: 64, Retention: time.Hour}, prefix+"feed-state has cleanup.policy=compact", "needs delete")
	f(news.Topic{Name: news.TopicDocuments, Partitions: 1, Compacted: true}, prefix+"documents has cleanup.policy=delete", "needs compact")
	// Another edition stands beside it.
	ensure(t, dial(t, brokers, func(c *bus.Config) { c.Prefix = "second." }), plain(news.TopicArticles, 2))
}

func TestReadAllCompacted(t *testing.T) {
	c, err := kfake.NewCluster(kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b := dial(t, c.ListenAddrs())
	ensure(t, b, news.Topic{Name: "s", Partitions: 1, Compacted: true})
	fold := func() (map[string]string, int64) {
		t.Helper()
		got := map[string]string{}
		end, err := b.ReadAll(within(t, 10*time.Second), "s", 0, func(m bus.Message) error {
			if m.Value == nil {
				delete(got, string(m.Key))
			} else {
				got[string(m.Key)] = string(m.Value)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got, end
	}
	if got, end := fold(); len(got) != 0 || end != 0 {
		t.Errorf("empty: %v, %d", got, end)
	}
	for i := range 30 {
		publish(t, b, bus.Message{Topic: "s", Key: fmt.Append(nil, i%3), Value: fmt.Append(nil, i)})
	}
	publish(t, b, bus.Message{Topic: "s", Key: []byte("1")})
	want := map[string]string{"0": "27", "2": "29"}
	for range 2 {
		got, end := fold()
		if !maps.Equal(got, want) || end != 31 {
			t.Errorf("got %v to %d", got, end)
		}
		c.Compact()
	}
	first, _, err := b.Bounds(t.Context(), "s", 0)
	if err != nil || first == 0 {
		t.Errorf("first offset %d, %v: nothing was compacted away", first, err)
	}
	boom := errors.New("boom")
	if _, err := b.ReadAll(t.Context(), "s", 0, func(bus.Message) error { return boom }); !errors.Is(err, boom) {
		t.Error(err)
	}
}

func TestFollow(t *testing.T) {
	b := dial(t, enginetest.StartKafka(t))
	ensure(t, b, plain("t", 1))
	publish(t, b, bus.Message{Topic: "t", Value: []byte("old")}, bus.Message{Topic: "t", Value: []byte("a")})
	ctx, cancel := context.WithCancel(within(t, 20*time.Second))
	got, done := make(chan string), make(chan error)
	go func() {
		done <- b.Follow(ctx, "t", 0, 1, func(m bus.Message) error { got <- string(m.Value); return nil })
	}()
	for _, want := range []string{"a", "b", "c"} {
		if want != "a" {
			publish(t, b, bus.Message{Topic: "t", Value: []byte(want)})
		}
		select {
		case v := <-got:
			if v != want {
				t.Errorf("got %q, want %q", v, want)
			}
		case err := <-done:
			t.Fatal("over: ", err)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	boom := errors.New("boom")
	if err := b.Follow(within(t, 10*time.Second), "t", 0, 0, func(bus.Message) error { return boom }); !errors.Is(err, boom) {
		t.Error(err)
	}
	if err := b.Follow(within(t, 10*time.Second), "t", 0, 99, func(bus.Message) error { return nil }); !errors.Is(err, bus.ErrOutOfRange) {
		t.Error(err)
	}
}

// Long polls must neither hold up other requests nor outlive their context.
func TestLongPollsApart(t *testing.T) {
	b := dial(t, enginetest.StartKafka(t), func(c *bus.Config) { c.Timeout = time.Minute })
	ensure(t, b, plain("t", 40), plain("u", 1))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 40)
	for p := range 40 {
		go func() { // each waits for half a minute
			done <- b.Follow(ctx, "t", p, 0, func(bus.Message) error { return nil })
		}()
	}
	soon := within(t, 10*time.Second)
	for i := range 20 {
		if err := b.Publish(soon, bus.Message{Topic: "u", Value: fmt.Append(nil, i)}); err != nil {
			t.Fatal(err)
		}
		if _, end, err := b.Bounds(soon, "u", 0); end != int64(i+1) || err != nil {
			t.Fatal(end, err)
		}
	}
	cancel()
	for range 40 {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-soon.Done():
			t.Fatal("a long poll outlives its context")
		}
	}
}

func TestPending(t *testing.T) {
	b := dial(t, enginetest.StartKafka(t))
	ensure(t, b, plain("t", 4))
	ctx := within(t, 20*time.Second)
	f := func(group string, messages int64, oldest time.Time) {
		t.Helper()
		got, err := b.Pending(ctx, bus.Backlog{Topic: "t", Group: group}, 4)
		if err != nil || got.Messages != messages || !got.Oldest.Equal(oldest) {
			t.Errorf("%s: %+v, %v; want %d, %v", group, got, err, messages, oldest)
		}
	}
	f("g", 0, time.Time{})
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for i := range 40 {
		publish(t, b, bus.Message{Topic: "t", Key: fmt.Append(nil, i), Value: []byte("x"), Time: at.Add(time.Duration(i) * time.Minute)})
	}
	f("g", 40, at)
	var left int64
	oldest := time.Time{}
	for p := range 4 {
		_, end, err := b.Bounds(ctx, "t", p)
		if err != nil {
			t.Fatal(err)
		}
		if p < 2 { // done with
			if err := b.SetCommitted(ctx, "g", "t", p, end); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := b.SetCommitted(ctx, "g", "t", p, 1); err != nil {
			t.Fatal(err)
		}
		left += end - 1
		if m := read(t, b.NewReader("t", p, 1), 1)[0]; oldest.IsZero() || m.Time.Before(oldest) {
			oldest = m.Time
		}
	}
	f("g", left, oldest)
	f("never", 40, at)
	if offset, meta, err := b.Committed(ctx, "never", "t", 0); offset != -1 || meta != "" || err != nil {
		t.Error(offset, meta, err)
	}
}
