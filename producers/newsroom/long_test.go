// One goroutine that goes through tens of thousands of items: the race detector
// has nothing to find in it, and would take ten times as long.

//go:build !race

package newsroom

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/feed"
)

func TestManyItems(t *testing.T) { badKind(t, "many-items") }

// TestBadNames opens a room of all kinds.
func TestBadNames(t *testing.T) {
	if _, err := New(Config{Bad: []string{"nice"}}); err == nil || !strings.Contains(err.Error(), "hang-header") {
		t.Errorf("%v: want the list of names", err)
	}
	if _, err := New(Config{Bad: []string{"self-signed"}, BaseURL: "http://newsroom.test"}); err == nil {
		t.Error("a certificate without a listener")
	}
	n, _ := open(t, Config{Seed: 1, Bad: []string{"all"}, Words: 20})
	names := map[string]bool{}
	for _, f := range n.Feeds() {
		names[f.Bad] = true
	}
	if len(names) != len(BadKinds)+1-3 {
		t.Errorf("%d kinds without listeners of %d", len(names)-1, len(BadKinds))
	}
	// The others publish as ever.
	n.Publish(500)
	var b bytes.Buffer
	if err := n.Ledger().WriteJSONLines(&b); err != nil {
		t.Fatal(err)
	}
	l, err := ReadLedger(&b)
	if err != nil || len(l.Due("")) != 0 || l.Len() != n.Ledger().Len() {
		t.Errorf("%v, %d entries", err, l.Len())
	}
	ordinary := 0
	for _, e := range l.Entries() {
		if e.Bad == "" {
			ordinary++
		}
	}
	if ordinary < 100 || ordinary > 250 {
		t.Errorf("%d of 500 articles in ordinary outlets", ordinary)
	}
}

// TestCorpusStandsOnDisk replays a large unsorted file and bounds what is kept.
func TestCorpusStandsOnDisk(t *testing.T) {
	const articles = 10_000
	lines := make([]string, articles)
	filler := strings.Repeat("The harbour was dredged again. ", 60)
	for i := range lines {
		at := time.Date(2019, 1, 1, 0, 0, (i*7919)%articles, 0, time.UTC)
		lines[i] = fmt.Sprintf(`{"url":"https://s%d.example/%d","title":"T %d","text":"%s","date":"%s"}`, i%50, i, i, filler, at.Format(time.RFC3339))
	}
	file := corpusFile(t, "large.jsonl", lines...)
	lines = nil
	before := heap()
	n, c := open(t, Config{Window: 5, Cache: 1 << 20, Corpus: &Corpus{File: file}})
	defer n.Close()
	c.advance(articles * time.Second)
	if _, err := n.PublishDue(); err != nil {
		t.Fatal(err)
	}
	last := time.Time{}
	for _, e := range n.Ledger().Entries() {
		if e.PublishedAt.Before(last) {
			t.Fatal("not in order of time")
		}
		last = e.PublishedAt
	}
	grown := heap() - before
	t.Logf("%d bytes an article", grown/articles)
	if n.Ledger().Len() != articles || grown > 900*articles {
		t.Errorf("%d articles, %d bytes each", n.Ledger().Len(), grown/articles)
	}
	for _, f := range n.Feeds() { // their texts are read again
		if parsed, err := feed.Parse([]byte(bodyOf(t, get(t, n, f.URL))), feed.Options{BaseURL: f.URL}); err != nil || len(parsed.Items) != 5 || !strings.Contains(parsed.Items[0].Content+parsed.Items[0].Summary, "dredged") {
			t.Fatalf("%s: %v", f.URL, err)
		}
	}
}
