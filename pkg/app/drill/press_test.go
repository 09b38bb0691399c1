package drill

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
)

// TestBadPress runs an installation on every kind of bad server at once, each
// beside the others and beside feeds that are well. What each has to come to
// stands in the newsroom's table: which articles there have to be, each once,
// in which classes its polls may end, and what is remembered of the feed.
//
// DATELINE_CHAOS_POLLS is how often each is polled, and asks for the drill: the
// same servers are tried one by one in producers/poll. From 12 on the feed of
// 30,000 items takes part as well.
func TestBadPress(t *testing.T) {
	polls := int(fromEnv(t, "DATELINE_CHAOS_POLLS", 0))
	if polls == 0 {
		t.Skip("a long run: make press")
	}
	kindsToRun := []string{"all"}
	if polls < 12 {
		kindsToRun = nil
		for _, k := range newsroom.BadKinds {
			if k.Name != "many-items" {
				kindsToRun = append(kindsToRun, k.Name)
			}
		}
	}
	secrets, ca := t.TempDir(), filepath.Join(t.TempDir(), "ca.pem")
	w := newWorld(t, "DATELINE_FETCH_HEADER_TIMEOUT=3s", "DATELINE_FETCH_IDLE_TIMEOUT=3s", "DATELINE_FETCH_TIMEOUT=20s",
		"DATELINE_FETCH_MAX_BODY=12582912", "DATELINE_FETCH_SECRETS="+secrets, "SSL_CERT_FILE="+ca)
	room := w.room(newsroom.Config{Seed: 11, Outlets: 6, Words: 60, Window: 400, Bad: kindsToRun, BadPeriod: 5 * time.Second})
	if err := os.WriteFile(ca, room.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	kinds := w.badKinds(room, secrets)
	w.start("up", "up", "--feeds", w.feedsFile(nil, room))
	w.until("for the engines", patience, w.ready)
	for url, k := range kinds {
		if k.Secret != "" {
			w.ok("feeds", "add", url, "--secret", k.Name)
		}
	}
	stop := w.press(room)
	w.moves(patience)
	w.until("for every feed to be polled, or to be retired", 4*time.Minute, func() bool {
		n := w.number(fmt.Sprintf(`SELECT toFloat64(count()) FROM (SELECT feed_url FROM fetches GROUP BY feed_url
			HAVING count() >= %d OR countIf(error != '') >= 3 OR max(status = 410))`, polls))
		return n >= len(room.Feeds())
	})
	stop()
	c := &complaints{w: w}
	defer c.total()
	w.waitDue(c, room, kinds)
	w.verifyPress(c, room, kinds)
	w.verifyRows()
	w.verifyAudit()
	for url, n := range room.Impolite() {
		c.add("impolite", "%s was asked %d times in a pause that it had asked for", url, n)
	}
}

// badKinds gives the kind of each bad feed by its address, and writes the
// secrets that they want.
func (w *world) badKinds(room *newsroom.Newsroom, secrets string) map[string]*newsroom.BadKind {
	w.Helper()
	kinds := map[string]*newsroom.BadKind{}
	for _, f := range room.Feeds() {
		k := newsroom.BadKindOf(f.Bad)
		if k == nil {
			continue
		}
		kinds[f.URL] = k
		if k.Secret != "" {
			if err := os.WriteFile(filepath.Join(secrets, k.Name), []byte(k.Secret+"\n"), 0o600); err != nil {
				w.Fatal(err)
			}
		}
	}
	if len(kinds) < len(newsroom.BadKinds)-1 {
		w.Fatalf("%d bad feeds of %d kinds", len(kinds), len(newsroom.BadKinds))
	}
	return kinds
}

// pressID is the id of an article of a feed, bad or well.
func (w *world) pressID(e newsroom.Entry, kinds map[string]*newsroom.BadKind) string {
	if k := kinds[e.FeedURL]; k != nil && k.ByGUID {
		return news.ID(text.ID(e.FeedURL + "\n" + e.GUID)).String()
	}
	return w.articleID(e)
}

// waitDue waits until everything that could be read has landed.
func (w *world) waitDue(c *complaints, room *newsroom.Newsroom, kinds map[string]*newsroom.BadKind) {
	w.Helper()
	var left []newsroom.Entry
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		have := w.landings()
		left = left[:0]
		for _, e := range room.Ledger().Due("") {
			if have[w.pressID(e, kinds)] == nil {
				left = append(left, e)
			}
		}
		if len(left) == 0 || time.Now().After(deadline) {
			break
		}
	}
	for _, e := range left {
		c.add("lost", "%s of %s (%s), served %v", e.URL, e.FeedURL, e.Bad, e.ServedAt)
	}
}

// verifyPress looks at what landed, at how polls ended and at what is
// remembered.
func (w *world) verifyPress(c *complaints, room *newsroom.Newsroom, kinds map[string]*newsroom.BadKind) {
	w.Helper()
	may := map[string]bool{}
	for _, e := range room.Ledger().Entries() {
		if !e.ServedAt.IsZero() || e.Offered {
			may[w.pressID(e, kinds)] = true
		}
	}
	for id, l := range w.landings() {
		if !may[id] {
			c.add("invented", "article %s", id)
		}
		for rev, n := range l.revisions {
			if n != 1 {
				c.add("not once", "revision %d of article %s landed %d times", rev, id, n)
			}
		}
	}
	for _, r := range w.query("SELECT feed_url, class, any(error), toFloat64(count()) FROM fetches GROUP BY feed_url, class") {
		url, class, msg := r[0].(string), r[1].(string), r[2].(string)
		k := kinds[url]
		if k == nil {
			if class != "ok" && class != "not_modified" {
				c.add("class", "%s, which is well, ended in %s: %s", url, class, msg)
			}
			continue
		}
		w.Logf("%-20s %-13s %4.0f %s", k.Name, class, r[3], msg)
		if !slices.Contains(k.Classes, class) {
			c.add("class", "%s ended in %s (%s), want one of %s", k.Name, class, msg, strings.Join(k.Classes, ", "))
		}
		if failed := class != "ok" && class != "not_modified" && class != "salvaged"; failed == (msg == "") {
			c.add("error", "%s: class %s with the message %q", k.Name, class, msg)
		}
	}
	states := w.feedStates()
	for url, k := range kinds {
		st := states[url]
		if st == nil {
			st = &news.FeedState{}
		}
		remembers := map[string]bool{"moved_to": st.MovedTo != "", "gone": st.Gone, "lies": st.Lies, "churns": st.Churns, "identity": st.Identity > 0}
		for name, is := range remembers {
			// One poll in a hundred looks whether a server lies: that takes longer.
			if unknown := name == "lies" && !is; is != (k.State == name) && !unknown {
				c.add("state", "%s: %s is %v: %+v", k.Name, name, is, *st)
			}
		}
	}
}

// feedStates gives what pollers remember of each feed.
func (w *world) feedStates() map[string]*news.FeedState {
	w.Helper()
	cfg := bus.DefaultConfig()
	cfg.Brokers = w.brokers()
	b, err := bus.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		w.Fatal(err)
	}
	defer b.Close()
	out := map[string]*news.FeedState{}
	for _, tp := range news.Topics {
		for p := range tp.Partitions {
			if tp.Name != news.TopicFeedState {
				break
			}
			_, err := b.ReadAll(w.Context(), tp.Name, p, func(m bus.Message) error {
				if len(m.Value) == 0 {
					delete(out, string(m.Key))
					return nil
				}
				st, err := news.Decode[news.FeedState](m.Value)
				out[string(m.Key)] = st
				return err
			})
			if err != nil {
				w.Fatal(fmt.Errorf("feed states: %w", err))
			}
		}
	}
	return out
}
