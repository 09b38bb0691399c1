package poll_test

import (
	"maps"
	"net/http"
	"slices"
	"testing"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/producers/newsroom"
)

// TestLedger holds what the poller publishes against what the newsroom served:
// first fill, new articles, revisions, a restart, and windows that rolled over.
func TestLedger(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 5, Outlets: 8, Window: 30, Words: 60, RevisionShare: .1, CopyShare: .2})
	n.Publish(150)
	r.subscribe(urls(n)...)
	p := r.poll(quick(), client(t))
	r.expect(n.Ledger())
	for _, a := range r.articles() {
		if !a.Backlog {
			t.Fatalf("%s came with the first fill and is not marked as backlog", a.URL)
		}
	}
	before := len(ids(r.articles()))
	n.Publish(40)
	r.expect(n.Ledger())
	live := 0
	for _, a := range r.articles() {
		if !a.Backlog {
			live++
		}
	}
	if fresh := len(ids(r.articles())) - before; live < fresh || fresh == 0 {
		t.Errorf("%d of %d new articles are marked as live", live, fresh)
	}
	r.until("304", func() bool {
		return slices.ContainsFunc(r.fetches(), func(f *news.Fetch) bool { return f.Status == http.StatusNotModified })
	})
	p.stop()

	// A restart goes on from the stored state and publishes nothing again.
	sent := len(r.articles())
	polled := len(r.fetches())
	p = r.poll(quick(), client(t))
	r.until("each feed polled after the restart", func() bool { return len(r.fetches()) >= polled+2*len(n.Feeds()) })
	if again := len(r.articles()) - sent; again != 0 {
		t.Errorf("%d articles published again after a restart", again)
	}
	n.Publish(30)
	r.expect(n.Ledger())
	p.stop()
	versions := map[string]int{}
	for _, a := range r.articles() {
		versions[a.ID.String()+a.Title+a.Summary+a.Content]++
	}
	for v, n := range versions {
		if n != 1 {
			t.Errorf("%.16s was published %d times", v, n)
		}
	}
	if got := gaps(r); len(got) != 0 {
		t.Errorf("gaps %v: nothing rolled over", got)
	}

	// Windows roll over while nobody looks.
	n.Publish(700)
	p = r.poll(quick(), client(t))
	r.expect(n.Ledger())
	want := map[string]int{}
	for _, g := range n.Ledger().Gaps("") {
		if !g.First {
			want[g.FeedURL]++
		}
	}
	r.until("gaps", func() bool { return len(gaps(r)) >= len(want) })
	p.stop()
	if got := gaps(r); !maps.Equal(got, want) || len(want) < 4 {
		t.Errorf("gaps %v, want %v", got, want)
	}
	if got := p.metric(t, "dateline_poll_gaps_total", ""); int(got) != len(want) {
		t.Errorf("%v gaps counted, want %d", got, len(want))
	}
}

func gaps(r *rig) map[string]int {
	n := map[string]int{}
	for _, f := range r.fetches() {
		if f.Gap {
			n[f.FeedURL]++
		}
	}
	return n
}

// A revision is published again under its id.
func TestRevision(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 2, Outlets: 3, Window: 200, Words: 60, RevisionShare: .5, CopyShare: -1, RewriteShare: -1})
	n.Publish(30)
	r.subscribe(urls(n)...)
	r.poll(quick(), client(t))
	r.expect(n.Ledger())
	from, before, revised := n.Ledger().Len(), ids(r.articles()), map[string]bool{}
	n.Publish(30)
	for _, e := range n.Ledger().Since(from) {
		if id := idOf(t, e); e.Kind == newsroom.Revision && !e.TeaserOnly && before[id] > 0 {
			revised[id] = true
		}
	}
	if len(revised) < 3 {
		t.Fatalf("%d revisions only", len(revised))
	}
	r.until("revisions", func() bool {
		now := ids(r.articles())
		for id := range revised {
			if now[id] <= before[id] {
				return false
			}
		}
		return true
	})
}

// Feeds come and go while the poller runs.
func TestSubscriptions(t *testing.T) {
	r := newRig(t)
	n := openNewsroom(t, newsroom.Config{Seed: 9, Outlets: 4, Words: 60})
	n.Publish(40)
	feeds := urls(n)
	p := r.poll(quick(), client(t))
	of := func(url string) (n int) {
		for _, f := range r.fetches() {
			if f.FeedURL == url {
				n++
			}
		}
		return n
	}
	for _, u := range feeds[:2] {
		r.subscribe(u)
		r.until("polled", func() bool { return of(u) > 0 })
	}
	if got := p.metric(t, "dateline_poll_feeds", ""); got != 2 {
		t.Errorf("%v feeds, want 2", got)
	}
	if err := r.bus.Publish(t.Context(), bus.Message{Topic: news.TopicFeeds, Key: []byte(feeds[0])}, bus.Message{Topic: news.TopicFeedState, Key: []byte(feeds[0])}); err != nil {
		t.Fatal(err)
	}
	r.until("removed", func() bool { return p.metric(t, "dateline_poll_feeds", "") == 1 })
	then, other := of(feeds[0]), of(feeds[1])
	r.until("the other goes on", func() bool { return of(feeds[1]) > other+2 })
	if got := of(feeds[0]); got > then+1 { // one fetch may have been under way
		t.Errorf("a removed feed was polled %d more times", got-then)
	}
	// What is not ours, and what a later version has written, harms nobody.
	for _, v := range []string{"no json", `{"v":1}`, `{"v":1,"url":"http://127.0.0.1:1/other"}`, `{"v":99,"url":"` + feeds[2] + `"}`} {
		if err := r.bus.Publish(t.Context(), bus.Message{Topic: news.TopicFeeds, Key: []byte(feeds[2]), Value: []byte(v)}); err != nil {
			t.Fatal(err)
		}
	}
	r.subscribe(feeds[3])
	r.until("a feed added after them is polled", func() bool { return of(feeds[3]) > 0 })
	if of(feeds[2]) != 0 {
		t.Error("a subscription of a later version was polled")
	}
	p.stop()
	if got := p.metric(t, "dateline_poll_feeds", ""); got != 0 {
		t.Errorf("%v feeds after the end", got)
	}
}
