package drill

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/segmentio/kafka-go"
)

// drills is an installation on which one drill follows the other.
type drills struct {
	*world
	up     *Process
	papers *papers
	room   *newsroom.Newsroom
	n      int // articles of strangers
	newer  func() (bin string, err error)
}

// TestDrills tries by name what happens to installations now and then. All
// drills share one, and each ends with an audit.
func TestDrills(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	t.Parallel()
	w := newWorld(t)
	d := &drills{world: w, papers: newPapers(w), room: w.room(newsroom.Config{Seed: 8, Outlets: 4, Words: 80, Window: 800})}
	// Built while the first drills wait.
	newer := t.TempDir()
	d.newer = sync.OnceValues(func() (string, error) { return buildNext(newer) })
	go d.newer()
	t.Cleanup(func() { d.newer() })
	d.room.Publish(20)
	d.up = w.start("up", "up", "--feeds", w.feedsFile(nil, d.room))
	w.moves(patience)
	for _, s := range []struct {
		name string
		run  func(d *drills)
	}{
		{"a teaser, then the full text in another language", (*drills).teaserThenText},
		{"the same URL through two feeds 30 days apart", (*drills).sameURLLater},
		{"clocks jump", (*drills).clocksJump},
		{"a rebalance in the middle of the work", (*drills).rebalance},
		{"the database is away, slow, and loses its answers", (*drills).database},
		{"a topic is recreated", (*drills).recreated},
		{"offsets have expired", (*drills).offsetsExpired},
		{"a rolling upgrade with a newer message", (*drills).upgrade},
	} {
		if t.Failed() {
			break
		}
		t.Run(s.name, func(t *testing.T) {
			inner, world := *d, *d.world
			world.T, inner.world = t, &world
			s.run(&inner)
			inner.verifyAudit()
			inner.verifyRows()
			d.up, d.n = inner.up, inner.n
		})
	}
	w.waitLanded(patience, d.room)
	w.verifyLedger([]*newsroom.Newsroom{d.room}, nil)
	w.end(d.up)
}

// again ends what runs and starts another build or configuration of it.
func (d *drills) again(bin string, env ...string) {
	d.Helper()
	if d.up != nil {
		d.end(d.up)
	}
	c := d.command("up", "up")
	c.Args[0] = bin
	c.Env = append(c.Env[:len(c.Env):len(c.Env)], env...)
	var err error
	if d.up, err = d.fleet.Start(c); err != nil {
		d.Fatal(err)
	}
	d.until("for the engines to start", patience, d.ready)
}

// flows publishes, and waits until it has landed.
func (d *drills) flows() {
	d.Helper()
	d.room.Publish(10)
	d.until("for the newsroom's articles", patience, func() bool { return d.missing(d.room) == 0 })
}

// stranger publishes an article to Kafka as somebody else's poller would.
func (d *drills) stranger(a *news.Article) news.ID {
	d.Helper()
	canonical, err := text.CanonicalURL(a.URL, nil)
	if err != nil {
		d.Fatal(err)
	}
	a.V, a.ID, a.Canonical, a.Source, a.TextFrom = news.Version, news.ID(text.ID(canonical)), canonical, text.Source(a.URL), news.FromFeed
	d.n++
	d.produce(news.TopicArticles, string(news.Encode(a)))
	return a.ID
}

// rowsOf gives the revisions of an article.
func (d *drills) rowsOf(id news.ID) []string {
	d.Helper()
	var out []string
	rows, err := d.tryQuery(fmt.Sprintf("SELECT concat(toString(revision), ' ', language, ' ', text_from) FROM articles WHERE article_id = reinterpretAsUInt64(reverse(unhex('%s'))) ORDER BY off", id))
	if err != nil {
		return nil
	}
	for _, r := range rows {
		out = append(out, r[0].(string))
	}
	return out
}

const (
	harbourTeaser = "Dock workers at the northern harbour have voted to go on with their strike, and the port authority said that talks would begin again on Monday."
	harbourText   = `Die Hafenarbeiter im Norden haben am Sonntag beschlossen, ihren Streik fortzusetzen. Die Behörde teilte mit, dass die Gespräche am Montag wieder aufgenommen werden sollen.
Nach Angaben der Gewerkschaft stimmten mehr als neun von zehn Mitgliedern dafür, weil das letzte Angebot der Reeder weit hinter den Erwartungen zurückgeblieben war. Seit elf Tagen liegen vor der Küste Dutzende Schiffe und warten darauf, dass ihre Ladung gelöscht wird.
Ein Sprecher der Reeder sagte, die Verluste seien inzwischen beträchtlich, und einzelne Linien hätten ihre Fahrten bereits in andere Häfen verlegt. In der Stadt wächst unterdessen die Sorge, dass die Läden vor den Feiertagen leer bleiben könnten.
Die Arbeiter verlangen kürzere Schichten und einen Zuschlag für die Nacht. Beide Seiten wollen sich auf einen Schlichter einigen, dessen Name bis zum Abend bekannt werden soll.`
)

// A feed brings a teaser in English and, a poll later, the whole text in
// German: that is one article with two revisions. Who has copied the text in the
// meantime has copied this article.
func (d *drills) teaserThenText() {
	e := entry{url: "https://harbour.test/strike-goes-on", title: "Dock workers vote to go on with their strike", teaser: harbourTeaser}
	feed := d.papers.print("harbour", e)
	d.ok("feeds", "add", feed)
	id := news.ID(text.ID("https://harbour.test/strike-goes-on"))
	d.until("for the teaser to land", patience, func() bool { return len(d.rowsOf(id)) == 1 })
	e.text = harbourText
	d.papers.print("harbour", e)
	d.until("for the text to land", patience, func() bool { return len(d.rowsOf(id)) == 2 })
	got := d.rowsOf(id)
	if !strings.HasPrefix(got[0], "0 en ") || got[1] != "1 de feed" {
		d.Errorf("revisions %q, want an English teaser and a German text", got)
	}
	d.ok("feeds", "add", d.papers.print("gazette", entry{url: "https://gazette.test/streik", title: "Hafenarbeiter streiken weiter", text: harbourText}))
	copied := news.ID(text.ID("https://gazette.test/streik"))
	d.until("for the copy to land", patience, func() bool { return len(d.rowsOf(copied)) == 1 })
	if n := d.number("SELECT toFloat64(count()) FROM articles WHERE source = 'gazette.test' AND lower(hex(copy_of)) = lower(hex(toUInt64(" + decimal(id) + ")))"); n != 1 {
		d.Error("the copy of the German text is not marked as one of the article that began as an English teaser")
	}
}

func decimal(id news.ID) string { return fmt.Sprint(uint64(id)) }

// An article that another feed lists a month later, when no window remembers it,
// is not new.
func (d *drills) sameURLLater() {
	const body = "The old lighthouse at the point has been bought by its keepers, who mean to open it to visitors in the spring. The council had put it up for sale two years ago and found nobody who would pay for the roof. Now the keepers have raised the money by themselves, with a raffle, a cookbook and a long summer of guided walks."
	old := time.Now().UTC().AddDate(0, 0, -30).Truncate(time.Millisecond)
	id := d.stranger(&news.Article{URL: "https://lighthouse.test/keepers-buy-it", FeedURL: d.papers.base + "/long-gone", Title: "Keepers buy their lighthouse", Content: body, Published: old, SeenAt: old})
	d.until("for the article of last month", patience, func() bool { return len(d.rowsOf(id)) == 1 })
	feed := d.papers.print("almanac", entry{url: "https://lighthouse.test/keepers-buy-it?utm_source=almanac&utm_medium=rss", title: "Keepers buy their lighthouse", text: body})
	d.ok("feeds", "add", feed)
	d.until("for the other feed to be polled", patience, func() bool {
		return d.number("SELECT toFloat64(sum(new_items)) FROM fetches WHERE feed_url = '"+feed+"'") == 1
	})
	d.flows()
	d.verifyAudit() // waits for what is under way
	if got := d.rowsOf(id); len(got) != 1 {
		d.Errorf("the article has the rows %q, want one", got)
	}
}

// A machine whose clock is wrong sends articles of the future and of the past.
func (d *drills) clocksJump() {
	now := time.Now().UTC().Truncate(time.Millisecond)
	var ids []news.ID
	for i, off := range []time.Duration{0, 40 * 24 * time.Hour, -time.Hour, -50 * 24 * time.Hour, time.Second, 12 * time.Hour, 0} {
		at := now.Add(off)
		ids = append(ids, d.stranger(&news.Article{URL: fmt.Sprintf("https://clocks.test/%d", i), FeedURL: d.papers.base + "/clocks", Title: fmt.Sprintf("The clock in tower %d is wrong", i+1),
			Content: fmt.Sprintf("Tower number %d shows %s, and nobody in the square below is surprised any more.", i+1, at.Format(time.RFC1123)), Published: at, SeenAt: at}))
	}
	all := func() bool {
		for _, id := range ids {
			if len(d.rowsOf(id)) != 1 {
				return false
			}
		}
		return true
	}
	d.until("for all of them to land", patience, all)
	d.again(d.bin)
	d.flows()
	if !all() {
		d.Error("not each has landed once")
	}
}

// Processes join and leave while articles land.
func (d *drills) rebalance() {
	stop := d.press(d.room)
	defer stop()
	for i := range 2 {
		var guests []*Process
		for _, role := range []string{"land", "enrich"} {
			name := fmt.Sprintf("%s-guest-%d", role, i)
			guests = append(guests, d.start(name, role))
			d.until("for "+name, patience, func() bool { return strings.Contains(d.log(name), "msg=running") })
		}
		for _, g := range guests {
			d.moves(patience)
			d.end(g)
		}
	}
	stop()
	d.flows()
}

// The database goes away, comes back slowly, and then takes what is sent and
// loses its answers. DATELINE_CHAOS_OUTAGE is how many seconds each lasts.
func (d *drills) database() {
	ep, err := engine.ReadEndpoint(d.data)
	if err != nil {
		d.Fatal(err)
	}
	l := newLine(d.world, ep.SQL)
	d.again(d.bin, "DATELINE_CLICKHOUSE_ADDR="+l.addr, "DATELINE_CLICKHOUSE_USER="+ep.Writer.User, "DATELINE_CLICKHOUSE_PASSWORD="+ep.Writer.Password,
		"DATELINE_CLICKHOUSE_READER="+ep.Reader.User, "DATELINE_CLICKHOUSE_READER_PASSWORD="+ep.Reader.Password, "DATELINE_CLICKHOUSE_TIMEOUT=5s")
	d.flows()
	outage := time.Duration(fromEnv(d.T, "DATELINE_CHAOS_OUTAGE", 3)) * time.Second
	for _, m := range []mood{dead, slow, deaf} {
		l.be(m)
		stop := d.press(d.room)
		pause(outage)
		stop()
		l.be(well)
		d.flows()
	}
	log := d.log("up")
	if !strings.Contains(log, "cannot land, trying again") || !strings.Contains(log, "landing again") {
		d.Error("land has not said that it tries again, and that it goes on")
	}
	d.again(d.bin)
}

// Somebody deletes `documents` and creates it anew.
func (d *drills) recreated() {
	recreate(d.world, d.room)
	d.stands()
	if log := d.log("up"); !strings.Contains(log, "the topic was recreated") || !strings.Contains(log, "dateline doctor --new-epoch") {
		d.Error("the log does not say what happened and what to do")
	}
	if out, _, code := d.run("doctor"); code != 1 || !strings.Contains(out, "doctor --new-epoch") {
		d.Errorf("doctor: exit %d\n%s", code, out)
	}
	d.end(d.up)
	d.up = nil
	d.Log(d.ok("doctor", "--new-epoch"))
	d.again(d.bin)
	d.flows()
}

// stands waits until land has stopped at the documents.
func (d *drills) stands() {
	d.Helper()
	d.until("for land to stop", patience, func() bool { return d.metric(`dateline_land_stopped{partition="0",topic="documents"}`) == 1 })
}

// Every group has lost its offsets.
func (d *drills) offsetsExpired() {
	d.end(d.up)
	alone := d.start("engine", "engine")
	d.until("for the engines", patience, d.ready)
	c := &kafka.Client{Addr: kafka.TCP(d.brokers()...), Transport: &kafka.Transport{}}
	var groups []string
	for _, g := range []string{"poll", "page", "enrich", "land", "alert", "notify"} {
		groups = append(groups, "dateline."+g)
	}
	res, err := c.DeleteGroups(d.Context(), &kafka.DeleteGroupsRequest{GroupIDs: groups})
	if err != nil {
		d.Fatal(err)
	}
	if res.Errors["dateline.land"] != nil || res.Errors["dateline.enrich"] != nil {
		d.Fatal(res.Errors)
	}
	if off, err := c.OffsetFetch(d.Context(), &kafka.OffsetFetchRequest{GroupID: "dateline.land", Topics: map[string][]int{"dateline.documents": {0}}}); err != nil ||
		len(off.Topics["dateline.documents"]) > 0 && off.Topics["dateline.documents"][0].CommittedOffset >= 0 {
		d.Fatalf("%v: the offset is still there: %+v", err, off)
	}
	d.end(alone)
	d.up = nil
	d.again(d.bin)
	d.flows()
}

// A process of a newer build writes messages that this one cannot know. It
// stops before the first of them and says so, and goes on when it is upgraded.
func (d *drills) upgrade() {
	dead := d.dead()
	next, err := d.newer()
	if err != nil {
		d.Fatal(err)
	}
	id := news.ID(text.ID("https://upgrade.test/1"))
	doc := &news.Document{V: news.Version + 1, ID: id, URL: "https://upgrade.test/1", Canonical: "https://upgrade.test/1", Source: "upgrade.test", Title: "A message of tomorrow",
		Language: "en", SeenAt: time.Now().UTC(), TS: time.Now().UTC(), Text: "It holds what today's build does not know.", TextFrom: news.FromFeed, Words: 9, Model: "next"}
	doc.BodyHash = news.ID(text.BodyHash(doc.Text))
	var more map[string]any
	if err := json.Unmarshal(news.Encode(doc), &more); err != nil {
		d.Fatal(err)
	}
	more["unheard_of"] = []string{"a", "b"}
	raw, err := json.Marshal(more)
	if err != nil {
		d.Fatal(err)
	}
	d.produce(news.TopicDocuments, string(raw))
	d.stands()
	d.room.Publish(20)
	d.until("for the lag to grow", patience, func() bool { return d.metric(`dateline_land_lag{partition="0",topic="documents"}`) > 1 })
	if log := d.log("up"); !strings.Contains(log, "newer than this build") {
		d.Error("the log does not say why")
	}
	if out, _, code := d.run("audit", "--wait", "1s"); code != 1 || !strings.Contains(out, "still under way") {
		d.Errorf("audit: exit %d, want 1: not everything has landed\n%s", code, out)
	}
	d.again(d.bin) // it does not get better by that
	d.stands()
	d.again(next)
	d.flows()
	if got := d.rowsOf(id); len(got) != 1 {
		d.Errorf("the newer message has the rows %q, want one", got)
	}
	if n := d.dead(); n != dead {
		d.Errorf("%d dead letters more", n-dead)
	}
}

// dead counts the dead letters.
func (d *drills) dead() int64 {
	d.Helper()
	c := &kafka.Client{Addr: kafka.TCP(d.brokers()...), Transport: &kafka.Transport{}}
	const topic = "dateline." + news.TopicDeadLetters
	res, err := c.ListOffsets(d.Context(), &kafka.ListOffsetsRequest{Topics: map[string][]kafka.OffsetRequest{topic: {kafka.LastOffsetOf(0)}}})
	if err != nil || len(res.Topics[topic]) != 1 {
		d.Fatal(err, res)
	}
	return res.Topics[topic][0].LastOffset
}

// buildNext builds the program of which messages have the next version.
func buildNext(dir string) (bin string, err error) {
	file, err := filepath.Abs(filepath.Join("..", "..", "news", "message.go"))
	if err != nil {
		return "", err
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	now := fmt.Sprintf("const Version = %d\n", news.Version)
	if strings.Count(string(src), now) != 1 {
		return "", fmt.Errorf("%s has no line %q", file, now)
	}
	newer, overlay := filepath.Join(dir, "message.go"), filepath.Join(dir, "overlay.json")
	bin = filepath.Join(dir, "dateline")
	list, _ := json.Marshal(map[string]any{"Replace": map[string]string{file: newer}})
	for name, b := range map[string][]byte{
		newer: []byte(strings.Replace(string(src), now, fmt.Sprintf("const Version = %d\n", news.Version+1), 1)), overlay: list,
	} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			return "", err
		}
	}
	if out, err := exec.Command("go", "build", "-overlay", overlay, "-o", bin, "github.com/dateline/dateline/cmd/dateline").CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, nil
}
