package intake

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
)

// slow is a broker whose messages land a few at each look.
type slow struct{ waiting, most, landing, looks int64 }

func (s *slow) Publish(_ context.Context, msgs ...bus.Message) error {
	s.waiting += int64(len(msgs))
	s.most = max(s.most, s.waiting)
	return nil
}

func (s *slow) look(context.Context) (int64, error) {
	s.looks++
	s.waiting = max(0, s.waiting-s.landing)
	return s.waiting, nil
}

// TestGate: no more is on its way than there is room for, and what does not
// fit waits for as long as it takes.
func TestGate(t *testing.T) {
	const each = documentBytes + 1000 // bytes that a message is reckoned with
	batch := make([]bus.Message, 50)
	for i := range batch {
		batch[i].Value = []byte(strings.Repeat("x", 1000))
	}
	rest := func(context.Context, time.Duration) error { return nil }
	f := func(landing, limit, want int64, others int64) {
		t.Helper()
		s := &slow{landing: landing, waiting: others}
		full := 0
		g := &Gate{Out: s, Waiting: s.look, Most: limit * each, Pause: rest, Full: func(context.Context, int64) error { full++; return nil }}
		for range 100 {
			if err := g.Publish(t.Context(), batch...); err != nil {
				t.Fatal(err)
			}
		}
		if s.most > want {
			t.Errorf("landing %d a look, room for %d: %d were on their way", landing, limit, s.most)
		}
		if fits := landing > 1000 || limit > 5000; (full == 0) != fits {
			t.Errorf("landing %d, room for %d: full %d times in %d looks", landing, limit, full, s.looks)
		}
	}
	f(7, 400, 400, 0)
	f(7, 400, 450, 450)
	f(7, 20, 50, 0) // a batch is larger: one at a time
	f(1<<40, 400, 400, 0)
	f(0, 20000, 20000, 0)

	s, boom := &slow{}, errors.New("boom")
	g := &Gate{Out: s, Waiting: s.look, Most: 60 * each, Full: func(context.Context, int64) error { return boom }}
	if err := errors.Join(g.Publish(t.Context(), batch...), g.Publish(t.Context(), batch...)); !errors.Is(err, boom) || s.waiting != 50 {
		t.Errorf("%v, %d published", err, s.waiting)
	}
}
