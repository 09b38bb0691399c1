package feed

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestDiscover(t *testing.T) {
	page := `<!doctype html><html><head><base href="/en/"><link rel="alternate" type="application/rss+xml; charset=utf-8" title="Quay &amp; more" href="rss">
<link rel=alternate type="application/atom+xml" title="Comments" href="/comments/feed"><link rel="ALTERNATE feed" type="application/feed+json" href="https://quay.example/feed.json">
<link rel="alternate" hreflang="de" href="/de/"><link rel="stylesheet" type="text/css" href="/x.css"></head>
<body><a href="/ports.rss">ports</a><a href="rss">again</a><a href="/about">about</a><a href="javascript:feed">x</a></body>`
	var got []string
	for _, o := range Discover([]byte(page), Options{BaseURL: "https://quay.example/home"}) {
		got = append(got, o.Title+" "+o.URL)
	}
	want := []string{"Quay & more https://quay.example/en/rss", " https://quay.example/feed.json", "ports https://quay.example/ports.rss", "Comments https://quay.example/comments/feed"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	f := func(page string, want ...string) {
		t.Helper()
		var got []string
		for _, o := range Discover([]byte(page), Options{BaseURL: "https://quay.example/home"}) {
			if o.SiteURL != "https://quay.example/home" {
				t.Errorf("site %s", o.SiteURL)
			}
			got = append(got, o.URL)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %q\nwant %q", page, got, want)
		}
	}
	f(`<link rel="feed" href="/news"><link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1"><link rel="alternate" type="application/json" href="/feed.json">`,
		"https://quay.example/news", "https://quay.example/feed.json")
	f(`<base href="/a/"><base href="/b/"><a href="feed/"><b>All</b> news</a><a href="?feed=rss2">x</a>`, "https://quay.example/a/feed/", "https://quay.example/a/?feed=rss2")
	f(`<!-- <link rel=alternate type=application/rss+xml href=/old> --><script>"<link rel=alternate type=application/rss+xml href=/x>"</script><link rel=alternate type=text/xml href=/sitemap>`)
	f(`<link rel=alternate type=application/rss+xml href=/a title="Story: Comments"><link rel=alternate type=application/rss+xml href="https://commentary.example/rss"><a href="/comments/feed">x</a>`,
		"https://commentary.example/rss", "https://quay.example/a", "https://quay.example/comments/feed")
	latin := "<meta charset=windows-1251><link rel=alternate type=application/rss+xml href=/rss title='\xcd\xee\xe2\xee\xf1\xf2\xe8'>"
	if got := Discover([]byte(latin), Options{BaseURL: "https://quay.example/"}); len(got) != 1 || got[0].Title != "Новости" {
		t.Errorf("%+v", got)
	}
	var many strings.Builder
	for i := range 200 {
		fmt.Fprintf(&many, "<a href=/%d.rss>x</a>", i)
	}
	if got := Discover([]byte(many.String()), Options{BaseURL: "https://quay.example/"}); len(got) != maxDiscovered {
		t.Errorf("%d feeds", len(got))
	}
	if got := Discover(nil, Options{}); len(got) != 0 {
		t.Errorf("nothing gives %v", got)
	}
}
