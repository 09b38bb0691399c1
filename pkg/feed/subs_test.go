package feed

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

const opml = `<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Ports"><outline text="North &amp; South" >
  <outline type="rss" text="Quay" title="Quay Daily" xmlUrl=" https://quay.example/rss " htmlUrl="https://quay.example/"/>
</outline></outline>
<outline type="rss" text="Harbour" xmlUrl="https://harbour.example/rss" category="/sea,wind"/>
<outline text="Again"><outline text="Quay" xmlUrl="https://quay.example/rss"/></outline>
<outline text="empty folder"/>
</body></opml>`

func TestReadSubscriptions(t *testing.T) {
	f := func(in string, want ...Outline) {
		t.Helper()
		got, err := ReadSubscriptions(strings.NewReader(in))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%.40q:\n got %+v %v\nwant %+v", in, got, err, want)
		}
	}
	f(opml,
		Outline{URL: "https://quay.example/rss", Title: "Quay Daily", SiteURL: "https://quay.example/", Tags: []string{"Ports", "North & South", "Again"}},
		Outline{URL: "https://harbour.example/rss", Title: "Harbour", Tags: []string{"sea", "wind"}})
	f("# my feeds\n\nhttps://quay.example/rss#frag sea, wind # good\r\n  HTTP://harbour.example/rss\nhttps://quay.example/rss#frag ports\n",
		Outline{URL: "https://quay.example/rss#frag", Tags: []string{"sea", "wind", "ports"}},
		Outline{URL: "HTTP://harbour.example/rss"})
	f("\ufeffhttps://quay.example/rss", Outline{URL: "https://quay.example/rss"})
	f("")

	bad := func(in, words string) {
		t.Helper()
		if _, err := ReadSubscriptions(strings.NewReader(in)); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%.40q: %v does not say %q", in, err, words)
		}
	}
	bad("https://a.example/\nquay.example/rss\n", "line 2")
	bad("<html><body>x</body></html>", "OPML")
	bad(`<opml><body><outline text="x" xmlUrl="https://a.example/rss"/><outline`, "after 1 feeds")
	bad("<opml><body>"+strings.Repeat("<outline>", 100), "deep")
}

func TestOPMLRoundTrip(t *testing.T) {
	list := []Outline{
		{URL: "https://quay.example/rss?a=1&b=2", Title: "Quay <Daily>", SiteURL: "https://quay.example/", Tags: []string{"Ports", "sea", "wind"}},
		{URL: "https://harbour.example/rss"},
		{URL: "https://mole.example/rss", Title: "Mole", Tags: []string{"Ports"}},
	}
	var buf bytes.Buffer
	if err := WriteOPML(&buf, "Mine", list); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSubscriptions(&buf)
	if err != nil {
		t.Fatal(err)
	}
	list[1].Title = list[1].URL // text is never empty
	want := []Outline{list[0], list[2], list[1]}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
