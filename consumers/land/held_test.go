package land

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// TestCorrection: a correction three minutes after a revision is the last word
// on its article. It lands when ten minutes have passed, though the feed never
// says it again, and though the process that held it back is gone.
func TestCorrection(t *testing.T) {
	w := open(t)
	one := prose(1, 60)
	w.publish(news.TopicDocuments,
		doc(1, hours(0), one, "per/ana"),
		doc(1, hours(.05), one+prose(2, 20), "per/ana", "per/bo"),
		doc(1, hours(.1), one+prose(3, 20), "per/ana", "per/cy"))
	w.run()
	w.want("nothing yet", "SELECT toString(count()) FROM articles", "1")
	off, meta := w.committed(news.TopicDocuments)
	if want := `{"v":1,"to":3,"epoch":1,"held":[2]}`; off != 3 || meta != want {
		t.Errorf("committed %d %s, want 3 %s", off, meta, want)
	}
	w.publish(news.TopicDocuments, doc(2, hours(1), prose(9, 60), "per/ana"))
	p := w.start(w.lander())
	w.until("it lands", func() bool { return len(w.rows("SELECT '' FROM articles")) == 3 })
	w.until("nothing is held", func() bool { _, meta := w.committed(news.TopicDocuments); return meta == "" })
	p.stop()
	w.want("articles", articleRows, "0 1 r0 of 0 in 1 at 02 09:00", "3 2 r0 of 0 in 2 at 02 10:00", "4 1 r1 of 0 in 1 at 02 09:10")
	w.want("mentions", mentionRows, "0 per/ana in 1 r0 at 02 09:00", "3 per/ana in 2 r0 at 02 10:00", "4 per/cy in 1 r1 at 02 09:10")
	w.sound()
	w.sameIndex(p.Lander)
}

// TestHeld: which text is held of an article.
func TestHeld(t *testing.T) {
	w := database(t)
	b := w.bench()
	text := func(n uint64) string { return prose(1, 60) + prose(n, 20) }
	f := func(d *news.Document, want ...int64) {
		t.Helper()
		b.land(d)
		if got := b.held.offsets(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("after %d: held %v, want %v", b.next-1, got, want)
		}
	}
	f(doc(1, hours(0), text(1)))               // 0 new
	f(doc(1, hours(.1), text(2)), 1)           // too soon
	f(doc(1, hours(.12), text(3)), 2)          // a newer one
	f(doc(1, hours(.11), prose(1, 20)), 2)     // poorer than what is stored
	f(doc(1, hours(-1), text(4)), 2)           // older than what is stored
	other := doc(1, hours(.13), text(1))       // 5 another feed is behind
	other.FeedURL = "https://a.example/other"  //
	f(other, 2)                                //
	f(doc(2, hours(.13), prose(5, 60)), 2)     // 6 another article
	f(doc(2, hours(.14), prose(5, 70)), 2, 7)  // too soon
	f(doc(2, hours(.15), prose(5, 60)), 2)     // its feed has gone back to what is stored
	f(doc(1, hours(1), text(5)))               // the feed has moved on
	rich := doc(1, hours(1.1), text(6))        // 10 too soon
	f(rich, 10)                                //
	page := doc(1, hours(1.12), prose(1, 300)) // 11 the page comes at once
	page.TextFrom = news.FromPage              //
	f(page)                                    //
	w.want("revisions", "SELECT toString(off) FROM articles ORDER BY off", "0", "6", "9", "11")
	b.pos = b.next
	// At most as many as the metadata has room for, whatever the offsets.
	b.held.clear()
	for i := range int64(2 * maxHeld) {
		b.held.add(news.ID(i+1), waiting{off: 1<<42 + i*i*1_000_000_000})
	}
	if n := len(b.metadata(b.next)); len(b.held.texts) != maxHeld || n > 4096 {
		t.Errorf("%d texts held in %d bytes, want %d in 4096 at most", len(b.held.texts), n, maxHeld)
	}
	offs := b.held.offsets()
	if got := sums(differences(b.held.offsets())); fmt.Sprint(got) != fmt.Sprint(offs) {
		t.Errorf("%v came back as %v", offs, got)
	}
}

// TestLiveBlog: what a revision adds counts once, at the revision's own time,
// even where it vanishes and comes back.
func TestLiveBlog(t *testing.T) {
	w := database(t)
	b := w.bench()
	revision := func(at float64, n uint64, who ...string) *news.Document {
		d := doc(1, hours(at), prose(1, 60)+prose(n, 30), who...)
		d.TS, d.Published = hours(0), hours(0)
		return d
	}
	b.land(revision(0, 1, "per/ana", "per/bo"), revision(2, 2, "per/bo", "per/cy"))
	b.land(revision(4, 3, "per/ana", "per/bo"))
	b.land(revision(7, 4, "per/ana", "per/cy", "per/dee"))
	w.want("mentions", mentionRows, "0 per/ana in 1 r0 at 02 09:00", "0 per/bo in 1 r0 at 02 09:00", "1 per/cy in 1 r1 at 02 11:00", "3 per/dee in 1 r3 at 02 16:00")
	w.want("by hours", "SELECT formatDateTime(hour, '%R', 'UTC') || ' ' || toString(sum(articles)) FROM coverage_hourly GROUP BY hour ORDER BY hour", "09:00 2", "11:00 1", "16:00 1")
	w.sound()
}

// TestClocks: the times of a poller whose clock is wrong.
func TestClocks(t *testing.T) {
	w := database(t)
	real := time.Now().UTC().Truncate(time.Second)
	b := w.bench()
	year := 365 * 24 * time.Hour
	f := func(clock time.Time, seen, published time.Duration, want time.Duration) {
		t.Helper()
		d := doc(news.ID(1+b.next), real.Add(seen), prose(uint64(b.next), 40))
		d.Published = real.Add(published)
		if published == 0 {
			d.Published = time.Time{}
		}
		bounds, err := b.documents.bounds(context.Background(), clock, []decoded[news.Document]{{Message: bus.Message{Offset: 7}, value: d}})
		if err != nil {
			t.Fatal(err)
		}
		got, any := bounds[7]
		if !any {
			got = d.SeenAt
		}
		if diff := got.Sub(real.Add(want)); diff < -time.Minute || diff > 5*time.Minute {
			t.Errorf("seen %v, published %v: %v off, want %v", seen, published, got.Sub(real), want)
		}
	}
	f(real, 0, -time.Hour, 0)
	f(real, -3*24*time.Hour, -4*24*time.Hour, -3*24*time.Hour) // waited in Kafka
	f(real, 9*time.Minute, 0, 9*time.Minute)
	f(real, 10*year, -time.Hour, 0)              // ahead
	f(real, -40*year, -time.Hour, 0)             // behind: published since
	f(real, -1*year, -1*year, -1*year)           // only old
	f(real, -1*year, 0, -1*year)                 // nobody knows
	f(real.Add(-year), 0, -time.Hour, 0)         // it is this host's clock that is behind
	f(real.Add(year), -time.Hour, 0, -time.Hour) // or ahead
	f(real.Add(-year), 10*year, -time.Hour, 0)
	f(real.Add(10*year), -40*year, -time.Hour, 0)

	// It lands with what it was set to, and the window stays as it is.
	l := b.Lander
	l.now = time.Now
	body := prose(999, 100)
	b.land(doc(1, real.Add(-time.Hour), body, "per/ana"))
	b.land(doc(2, real.Add(9*year), prose(998, 100), "per/ana"))
	copied := doc(3, real, body, "per/ana")
	copied.Source = "b.example"
	b.land(copied)
	w.want("the copy is known", "SELECT toString(article_id) || ' ' || toString(copy_of) FROM articles WHERE article_id = 3", "3 1")
	w.want("nothing is of tomorrow", "SELECT toString(countIf(seen_at > now() + 60) + countIf(ts > now() + 60)) FROM articles", "0")
	w.want("mentions neither", "SELECT toString(countIf(seen_at > now() + 60) + countIf(ts > now() + 60)) FROM mentions", "0")
	w.sameIndex(l)
	w.sound()
	if n := count(t, l, "dateline_land_clocks_total", "ahead"); n < 1 {
		t.Errorf("%v clocks counted", n)
	}
}

// TestMergeWins: what people say of an entity holds over what documents say of
// it, in whatever order and by whatever clocks the two land.
func TestMergeWins(t *testing.T) {
	for _, first := range []string{"merge", "document"} {
		t.Run(first, func(t *testing.T) {
			w := database(t)
			clock := t0.AddDate(1, 0, 0)
			merge := func() {
				l := w.lander()
				l.now = func() time.Time { return clock }
				p := &partition{Lander: l, a: &bus.Assigned{}, topic: news.TopicKnowledge, log: l.log, epoch: w.epoch, main: store.Changes,
					planner: plain[news.Knowledge, *news.Knowledge]{knowledgeRows, sameKnowledge}}
				k := news.Encode(&news.Knowledge{V: 1, Type: "merge", Name: "per/b", At: t0, Value: map[string]string{"same_as": "per/a", "kind": "PER", "name": "B"}})
				if err := p.land(context.Background(), []bus.Message{{Topic: news.TopicKnowledge, Value: k, Time: t0}}, 1, nil); err != nil {
					t.Fatal(err)
				}
			}
			document := func() {
				b := w.bench()
				b.Lander.now = func() time.Time { return clock }
				// Both are decided before either has landed.
				b.Lander.before = func(_ context.Context, batch, _ int) {
					if batch == 0 && first == "merge" {
						merge()
						clock = clock.AddDate(2, 0, 0)
					}
				}
				b.land(doc(1, hours(0), prose(1, 60), "per/b", "per/a"))
			}
			document()
			if first == "document" {
				clock = t0.AddDate(-1, 0, 0) // the clock has jumped
				merge()
			}
			w.want("both have a row", "SELECT toString(count()) FROM entities WHERE entity_id = 'per/b'", "2")
			w.want("current", "SELECT entity_id || ' ' || canonical_id FROM entities_current ORDER BY entity_id", "per/a per/a", "per/b per/a")
			w.want("coverage", "SELECT toString(sum(articles)) FROM coverage(entity = 'per/b', from = '2026-01-01', to = '2026-12-31', step = 3600)", "1")
		})
	}
}

// TestPendingRangeOfTheEpochBefore: a new epoch is started while a range is
// pending. It is finished in the epoch that it began in.
func TestPendingRangeOfTheEpochBefore(t *testing.T) {
	w := killedBetweenInserts(t)
	if _, err := w.store.NewEpoch(context.Background(), "test"); err != nil {
		t.Fatal(err)
	}
	before := w.rows("SELECT toString(off) FROM articles ORDER BY off")
	w.publish(news.TopicDocuments, doc(77, hours(90), prose(77, 60), "per/new"))
	q := w.run()
	w.want("the articles are those that there were", "SELECT toString(off) FROM articles WHERE epoch = 1 ORDER BY off", before...)
	w.want("the last one is of the new epoch", "SELECT toString(article_id) || ' ' || toString(epoch) FROM articles ORDER BY off DESC LIMIT 1", "77 2")
	if n := len(w.rows("SELECT '' FROM mentions WHERE epoch = 1 LIMIT 1")); n != 1 {
		t.Error("the mentions of the pending range are not there")
	}
	w.sound()
	w.sameIndex(q.Lander)
}
