package health

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

var now = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func brief(url, state string, rate float32) store.FeedBrief {
	return store.FeedBrief{FeedURL: url, State: state, Rate: rate, Source: url + ".org", LastNew: now.Add(-time.Duration(rate) * time.Hour)}
}

func names(fs []Feed) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.FeedURL+" "+f.State)
	}
	return strings.Join(out, ", ")
}

func TestJoin(t *testing.T) {
	briefs := []store.FeedBrief{brief("b", "ok", 1), brief("removed", "overdue", 1)}
	if got := names(Join([]*news.Feed{{URL: "a"}, {URL: "b"}}, briefs)); got != "a waiting, b ok" {
		t.Error(got)
	}
	if got := names(Join(nil, briefs)); got != "b ok, removed overdue" {
		t.Error(got)
	}
	if got := Join([]*news.Feed{}, briefs); len(got) != 0 {
		t.Errorf("no subscription: %v", got)
	}
}

func TestPick(t *testing.T) {
	feeds := Join(nil, []store.FeedBrief{brief("a", "ok", 1), brief("b", "ok", 3), brief("c", "failing", 1), brief("d", "silent", 2), brief("e", "failing", 5), brief("f", "odd", 9), brief("g", "retrying", 1)})
	feeds[0].Title, feeds[0].Tags = "Zeitung für Alle", []string{"europe", "daily"}
	feeds[1].Tags = []string{"europe"}
	f := func(q Query, want string, total int) {
		t.Helper()
		page, n := Pick(feeds, q)
		if got := names(page); got != want || n != total {
			t.Errorf("%+v: %s of %d; want %s of %d", q, got, n, want, total)
		}
	}
	f(Query{}, "e failing, c failing, d silent, g retrying, b ok, a ok, f odd", 7)
	f(Query{Offset: 2, Limit: 2}, "d silent, g retrying", 7)
	f(Query{Offset: 9, Limit: 2}, "", 7)
	f(Query{Offset: -1, Limit: 1}, "e failing", 7)
	f(Query{State: "trouble"}, "e failing, c failing, d silent", 3)
	f(Query{State: "ok"}, "b ok, a ok", 2)
	f(Query{Tag: "europe", Sort: "name"}, "b ok, a ok", 2)
	f(Query{Search: "FÜR daily"}, "a ok", 1)
	f(Query{Search: "e.org"}, "e failing", 1)
	f(Query{Search: "nothing"}, "", 0)
	f(Query{Sort: "rate", Limit: 2}, "f odd, e failing", 7)
	f(Query{Sort: "new", Limit: 2}, "a ok, c failing", 7)
	for _, s := range Sorts {
		if _, n := Pick(feeds, Query{Sort: s}); n != 7 {
			t.Errorf("order %s loses feeds", s)
		}
	}
	counts := Counts(feeds)
	if got := fmt.Sprint(counts); got != "[{failing 2} {silent 1} {retrying 1} {ok 2} {odd 1}]" || Troubled(counts) != 3 {
		t.Error(got, Troubled(counts))
	}
	for _, s := range States {
		if s.Meaning == "" {
			t.Errorf("%s means nothing", s.Name)
		}
	}
}

func TestWords(t *testing.T) {
	f := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	f(Rhythm(0), "unknown")
	f(Rhythm(31.4), "31 an hour")
	f(Rhythm(2), "2 an hour")
	f(Rhythm(0.5), "12 a day")
	f(Rhythm(1.0/24), "7 a week")
	f(Rhythm(1.0/24/7), "1 in 7 days")
	f(Rhythm(1e-9), "less than 1 a year")
	f(Ago(now, time.Time{}), "never")
	f(Ago(now, now.Add(-90*time.Second)), "1 min ago")
	f(Ago(now, now.Add(time.Second)), "0 s ago")
	f(Ago(now, now.Add(-47*time.Hour)), "47 h ago")
	f(Ago(now, now.Add(-49*time.Hour)), "2 d ago")
	f(Next(now, time.Time{}), "soon")
	f(Next(now, now.Add(-time.Second)), "now")
	f(Next(now, now.Add(4*time.Minute)), "in 4 min")
	f(Cut("https://example.org/feed", 11), "https…/feed")
	f(Cut("kurz", 11), "kurz")
	f(Cut("äöüäöüäöü", 5), "äö…öü")
}
