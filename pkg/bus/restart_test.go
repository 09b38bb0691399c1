package bus_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/engine/kafkatest"
)

// broker can be stopped, or killed, and started again on its port.
type broker struct {
	t      testing.TB
	dir    string
	own    *engine.Broker    // the embedded Kafka, or
	apache *kafkatest.Broker // the other
}

func startBroker(t testing.TB) *broker {
	b := &broker{t: t, dir: t.TempDir()}
	if kafkatest.Chosen() {
		kafkatest.Require(t)
		var err error
		if b.apache, err = kafkatest.New(b.dir); err != nil {
			t.Fatal(err)
		}
	}
	b.start()
	t.Cleanup(b.end)
	return b
}

func (b *broker) start() {
	b.t.Helper()
	var err error
	if b.apache != nil {
		err = b.apache.Start(context.Background())
	} else {
		b.own, err = engine.StartBroker(context.Background(), b.dir, engine.DefaultConfig(), slog.New(slog.DiscardHandler))
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *broker) end() {
	if b.apache != nil {
		b.apache.Kill()
	} else {
		b.own.Close()
	}
}

func (b *broker) addrs() []string {
	if b.apache != nil {
		return []string{b.apache.Addr}
	}
	return b.own.Addrs()
}

func TestBrokerRestart(t *testing.T) {
	k := startBroker(t)
	b := dial(t, k.addrs())
	ensure(t, b, plain("t", 1), plain("u", 1))
	ctx, cancel := context.WithCancel(within(t, time.Minute))
	defer cancel()
	over := make(chan error, 2)
	seen := make(chan int64, 1000)
	go func() { // follows through it all
		over <- b.Follow(ctx, "t", 0, 0, func(m bus.Message) error { seen <- m.Offset; return nil })
	}()
	handled := make(chan string, 1000)
	go func() { // works through it all, with a handler that starts where it committed
		over <- b.Consume(ctx, bus.Group{Name: "g", Topics: []string{"t"}, Grace: time.Second, Handle: func(ctx context.Context, a *bus.Assigned) error {
			from, _, err := a.Committed(ctx)
			if err != nil {
				return err
			}
			r := b.NewReader(a.Topic, a.ID, max(from, 0))
			for ctx.Err() == nil && !stopping(a) {
				msgs, err := r.Batch(ctx, 1)
				if err != nil {
					return err
				}
				for _, m := range msgs {
					if err := a.Commit(ctx, m.Offset+1, ""); err != nil {
						return err
					}
					handled <- string(m.Value)
				}
			}
			return nil
		}})
	}()
	next := int64(0)
	step := func(v string) {
		t.Helper()
		publish(t, b, bus.Message{Topic: "t", Value: []byte(v)})
		for got := int64(-1); got < next; {
			select {
			case got = <-seen:
			case <-ctx.Done():
				t.Fatal("follow stands still at ", v)
			}
		}
		next++
		for got := ""; got != v; {
			select {
			case got = <-handled:
			case <-ctx.Done():
				t.Fatal("consume stands still at ", v)
			}
		}
	}
	step("a")
	again := []string{"b", "c"}
	if k.apache != nil {
		again = again[1:] // it takes its time
	}
	for _, v := range again {
		k.end()
		sent := make(chan error, 1)
		go func() { sent <- b.Publish(ctx, bus.Message{Topic: "u", Value: []byte(v)}) }()
		if err := b.Ping(ctx); err == nil {
			t.Error("a broker that is away answers")
		}
		k.start()
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		step(v)
	}
	if got := read(t, b.NewReader("u", 0, 0), len(again)); string(got[len(got)-1].Value) != "c" {
		t.Errorf("%d messages, the last of them %q", len(got), got[len(got)-1].Value)
	}
	cancel()
	for range 2 {
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
}

func stopping(a *bus.Assigned) bool {
	select {
	case <-a.Stopping():
		return true
	default:
		return false
	}
}
