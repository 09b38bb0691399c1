package app

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/alias"
	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/pkg/watch"
)

// roles runs roles until halt.
func (d *desk) roles(names ...string) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	a := d.other(false)
	go func() { ended <- a.Run(ctx, names...) }()
	d.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			d.t.Error(err)
		}
	}
}

// tell publishes an article of its own source about what is said.
func (d *desk) tell(said string) {
	d.t.Helper()
	i := d.n
	d.n++
	url := fmt.Sprintf("https://gazette%d.example/story/%d", i%7, i)
	filler := []string{"The ferry was late and the quay was full of crates", "Snow lay on the road and nobody had swept it", "A choir sang in the square until the lamps went out",
		"The bakery sold out before noon and closed its door", "Two tractors blocked the bridge for most of the day", "Children flew kites above the empty market hall", "The clock on the tower had stopped again"}
	body := said
	for k := range 6 {
		body += fmt.Sprintf(" %s, %d times in week %d.", filler[(i+k*3)%7], i*i+k, i)
	}
	a := news.Article{V: news.Version, ID: news.ID(text.ID(url)), URL: url, Canonical: url, Source: fmt.Sprintf("gazette%d.example", i%7),
		Title: fmt.Sprintf("Notes of day %d", i), SeenAt: time.Date(2026, 3, 1+i%20, 0, i%60, 0, 0, time.UTC), Content: body, TextFrom: news.FromFeed}
	if err := d.Bus.Publish(d.t.Context(), bus.Message{Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: news.Encode(a), Time: a.SeenAt}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) until(what string, f func() bool) {
	d.t.Helper()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-limit.C:
			d.t.Fatal("not reached: " + what)
		}
	}
}

func (d *desk) changes(what string) string {
	return strings.Join(d.rows("SELECT detail FROM changes WHERE what = '"+what+"' ORDER BY off"), "\n")
}

// TestWatchlist: an entry counts from the next article on, over history after a
// replay, and no more when it is taken back.
func TestWatchlist(t *testing.T) {
	d := newDesk(t)
	d.roles("enrich", "land")
	const about = "Workers at the zorblatt plant went home early."
	d.tell(about)
	d.settle()
	e := watch.Entry{Name: "zorblatt", Kind: "ORG", Not: []string{"zorblatt soup"}}
	if err := e.Tidy(); err != nil {
		t.Fatal(err)
	}
	if res, err := d.AddWatched(t.Context(), []watch.Entry{e}); err != nil || res.Added != 1 {
		t.Fatal(res, err)
	}
	end := d.knowledgeEnd()
	d.until("the entry is known to enrich", func() bool {
		d.tell("Nothing happened in the town.")
		d.settle()
		return d.rows("SELECT toString(max(knowledge)) FROM articles")[0] == fmt.Sprint(end)
	})
	d.tell(about)
	d.tell("There was zorblatt soup for everybody.")
	d.settle()
	if n := d.coverage("org/zorblatt"); n != "1" {
		t.Errorf("%s articles count, want the one that came after the entry", n)
	}
	if got := d.rows("SELECT toString((name, origin, surface, first_at, score)) FROM mentions AS m INNER JOIN entities AS e ON e.entity_id = m.entity_id WHERE m.entity_id = 'org/zorblatt'"); len(got) != 1 || !strings.HasPrefix(got[0], "('zorblatt','watchlist','zorblatt',15,1") {
		t.Errorf("counted as %q", got)
	}
	if rep, err := d.small(false, ReplayOptions{}).run(t.Context()); err != nil || !rep.OK() {
		t.Fatal(rep, err)
	}
	if n := d.coverage("org/zorblatt"); n != "2" {
		t.Errorf("%s articles count after a replay, want both", n)
	}
	if n, unknown, err := d.RemoveWatched(t.Context(), []string{"zorblatt", "nobody"}); n != 1 || len(unknown) != 1 || err != nil {
		t.Error(n, unknown, err)
	}
	end = d.knowledgeEnd()
	d.until("enrich knows that it is taken back", func() bool {
		d.tell("Nothing happened in the town.")
		d.settle()
		return d.rows("SELECT toString(max(knowledge)) FROM articles")[0] == fmt.Sprint(end)
	})
	d.tell(about)
	d.settle()
	if n := d.coverage("org/zorblatt"); n != "2" {
		t.Errorf("%s articles count after it was taken back, want 2", n)
	}
	if got := d.changes("watchlist"); got != `org/zorblatt: {"kind":"ORG","name":"zorblatt","not":"zorblatt soup"}`+"\n"+`org/zorblatt: {"removed":"yes"}` {
		t.Errorf("changes %s", got)
	}
	d.Config.Watchlist.Entries = 0
	if _, err := d.AddWatched(t.Context(), []watch.Entry{e}); err == nil || !strings.Contains(err.Error(), "full") {
		t.Errorf("a full list takes an entry: %v", err)
	}
}

func (d *desk) knowledgeEnd() int64 {
	d.t.Helper()
	_, end, err := d.Bus.Bounds(d.t.Context(), news.TopicKnowledge, 0)
	if err != nil {
		d.t.Fatal(err)
	}
	return end
}

// TestLearned: what originals introduce as one is merged when the evidence
// suffices, counts as one, is split for good by a person, and a restart in
// between neither loses nor doubles anything.
func TestLearned(t *testing.T) {
	d := newDesk(t)
	d.Config.Learn.Every = 300 * time.Millisecond
	d.Config.Learn.Batch = 3 // several steps
	d.roles("enrich", "land", "learn")
	const full, short = "org/northern-grain-board", "org/ngb"
	introduce := func() {
		d.tell("Officials of the Northern Grain Board (NGB) opened the silos. The NGB said that the harvest was poor.")
	}
	for range 3 {
		introduce()
		d.tell("Traders waited for the NGB on Monday, and the NGB kept silent.")
	}
	d.settle()
	if n := d.coverage(short); n != "3" {
		t.Skipf("%s articles name the NGB by itself: the tagger does not know it for a name", n)
	}
	read := func() bool {
		off, _, err := d.Bus.Committed(t.Context(), "learn", news.TopicDocuments, 0)
		return err == nil && fmt.Sprint(off) == d.rows("SELECT toString(max(off) + 1) FROM articles")[0]
	}
	d.until("all is read", read)
	d.halt()
	if p := d.pairs(); p != "org/ngb org/northern-grain-board proposed open 3 0 3" {
		t.Errorf("evidence: %s", p)
	}
	if got := d.changes("merge"); got != "" {
		t.Errorf("merged: %s", got)
	}

	// A crash before the commit: everything is read again.
	if err := d.Bus.SetCommitted(t.Context(), "learn", news.TopicDocuments, 0, 0); err != nil {
		t.Fatal(err)
	}
	d.roles("enrich", "land", "learn")
	d.until("all is read again", read)
	if p := d.pairs(); p != "org/ngb org/northern-grain-board proposed open 3 0 3" {
		t.Errorf("evidence after it was read twice: %s", p)
	}
	introduce()
	d.until("the two are merged", func() bool { return d.changes("merge") != "" })
	d.settle()
	want := `org/ngb: {"against":"0","by":"stream","kind":"ORG","name":"NGB","originals":"4","patterns":"acronym","same_as":"org/northern-grain-board","share":"0.596","sources":"4"}`
	if got := d.changes("merge"); got != want {
		t.Errorf("merged by %s\nwant %s", got, want)
	}
	both := "SELECT toString(sum(articles)) FROM coverage(entity = 'org/ngb', from = '2026-01-01', to = '2027-01-01', step = 86400)"
	if n := d.rows(both)[0]; n != "7" {
		t.Errorf("%s articles of both, want 7", n)
	}
	p, err := d.Portrait(t.Context(), short)
	if err != nil || p.EntityID != full || len(p.Merges) != 1 || p.Articles != 7 || len(p.Surfaces) < 2 || len(p.Sources) < 4 {
		t.Errorf("portrait %+v, %v", p, err)
	}

	if err := d.MergeEntities(t.Context(), full, short, ""); err == nil {
		t.Error("a circle of merges is made")
	}
	if err := d.SplitEntity(t.Context(), short, "another board"); err != nil {
		t.Fatal(err)
	}
	if err := d.SplitEntity(t.Context(), short, ""); err == nil {
		t.Error("it is split twice")
	}
	for range 3 {
		introduce()
	}
	d.settle()
	d.until("all is read", read)
	if p := d.pairs(); p != "org/ngb org/northern-grain-board applied split 7 0 5" {
		t.Errorf("evidence after the split: %s", p)
	}
	if list, err := d.Proposals(t.Context(), false); err != nil || len(list) != 0 {
		t.Errorf("proposed again: %+v, %v", list, err)
	}
	if n := strings.Count(d.changes("merge"), "\n"); n != 1 {
		t.Errorf("%d changes: %s", n+1, d.changes("merge"))
	}
	if n := d.rows(both)[0]; n != "3" {
		t.Errorf("%s articles of the NGB, want 3", n)
	}
	d.sound()
	if err := d.MergeEntities(t.Context(), short, full, "a mistake"); err != nil {
		t.Fatal(err)
	}
	d.until("merged by a person", func() bool { return d.rows(both)[0] == "10" })

	// What speaks against a merge later takes it back, once.
	d.tell("The SCB said that it would pay. A spokesman for the SCB, Paul Marlow, said that the SCB had no comment.")
	for range 4 {
		d.tell("Officials of the Southern Cotton Board (SCB) opened the silos. The SCB said that the harvest was poor.")
	}
	d.until("the SCB is merged", func() bool { return strings.Contains(d.changes("merge"), "org/scb: ") })
	for range 2 {
		d.tell("Officials of the Summer Cattle Bank (SCB) opened the silos. The SCB said that the harvest was poor.")
	}
	const back = `org/scb: {"against":"2","by":"stream","from":"org/southern-cotton-board","originals":"4","patterns":"acronym","same_as":"","share":"0.347","sources":"4"}`
	d.until("the SCB is split", func() bool { return strings.HasSuffix(d.changes("merge"), back) })
	said := d.changes("merge")
	d.settle()
	d.until("all is read", read)
	d.halt()
	if err := d.Bus.SetCommitted(t.Context(), "learn", news.TopicDocuments, 0, 0); err != nil {
		t.Fatal(err)
	}
	d.roles("enrich", "land", "learn")
	d.until("all is read once more", read)
	if got := d.changes("merge"); got != said {
		t.Errorf("reading again says\n%s\nwas\n%s", got, said)
	}
	p, err = d.Portrait(t.Context(), "org/scb")
	if err != nil || len(p.Merges) != 2 || p.Merges[0].Into != "org/southern-cotton-board" || p.Merges[1].Into != "" || p.Merges[1].Value["against"] != "2" {
		t.Errorf("history %+v, %v", p.Merges, err)
	}
}

// pairs tells what is known of every pair.
func (d *desk) pairs() string {
	d.t.Helper()
	list, err := d.Reader.Pairs(d.t.Context(), nil, 1, 1)
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, p := range proposals(list) {
		if p.Level != alias.Noted.String() {
			out = append(out, fmt.Sprint(p.From, " ", p.Into, " ", p.Level, " ", p.State, " ", p.Originals, " ", p.Against, " ", p.Sources))
		}
	}
	return strings.Join(out, "\n")
}
