package bus_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/engine/enginetest"
)

// member is one process in a group: it tells of what it is given and of what
// it loses.
type member struct {
	bus    *bus.Bus
	cancel context.CancelFunc
	done   chan error
	mu     sync.Mutex
	owns   map[int]*bus.Assigned
	lost   []error // causes
}

func join(t *testing.T, brokers []string, topic string) *member {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	m := &member{bus: dial(t, brokers, short), cancel: cancel, done: make(chan error, 1), owns: map[int]*bus.Assigned{}}
	go func() {
		m.done <- m.bus.Consume(ctx, bus.Group{Name: "g", Topics: []string{topic}, Grace: 5 * time.Second, Handle: m.handle})
	}()
	t.Cleanup(func() { cancel() })
	return m
}

func short(c *bus.Config) { c.Session = 2 * time.Second }

func (m *member) handle(ctx context.Context, a *bus.Assigned) error {
	m.mu.Lock()
	m.owns[a.ID] = a
	m.mu.Unlock()
	select {
	case <-ctx.Done():
	case <-a.Stopping():
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.owns, a.ID)
	if ctx.Err() != nil {
		m.lost = append(m.lost, context.Cause(ctx))
	}
	return nil
}

func (m *member) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.owns)
}

func (m *member) any() *bus.Assigned {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.owns {
		return a
	}
	return nil
}

// until waits for a condition.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	limit := time.NewTimer(30 * time.Second)
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

func TestMembersShare(t *testing.T) {
	brokers := enginetest.StartKafka(t)
	b := dial(t, brokers)
	ensure(t, b, plain("t", 6))
	first := join(t, brokers, "t")
	until(t, "the first has all", func() bool { return first.count() == 6 })
	stale := first.any()
	if err := stale.Commit(t.Context(), 7, "note"); err != nil {
		t.Fatal(err)
	}
	if offset, meta, err := stale.Committed(t.Context()); offset != 7 || meta != "note" || err != nil {
		t.Fatal(offset, meta, err)
	}
	second := join(t, brokers, "t")
	until(t, "they share", func() bool { return first.count() == 3 && second.count() == 3 })
	if len(first.lost) != 6 {
		t.Errorf("%d handlers were told that their generation is over, want 6", len(first.lost))
	}
	// A process that was paused holds on to a generation that is over.
	if err := stale.Commit(t.Context(), 99, "stale"); err == nil {
		t.Error("a commit of a generation that is over was taken")
	}
	if err := b.SetCommitted(t.Context(), "g", "t", stale.ID, 99); err == nil {
		t.Error("the offset of a group with members was moved")
	}
	if offset, meta, err := b.Committed(t.Context(), "g", "t", stale.ID); offset != 7 || meta != "note" || err != nil {
		t.Errorf("%d %q %v: want what the owner committed", offset, meta, err)
	}
	first.cancel()
	if err := <-first.done; err != nil {
		t.Error(err)
	}
	until(t, "the second has all", func() bool { return second.count() == 6 })
	second.cancel()
	if err := <-second.done; err != nil {
		t.Error(err)
	}
	if err := b.SetCommitted(t.Context(), "g", "t", stale.ID, 3); err != nil {
		t.Error("without members: ", err)
	}
}

// A member without a partition waits for one, and takes over when the owner
// leaves.
func TestSpareMember(t *testing.T) {
	brokers := enginetest.StartKafka(t)
	ensure(t, dial(t, brokers), plain("t", 1))
	first, second := join(t, brokers, "t"), join(t, brokers, "t")
	until(t, "one of them owns the partition", func() bool { return first.count()+second.count() == 1 })
	owner, spare := first, second
	if second.count() == 1 {
		owner, spare = second, first
	}
	owner.cancel()
	until(t, "the other has taken over", func() bool { return spare.count() == 1 })
	spare.cancel()
	for _, m := range []*member{owner, spare} {
		if err := <-m.done; err != nil {
			t.Error(err)
		}
	}
}

// A shutdown lets the work in hand finish, and what it commits then counts.
func TestShutdownFinishes(t *testing.T) {
	brokers := enginetest.StartKafka(t)
	b := dial(t, brokers)
	ensure(t, b, plain("t", 1))
	f := func(grace time.Duration, work func(ctx context.Context, a *bus.Assigned) error) {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		done := make(chan error, 1)
		go func() {
			done <- b.Consume(ctx, bus.Group{Name: "g", Topics: []string{"t"}, Grace: grace, Handle: func(hctx context.Context, a *bus.Assigned) error {
				cancel() // the process is asked to stop while this works
				<-a.Stopping()
				return work(hctx, a)
			}})
		}()
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
		case <-within(t, 20*time.Second).Done():
			t.Fatal("shutdown hangs")
		}
	}
	f(time.Minute, func(ctx context.Context, a *bus.Assigned) error {
		if err := b.Publish(ctx, bus.Message{Topic: "t", Value: []byte("in hand")}); err != nil {
			return err
		}
		return a.Commit(ctx, 1, "")
	})
	if offset, _, err := b.Committed(t.Context(), "g", "t", 0); offset != 1 || err != nil {
		t.Errorf("committed %d, %v: want the work in hand", offset, err)
	}
	// What does not finish is cut off.
	var cause error
	f(50*time.Millisecond, func(ctx context.Context, _ *bus.Assigned) error {
		<-ctx.Done()
		cause = context.Cause(ctx)
		return ctx.Err()
	})
	if cause == nil || cause.Error() != "grace period is over" {
		t.Errorf("cause %v", cause)
	}
}

func TestHandlerFails(t *testing.T) {
	b := dial(t, enginetest.StartKafka(t))
	ensure(t, b, plain("t", 2))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	calls := map[int]int{}
	err := b.Consume(ctx, bus.Group{Name: "g", Topics: []string{"t"}, Handle: func(hctx context.Context, a *bus.Assigned) error {
		mu.Lock()
		calls[a.ID]++
		n := calls[a.ID]
		again := calls[0] > 1 && calls[1] > 1
		mu.Unlock()
		if again {
			cancel()
			return nil
		}
		if a.ID == 0 && n == 1 {
			return errors.New("boom")
		}
		<-hctx.Done() // the other one is told to start over as well
		return nil
	}})
	if err != nil || calls[0] < 2 || calls[1] < 2 {
		t.Errorf("%v, calls %v", err, calls)
	}
}

// Nobody answers: Consume and Publish end with their context, not before.
func TestNoBroker(t *testing.T) {
	b := dial(t, []string{"127.0.0.1:1"})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := b.Consume(ctx, bus.Group{Name: "g", Topics: []string{"t"}}); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		if err := b.Publish(ctx, bus.Message{Topic: "t", Value: []byte("x")}); err == nil {
			t.Error("published to nobody")
		}
	})
	wg.Go(func() {
		if _, err := b.NewReader("t", 0, 0).Batch(ctx, 1); err == nil {
			t.Error("read from nobody")
		}
	})
	wg.Wait()
	if ctx.Err() == nil {
		t.Error("given up before the context")
	}
	if err := b.Ping(t.Context()); err == nil {
		t.Error("nobody answers a ping")
	}
}
