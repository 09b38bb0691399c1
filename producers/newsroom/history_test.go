package newsroom

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"
)

func TestHistory(t *testing.T) {
	var b bytes.Buffer
	from := monday.AddDate(0, 0, -28)
	cfg := Config{Seed: 6, BaseURL: "http://newsroom.test"}
	if err := History(cfg, from, monday, 1500, &b); err != nil {
		t.Fatal(err)
	}
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]bool{}
	for _, s := range n.Feeds() {
		sources[s.Source] = true
	}
	n.Publish(300)
	live := map[string]bool{}
	for _, e := range n.Ledger().Entries() {
		live[e.URL] = true
	}
	family := n.FocusEntity().Name
	family = family[strings.LastIndexByte(family, ' ')+1:]
	urls, about, day, night := map[string]bool{}, 0, 0, 0
	last := from
	for i, line := range strings.Split(strings.TrimSpace(b.String()), "\n") {
		var a struct {
			URL, Title, Text, Source, Author, Language string
			Published                                  time.Time
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatal(err)
		}
		if urls[a.URL] || live[a.URL] || !sources[a.Source] || !strings.Contains(a.URL, a.Source) {
			t.Errorf("line %d: %s of %s", i, a.URL, a.Source)
		}
		urls[a.URL] = true
		if a.Published.Before(last) || !a.Published.Before(monday) || a.Title == "" || len(a.Text) < 800 || a.Author == "" || a.Language != "en" {
			t.Errorf("line %d: %s %s %.80q", i, a.Published, a.Title, a.Text)
		}
		last = a.Published
		if strings.Contains(a.Text, family) {
			about++
		}
		if h := a.Published.Hour(); h >= 8 && h < 20 {
			day++
		} else {
			night++
		}
	}
	if len(urls) != 1500 || about < 15 || day < night*3/2 {
		t.Errorf("%d articles, %d about %s, %d by day, %d by night", len(urls), about, family, day, night)
	}
	if err := History(cfg, monday, from, 10, io.Discard); err == nil {
		t.Error("a history that runs backwards")
	}
}
