package poll

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/fetch"
	"github.com/dateline/dateline/pkg/news"
)

func (d *desk) last() fetch.Request { return d.s.asked[len(d.s.asked)-1] }

// page is a feed of articles from to to, newest first, with their titles.
func page(from, to int, title string) *fetch.Response {
	var b strings.Builder
	b.WriteString(`<rss version="2.0"><channel><title>Herald</title>`)
	for i := to; i >= from; i-- {
		fmt.Fprintf(&b, `<item><title>%s %d</title><link>https://herald.example/a/%d</link><guid>g%d</guid><pubDate>%s</pubDate><description>Text of %d.</description></item>`,
			title, i, i, i, monday.Add(time.Duration(i-100)*time.Hour).Format(time.RFC1123Z), i)
	}
	b.WriteString(`</channel></rss>`)
	return &fetch.Response{Status: 200, Body: []byte(b.String()), FinalURL: feedURL, ContentType: "application/rss+xml", ETag: `"x"`, LastModified: "then"}
}

func TestVisitItems(t *testing.T) {
	d := newDesk(t)
	o := d.visit(page(1, 10, "Title"), nil)
	if len(o.publish) != 10 || o.fresh != 10 || !o.write || o.fetch.Gap || o.fetch.Items != 10 || o.fetch.NewItems != 10 || o.class != "ok" || !o.state.Filled {
		t.Fatalf("first fill: %+v", o)
	}
	for i, m := range o.publish {
		a, err := news.Decode[news.Article](m.Value)
		if err != nil || !a.Backlog || a.Title != fmt.Sprint("Title ", i+1) || string(m.Key) != a.ID.String() || !m.Time.Equal(monday) || !a.SeenAt.Equal(monday) {
			t.Fatalf("%d: %+v, %v", i, a, err)
		}
	}
	o = d.visit(page(1, 10, "Title"), nil)
	if got := d.last(); got.ETag != `"x"` || got.LastModified != "then" {
		t.Errorf("asked with %+v", got)
	}
	if len(o.publish) != 0 || o.write || o.fetch.Gap {
		t.Errorf("the same again: %d published, write %v, gap %v", len(o.publish), o.write, o.fetch.Gap)
	}
	o = d.visit(page(4, 13, "Title"), nil)
	if a, err := news.Decode[news.Article](o.publish[0].Value); err != nil || o.fresh != 3 || a.Backlog || o.fetch.Gap || o.fetch.NewItems != 3 {
		t.Errorf("three new: %+v, %v", a, err)
	}
	if o = d.visit(page(4, 13, "Corrected"), nil); o.changed != 10 || o.fresh != 0 || o.fetch.NewItems != 0 || len(o.publish) != 10 {
		t.Errorf("revised: %d changed, %d new", o.changed, o.fresh)
	}
	if o = d.visit(&fetch.Response{Status: 304, NotModified: true}, nil); o.class != "not_modified" || o.write || o.fetch.Status != 304 || o.fetch.Error != "" {
		t.Errorf("304: %+v", o)
	}
	// A feed that is empty for once forgets nothing.
	if o = d.visit(page(1, 0, ""), nil); o.fetch.Error != "" || o.fetch.Gap {
		t.Errorf("empty channel: %+v", o.fetch)
	}
	if o = d.visit(page(4, 13, "Corrected"), nil); len(o.publish) != 0 || o.fetch.Gap {
		t.Errorf("back again: %d published, gap %v", len(o.publish), o.fetch.Gap)
	}
}

func TestVisitGap(t *testing.T) {
	f := func(gap bool, pages ...[2]int) {
		t.Helper()
		d := newDesk(t)
		var o *outcome
		for _, p := range pages {
			o = d.visit(page(p[0], p[1], "Title"), nil)
		}
		if o.fetch.Gap != gap {
			t.Errorf("%v: gap %v", pages, o.fetch.Gap)
		}
	}
	f(false, [2]int{1, 10})
	f(false, [2]int{1, 10}, [2]int{10, 19}) // one is still there
	f(true, [2]int{1, 10}, [2]int{12, 21})
	f(true, [2]int{1, 10}, [2]int{2, 11}, [2]int{30, 45})
	f(false, [2]int{1, 10}, [2]int{12, 16}) // cleared and begun again: shorter
}

// What was broken may be whole the next time: it must not be a 304.
func TestVisitValidators(t *testing.T) {
	d := newDesk(t)
	cut := page(1, 10, "Title")
	cut.Truncated, cut.Body = true, cut.Body[:len(cut.Body)*3/4]
	if o := d.visit(cut, nil); o.state.ETag != "" || o.class != "salvaged" || o.fresh == 0 || o.fresh == 10 {
		t.Errorf("%d items, %+v", o.fresh, o.state)
	}
	cut.Body = cut.Body[:60]
	if o := d.visit(cut, nil); o.class != "protocol" || !strings.Contains(o.fetch.Error, "broke off after 60 bytes") {
		t.Errorf("an answer without a whole item: %s %+v", o.class, o.fetch)
	}
	if o := d.visit(page(1, 10, "Title"), nil); o.state.ETag != `"x"` || d.last().ETag != "" {
		t.Errorf("%+v", o.state)
	}
	if o := d.visit(nil, &fetch.Error{Class: fetch.ClassTimeout, Msg: "slow"}); o.state.ETag != `"x"` || o.class != "timeout" || o.fetch.Error != "slow" {
		t.Errorf("a failure forgets the validators: %+v", o.state)
	}
}

func TestVisitFails(t *testing.T) {
	status := func(code int) (*fetch.Response, error) {
		return &fetch.Response{Status: code}, &fetch.Error{Class: fetch.ClassStatus, Status: code, Msg: fmt.Sprint("it answers ", code)}
	}
	d := newDesk(t)
	writes := 0
	for i := range 8 {
		o := d.visit(status(404))
		if o.state.Failures != i+1 || o.class != "status" || !strings.Contains(o.fetch.Error, "it answers 404") || o.fetch.Status != 404 {
			t.Fatalf("%+v", o)
		}
		if o.write {
			writes++
		}
	}
	if writes != 4 { // after 1, 2, 4, 8
		t.Errorf("%d writes of 8 failures", writes)
	}
	if o := d.visit(page(1, 3, "Title"), nil); o.state.Failures != 0 || o.state.Error != "" || !o.write || o.fetch.Error != "" {
		t.Errorf("back: %+v", o.state)
	}
	res, err := status(503)
	res.RetryAfter = 3 * time.Hour
	res.CacheMaxAge = time.Hour
	if o := d.visit(res, err); o.wishes.least != 3*time.Hour {
		t.Errorf("Retry-After: %v", o.wishes.least)
	}
	for range 5 {
		res, err = status(429)
		res.RetryAfter = time.Minute
		if o := d.visit(res, err); !o.write {
			t.Errorf("after %d failures a restart forgets what the publisher asks for", o.state.Failures)
		}
	}
	res, err = status(500)
	res.CacheMaxAge = time.Hour
	if o := d.visit(res, err); o.wishes.freshness != 0 {
		t.Errorf("an error page's freshness: hint %v", o.wishes.freshness)
	}
	ok := page(1, 3, "Title")
	ok.CacheMaxAge = 10 * time.Hour
	if o := d.visit(ok, nil); o.wishes.freshness != 10*time.Hour {
		t.Errorf("max-age of ten hours: hint %v", o.wishes.freshness)
	}
	for body, class := range map[string]string{"": "empty", "<!doctype html><html><body><p>Hello</p></body></html>": "html", "no feed at all": "not_feed"} {
		if o := d.visit(&fetch.Response{Status: 200, Body: []byte(body), FinalURL: feedURL}, nil); o.class != class || o.fetch.Error == "" {
			t.Errorf("%q: class %s, %q", body, o.class, o.fetch.Error)
		}
	}
	if o := d.visit(status(410)); !o.state.Gone || !o.write || o.class != "gone" || !strings.Contains(o.fetch.Error, "retired") {
		t.Errorf("410: %+v", o)
	}
	if o := d.visit(nil, errors.New("odd")); o.class == "" || o.fetch.Error != "odd" {
		t.Errorf("%+v", o)
	}
}

func TestVisitMoved(t *testing.T) {
	d := newDesk(t)
	moved := func(to string) *fetch.Response {
		r := page(1, 3, "Title")
		r.Permanent = to
		return r
	}
	f := func(res *fetch.Response, err error, asked string, seen int) {
		t.Helper()
		if res != nil {
			res.FinalURL = cmp.Or(res.Permanent, asked)
		}
		o := d.visit(res, err)
		if got := d.last().URL; got != asked || o.state.MovedSeen != seen {
			t.Errorf("asked %s, seen %d; want %s, %d", got, o.state.MovedSeen, asked, seen)
		}
	}
	const there, elsewhere = "https://herald.example/new.xml", "https://other.example/feed"
	f(moved(there), nil, feedURL, 1)
	f(moved(elsewhere), nil, feedURL, 1) // not the same place
	f(moved(there), nil, feedURL, 1)
	f(moved(""), nil, feedURL, 0) // it was a mistake
	for i := range movedAfter {
		f(moved(there), nil, feedURL, i+1)
	}
	f(moved(""), nil, there, movedAfter) // asked directly
	f(&fetch.Response{Status: 304, NotModified: true}, nil, there, movedAfter)
	// The new place fails for long: look at the old one again.
	gone := &fetch.Error{Class: fetch.ClassDNS, Msg: "no such host"}
	f(nil, gone, there, movedAfter)
	f(nil, gone, there, movedAfter)
	f(nil, gone, there, 0)
	f(moved(""), nil, feedURL, 0)
	if d.e.state.MovedTo != "" {
		t.Errorf("%+v", d.e.state)
	}
}

// The log of feeds is replayed from its beginning: what it says last counts.
func TestChange(t *testing.T) {
	d := newDesk(t)
	st := &news.FeedState{V: news.Version, URL: feedURL, Seen: seen(nil).next(listed(1, 2)), LastPoll: monday.Add(-time.Hour), Filled: true, Failures: 1}
	pt := d.p.newPartition(0)
	later := news.Encode(&news.FeedState{V: news.Version + 1, URL: "https://later.example/"})
	known := func() { pt.states = map[string][]byte{feedURL: news.Encode(st), "https://later.example/": later} }
	change := func(key string, f *news.Feed) {
		m := bus.Message{Key: []byte(key)}
		if f != nil {
			f.V, f.URL = news.Version, key
			m.Value = news.Encode(f)
		}
		pt.change(m)
	}
	for range 2 {
		known()
		change(feedURL, &news.Feed{Title: "Herald"})
		e := pt.feeds[feedURL]
		if e == nil || e.seen.len() != 2 || !e.state.Filled || e.state.Seen != nil || pt.queue.Len() != 1 {
			t.Fatalf("%+v, %d in the queue", e, pt.queue.Len())
		}
		change(feedURL, &news.Feed{Title: "The Herald"})
		if pt.feeds[feedURL] != e || e.sub.Title != "The Herald" || pt.queue.Len() != 1 {
			t.Errorf("%+v", e)
		}
		change(feedURL, nil)
		if pt.feeds[feedURL] != nil || !e.removed || pt.queue.Len() != 0 {
			t.Errorf("%+v, %d in the queue", e, pt.queue.Len())
		}
	}
	for range 2 {
		change("https://later.example/", &news.Feed{})
		pt.states = nil
	}
	if len(pt.feeds) != 0 {
		t.Error("a feed whose state a later version wrote is polled")
	}
	// A retired feed waits until it is subscribed to again.
	st.Gone = true
	known()
	change(feedURL, &news.Feed{Added: monday.Add(-24 * time.Hour)})
	if e := pt.feeds[feedURL]; !e.state.Gone || pt.queue.Len() != 0 {
		t.Errorf("%+v", e.state)
	}
	change(feedURL, &news.Feed{Added: monday})
	if e := pt.feeds[feedURL]; e.state.Gone || pt.queue.Len() != 1 || !e.next.Equal(monday) {
		t.Errorf("%+v", e.state)
	}
	change(feedURL, nil)
	change(feedURL, nil)
}
