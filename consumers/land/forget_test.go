package land

import (
	"context"
	"fmt"
	"testing"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
)

// say publishes tombstones.
func (w *world) say(stones ...news.Tombstone) {
	w.t.Helper()
	for _, s := range stones {
		s.At = t0
		k := s.Knowledge()
		if err := w.bus.Publish(context.Background(), bus.Message{Topic: news.TopicKnowledge, Key: []byte(k.Type + "/" + k.Name), Value: news.Encode(k), Time: t0}); err != nil {
			w.t.Fatal(err)
		}
	}
}

// forgotten waits until the tombstones are in force and nothing is left.
func (w *world) forgotten(stones ...news.Tombstone) {
	w.t.Helper()
	w.until("forgotten", func() bool {
		have, err := w.store.Tombstones(context.Background())
		if err != nil {
			w.t.Fatal(err)
		}
		force := map[string]bool{}
		var holding []news.Tombstone
		for _, r := range have {
			force[fmt.Sprint(r.Name(), r.KeepCounts, r.Lifted)] = true
			if !r.Lifted {
				holding = append(holding, r.Tombstone)
			}
		}
		for _, s := range stones {
			if !force[fmt.Sprint(s.Name(), s.KeepCounts, s.Lifted)] {
				return false
			}
		}
		left, err := w.store.Remains(context.Background(), holding)
		if err != nil {
			w.t.Fatal(err)
		}
		return left.None()
	})
}

const whatIsLeft = `SELECT arrayStringConcat([toString(article_id), toString(revision), source, arrayStringConcat(entities, ' '), text_from,
	if(empty(url || canonical_url || title || author || section || summary || text || arrayStringConcat(tags)) AND words = 0 AND body_hash = 0 AND empty(sketch), 'blank',
		if(empty(url) OR empty(canonical_url) OR empty(title) OR empty(text) OR words = 0 OR body_hash = 0 OR empty(sketch), 'in part', 'whole'))], '|') FROM articles ORDER BY off`

func TestForget(t *testing.T) {
	w := open(t)
	body := prose(1, 120)
	other := doc(2, hours(1), prose(2, 120), "per/ann", "per/bob")
	other.Source, other.Canonical, other.URL = "blog.b.example", "https://blog.b.example/2", "https://x.example/r"
	third := doc(3, hours(2), prose(3, 120), "per/ann")
	copied := doc(4, hours(3), body, "per/cyd")
	copied.Source, copied.Canonical, copied.URL = "c.example", "https://c.example/4", "https://c.example/4"
	w.publish(news.TopicDocuments, doc(1, t0, body, "per/ann", "per/cyd"), other, third, copied)
	w.publish(news.TopicAlerts, &news.Alert{V: 1, ID: 7, EntityID: "per/ann", State: news.AlertFiring, At: t0, Since: t0, TopArticles: []news.ID{1, 3}, Titles: []string{"One", "Three"}})
	l := w.start(w.lander())
	w.settled(news.TopicDocuments)
	w.settled(news.TopicAlerts)

	article, site := news.Tombstone{Article: 1, Reason: "asked"}, news.Tombstone{Site: "b.example", KeepCounts: true}
	w.say(article, site)
	w.forgotten(article, site)
	w.want("articles", whatIsLeft, "1|0|a.example||forgotten|blank", "2|0|blog.b.example|per/ann per/bob|forgotten|blank",
		"3|0|a.example|per/ann|feed|whole", "4|0|c.example|per/cyd|feed|whole")
	w.want("copy", "SELECT toString(copy_of) FROM articles WHERE article_id = 4", "1")
	w.want("mentions", "SELECT entity_id || ' ' || toString(article_id) || ' ' || surface FROM mentions ORDER BY article_id, entity_id",
		"per/ann 2 ", "per/bob 2 ", "per/ann 3 per/ann", "per/cyd 4 per/cyd")
	w.want("alerts", "SELECT arrayStringConcat(titles, '|') FROM alerts", "|Three")
	w.want("entities", "SELECT entity_id FROM entities ORDER BY entity_id", "per/ann", "per/bob", "per/cyd")
	w.sound()

	// What comes again does not come in: as it was, changed, by another way, and
	// new from the site. A copy of what is forgotten is told by its other copies.
	again, revised := doc(1, hours(10), body, "per/ann"), doc(1, hours(11), prose(9, 400), "per/dan")
	fresh := doc(5, hours(13), prose(7, 100), "per/eve")
	fresh.URL = "https://www.b.example/5"
	w.publish(news.TopicDocuments, again, revised, fresh)
	late := doc(6, hours(14), body, "per/ann")
	late.Source = "d.example"
	w.publish(news.TopicDocuments, late)
	w.settled(news.TopicDocuments)
	w.want("later articles", "SELECT toString(article_id) || ' ' || toString(copy_of) FROM articles WHERE off >= 4", "6 1")
	if got := l.results(t, news.TopicDocuments)["forgotten"]; got != 3 {
		t.Errorf("%d documents dropped as forgotten, want 3", got)
	}
	w.sound()
	l.stop()
	w.sameIndex(l.Lander)

	// Lifted, it may come again: as a revision of what is left.
	lift := article
	lift.Lifted = true
	w.say(lift)
	l = w.start(w.lander())
	w.forgotten(lift)
	w.publish(news.TopicDocuments, doc(1, hours(20), body, "per/ann"))
	w.settled(news.TopicDocuments)
	w.want("again", "SELECT toString(revision) || ' ' || text_from FROM articles WHERE article_id = 1 ORDER BY revision", "0 forgotten", "1 feed")
	w.want("again mentioned", "SELECT entity_id FROM mentions WHERE article_id = 1", "per/ann")
	w.sound()

	// A stricter word takes the counts too, and the names that nothing else bears.
	strict := news.Tombstone{Site: "b.example"}
	w.say(strict)
	w.forgotten(strict)
	w.want("entities", "SELECT entity_id FROM entities ORDER BY entity_id", "per/ann", "per/cyd")
	w.publish(news.TopicDocuments, doc(21, hours(21), prose(21, 90), "per/bob"))
	w.settled(news.TopicDocuments)
	w.sound()
	l.stop()
	w.sameIndex(l.Lander)
}
