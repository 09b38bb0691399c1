package alias

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/entity"
)

// TestCorpus writes the pairs that a run over the corpus proposes, for reading:
// DATELINE_ALIAS_OUT names the file, DATELINE_ALIAS_DEDUPED what `dateline dedupe`
// said of the corpus, so that copies are left out.
func TestCorpus(t *testing.T) {
	out, dir := os.Getenv("DATELINE_ALIAS_OUT"), os.Getenv("DATELINE_TESTDATA")
	if out == "" || dir == "" {
		t.Skip("set DATELINE_TESTDATA and DATELINE_ALIAS_OUT to write the pairs of the corpus")
	}
	copies := map[string]bool{}
	lines(t, os.Getenv("DATELINE_ALIAS_DEDUPED"), func(b []byte) {
		var d struct{ ID, Kind string }
		if json.Unmarshal(b, &d) == nil && d.Kind != "original" {
			copies[d.ID] = true
		}
	})
	tables, err := entity.Load()
	if err != nil {
		t.Fatal(err)
	}
	o := NewObserver(entity.NewPipeline(tables, entity.Options{}), 100_000)
	book := NewBook()
	contexts := map[string][]string{}
	alone := map[string]int{} // originals that name an id
	lines(t, filepath.Join(dir, "corpus", "articles.jsonl.gz"), func(b []byte) {
		var a struct{ ID, Title, Text, Source, Date string }
		if json.Unmarshal(b, &a) != nil || copies[a.ID] {
			return
		}
		at, _ := time.Parse("2006-01-02", a.Date)
		list := o.Observe(a.Title, a.Text)
		seen := map[string]bool{}
		for _, m := range o.pipeline.Count(a.Title, a.Text) {
			if !seen[m.EntityID] {
				seen[m.EntityID] = true
				alone[m.EntityID]++
			}
		}
		book.Add(a.ID, a.Source, at, list)
		for _, x := range list {
			k := x.From + " " + x.Into
			if len(contexts[k]) < 2 {
				if i := strings.Index(a.Text, x.Form); i >= 0 {
					contexts[k] = append(contexts[k], strings.Join(strings.Fields(strings.ToValidUTF8(a.Text[max(0, i-70):min(len(a.Text), i+50)], "")), " "))
				}
			}
		}
	})
	f, err := os.Create(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	levels := map[Level]int{}
	for _, e := range book.Evidence() {
		l := e.Judge()
		levels[l]++
		fmt.Fprintf(f, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\t%.3f\t%d\t%d\t%s\n", l, e.From, e.Into, e.Kind, strings.Join(e.Patterns, "+"), e.Originals, e.Explicit, e.Against, e.Sources, e.Share(), alone[e.From], alone[e.Into],
			strings.Join(contexts[e.From+" "+e.Into], " // "))
	}
	t.Log(levels)
}

func lines(t *testing.T, path string, f func([]byte)) {
	t.Helper()
	if path == "" {
		return
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s := bufio.NewScanner(file)
	if strings.HasSuffix(path, ".gz") {
		z, err := gzip.NewReader(file)
		if err != nil {
			t.Fatal(err)
		}
		s = bufio.NewScanner(z)
	}
	s.Buffer(nil, 64<<20)
	for s.Scan() {
		f(s.Bytes())
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
}
