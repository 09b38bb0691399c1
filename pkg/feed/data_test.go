package feed

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// realFeed is one document of the test data with what other parsers made of
// it.
type realFeed struct {
	name, kind, expected string
	body                 []byte
}

// realFeeds reads the documents listed in feeds/index.tsv of the test data.
func realFeeds(tb testing.TB) []realFeed {
	root := os.Getenv("DATELINE_TESTDATA")
	if root == "" {
		tb.Skip("set DATELINE_TESTDATA to the folder with feeds/index.tsv to run this on real feeds")
	}
	f, err := os.Open(filepath.Join(root, "feeds", "index.tsv"))
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var out []realFeed
	for _, row := range rows[1:] {
		body, err := os.ReadFile(filepath.Join(root, "feeds", row[0]))
		if err != nil {
			tb.Fatal(err)
		}
		rf := realFeed{name: row[0], kind: row[2], body: body}
		if len(row) > 6 && row[6] != "" {
			rf.expected = filepath.Join(root, "feeds", row[6])
		}
		out = append(out, rf)
	}
	return out
}

// reasons are the places where the other parser is not followed.
var reasons = map[string]string{
	"232baf9ba6111e115e400a7e81beb34d.xml 0 url": "no slash is added to a link as published",
	"252e034a6870a2a1e1580f8dd148c795.xml 2 url": "href=… as the text of a link is as published",
	"intertwingly.atom 0 url":                    "links are made absolute",
	"lambdatheultimate.rss 0 guid":               "the item has no guid",
}

// wantItem is an item as another parser saw it; nil fields are unknown.
type wantItem struct{ title, url, guid, published, updated *string }

// wantItems reads either form of expected file: a snapshot of the whole feed,
// or a map of paths to values. Of the second only asserted items are known.
func wantItems(tb testing.TB, path string) (items map[int]wantItem, whole bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	items = map[int]wantItem{}
	var snapshot struct {
		Feed *struct {
			Items []struct {
				ID        *string
				Title     *string
				URL       *string
				Published *string
				Updated   *string
			}
		}
	}
	if json.Unmarshal(b, &snapshot) == nil && snapshot.Feed != nil {
		for i, it := range snapshot.Feed.Items {
			items[i] = wantItem{it.Title, it.URL, it.ID, it.Published, it.Updated}
		}
		return items, true
	}
	var paths map[string]any
	if err := json.Unmarshal(b, &paths); err != nil {
		tb.Fatal(err)
	}
	for p, v := range paths {
		rest, ok := strings.CutPrefix(p, "feed.items[")
		s, isText := v.(string)
		num, field, _ := strings.Cut(rest, "].")
		var n int
		if json.Unmarshal([]byte(num), &n) != nil || !ok || !isText {
			continue
		}
		w := items[n]
		switch field {
		case "title":
			w.title = &s
		case "url":
			w.url = &s
		case "guid", "id":
			w.guid = &s
		case "published":
			w.published = &s
		case "updated":
			w.updated = &s
		}
		items[n] = w
	}
	return items, false
}

func TestRealFeeds(t *testing.T) {
	var docs, items, diffs int
	for _, rf := range realFeeds(t) {
		f, err := Parse(rf.body, Options{})
		if rf.kind == "microformats" {
			if err == nil {
				t.Errorf("%s: a web page parsed as a feed", rf.name)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", rf.name, err)
			continue
		}
		docs++
		items += len(f.Items)
		if rf.expected == "" {
			continue
		}
		want, whole := wantItems(t, rf.expected)
		if whole && len(want) != len(f.Items) {
			t.Errorf("%s: %d items, expected %d", rf.name, len(f.Items), len(want))
			continue
		}
		for i, w := range want {
			if i >= len(f.Items) {
				t.Errorf("%s: no item %d", rf.name, i)
				continue
			}
			diffs += compare(t, rf.name, i, f.Items[i], w)
		}
	}
	t.Logf("%d documents, %d items, %d differences", docs, items, diffs)
}

func compare(t *testing.T, name string, i int, got Item, want wantItem) (diffs int) {
	report := func(field, g, w string) {
		diffs++
		if reasons[fmt.Sprintf("%s %d %s", filepath.Base(name), i, field)] != "" {
			return
		}
		t.Errorf("%s item %d %s:\n got %q\nwant %q", name, i, field, g, w)
	}
	if want.title != nil && got.Title != plainLine(*want.title) {
		report("title", got.Title, plainLine(*want.title))
	}
	if want.url != nil && got.URL != strings.TrimSpace(*want.url) {
		report("url", got.URL, *want.url)
	}
	if want.guid != nil && got.GUID != strings.TrimSpace(*want.guid) {
		report("guid", got.GUID, *want.guid)
	}
	day := func(field string, g time.Time, w *string) {
		if w == nil {
			return
		}
		at, err := time.Parse(time.RFC3339, *w)
		if err != nil || !g.Equal(at) {
			report(field, g.Format(time.RFC3339), *w)
		}
	}
	day("published", got.Published, want.published)
	// The other parser gives the one date where the other is missing.
	if want.updated != nil && (want.published == nil || *want.updated != *want.published) {
		day("updated", got.Updated, want.updated)
	}
	return diffs
}
