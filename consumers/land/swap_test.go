package land

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/store"
)

// calm is a lease that nothing happens to, until it is lost.
type calm struct {
	commits int
	lost    bool
}

var errLost = errors.New("lost")

func (*calm) Committed(context.Context) (int64, string, error) { return -1, "", nil }
func (*calm) Stopping() <-chan struct{}                        { return nil }

func (c *calm) Commit(context.Context, int64, string) error {
	if c.lost {
		return errLost
	}
	c.commits++
	return nil
}

func (w *world) tables() map[string]uint32 {
	w.t.Helper()
	tables, err := w.store.MentionTables(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	return tables
}

func (w *world) gen(what, table string, generation uint32) {
	w.t.Helper()
	if g, ok := w.tables()[table]; !ok || g != generation {
		w.t.Errorf("%s: %s is of generation %d (there: %v), want %d", what, table, g, ok, generation)
	}
}

func (w *world) mentionsAre(what string, generation uint32) {
	w.t.Helper()
	w.gen(what, store.Mentions, generation)
}

// owner is a lander that has just taken the documents over.
func (w *world) owner() *partition {
	w.t.Helper()
	l := w.lander()
	p := w.assigned(l)
	p.a = &calm{}
	p.exchange(l.documents, w.store)
	if err := p.swaps.fence(context.Background()); err != nil {
		w.t.Fatal(err)
	}
	return p
}

// replayed makes a shadow of what has landed, which names one entity otherwise.
func (w *world) replayed(generation uint32, to int64) {
	w.t.Helper()
	ctx := context.Background()
	if err := w.store.MakeShadow(ctx, store.Shadow, generation); err != nil {
		w.t.Fatal(err)
	}
	w.exec(fmt.Sprintf("INSERT INTO mentions_replay SELECT * REPLACE (%d AS generation, if(entity_id = 'per/ana', 'per/anna', entity_id) AS entity_id) FROM mentions WHERE off < %d SETTINGS insert_deduplicate = 0", generation, to))
	w.exec("INSERT INTO entities SELECT * REPLACE ('per/anna' AS entity_id, 'replay' AS topic) FROM (SELECT * FROM entities WHERE entity_id = 'per/ana') SETTINGS insert_deduplicate = 0")
	w.near(generation, to)
}

func (w *world) near(generation uint32, to int64) {
	w.t.Helper()
	last, _, err := w.store.LastReplay(context.Background())
	if err == nil {
		err = w.store.NoteReplay(context.Background(), store.Replay{
			Generation: generation, Step: last.Step + 1, State: store.ReplayNear, At: store.Mark{Epoch: w.epoch, Off: uint64(to)}, Detail: `{"articles":1}`,
		})
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// reset drops what a swap has left.
func (w *world) reset() {
	w.wipe()
	for name := range w.tables() {
		if name != store.Mentions {
			w.exec("DROP TABLE " + name)
		}
	}
	if g := w.tables()[store.Mentions]; g != 0 {
		w.exec("ALTER TABLE mentions DROP CONSTRAINT generation")
	}
	w.exec("TRUNCATE TABLE replays")
	w.exec("TRUNCATE TABLE changes")
}

func landTo(t *testing.T, p *partition, to int) error {
	t.Helper()
	from := p.pos
	return p.land(context.Background(), messages(from, stream()[from:to]...), int64(to), nil)
}

// whole tells whether every mention of the stream is there once. A replay of
// these tests names one entity otherwise, which documents name as before.
func (w *world) whole() {
	w.t.Helper()
	w.want("mentions are there once; different ones", `SELECT concat(toString(count() = uniqExact(article_id, entity_id)), ' ',
		toString(uniqExact(article_id, if(entity_id = 'per/anna', 'per/ana', entity_id)))) FROM mentions`, "1 40")
}

const (
	anna = "SELECT toString(count()) FROM mentions WHERE entity_id = 'per/anna'"
	told = "SELECT toString(count()) FROM changes WHERE what = 'replay'"
)

// TestSwapCutShort stops the owner before each step of a swap; the next one
// ends up with one sound table, and the replay is told of once.
func TestSwapCutShort(t *testing.T) {
	w := database(t)
	type stopped struct{}
	for _, step := range []int{swapClaim, swapExchange, swapTell} {
		t.Run(fmt.Sprint("before ", step), func(t *testing.T) {
			w.reset()
			a := w.owner()
			if err := landTo(t, a, 12); err != nil {
				t.Fatal(err)
			}
			w.replayed(1, 12)
			a.before = func(_ context.Context, i, _ int) {
				if i == step {
					panic(stopped{})
				}
			}
			func() {
				defer func() {
					if _, ok := recover().(stopped); !ok {
						t.Fatal("the swap was not reached")
					}
				}()
				_ = a.between(context.Background())
			}()
			b := w.owner()
			b.pos = 12
			if step != swapTell { // nothing has happened, and it can be done again
				w.mentionsAre("after the take-over", 0)
				w.gen("after the take-over", store.Shadow, 1)
				if err := b.between(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			w.mentionsAre("in the end", 1)
			w.gen("what was replaced", "mentions_g0", 0)
			w.want("replays told of", told, "1")
			if r, _, _ := w.store.LastReplay(context.Background()); r.State != store.ReplaySwapped || r.At.Off != 12 {
				t.Errorf("noted is %+v", r)
			}
			if err := landTo(t, b, len(stream())); err != nil {
				t.Fatal(err)
			}
			w.whole()
			w.want("of the next generation is all that lands", "SELECT DISTINCT toString(generation) FROM mentions", "1")
			if n := w.rows(anna); n[0] == "0" {
				t.Error("the new mentions are not in force")
			}
		})
	}
}

// TestSwapZombie: the owner is paused before an insert, another takes over,
// finishes the range, and swaps; the first wakes up.
func TestSwapZombie(t *testing.T) {
	w := database(t)
	for step := range 2 { // later ones have no mentions before them
		t.Run(fmt.Sprint("before ", step), func(t *testing.T) {
			w.reset()
			a := w.owner()
			all := len(stream())
			a.before = func(_ context.Context, i, _ int) {
				if i != step {
					return
				}
				b := w.owner()
				if err := b.land(context.Background(), messages(0, stream()...), int64(all), &pending{}); err != nil {
					t.Error(err)
				}
				w.replayed(1, int64(all))
				if err := b.between(context.Background()); err != nil {
					t.Error(err)
				}
				w.mentionsAre("swapped", 1)
			}
			err := landTo(t, a, all)
			if late := step <= 1; late != errors.Is(err, errSwapped) {
				t.Errorf("the process that wakes up hears %v", err)
			}
			w.whole()
		})
	}
}

// TestSwapByZombie: the owner is paused in front of the exchange; another takes
// over and lands more; the first wakes up and must not exchange anything.
func TestSwapByZombie(t *testing.T) {
	w := database(t)
	for _, step := range []int{swapClaim, swapExchange} {
		t.Run(fmt.Sprint("before ", step), func(t *testing.T) {
			w.reset()
			a := w.owner()
			if err := landTo(t, a, 12); err != nil {
				t.Fatal(err)
			}
			w.replayed(1, 12)
			var b *partition
			a.before = func(_ context.Context, i, _ int) {
				if i != step {
					return
				}
				a.a.(*calm).lost = true
				b = w.owner()
				b.pos = 12
				if err := landTo(t, b, 20); err != nil {
					t.Error(err)
				}
			}
			if err := a.between(context.Background()); !errors.Is(err, map[int]error{swapClaim: errLost, swapExchange: errSwapped}[step]) {
				t.Errorf("the process that wakes up hears %v", err)
			}
			w.mentionsAre("afterwards", 0)
			w.gen("afterwards", store.Shadow, 1)
			if err := landTo(t, b, len(stream())); err != nil {
				t.Fatal(err)
			}
			w.whole()
		})
	}
}

// TestSwapWaits: landing stands still for the shadow to catch up, and not for
// long.
func TestSwapWaits(t *testing.T) {
	w := database(t)
	w.reset()
	p := w.owner()
	var waits int
	p.wait = func(context.Context, time.Duration, <-chan struct{}) error { waits++; return nil }
	now := t0
	p.now = func() time.Time { return now }
	if err := landTo(t, p, 12); err != nil {
		t.Fatal(err)
	}
	between := func() {
		t.Helper()
		now = now.Add(time.Hour)
		if err := p.between(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	between()
	w.replayed(1, 8)
	between()
	if w.mentionsAre("behind", 0); waits == 0 || waits > int(swapWait/swapPoll)+1 {
		t.Errorf("waited %d times", waits)
	}
	waits, now = 0, now.Add(swapPause/2-time.Hour)
	if between(); waits != 0 {
		t.Error("landing stands still again too soon")
	}
	if p.a.(*calm).commits == 0 {
		t.Error("the shadow cannot know how far the documents are")
	}
	waits = 0
	w.exec("ALTER TABLE mentions_replay ADD COLUMN other UInt8")
	w.near(1, 12)
	between()
	w.mentionsAre("of another shape", 0)
	w.exec("ALTER TABLE mentions_replay DROP COLUMN other")
	w.exec("ALTER TABLE articles UPDATE text_from = 'forgotten', entities = [] WHERE off = 3 SETTINGS mutations_sync = 2")
	between()
	w.mentionsAre("with mentions of what is forgotten", 0)
	if err := w.store.ForgetShadow(context.Background(), store.Shadow); err != nil {
		t.Fatal(err)
	}
	w.near(1, 12)
	between()
	w.mentionsAre("caught up", 1)
	if tables := w.tables(); len(tables) != 2 {
		t.Errorf("left over: %v", tables)
	}
}
