package poll

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
)

// mapOf writes a sitemap of pages, the number of which is in their address.
func mapOf(from, to int, date func(i int) time.Time) []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "<url><loc>https://herald.example/2026/big-storm-hits-coast-%d</loc><lastmod>%s</lastmod></url>", i, date(i).Format(time.RFC3339))
	}
	b.WriteString("</urlset>")
	return []byte(b.String())
}

// An index is followed to its newest maps, on its own site, within one visit.
func TestSitemapIndex(t *testing.T) {
	d := newDesk(t)
	index := `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`
	for _, u := range []string{"https://herald.example/map-2026-01.xml", "https://herald.example/map-2026-10.xml", "https://herald.example/images.xml",
		"https://herald.example/map-2026-11.xml", "https://elsewhere.example/news.xml", "https://herald.example/map-2025-12.xml"} {
		index += "<sitemap><loc>" + u + "</loc></sitemap>"
	}
	index += "</sitemapindex>"
	broken := false
	serve := func(r fetch.Request) (*fetch.Response, error) {
		date := func(int) time.Time { return monday.Add(-hour) }
		switch {
		case r.URL == feedURL:
			res := answer200([]byte(index))
			res.ETag = "same"
			return res, nil
		case broken:
			return nil, errors.New("it is down")
		case strings.HasSuffix(r.URL, "2026-11.xml"):
			return answer200(mapOf(1, 5+len(d.fetches), date)), nil
		case strings.HasSuffix(r.URL, "2026-10.xml"):
			return answer200(mapOf(101, 105, date)), nil
		}
		t.Errorf("asked for %s", r.URL)
		return nil, errors.New("not asked for")
	}
	d.run(monday.Add(time.Second), serve)
	var asked []string
	for _, r := range d.s.asked {
		asked = append(asked, r.URL)
	}
	want := []string{feedURL, "https://herald.example/map-2026-11.xml", "https://herald.example/map-2026-10.xml"}
	if !slices.Equal(asked[:len(want)], want) || len(d.articles) != 10 || d.e.state.ETag != "" {
		t.Errorf("asked for %v, %d articles, ETag %q", asked, len(d.articles), d.e.state.ETag)
	}
	d.run(monday.Add(3*hour), serve)
	if n := len(d.articles) - 10; n != len(d.fetches)-1 || d.different() != len(d.articles) {
		t.Errorf("%d new articles in %d polls", n, len(d.fetches)-1)
	}
	broken = true
	d.run(monday.Add(3*day), serve)
	if d.e.state.Failures == 0 || d.e.state.Error != "it is down" {
		t.Errorf("none of its maps can be read: %+v", d.e.state)
	}
}

func TestNewest(t *testing.T) {
	f := func(want []string, maps ...string) {
		t.Helper()
		for i := range maps {
			maps[i] = "https://herald.example/" + maps[i]
		}
		for i := range want {
			want[i] = "https://herald.example/" + want[i]
		}
		if got := newest(maps); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	f(nil)
	f([]string{"a.xml", "b.xml"}, "a.xml", "b.xml")
	f([]string{"news.xml", "s-12.xml", "s-9.xml"}, "s-9.xml", "s-1.xml", "s-12.xml", "news.xml", "tags-99.xml")
	f([]string{"2026/11/map.xml", "2026/2/map.xml", "2025/12/map.xml"}, "2025/12/map.xml", "2024/1/map.xml", "2026/2/map.xml", "2026/11/map.xml")
	f([]string{"m?page=30", "m?page=4", "m?page=3"}, "m?page=3", "m?page=30", "m?page=4", "m?page=1")
}

func TestWantsPage(t *testing.T) {
	f := func(want bool, rule Config, full, from, source string, backlog bool) {
		t.Helper()
		got := rule.wantsPage(&news.Feed{FullText: full}, &news.Article{TextFrom: from, Source: source, Backlog: backlog})
		if got != want {
			t.Errorf("%+v, %s, %s, %s, backlog %v: %v", rule, full, from, source, backlog, got)
		}
	}
	never, teasers := Config{FullText: "never"}, Config{FullText: "teasers"}
	some := Config{FullText: "never", FullTextSources: []string{"herald.example"}}
	f(false, never, "", news.FromTeaser, "herald.example", false)
	f(true, never, news.FullTextAlways, news.FromTeaser, "herald.example", false)
	f(true, never, news.FullTextAlways, news.FromTitle, "herald.example", true)
	f(false, never, news.FullTextAlways, news.FromFeed, "herald.example", false)
	f(true, teasers, "", news.FromTitle, "herald.example", false)
	f(false, teasers, "", news.FromTitle, "herald.example", true)
	f(false, teasers, "", news.FromFeed, "herald.example", false)
	f(false, teasers, news.FullTextNever, news.FromTeaser, "herald.example", false)
	f(true, some, "", news.FromTeaser, "herald.example", false)
	f(false, some, "", news.FromTeaser, "tribune.example", false)

	d, p := newDesk(t), herald()
	d.subscribe(&news.Feed{FullText: news.FullTextAlways})
	d.run(monday.Add(time.Second), plain(d, p, nil))
	if len(d.articles) == 0 || !d.articles[0].WantPage {
		t.Errorf("%d articles, the first: %+v", len(d.articles), d.articles)
	}
}
