package feed

import (
	"reflect"
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
	want := []string{"Quay & more https://quay.example/en/rss", " https://quay.example/feed.json", " https://quay.example/ports.rss", "Comments https://quay.example/comments/feed"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if got := Discover(nil, Options{}); len(got) != 0 {
		t.Errorf("nothing gives %v", got)
	}
}
