package newsroom

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/feed"
)

// corpusFile writes lines to a file.
func corpusFile(t *testing.T, name string, lines ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	data := []byte(strings.Join(lines, "\n"))
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(data)
		z.Close()
		data = b.Bytes()
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

var smallCorpus = []string{
	"\ufeff" + `{"url":"https://www.courier.example/2019/harbour?utm_source=x","title":"Harbour & trade","text":"Ships are back.\nTrade]]> resumes <soon>.","published":"2019-03-01T10:00:00Z","source":"The Courier","author":"A. Writer","language":"en"}`,
	`{"url":"http://herald.example/a/2","title":"Later","text":"Third.","date":"2019-03-01T12:00:00Z","source":"herald.example"}`,
	`no json`,
	``,
	`{"url":"https://www.courier.example/2019/bridge","title":"Bridge","text":"Second.\u0007","published":1551438000,"source":"The Courier"}`,
	`{"title":"no address","text":"x","date":"2019-03-01"}`,
	`{"url":"http://herald.example/a/9","title":"No date","text":"x","date":null}`,
	`{"url":"https://courier.example/2019/harbour","title":"Harbour & trade","text":"Ships are back. Pilots too.","published":"2019-03-01T13:00:00Z"}`,
	`{"url":"https://courier.example/2019/bridge","title":"Bridge","text":"Second.","published":"2019-03-01T13:30:00Z"}`,
	`{"url":"http://herald.example/a/1","title":"Earlier","text":"Before all.","date":"2019-02-27"}`,
}

func TestCorpus(t *testing.T) {
	for _, name := range []string{"corpus.jsonl", "corpus.jsonl.gz"} {
		n, c := open(t, Config{Corpus: &Corpus{File: corpusFile(t, name, smallCorpus...), Start: time.Date(2019, 3, 1, 10, 0, 0, 0, time.UTC), Speed: 60}})
		stats := n.CorpusStats()
		if stats.Articles != 6 || stats.Broken != 2 || stats.Undated != 1 || stats.Sources != 2 || stats.Before != 1 {
			t.Errorf("%+v", stats)
		}
		var seen []string
		next, err := time.Time{}, error(nil)
		for range 300 { // five minutes: five hours of the corpus
			if next, err = n.PublishDue(); err != nil {
				t.Fatal(err)
			}
			for _, e := range n.Ledger().Since(len(seen)) {
				seen = append(seen, fmt.Sprintf("%s %s %s r%d", e.PublishedAt.Sub(monday), e.Kind, e.URL, e.Revision))
			}
			c.advance(time.Second)
		}
		if !next.IsZero() {
			t.Errorf("one more at %s", next)
		}
		want := []string{
			"0s original https://www.courier.example/2019/harbour r0",
			"1m0s original https://www.courier.example/2019/bridge r0",
			"2m0s original http://herald.example/a/2 r0",
			"3m0s original https://courier.example/2019/harbour r0", // without www it is another address
			"3m30s original https://courier.example/2019/bridge r0",
		}
		if strings.Join(seen, "\n") != strings.Join(want, "\n") {
			t.Errorf("published\n%s", strings.Join(seen, "\n"))
		}
		if got := n.Feeds(); len(got) != 2 || got[0].Source != "courier.example" || got[0].Title != "The Courier" || got[1].Source != "herald.example" {
			t.Errorf("feeds %+v", got)
		}
		for _, f := range n.Feeds() {
			parsed, err := feed.Parse([]byte(bodyOf(t, get(t, n, f.URL))), feed.Options{BaseURL: f.URL})
			if err != nil || parsed.Salvaged || len(parsed.Items) == 0 {
				t.Fatalf("%s: %v, %+v", f.URL, err, parsed)
			}
		}
		var links []string
		for _, e := range n.Ledger().Due("") {
			links = append(links, e.Link)
		}
		if strings.Join(links, " ") == "" || links[0] != "https://www.courier.example/2019/harbour?utm_source=x" {
			t.Errorf("links %v are not those of the corpus", links)
		}
		var b bytes.Buffer
		if err := n.CorpusHistory(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		var old struct {
			URL       string
			Published time.Time
		}
		if err := json.Unmarshal(b.Bytes(), &old); err != nil || old.URL != "http://herald.example/a/1" || !old.Published.Before(monday) || old.Published.Before(monday.Add(-time.Hour)) {
			t.Errorf("history %s, %v", b.String(), err)
		}
		n.Publish(5) // nothing is invented
		if n.Ledger().Len() != len(seen) {
			t.Error("an article was invented")
		}
		n.Close()
	}
}

// TestCorpusRevision: the same address again is a revision, where it differs.
func TestCorpusRevision(t *testing.T) {
	n, c := open(t, Config{Corpus: &Corpus{Speed: 3600, File: corpusFile(t, "c.jsonl",
		`{"url":"https://courier.example/a","title":"A","text":"One.","date":"2019-03-01T10:00:00Z"}`,
		`{"url":"https://courier.example/a#top","title":"A","text":"One. Two.","date":"2019-03-01T11:00:00Z"}`,
		`{"url":"https://courier.example/a","title":"A","text":"One. Two.","date":"2019-03-01T12:00:00Z"}`)}})
	c.advance(time.Minute)
	if _, err := n.PublishDue(); err != nil {
		t.Fatal(err)
	}
	e := n.Ledger().Entries()
	if len(e) != 2 || e[1].Kind != Revision || e[1].GUID != e[0].GUID || e[1].Of != e[0].URL || e[0].RolledOverAt.IsZero() {
		t.Errorf("%+v", e)
	}
	f := n.Feeds()[0]
	parsed, err := feed.Parse([]byte(bodyOf(t, get(t, n, f.URL))), feed.Options{BaseURL: f.URL})
	if err != nil || len(parsed.Items) != 1 || !strings.Contains(parsed.Items[0].Content+parsed.Items[0].Summary, "Two.") {
		t.Errorf("%+v, %v", parsed, err)
	}
}

func TestCorpusErrors(t *testing.T) {
	f := func(want string, c Corpus) {
		t.Helper()
		if _, err := New(Config{BaseURL: "http://newsroom.test", Corpus: &c}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
	good := `{"url":"https://courier.example/a","title":"A","date":"2019-03-01"}`
	f("no such file", Corpus{File: filepath.Join(t.TempDir(), "none")})
	f("none of its lines", Corpus{File: corpusFile(t, "c", "x")})
	f("ends on 2019-03-01", Corpus{File: corpusFile(t, "c", good), Start: monday})
	f("speed", Corpus{File: corpusFile(t, "c", good), Speed: -1})
	f("gzip", Corpus{File: corpusFile(t, "c", "\x1f\x8bnot gzip")})
}

func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
