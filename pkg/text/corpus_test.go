package text

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestCorpus runs real articles through everything.
func TestCorpus(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to a folder with corpus/articles.jsonl.gz")
	}
	f, err := os.Open(filepath.Join(dir, "corpus", "articles.jsonl.gz"))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	d := NewDetector()
	sc := bufio.NewScanner(z)
	sc.Buffer(nil, 4<<20)
	n, titles := 0, 0
	for n < 2000 && sc.Scan() {
		var a struct{ Title, Text, URL string }
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		n++
		checkClean(t, a.Text, 1<<20)
		checkTokens(t, a.Text)
		checkURL(t, a.URL)
		if Source(a.URL) == "" {
			t.Errorf("no source for %q", a.URL)
		}
		if code, conf := d.Detect(a.Text); code != "en" || conf < 0.5 {
			t.Errorf("%s %.2f: %.80q", code, conf, a.Text)
		}
		if code, _ := d.Detect(a.Title); code == "en" {
			titles++
		}
	}
	if titles < n*9/10 {
		t.Errorf("%d of %d titles found to be English", titles, n)
	}
}
