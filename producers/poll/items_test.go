package poll

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

func TestEntries(t *testing.T) {
	sub := &news.Feed{URL: feedURL, Tags: []string{"dailies"}}
	at := monday.Add(-time.Hour)
	long := strings.Repeat("word ", 200)
	f := &feed.Feed{Items: []feed.Item{
		{URL: "https://www.herald.example/b?utm_source=rss", GUID: "b", Title: "B", Summary: "short", Published: at.Add(2 * time.Minute), Categories: []string{"World", "More"}, Language: "en-GB", Author: "Ann"},
		{URL: "https://www.herald.example/b", GUID: "b", Title: "B again", Published: at},
		{URL: "https://www.herald.example/empty", GUID: "e"},
		{Title: "Only a title", Published: at.Add(time.Minute)},
		{URL: "https://www.herald.example/a", GUID: "a", Title: "A", Content: long, Updated: at},
		{URL: "https://www.herald.example/x", GUID: "x", Title: "X", Summary: long, SourceURL: "https://tribune.example/rss"},
	}}
	l := list(sub.URL, f, false, monday)
	nameless := l.nameless
	var got []*news.Article
	for i := range l.items {
		got = append(got, l.items[i].article(sub, monday))
	}
	if nameless != 1 {
		t.Errorf("%d nameless", nameless)
	}
	want := []struct{ title, from, source, via string }{
		{"X", news.FromFeed, "tribune.example", "herald.example"}, // without a date: first
		{"A", news.FromFeed, "herald.example", ""},
		{"Only a title", news.FromTitle, "herald.example", ""},
		{"B", news.FromTeaser, "herald.example", ""},
	}
	if len(got) != len(want) {
		t.Fatalf("%d entries", len(got))
	}
	for i, w := range want {
		a := got[i]
		if a.Title != w.title || a.TextFrom != w.from || a.Source != w.source || a.Via != w.via || a.FeedURL != feedURL || !a.SeenAt.Equal(monday) {
			t.Errorf("%d: %+v, want %+v", i, a, w)
		}
		if err := a.Validate(); err != nil {
			t.Errorf("%d: %v", i, err)
		}
	}
	if a := got[1]; !a.Published.Equal(at) {
		t.Errorf("without a date of publication: %v, want that of the update", a.Published)
	}
	b := got[3]
	canonical, err := text.CanonicalURL("https://www.herald.example/b", nil)
	if err != nil || b.Canonical != canonical || b.ID != news.ID(text.ID(canonical)) || b.Section != "World" || b.Author != "Ann" || b.Language != "en-GB" || b.Tags[0] != "dailies" {
		t.Errorf("%+v, %v", b, err)
	}
}

// Dates change without a revision; title, summary and content do not.
func TestContentHash(t *testing.T) {
	base := feed.Item{Title: "t", Summary: "s", Content: "c"}
	same, other := base, base
	same.Published, same.GUID, same.Author = monday, "g", "a"
	if contentHash(&same) != contentHash(&base) {
		t.Error("dates count")
	}
	for i := range 3 {
		other = base
		*[]*string{&other.Title, &other.Summary, &other.Content}[i] += "!"
		if contentHash(&other) == contentHash(&base) {
			t.Errorf("field %d does not count", i)
		}
	}
	moved := feed.Item{Title: "ts", Content: "c"}
	if contentHash(&moved) == contentHash(&base) {
		t.Error("borders between fields do not count")
	}
}

func listed(ids ...int) []entry {
	var out []entry
	for _, id := range ids {
		out = append(out, entry{id: uint64(id), hash: uint64(id) * 10})
	}
	return out
}

func TestSeen(t *testing.T) {
	var s seen
	for i := range 200 { // a short feed with one item that stays for ever
		s = s.next(listed(i+1000, i+1001, 7))
	}
	if s.len() != minSeen || s.index()[7] != 70 || s.index()[1200] != 12000 {
		t.Errorf("%d remembered, the pinned one as %d", s.len(), s.index()[7])
	}
	if _, ok := s.index()[1000]; ok {
		t.Error("the oldest is still remembered")
	}
	if got := fmt.Sprint(s.last(3)); got != "[7 1199 1200]" {
		t.Errorf("in the order of their arrival: %s", got)
	}
	var all []int
	for i := range 3000 {
		all = append(all, i+1)
	}
	s = s.next(listed(all...))
	if s.len() != 3000 { // all that was known is listed
		t.Errorf("%d remembered", s.len())
	}
	for i := range 40000 {
		all = append(all, i+4000)
	}
	if s = s.next(listed(all...)); s.len() != maxSeen || s.at(s.len()-1).id != 43999 || len(s) != 16*s.len() {
		t.Errorf("%d remembered", s.len())
	}
	if got := len(news.Encode(&news.FeedState{URL: feedURL, Seen: s})); got > news.MaxMessage {
		t.Errorf("the longest state has %d bytes, more than Kafka takes", got)
	}
	if s = seen(nil).next(nil); len(s) != 0 {
		t.Error(s)
	}
}
