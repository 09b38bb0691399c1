package land

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

const articleRows = `SELECT toString(off) || ' ' || toString(article_id) || ' r' || toString(revision) || ' of ' || toString(copy_of) ||
	if(copy_of = 0, '', if(similarity > 0.3, ' alike', ' UNLIKE')) || ' in ' || toString(story_id) || ' at ' || formatDateTime(ts, '%d %R', 'UTC') FROM articles ORDER BY off`

const mentionRows = `SELECT toString(off) || ' ' || entity_id || ' in ' || toString(article_id) || ' r' || toString(revision) || ' at ' || formatDateTime(ts, '%d %R', 'UTC') ||
	if(original, '', ' copy') FROM mentions ORDER BY off, entity_id`

func TestDecisions(t *testing.T) {
	w := open(t)
	one, two := prose(1, 200), prose(2, 200)
	other := doc(2, hours(.2), one+"Extra words follow here at the end.", "per/ana")
	other.Source = "b.example"
	old := doc(4, hours(.4), prose(4, 150), "per/cy")
	old.Backlog, old.TS = true, time.Date(1999, 5, 1, 10, 0, 0, 0, time.UTC)
	revised := doc(1, hours(7), one+prose(12, 60), "per/ana", "per/dee")
	revised.TS = hours(0) // as published
	again := *revised
	again.SeenAt = hours(7.1)
	again.Text, again.BodyHash = again.Text+"More.", 77
	teaser := doc(1, hours(9), prose(1, 20))
	teaser.TextFrom = news.FromTeaser
	second := doc(3, hours(.6), two, "per/bo")
	second.FeedURL = "https://a.example/other"
	w.publish(news.TopicDocuments,
		doc(1, hours(0), one, "per/ana", "per/bo"), // 0 new
		other,                             // 1 copy of one that is just before it
		doc(3, hours(.3), two, "per/bo"),  // 2 new
		old,                               // 3 new, backlog
		doc(5, hours(.5), other.Text),     // 4 copy of a copy
		second,                            // 5 same URL through a second feed
		doc(1, hours(.7), one, "per/ana"), // 6 same
		revised,                           // 7 revision
		&again,                            // 8 too soon after it: offered again, as 11
		teaser,                            // 9 poorer
		doc(6, hours(10), "", "per/ana"),  // 10 a title only
	)
	p := w.start(w.lander())
	w.until("what came too soon has landed", func() bool { return len(w.rows("SELECT '' FROM articles")) == 8 })
	w.settled(news.TopicDocuments)
	p.stop()
	w.want("articles", articleRows,
		"0 1 r0 of 0 in 1 at 02 09:00", "1 2 r0 of 1 alike in 1 at 02 09:12", "2 3 r0 of 0 in 3 at 02 09:18", "3 4 r0 of 0 in 4 at 01 10:00",
		"4 5 r0 of 1 alike in 1 at 02 09:30", "7 1 r1 of 0 in 1 at 02 16:00", "10 6 r0 of 0 in 6 at 02 19:00",
		"11 1 r2 of 0 in 1 at 02 16:10")
	w.want("mentions", mentionRows,
		"0 per/ana in 1 r0 at 02 09:00", "0 per/bo in 1 r0 at 02 09:00", "1 per/ana in 2 r0 at 02 09:12 copy", "2 per/bo in 3 r0 at 02 09:18",
		"3 per/cy in 4 r0 at 01 10:00", "7 per/dee in 1 r1 at 02 16:00", "10 per/ana in 6 r0 at 02 19:00")
	w.want("entities", "SELECT entity_id || ' ' || toString(off) || ' ' || topic FROM entities ORDER BY entity_id",
		"per/ana 0 documents", "per/bo 0 documents", "per/cy 3 documents", "per/dee 7 documents")
	w.want("sources", "SELECT source || ' ' || toString(off) FROM sources ORDER BY source", "a.example 0", "b.example 1")
	w.want("current", "SELECT toString(arraySort(entities)) FROM articles_current WHERE article_id = 1", "['per/ana','per/bo','per/dee']")
	want := map[string]int{"original": 4, "copy": 2, "revision": 2, "identical": 2, "poorer": 1, "throttled": 1}
	if got := p.results(t, news.TopicDocuments); !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
	w.sameIndex(p.Lander)
	w.sound()
	if dead := w.dead(); len(dead) > 0 {
		t.Errorf("%d dead letters", len(dead))
	}
	// The first and the fresh process agree; nothing lands again.
	w.publish(news.TopicDocuments, doc(7, hours(11), other.Text), doc(1, hours(12), one, "per/eve"))
	q := w.run()
	w.want("after a restart", "SELECT toString(article_id) || ' of ' || toString(copy_of) || ' r' || toString(revision) FROM articles WHERE off > 11 ORDER BY off", "7 of 1 r0", "1 of 0 r3")
	w.want("and its mentions", "SELECT entity_id || ' ' || toString(revision) FROM mentions WHERE off > 11", "per/eve 3")
	w.sameIndex(q.Lander)
	w.sound()
}

// bench is a lander below the bus: what it is given to land lands directly.
type bench struct {
	*partition
	w    *world
	next int64
}

func (w *world) bench() *bench {
	l := w.lander()
	return &bench{partition: w.assigned(l), w: w}
}

// job lands documents at the next offsets.
func (b *bench) land(docs ...*news.Document) {
	b.w.t.Helper()
	msgs := messages(b.next, docs...)
	b.pos, b.next = b.next, b.next+int64(len(docs))
	if err := b.partition.land(context.Background(), msgs, b.next, nil); err != nil {
		b.w.t.Fatal(err)
	}
}

func TestIdentityOutlivesTheWindow(t *testing.T) {
	w := database(t)
	w.cfg.Judge.Copies.Window, w.cfg.Judge.Stories.Window = time.Hour, time.Hour
	b := w.bench()
	body := prose(1, 100)
	dup := doc(9, hours(0.1), body, "per/ana")
	dup.Source = "b.example"
	b.land(doc(1, hours(0), body, "per/ana"), dup)
	b.land(doc(2, hours(30), prose(2, 100)))
	if b.documents.index.judge.Knows(1) {
		t.Fatal("the window still holds the first article")
	}
	b.land(doc(1, hours(31), body, "per/ana"))                                     // the same, 31 hours later
	b.land(doc(1, hours(32), body+prose(3, 50), "per/ana", "per/bo"))              // and changed
	b.land(doc(9, hours(33), body+prose(4, 60), "per/ana"))                        // a copy that was changed
	b.land(doc(3, hours(90), prose(5, 100)), doc(1, hours(34), body+prose(3, 50)), // forgotten within the batch
		doc(4, hours(35), prose(6, 100)), doc(4, hours(36), prose(6, 100)), // too old for the window at once
		doc(4, hours(37), prose(6, 100)+prose(7, 40)), doc(1, hours(38), body+prose(3, 50)))
	w.want("articles", "SELECT toString(article_id) || ' r' || toString(revision) FROM articles ORDER BY off", "1 r0", "9 r0", "2 r0", "1 r1", "9 r1", "3 r0", "4 r0", "4 r1")
	w.want("a revised copy is as similar as it was", "SELECT toString(uniqExact(similarity)) FROM articles WHERE article_id = 9", "1")
	w.want("mentions", "SELECT entity_id || ' in ' || toString(article_id) FROM mentions ORDER BY off, entity_id", "per/ana in 1", "per/ana in 9", "per/bo in 1")
	w.sound()
	w.sameIndex(b.Lander)
}

// TestForgottenNames: the cache of names forgets all at once, in the middle of
// a batch at worst.
func TestForgottenNames(t *testing.T) {
	w := database(t)
	b := w.bench()
	b.land(doc(1, hours(0), prose(1, 50), "per/a", "per/b"))
	for i := range maxNames - len(b.documents.entities.names) {
		b.documents.entities.add("x/" + string(rune(i)))
	}
	b.land(doc(2, hours(1), prose(2, 50), "per/c", "per/a", "per/d", "per/b"))
	w.want("entities", "SELECT entity_id FROM entities ORDER BY entity_id", "per/a", "per/b", "per/c", "per/d")
	w.sound()
}

// TestFoldInPieces: a restore that is interrupted goes on where it was, and
// ends in the same state.
func TestFoldInPieces(t *testing.T) {
	w := database(t)
	b := w.bench()
	for i := range 30 {
		b.land(doc(news.ID(1+i), hours(float64(i)), prose(uint64(i/2), 80), "per/a"))
	}
	x := newIndex(w.cfg.Judge, w.store)
	for x.next < 30 {
		ctx, cancel := context.WithCancel(context.Background())
		n := 0
		err := w.store.Fold(ctx, store.Range{Epoch: 1, From: x.next, To: 30}, store.Mark{Epoch: 1}, func(s *store.Stored) error {
			x.epoch = 1
			if n++; n > 7 {
				cancel()
				return ctx.Err()
			}
			return x.fold(s)
		})
		cancel()
		if err == nil {
			break
		}
	}
	if err := x.restore(context.Background(), 1, 0, 30); err != nil {
		t.Fatal(err)
	}
	if kept, _ := b.digests(t); kept != x.judge.Digest() {
		t.Error("states differ")
	}
}
