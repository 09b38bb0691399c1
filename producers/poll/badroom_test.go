package poll_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
	"github.com/dateline/dateline/producers/poll"
)

// raced is whether the race detector is on, under which 30,000 items take too
// long.
var raced = false

// TestBadServers polls every bad server of the newsroom for a while, together,
// with a poller in a process of its own. Each ends in the right state, with one
// clear line, and no article is lost or published twice.
func TestBadServers(t *testing.T) {
	r := newRig(t)
	var bad []string
	for _, k := range newsroom.BadKinds {
		if k.Name != "many-items" || !raced {
			bad = append(bad, k.Name)
		}
	}
	n := openNewsroom(t, newsroom.Config{Seed: 11, Outlets: 2, Words: 60, Window: 20, Hosts: 100, Bad: bad, BadPeriod: 3 * time.Second,
		CopyShare: -1, RewriteShare: -1, RevisionShare: -1})
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, n.CA(), 0o600); err != nil {
		t.Fatal(err)
	}
	var msgs []bus.Message
	for _, f := range n.Feeds() {
		sub := &news.Feed{V: news.Version, URL: f.URL, Added: time.Now()}
		if f.Bad != "" && newsroom.BadKindOf(f.Bad).Secret != "" {
			sub.Secret = f.Bad
			if err := os.WriteFile(filepath.Join(dir, f.Bad), []byte(newsroom.BadKindOf(f.Bad).Secret+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		msgs = append(msgs, bus.Message{Topic: news.TopicFeeds, Key: []byte(f.URL), Value: news.Encode(sub)})
	}
	if err := r.bus.Publish(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
	publishBad(n, 3)
	m := r.spawn("bad", setup{
		Session: 10 * time.Second, Probe: 4,
		Poll: poll.Config{MinInterval: time.Second, MaxInterval: time.Second, Workers: 100, Grace: time.Second, Price: 0.1},
		Fetch: fetch.Config{AllowPrivate: []string{"127.0.0.0/8"}, HeaderTimeout: 8 * time.Second, IdleTimeout: 2 * time.Second, Timeout: 12 * time.Second,
			MaxBody: 8 << 20, Secrets: dir},
	}, "SSL_CERT_FILE="+ca)
	for range 3 {
		before := polls(r)
		r.until("every feed polled again", func() bool {
			now := polls(r)
			for _, f := range n.Feeds() {
				more := 2
				if k := newsroom.BadKindOf(f.Bad); k != nil && k.Have == newsroom.HaveNone {
					more = 1 // some of these take their time
				}
				if now[f.URL] < before[f.URL]+more && f.Bad != "gone" {
					return false
				}
			}
			return true
		})
		publishBad(n, 2)
	}
	feeds := map[string]newsroom.Subscription{}
	for _, f := range n.Feeds() {
		feeds[f.URL] = f
	}
	r.until("what was served is published", func() bool { return len(missing(r, n, feeds)) == 0 })
	var wrong []string
	defer func() {
		if len(wrong) > 0 {
			t.Errorf("not in their state: %v", wrong)
		}
	}()
	r.until("every feed ends in its state", func() bool {
		wrong = nil
		latest := map[string]*news.FeedState{}
		for _, st := range all[news.FeedState](r, news.TopicFeedState) {
			latest[st.URL] = st
		}
		for _, f := range n.Feeds() {
			if f.Bad != "" && newsroom.BadKindOf(f.Bad).State != "" && !inState(latest[f.URL], newsroom.BadKindOf(f.Bad).State) {
				wrong = append(wrong, f.Bad)
			}
		}
		return len(wrong) == 0
	})
	m.stop()

	byFeed := map[string][]*news.Fetch{}
	for _, f := range r.fetches() {
		byFeed[f.FeedURL] = append(byFeed[f.FeedURL], f)
	}
	got := byID(r)
	for url, sub := range feeds {
		kind := newsroom.BadKindOf(sub.Bad)
		if kind == nil {
			kind = &newsroom.BadKind{Name: "good", Classes: []string{"ok", "not_modified"}}
		}
		failures := 0
		for _, f := range byFeed[url] {
			fine := slices.Contains([]string{"ok", "not_modified", "salvaged"}, f.Class)
			if fine != (f.Error == "") || !slices.Contains(kind.Classes, f.Class) {
				t.Errorf("%s: class %s, want one of %v; status %d, error %q", kind.Name, f.Class, kind.Classes, f.Status, f.Error)
				break
			}
			if f.Gap && !slices.Contains([]string{"tiny-window", "pinned", "bad-byte", "truncated"}, kind.Name) {
				t.Errorf("%s: a gap, and nothing was missed", kind.Name)
			}
			if !fine {
				failures++
			}
		}
		lines := len(m.lines("feed fails", "feed="+url+" "))
		if kind.Have == newsroom.HaveNone && (lines != 1 || failures != len(byFeed[url])) {
			t.Errorf("%s: %d of %d polls failed, %d lines say so, want one", kind.Name, failures, len(byFeed[url]), lines)
		}
		if failures == 0 && lines > 0 {
			t.Errorf("%s: %d lines, and no failure", kind.Name, lines)
		}
		for id, a := range got {
			most := 1
			switch {
			case kind.Have == newsroom.HaveNone:
				most = 0
			case kind.Name == "shared":
				most = 3 // one in each of its feeds, under one id
			case kind.Name == "bad-byte", kind.Name == "entity-bomb":
				most = 2 // damaged at first, and then whole
			}
			if a.feed == url && a.times > most {
				t.Errorf("%s: %s was published %d times", kind.Name, id, a.times)
				break
			}
		}
	}
	impolite := n.Impolite()
	for url, count := range impolite {
		t.Errorf("%s: %d requests in the time in which it had asked for none", feeds[url].Bad, count)
	}
}

// publishBad brings k articles or more to each bad server.
func publishBad(n *newsroom.Newsroom, k int) {
	left := map[string]int{}
	for _, f := range n.Feeds() {
		if f.Bad != "" {
			left[f.Bad] = k
		}
	}
	for len(left) > 0 {
		from := n.Ledger().Len()
		n.Publish(1)
		for _, e := range n.Ledger().Since(from) {
			if left[e.Bad]--; left[e.Bad] <= 0 {
				delete(left, e.Bad)
			}
		}
	}
}

func polls(r *rig) map[string]int {
	n := map[string]int{}
	for _, f := range r.fetches() {
		n[f.FeedURL]++
	}
	return n
}

type publication struct {
	feed  string
	times int
}

func byID(r *rig) map[string]publication {
	out := map[string]publication{}
	for _, a := range r.articles() {
		out[a.ID.String()] = publication{a.FeedURL, out[a.ID.String()].times + 1}
	}
	return out
}

// missing lists the articles that were served and are not published.
func missing(r *rig, n *newsroom.Newsroom, feeds map[string]newsroom.Subscription) (out []string) {
	got := byID(r)
	for _, e := range n.Ledger().Due("") {
		kind := newsroom.BadKindOf(e.Bad)
		key := e.Link
		if canonical, err := text.CanonicalURL(e.Link, nil); err == nil {
			key = canonical
		}
		if kind != nil && kind.ByGUID {
			key = e.FeedURL + "\n" + e.GUID
		}
		if _, ok := got[news.ID(text.ID(key)).String()]; !ok {
			out = append(out, fmt.Sprint(e.Bad, " ", e.Title))
		}
	}
	return out
}

func inState(st *news.FeedState, field string) bool {
	if st == nil {
		return false
	}
	v := reflect.ValueOf(*st)
	for i := range v.NumField() {
		if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ","); name == field {
			return !v.Field(i).IsZero()
		}
	}
	return false
}
