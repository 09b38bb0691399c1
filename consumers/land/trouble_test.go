package land

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/news"
)

// TestPoison: what is no document, and what ClickHouse refuses, goes to the
// dead letters; the rest lands, and refers to nothing that did not.
func TestPoison(t *testing.T) {
	w := open(t)
	w.exec("ALTER TABLE articles ADD CONSTRAINT sound CHECK url != 'https://poison.example/'")
	w.exec("ALTER TABLE mentions ADD CONSTRAINT sound CHECK entity_id != 'per/poison'")
	body := prose(1, 150)
	poison := doc(2, hours(0), body, "per/ana", "per/new")
	poison.URL = "https://poison.example/"
	copied := doc(3, hours(.1), body, "per/new")
	copied.Source = "b.example"
	old := bytes.Replace(news.Encode(doc(6, hours(.2), body)), []byte(`"v":1`), []byte(`"v":0`), 1)
	w.publish(news.TopicDocuments,
		[]byte("\x00\x01 not JSON"), []byte(`{"v":1,"id":"00000000000000aa"}`), []byte(`{"v":"one"}`), []byte(`[]`), old, // 0 to 4
		poison, copied, // 5, 6
		doc(4, hours(.3), prose(4, 100), "per/poison", "per/bo"), // 7: mentions are refused, articles are not
		doc(5, hours(.4), prose(5, 100), "per/bo"),               // 8
	)
	p := w.start(w.lander())
	w.settled(news.TopicDocuments)
	p.stop()
	var dead []string
	for _, m := range w.dead() {
		h := m.Headers
		dead = append(dead, string(m.Key)+" "+h["stage"])
		if h["error"] == "" || h["topic"] != "documents" || h["partition"] != "0" || "documents/0/"+h["offset"] != string(m.Key) {
			t.Errorf("dead letter with headers %v", h)
		}
	}
	slices.Sort(dead)
	want := []string{"documents/0/0 land", "documents/0/1 land", "documents/0/2 land", "documents/0/3 land", "documents/0/4 land", "documents/0/5 land", "documents/0/7 land"}
	if !slices.Equal(dead, want) {
		t.Errorf("dead letters %q, want %q", dead, want)
	}
	if n := count(t, p.Lander, "dateline_land_dead_letters_total"); n != float64(len(want)) {
		t.Errorf("%v dead letters counted", n)
	}
	w.want("articles", "SELECT toString(off) || ' ' || toString(article_id) || ' of ' || toString(copy_of) || ' in ' || toString(story_id) FROM articles WHERE off != 7 ORDER BY off",
		"6 3 of 0 in 3", "8 5 of 0 in 5")
	w.want("entities", "SELECT entity_id || ' ' || toString(off) FROM entities WHERE off != 7 ORDER BY entity_id", "per/bo 8", "per/new 6")
	w.sameIndex(p.Lander)
	w.sound()
}

// TestRefusedAfterItsArticle: where the article has landed and its mentions
// are refused, the article stays, for others may refer to it.
func TestRefusedAfterItsArticle(t *testing.T) {
	w := open(t)
	w.exec("ALTER TABLE mentions ADD CONSTRAINT sound CHECK entity_id != 'per/poison'")
	b := w.bench()
	body := prose(1, 150)
	copied := doc(2, hours(.1), body, "per/ana")
	copied.Source = "b.example"
	b.land(doc(1, hours(0), body, "per/poison"), copied)
	w.want("articles", "SELECT toString(article_id) || ' of ' || toString(copy_of) FROM articles ORDER BY off", "1 of 0", "2 of 1")
	w.want("mentions", "SELECT entity_id FROM mentions", "per/ana")
	dead := w.dead()
	if len(dead) != 1 || !strings.Contains(dead[0].Headers["error"], "has a row in articles") {
		t.Errorf("dead letters %v", dead)
	}
	w.sameIndex(b.Lander)
}

// TestTheTableIsWrong: where nothing at all is taken, nothing is thrown away.
func TestTheTableIsWrong(t *testing.T) {
	w := open(t)
	w.exec("ALTER TABLE articles ADD CONSTRAINT broken CHECK 0")
	var docs []any
	for i := range 15 {
		docs = append(docs, doc(news.ID(1+i), hours(float64(i)), prose(uint64(i), 60), "per/ana"))
	}
	w.publish(news.TopicDocuments, docs...)
	p := w.start(w.lander())
	w.until("it tries again", func() bool { return count(t, p.Lander, "dateline_land_retries_total", "documents") >= 2 })
	if n := len(w.dead()); n > 0 {
		t.Errorf("%d dead letters", n)
	}
	w.exec("ALTER TABLE articles DROP CONSTRAINT broken")
	w.settled(news.TopicDocuments)
	p.stop()
	w.want("articles", "SELECT toString(count()) FROM articles", "15")
	w.sameIndex(p.Lander)
	w.sound()
}

// TestPressure: a server that has too many parts, or is read only, is waited
// for; Kafka keeps what is to come.
func TestPressure(t *testing.T) {
	w := open(t)
	w.exec("ALTER TABLE mentions MODIFY SETTING parts_to_throw_insert = 1, parts_to_delay_insert = 1, max_delay_to_insert = 1")
	w.exec("SYSTEM STOP MERGES mentions")
	w.publish(news.TopicDocuments, doc(1, hours(0), prose(1, 60), "per/ana"))
	p := w.start(w.lander())
	w.settled(news.TopicDocuments)
	w.publish(news.TopicDocuments, doc(2, hours(1), prose(2, 60), "per/ana"), doc(3, hours(2), prose(3, 60), "per/ana"))
	w.until("it tries again", func() bool { return count(t, p.Lander, "dateline_land_retries_total", "documents") >= 3 })
	if off, meta := w.committed(news.TopicDocuments); off != 1 || meta == "" {
		t.Errorf("committed %d %q, want offset 1 with what is pending", off, meta)
	}
	w.exec("ALTER TABLE mentions MODIFY SETTING parts_to_throw_insert = 3000, parts_to_delay_insert = 1000")
	w.settled(news.TopicDocuments)
	p.stop()
	if n := len(w.dead()); n > 0 {
		t.Errorf("%d dead letters", n)
	}
	w.want("mentions", "SELECT toString(article_id) FROM mentions ORDER BY off", "1", "2", "3")
	w.sameIndex(p.Lander)
	w.sound()
}

// TestNewer: the partition stops before the message, with all before it
// landed; others go on.
func TestNewer(t *testing.T) {
	w := open(t)
	next := bytes.Replace(news.Encode(doc(3, hours(2), "")), []byte(`"v":1`), []byte(`"v":2`), 1)
	w.publish(news.TopicDocuments, doc(1, hours(0), prose(1, 60)), doc(2, hours(1), prose(2, 60)), next, doc(4, hours(3), prose(4, 60)))
	p := w.start(w.lander())
	w.until("it has stopped", func() bool { return count(t, p.Lander, "dateline_land_stopped", "documents", "0") == 1 })
	w.until("what came before is committed", func() bool { off, meta := w.committed(news.TopicDocuments); return off == 2 && meta == "" })
	w.publish(news.TopicFetches, &news.Fetch{V: 1, FeedURL: "https://a.example/feed", At: t0, Status: 200})
	w.until("others go on", func() bool { return len(w.rows("SELECT feed_url FROM fetches")) == 1 })
	p.stop()
	w.want("articles", "SELECT toString(article_id) FROM articles ORDER BY off", "1", "2")
	if n := len(w.dead()); n > 0 {
		t.Errorf("%d dead letters", n)
	}
}

// TestOffsetsExpired: another group name stands for one whose offsets are gone.
func TestOffsetsExpired(t *testing.T) {
	w := open(t)
	docs := []any{doc(1, hours(0), prose(1, 60), "per/a"), doc(2, hours(1), prose(2, 60), "per/a")}
	w.publish(news.TopicDocuments, docs...)
	w.run()
	if err := w.bus.SetCommitted(context.Background(), GroupName, news.TopicDocuments, 0, 0); err != nil {
		t.Fatal(err)
	}
	w.publish(news.TopicDocuments, doc(3, hours(2), prose(3, 60), "per/a"))
	p := w.run()
	if got := p.results(t, news.TopicDocuments); !maps.Equal(got, map[string]int{"original": 1}) {
		t.Errorf("counted %v, want one original: what had landed is not read again", got)
	}
	w.sound()
	w.sameIndex(p.Lander)
}

// TestRecreated: the topic is another one, shorter than what has landed or
// longer; the partition stops, the others go on; the next epoch heals it.
func TestRecreated(t *testing.T) {
	for _, n := range []int{1, 5} {
		t.Run(fmt.Sprint(n, " messages"), func(t *testing.T) {
			w := open(t)
			w.publish(news.TopicDocuments, doc(1, hours(0), prose(1, 60), "per/a"), doc(2, hours(1), prose(2, 60), "per/a"), doc(3, hours(2), prose(3, 60)))
			w.run()
			w.bus = w.other(t) // a new broker: all topics are new, and the offsets gone
			for i := range n {
				w.publish(news.TopicDocuments, doc(news.ID(10+i), hours(3+float64(i)), prose(uint64(10+i), 60), "per/b"))
			}
			if n > 3 {
				if err := w.bus.SetCommitted(context.Background(), GroupName, news.TopicDocuments, 0, 3); err != nil {
					t.Fatal(err)
				}
			}
			p := w.start(w.lander())
			w.until("it has stopped", func() bool { return count(t, p.Lander, "dateline_land_stopped", "documents", "0") == 1 })
			w.publish(news.TopicFetches, &news.Fetch{V: 1, FeedURL: "https://a.example/feed", At: t0, Status: 200})
			w.until("others go on", func() bool { return len(w.rows("SELECT feed_url FROM fetches")) == 1 })
			p.stop()
			w.want("articles", "SELECT toString(article_id) FROM articles ORDER BY off", "1", "2", "3")
			if _, err := w.store.NewEpoch(context.Background(), "test"); err != nil {
				t.Fatal(err)
			}
			q := w.run()
			w.want("articles", "SELECT toString(count()) FROM articles WHERE epoch = 2", fmt.Sprint(n))
			w.want("fetches", "SELECT toString(count()) FROM fetches", "1")
			w.sound()
			w.sameIndex(q.Lander)
			// Some of the new epoch has landed: it is recognised.
			w.publish(news.TopicDocuments, doc(30, hours(20), prose(30, 60)))
			w.run()
			w.want("articles", "SELECT toString(count()) FROM articles WHERE epoch = 2", fmt.Sprint(n+1))
			w.sound()
		})
	}
}

// killedBetweenInserts is a world in which a process died with the articles of a
// batch landed and their mentions not.
func killedBetweenInserts(t *testing.T) *world {
	t.Helper()
	w := open(t)
	w.cfg.Grace = 0
	var docs []any
	for _, d := range stream() {
		docs = append(docs, d)
	}
	w.publish(news.TopicDocuments, docs...)
	l := w.lander()
	var p *process
	started, died := make(chan struct{}), make(chan struct{})
	l.before = func(ctx context.Context, batch, rows int) {
		<-started
		if batch == 1 && rows > 0 {
			p.cancel()
			<-ctx.Done()
			close(died)
		}
	}
	p = w.start(l)
	close(started)
	<-died
	p.stop()
	return w
}

// TestKilledBetweenInserts goes the whole way: a process dies with the
// articles of a batch landed and their mentions not; the next one finds what
// is pending.
func TestKilledBetweenInserts(t *testing.T) {
	w := killedBetweenInserts(t)
	if off, meta := w.committed(news.TopicDocuments); off > 0 || meta == "" {
		t.Fatalf("committed %d %q, want a pending range", off, meta)
	}
	w.want("nothing is mentioned yet", "SELECT toString(count()) FROM mentions", "0")
	q := w.run()
	if n := count(t, q.Lander, "dateline_land_replays_total", "documents"); n != 1 {
		t.Errorf("%v ranges were replayed, want 1", n)
	}
	w.sound()
	w.sameIndex(q.Lander)
}

// TestFollower: a process that owns other partitions follows the documents.
func TestFollower(t *testing.T) {
	w := open(t)
	a := w.start(w.lander())
	var docs []any
	for i := range 20 {
		docs = append(docs, doc(news.ID(1+i), hours(float64(i)), prose(uint64(i), 60), "per/a"))
	}
	w.publish(news.TopicDocuments, docs...)
	w.settled(news.TopicDocuments)
	b := w.start(w.lander())
	w.until("the other one follows", func() bool { return count(t, b.Lander, "dateline_land_index_documents") == 20 })
	a.stop()
	w.publish(news.TopicDocuments, doc(99, hours(30), prose(3, 60), "per/a"))
	w.settled(news.TopicDocuments)
	b.stop()
	w.want("it knew the text", "SELECT toString(copy_of) FROM articles WHERE article_id = 99", "4")
	w.sameIndex(b.Lander)
	w.sound()
}

func TestAlertsFetchesKnowledge(t *testing.T) {
	w := open(t)
	alert := func(id news.ID, state string) *news.Alert {
		return &news.Alert{V: 1, ID: id, EntityID: "per/a", Name: "A", State: state, At: t0, Since: t0}
	}
	w.publish(news.TopicAlerts, alert(1, news.AlertFiring), alert(1, news.AlertFiring), alert(2, news.AlertFiring))
	w.publish(news.TopicKnowledge,
		&news.Knowledge{V: 1, Type: "source", Name: "a.example", At: t0, Value: map[string]string{"name": "A", "tier": "2", "tags": "x, y"}},
		&news.Knowledge{V: 1, Type: "merge", Name: "per/b", At: t0, Value: map[string]string{"same_as": "per/a", "kind": "PER", "name": "B"}}, []byte{})
	poll := &news.Fetch{V: 1, FeedURL: "f", At: t0, Status: 200, NewItems: 3, Bytes: -1}
	w.publish(news.TopicFetches, poll, poll, []byte("?"))
	p := w.start(w.lander())
	w.settled(news.TopicAlerts)
	w.settled(news.TopicKnowledge)
	w.until("dead letters", func() bool { return len(w.dead()) == 1 })
	p.stop()
	w.publish(news.TopicAlerts, alert(2, news.AlertFiring), alert(1, news.AlertResolved), []byte(`{"v":1}`))
	w.publish(news.TopicFetches, poll)
	q := w.start(w.lander())
	w.settled(news.TopicAlerts)
	w.settled(news.TopicFetches)
	q.stop()
	w.want("alerts", "SELECT toString(off) || ' ' || toString(alert_id) || ' ' || state FROM alerts ORDER BY off", "0 1 firing", "2 2 firing", "4 1 resolved")
	w.want("changes", "SELECT what || ' ' || detail FROM changes ORDER BY off", `source a.example: {"name":"A","tags":"x, y","tier":"2"}`, `merge per/b: {"kind":"PER","name":"B","same_as":"per/a"}`)
	w.want("sources", "SELECT source || ' ' || toString(tier) || ' ' || toString(tags) FROM sources", "a.example 2 ['x','y']")
	w.want("entities", "SELECT entity_id || ' ' || same_as FROM entities", "per/b per/a")
	w.want("fetches", "SELECT feed_url || ' ' || toString(new_items) || ' ' || toString(bytes) FROM fetches", "f 3 0")
	w.sound()
	if got := q.results(t, news.TopicAlerts); !maps.Equal(got, map[string]int{"row": 1, "repeat": 1, "dead": 1}) {
		t.Errorf("counted %v", got)
	}
}
