package land

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

func messages(from int64, docs ...*news.Document) []bus.Message {
	out := make([]bus.Message, len(docs))
	for i, d := range docs {
		out[i] = bus.Message{Topic: news.TopicDocuments, Offset: from + int64(i), Value: news.Encode(d), Time: t0}
	}
	return out
}

// assigned is a partition of documents that is not bound to a group.
func (w *world) assigned(l *Lander) *partition {
	return &partition{Lander: l, a: &bus.Assigned{}, topic: news.TopicDocuments, log: l.log, planner: l.documents, main: store.Articles, held: &l.documents.held, epoch: w.epoch}
}

// stream is documents of every kind: two months of seen_at, so that a batch
// makes two parts.
func stream() []*news.Document {
	var out []*news.Document
	for i := range 24 {
		d := doc(news.ID(1+i%16), hours(float64(i)*.5), prose(uint64(i%16/2), 120), "per/ana", fmt.Sprint("per/e", i%5))
		d.Source = fmt.Sprintf("s%d.example", i%3)
		if i%5 == 4 {
			d.SeenAt = d.SeenAt.AddDate(0, -1, 0)
			d.TS = d.SeenAt
		}
		if i >= 16 {
			d = doc(d.ID, hours(float64(i)), d.Text+prose(uint64(100+i), 60), "per/ana", fmt.Sprint("per/f", i))
		}
		out = append(out, d)
	}
	return out
}

// content is everything that has landed, but for landed_at.
func (w *world) content() []string {
	w.t.Helper()
	var out []string
	for _, q := range []string{
		"SELECT 'articles ' || toString(tuple(* EXCEPT (landed_at, epoch))) AS r FROM articles ORDER BY r",
		"SELECT 'mentions ' || toString(tuple(* EXCEPT (landed_at, epoch))) AS r FROM mentions ORDER BY r",
		"SELECT 'entities ' || toString(tuple(* EXCEPT (landed_at, epoch))) AS r FROM entities ORDER BY r",
		"SELECT 'sources ' || toString(tuple(* EXCEPT (landed_at, epoch))) AS r FROM sources ORDER BY r",
	} {
		out = append(out, w.rows(q)...)
	}
	return out
}

// wipe starts over in the next epoch: tokens outlive the rows.
func (w *world) wipe() {
	w.epoch++
	for _, table := range []string{"articles", "mentions", "entities", "sources"} {
		w.exec("TRUNCATE TABLE " + table)
	}
}

// TestCrashAtEveryStep stops a batch before each of its inserts and before the
// commit, in ways that a process can be stopped; whoever comes next finishes
// the range, and the rows are those of a run without trouble.
func TestCrashAtEveryStep(t *testing.T) {
	w := database(t)
	docs := stream()
	calm := w.bench()
	calm.land(docs[:8]...)
	calm.land(docs[8:]...)
	want := w.content()
	w.sameIndex(calm.Lander)
	digest, _ := calm.digests(t)

	for step := range 5 {
		same := step%2 == 0 // the model takes the others
		t.Run(fmt.Sprintf("before %d, same process %v", step, same), func(t *testing.T) {
			w.wipe()
			b := w.bench()
			b.land(docs[:8]...)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			b.before = func(_ context.Context, i, _ int) {
				if i == step {
					cancel()
				}
			}
			b.pos = 8
			err := b.partition.land(ctx, messages(8, docs[8:]...), int64(len(docs)), nil)
			if step < 4 && err == nil {
				t.Fatal("the batch landed")
			}
			l := b.Lander
			if !same {
				l = w.lander()
			}
			l.before = func(context.Context, int, int) {}
			next := w.assigned(l)
			next.pos = 8
			if err := next.land(context.Background(), messages(8, docs[8:]...), int64(len(docs)), &pending{}); err != nil {
				t.Fatal(err)
			}
			if got := w.content(); !slices.Equal(got, want) {
				t.Errorf("%d rows, want %d, or other ones", len(got), len(want))
			}
			if d, _ := l.digests(t); d != digest {
				t.Error("the state differs from that of a run without trouble")
			}
		})
	}
}

// TestZombie: a process is paused before one of its inserts; another finishes
// the range; the first wakes up and goes on, under the original tokens.
func TestZombie(t *testing.T) {
	docs := stream()
	w := database(t)
	var want []string
	for step := range 4 {
		t.Run(fmt.Sprint("before ", step), func(t *testing.T) {
			w.wipe()
			a, b := w.bench(), w.lander()
			a.before = func(_ context.Context, i, _ int) {
				if i != step {
					return
				}
				p := w.assigned(b)
				if err := p.land(context.Background(), messages(0, docs...), int64(len(docs)), &pending{}); err != nil {
					t.Error(err)
				}
			}
			if err := a.partition.land(context.Background(), messages(0, docs...), int64(len(docs)), nil); err != nil {
				t.Fatal(err)
			}
			w.want("articles", "SELECT toString(count() = uniqExact(off)) FROM articles", "1")
			w.sameIndex(b)
			w.sameIndex(a.Lander)
			if got := w.content(); want == nil {
				want = got
				w.sound()
			} else if !slices.Equal(got, want) {
				t.Errorf("%d rows, want %d, or other ones", len(got), len(want))
			}
		})
	}
}

// TestTokenWithoutRows: the database remembers a token whose rows it has lost.
func TestTokenWithoutRows(t *testing.T) {
	docs := stream()
	w := database(t)
	for _, lost := range []string{
		"ALTER TABLE articles DELETE WHERE 1", "ALTER TABLE entities DELETE WHERE 1", "ALTER TABLE mentions DROP PARTITION 202602",
	} {
		t.Run(lost, func(t *testing.T) {
			w.wipe()
			a := w.bench()
			a.land(docs...)
			want := w.content()
			w.exec(lost + map[bool]string{true: " SETTINGS mutations_sync = 2"}[lost[len(lost)-1] == '1'])
			if len(w.content()) == len(want) {
				t.Fatal("nothing was lost")
			}
			b := w.lander()
			p := w.assigned(b)
			if err := p.land(context.Background(), messages(0, docs...), int64(len(docs)), &pending{}); err != nil {
				t.Fatal(err)
			}
			if got := w.content(); !slices.Equal(got, want) {
				t.Errorf("%d rows, want %d, or other ones", len(got), len(want))
			}
			w.sameIndex(b)
		})
	}
	w.sound()
}
