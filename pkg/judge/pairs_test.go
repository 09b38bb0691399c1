package judge_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/text"
)

// labelled is a row of testdata/pairs.tsv.
type labelled struct {
	set, a, b, label, split, why string
}

func (p *labelled) copy() bool       { return p.label == "copy" || p.label == "revision" }
func (p *labelled) borderline() bool { return strings.HasPrefix(p.why, "borderline:") }

// collections are where the texts of a set stand below DATELINE_TESTDATA.
var collections = map[string]string{
	"articles": "corpus/articles.jsonl.gz",
	"reuters":  "corpus/reuters21578.jsonl.gz",
}

// TestPairs holds Dedupe to precision and recall on pairs that were read. The
// texts are not part of this repository; those named in the pairs are fed in
// the order in which they stand in their collection.
func TestPairs(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder that holds corpus/articles.jsonl.gz and corpus/reuters21578.jsonl.gz")
	}
	pairs := readPairs(t)
	roots := map[string]map[string]string{}
	for set, file := range collections {
		roots[set] = dedupe(t, filepath.Join(dir, file), set, pairs)
	}
	for _, want := range []struct {
		split             string
		precision, recall float64
	}{
		{"dev", .96, .95}, // tuned on
		{"test", .91, .89},
	} {
		all, clear := new(tally), new(tally)
		kinds := map[string]int{}
		for _, p := range pairs {
			if p.split != want.split {
				continue
			}
			same := roots[p.set][p.a] == roots[p.set][p.b]
			all.count(same, p.copy())
			if !p.borderline() {
				clear.count(same, p.copy())
			}
			if same != p.copy() {
				kinds[p.set+" "+p.label]++
				if want.split == "dev" { // the others are not to be looked at
					t.Logf("%s %s %s: %s, called same %v (%s)", p.set, p.a, p.b, p.label, same, p.why)
				}
			}
		}
		t.Logf("%s: precision %.3f, recall %.3f; without borderline pairs %.3f, %.3f; wrong: %v", want.split,
			all.precision(), all.recall(), clear.precision(), clear.recall(), kinds)
		if all.precision() < want.precision || all.recall() < want.recall {
			t.Errorf("%s: precision %.3f, recall %.3f; want %.3f and %.3f", want.split, all.precision(), all.recall(), want.precision, want.recall)
		}
	}
}

type tally struct{ right, wrong, missed int }

func (c *tally) count(called, is bool) {
	switch {
	case called && is:
		c.right++
	case called:
		c.wrong++
	case is:
		c.missed++
	}
}

func (c *tally) precision() float64 { return float64(c.right) / float64(max(c.right+c.wrong, 1)) }
func (c *tally) recall() float64    { return float64(c.right) / float64(max(c.right+c.missed, 1)) }

func readPairs(t *testing.T) (out []labelled) {
	b, err := os.ReadFile("testdata/pairs.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("%d columns in %q", len(f), line)
		}
		out = append(out, labelled{f[0], f[1], f[2], f[3], f[4], f[5]})
	}
	return out
}

// dedupe gives the original of each text named in pairs of a set.
func dedupe(t *testing.T, file, set string, pairs []labelled) map[string]string {
	named := map[string]bool{}
	for _, p := range pairs {
		if p.set == set {
			named[p.a], named[p.b] = true, true
		}
	}
	roots := map[string]string{}
	for _, v := range verdicts(t, linesOf(t, file, named)) {
		roots[v.ID] = v.ID
		if v.CopyOf != nil {
			roots[v.ID] = *v.CopyOf
		}
	}
	return roots
}

// verdict is a line that Dedupe writes.
type verdict struct {
	ID     string  `json:"id"`
	CopyOf *string `json:"copy_of"`
	Story  string  `json:"story"`
}

// verdicts dedupes lines as the command does.
func verdicts(t *testing.T, in io.Reader) (list []verdict) {
	tables, err := entity.Load()
	if err != nil {
		t.Fatal(err)
	}
	pipeline, languages := entity.NewPipeline(tables, entity.Options{}), text.NewDetector()
	var out bytes.Buffer
	_, err = judge.Dedupe(context.Background(), in, &out, judge.DedupeOptions{
		Config: judge.DefaultConfig(), Terms: text.AppendTerms,
		Analyse: func(a *judge.Analysis, title, body string) {
			a.Terms, a.At = text.AppendTermsAt(a.Terms[:0], a.At[:0], body)
			a.BodyHash = text.BodyHash(body)
			a.Title = text.AppendTerms(a.Title[:0], title)
			var confidence float64
			a.Language, confidence = languages.Detect(body)
			a.Sure = confidence >= .5
			a.Entities = a.Entities[:0]
			for _, m := range pipeline.Count(title, body) {
				a.Entities = append(a.Entities, m.EntityID)
			}
		},
		Canonical: func(string) (string, bool) { return "", false },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n")) {
		var v verdict
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

// linesOf reads a collection and gives the lines of what is named.
func linesOf(t *testing.T, file string, named map[string]bool) io.Reader {
	f, err := os.Open(file)
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := new(bytes.Buffer)
	enc := json.NewEncoder(out)
	for d := json.NewDecoder(z); ; {
		var a struct {
			ID                        any
			Title, Text, Source, Date string
		}
		if err := d.Decode(&a); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		id := strings.Trim(string(must(json.Marshal(a.ID))), `"`)
		if !named[id] {
			continue
		}
		if a.Source == "" {
			a.Source = "Reuters"
		}
		if err := enc.Encode(map[string]string{"id": id, "title": a.Title, "text": a.Text, "source": a.Source, "published": a.Date}); err != nil {
			t.Fatal(err)
		}
	}
}

func must(b []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return b
}
