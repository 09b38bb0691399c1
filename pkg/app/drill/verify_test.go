package drill

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
)

// articleID is the id that an article of a newsroom has: its links are usable.
func (w *world) articleID(e newsroom.Entry) string {
	w.Helper()
	canonical, err := text.CanonicalURL(e.Link, nil)
	if err != nil {
		w.Fatal(err)
	}
	return news.ID(text.ID(canonical)).String()
}

// articles gives the ledger's articles by id, revisions left out.
func (w *world) articles(rooms ...*newsroom.Newsroom) map[string]newsroom.Entry {
	w.Helper()
	out := map[string]newsroom.Entry{}
	for _, r := range rooms {
		for _, e := range r.Ledger().Entries() {
			if e.Kind == newsroom.Revision {
				continue
			}
			id := w.articleID(e)
			if _, twice := out[id]; twice {
				w.Fatalf("the newsroom has given %s twice", e.URL)
			}
			out[id] = e
		}
	}
	return out
}

// ofRooms leaves out what tests write by themselves.
const ofRooms = "NOT endsWith(source, '.test')"

// landing is an article as it landed.
type landing struct {
	revisions map[int]int // times
	copyOf    string
}

func (w *world) landings() map[string]*landing {
	w.Helper()
	out := map[string]*landing{}
	for _, r := range w.query("SELECT leftPad(lower(hex(article_id)), 16, '0'), toFloat64(revision), leftPad(lower(hex(copy_of)), 16, '0') FROM articles WHERE " + ofRooms + " ORDER BY epoch, off") {
		id := r[0].(string)
		l := out[id]
		if l == nil {
			l = &landing{revisions: map[int]int{}}
			out[id] = l
		}
		rev := int(r[1].(float64))
		l.revisions[rev]++
		if rev == 0 {
			l.copyOf = r[2].(string)
		}
	}
	return out
}

// missing counts the articles of newsrooms that have not landed.
func (w *world) missing(rooms ...*newsroom.Newsroom) int {
	w.Helper()
	rows, err := w.tryQuery("SELECT leftPad(lower(hex(article_id)), 16, '0') FROM articles WHERE revision = 0 AND " + ofRooms)
	if err != nil {
		return -1
	}
	have := make(map[string]bool, len(rows))
	for _, r := range rows {
		have[r[0].(string)] = true
	}
	n := 0
	for id := range w.articles(rooms...) {
		if !have[id] {
			n++
		}
	}
	return n
}

// waitLanded waits until every article of the newsrooms has landed, or until
// that must have happened; verifyLedger says then what is missing.
func (w *world) waitLanded(d time.Duration, rooms ...*newsroom.Newsroom) {
	w.Helper()
	asked := time.Now()
	for deadline := asked.Add(d); w.missing(rooms...) != 0 && asked.Before(deadline); asked = time.Now() {
		rest(time.Since(asked))
	}
}

// complaints gathers findings, the first of each kind in words.
type complaints struct {
	w *world
	n map[string]int
}

func (c *complaints) add(kind, format string, args ...any) {
	c.w.Helper()
	if c.n == nil {
		c.n = map[string]int{}
	}
	if c.n[kind]++; c.n[kind] <= 5 {
		c.w.Errorf("%s: %s", kind, fmt.Sprintf(format, args...))
	}
}

func (c *complaints) total() {
	c.w.Helper()
	for kind, n := range c.n {
		c.w.Errorf("%d × %s", n, kind)
	}
}

// verifyLedger compares what has landed with what was published. whole are
// newsrooms of whose feeds nothing can have rolled over unseen; what of the
// others has not landed has to be covered by a gap that was reported.
func (w *world) verifyLedger(whole, rolling []*newsroom.Newsroom) {
	w.Helper()
	c := &complaints{w: w}
	defer c.total()
	have := w.landings()
	gaps := w.gaps()
	published := w.articles(whole...)
	for id, e := range published {
		l := have[id]
		switch {
		case l == nil:
			c.add("lost", "%s %s of %s, published %v, served %v", e.Kind, e.URL, e.FeedURL, e.PublishedAt, e.ServedAt)
		case l.revisions[0] != 1:
			c.add("not once", "%s %s landed %d times", e.Kind, e.URL, l.revisions[0])
		}
	}
	holes := 0
	for id, e := range w.articles(rolling...) {
		published[id] = e
		if l := have[id]; l != nil {
			if l.revisions[0] != 1 {
				c.add("not once", "%s %s landed %d times", e.Kind, e.URL, l.revisions[0])
			}
			continue
		}
		holes++
		if !reported(gaps[e.FeedURL], e.PublishedAt) {
			c.add("lost in silence", "%s of %s, published %v", e.URL, e.FeedURL, e.PublishedAt)
		}
	}
	for id, l := range have {
		if _, known := published[id]; !known {
			c.add("invented", "article %s", id)
		}
		for rev, n := range l.revisions {
			if n != 1 || rev > 0 && l.revisions[rev-1] == 0 {
				c.add("bad revision", "article %s has revision %d %d times, revisions %v", id, rev, n, l.revisions)
			}
		}
	}
	known := 0
	for _, r := range rolling {
		for _, g := range r.Ledger().Gaps("") {
			if g.First {
				continue
			}
			known++
			if !reported(gaps[g.FeedURL], g.At) {
				c.add("gap in silence", "%d items missed by %s before %v; reported: %v", g.Missed, g.FeedURL, g.At, gaps[g.FeedURL])
			}
		}
	}
	w.Logf("%d articles published, %d landed; %d roll-overs, through which %d articles were never seen, all reported", len(published), len(have), known, holes)
	if len(rolling) > 0 && known == 0 {
		c.add("tame drill", "no feed rolled over")
	}
	w.verifyCopies(c, have, whole)
}

// verifyCopies looks whether copies that the ledger knows are marked: a copy
// belongs to the cluster of what it was made of. Where two copies with words of
// their papers come before their original, they may be two clusters.
func (w *world) verifyCopies(c *complaints, have map[string]*landing, rooms []*newsroom.Newsroom) {
	w.Helper()
	cluster := func(id string) string {
		if l := have[id]; l != nil && strings.Trim(l.copyOf, "0") != "" {
			return l.copyOf
		}
		return id
	}
	for _, r := range rooms {
		ids := map[string]string{} // by URL
		marked, known := map[string]int{}, map[string]int{}
		var unmarked []string
		for _, e := range r.Ledger().Entries() {
			if e.Kind == newsroom.Revision {
				continue
			}
			id := w.articleID(e)
			ids[e.URL] = id
			if e.TeaserOnly || e.Of == "" {
				continue
			}
			known[e.Kind]++
			if cluster(id) == cluster(ids[e.Of]) {
				marked[e.Kind]++
			} else if e.Kind == newsroom.Copy && len(unmarked) < 5 {
				unmarked = append(unmarked, fmt.Sprintf("%s (%s) of %s (%s)", id, e.URL, ids[e.Of], e.Of))
			}
		}
		w.Logf("marked as copies: %d of %d verbatim or cut copies, %d of %d rewrites", marked[newsroom.Copy], known[newsroom.Copy], marked[newsroom.Rewrite], known[newsroom.Rewrite])
		if known[newsroom.Copy] > 0 && float64(marked[newsroom.Copy]) < .97*float64(known[newsroom.Copy])-3 {
			c.add("copies", "only %d of %d are marked; not so %s", marked[newsroom.Copy], known[newsroom.Copy], strings.Join(unmarked, ", "))
		}
	}
}

// gaps gives for each feed when a poll that reported a gap was over.
func (w *world) gaps() map[string][]time.Time {
	w.Helper()
	out := map[string][]time.Time{}
	for _, r := range w.query("SELECT feed_url, toFloat64(toUnixTimestamp64Milli(at) + took_ms) FROM fetches WHERE gap") {
		url := r[0].(string)
		out[url] = append(out[url], time.UnixMilli(int64(r[1].(float64))))
	}
	return out
}

// reported tells whether a gap was reported at a moment or later. Times in
// `fetches` are whole milliseconds.
func reported(gaps []time.Time, at time.Time) bool {
	for _, g := range gaps {
		if g.After(at.Add(-5 * time.Millisecond)) {
			return true
		}
	}
	return false
}

// verifyRows recounts what the ledger cannot know: that mentions are those of
// the articles, and that no message has landed twice in any table.
func (w *world) verifyRows() {
	w.Helper()
	for what, sql := range map[string]string{
		"mentions of an article and an entity that are there twice": "SELECT toFloat64(count() - uniqExact(article_id, entity_id)) FROM mentions",
		"entities of articles that have no mention": `SELECT toFloat64(count()) FROM (SELECT DISTINCT article_id, arrayJoin(entities) AS e FROM articles
			EXCEPT DISTINCT SELECT article_id, entity_id FROM mentions)`,
		"mentions that no article has": `SELECT toFloat64(count()) FROM (SELECT DISTINCT article_id, entity_id FROM mentions
			EXCEPT DISTINCT SELECT article_id, arrayJoin(entities) FROM articles)`,
		"fetches that landed twice":       "SELECT toFloat64(count() - uniqExact(epoch, part, off)) FROM fetches",
		"documents that landed twice":     "SELECT toFloat64(count() - uniqExact(epoch, part, off)) FROM articles",
		"entities that are there twice":   "SELECT toFloat64(count() - uniqExact(entity_id)) FROM entities WHERE topic = 'documents'",
		"sources that are there twice":    "SELECT toFloat64(count() - uniqExact(source)) FROM sources",
		"copies of what is itself a copy": "SELECT toFloat64(count()) FROM articles WHERE copy_of != 0 AND copy_of IN (SELECT article_id FROM articles WHERE copy_of != 0)",
		"copies of what is not there":     "SELECT toFloat64(count()) FROM articles WHERE copy_of != 0 AND copy_of NOT IN (SELECT article_id FROM articles)",
	} {
		if n := w.number(sql); n != 0 {
			w.Errorf("%d %s", n, what)
		}
	}
	// Publishing is at least once: a broker that dies between storing a record
	// and saying so gets it again.
	w.Logf("%d polls are recorded twice", w.number("SELECT toFloat64(count() - uniqExact(feed_url, at)) FROM fetches"))
}

// verifyAudit asks the program itself.
func (w *world) verifyAudit() {
	w.Helper()
	out, errOut, code := w.run("audit", "--json")
	looked := map[string]bool{}
	for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); {
		var c struct {
			Check    string `json:"check"`
			Problems uint64 `json:"problems"`
			Detail   string `json:"detail"`
		}
		if err := dec.Decode(&c); err != nil {
			w.Fatalf("audit: %v\n%s", err, out)
		}
		looked[c.Check] = true
		if c.Problems > 0 {
			w.Errorf("audit: %s: %d problems: %s", c.Check, c.Problems, c.Detail)
		}
	}
	if code != 0 {
		w.Errorf("audit: exit %d\n%s", code, errOut)
	}
	for _, name := range []string{"settled", "articles", "documents"} {
		if !looked[name] {
			w.Errorf("audit has not looked at %s: %s", name, out)
		}
	}
}
