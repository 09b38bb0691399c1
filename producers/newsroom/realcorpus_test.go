// The race detector has nothing to find in one goroutine that reads 12,000
// articles, and would take a minute for it.

//go:build !race

package newsroom

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/feed"
)

// TestRealCorpus replays real articles and reads every feed back.
func TestRealCorpus(t *testing.T) {
	data := os.Getenv("DATELINE_TESTDATA")
	if data == "" {
		t.Skip("set DATELINE_TESTDATA to the folder of real data")
	}
	n, c := open(t, Config{Window: 1000, Corpus: &Corpus{File: filepath.Join(data, "corpus", "articles.jsonl.gz"), Start: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Speed: 86400}})
	defer n.Close()
	stats := n.CorpusStats()
	t.Logf("%+v", stats)
	if stats.Articles < 11_000 || stats.Articles+stats.Broken+stats.Undated != 12_000 || stats.Sources < 100 || stats.Before < 5000 {
		t.Errorf("%+v", stats)
	}
	c.advance(time.Hour)
	if next, err := n.PublishDue(); err != nil || !next.IsZero() {
		t.Fatal(next, err)
	}
	items := 0
	for _, f := range n.Feeds() {
		parsed, err := feed.Parse([]byte(bodyOf(t, get(t, n, f.URL))), feed.Options{BaseURL: f.URL})
		if err != nil || parsed.Salvaged {
			t.Errorf("%s: %v, salvaged", f.URL, err)
			continue
		}
		items += len(parsed.Items)
	}
	if due := len(n.Ledger().Due("")); due < 500 || items != due || due+stats.Before < stats.Articles-20 {
		t.Errorf("%d items in feeds, %d due, %+v", items, due, stats)
	}
	var b bytes.Buffer
	if err := n.CorpusHistory(t.Context(), &b); err != nil || bytes.Count(b.Bytes(), []byte("\n")) != stats.Before {
		t.Errorf("%d lines of history, %v", bytes.Count(b.Bytes(), []byte("\n")), err)
	}
}
