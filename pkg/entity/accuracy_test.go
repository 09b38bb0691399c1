package entity

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAccuracy measures exact-span F1 over PER, ORG and LOC on annotated sets,
// and fails where it falls clearly below what the model reached. It has seen no
// part of these sets.
func TestAccuracy(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder of annotated sets to measure accuracy")
	}
	p := pipeline(t)
	for _, c := range []struct {
		file  string
		floor float64
	}{
		{"ewt.dev", .75}, {"btc-g", .62},
	} {
		gold := readGzip(t, filepath.Join(dir, "ner", c.file+".tsv.gz"))
		var out bytes.Buffer
		start := time.Now()
		if err := p.RunExtract(context.Background(), bytes.NewReader(gold), &out, ExtractOptions{CoNLL: true}); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		want, got := spans(string(gold)), spans(out.String())
		f1, by := score(want, got)
		lines := bytes.Count(gold, []byte("\n"))
		t.Logf("%-24s F1 %.1f  PER %.1f  ORG %.1f  LOC %.1f  %.2f M tokens/s", c.file, 100*f1, 100*by["PER"], 100*by["ORG"], 100*by["LOC"],
			float64(lines)/took.Seconds()/1e6)
		if f1 < c.floor {
			t.Errorf("%s: F1 %.3f, floor %.2f", c.file, f1, c.floor)
		}
	}
}

// TestSurfacesOfRealTexts holds over real articles that every mention is where
// it says it is.
func TestSurfacesOfRealTexts(t *testing.T) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder of articles to try real texts")
	}
	p := pipeline(t)
	sc := bufio.NewScanner(bytes.NewReader(readGzip(t, filepath.Join(dir, "corpus", "articles.jsonl.gz"))))
	sc.Buffer(nil, 1<<24)
	for n := 0; sc.Scan() && n < 300; n++ {
		var a struct{ Title, Text string }
		if err := json.Unmarshal(sc.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		inText, inTitle := p.Extract(a.Title, a.Text)
		check(t, a.Text, inText)
		check(t, a.Title, inTitle)
		for _, c := range p.Count(a.Title, a.Text) {
			if c.FirstAt >= 0 && !strings.HasPrefix(a.Text[c.FirstAt:], c.Surface) {
				t.Fatalf("%q is not at %d", c.Surface, c.FirstAt)
			}
		}
	}
}

func readGzip(t *testing.T, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zr, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := b.ReadFrom(zr); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type span struct {
	from, end int
	kind      string
}

func spans(conll string) map[span]bool {
	out := map[span]bool{}
	var open span
	for i, line := range append(strings.Split(conll, "\n"), "") {
		tag := "O"
		if k := strings.LastIndexByte(line, '\t'); k >= 0 {
			tag = line[k+1:]
		}
		if open.kind != "" && tag != "I-"+open.kind {
			open.end = i
			out[open] = true
			open = span{}
		}
		if tag[0] == 'B' {
			open = span{from: i, kind: tag[2:]}
		}
	}
	return out
}

// score returns the micro F1 and the F1 of each kind.
func score(want, got map[span]bool) (float64, map[string]float64) {
	f1 := func(kind string) float64 {
		var w, g, both float64
		for s := range want {
			if kind == "" || s.kind == kind {
				w++
				if got[s] {
					both++
				}
			}
		}
		for s := range got {
			if kind == "" || s.kind == kind {
				g++
			}
		}
		if both == 0 {
			return 0
		}
		return 2 * both / (w + g)
	}
	return f1(""), map[string]float64{"PER": f1("PER"), "ORG": f1("ORG"), "LOC": f1("LOC")}
}

func BenchmarkExtract(b *testing.B) {
	p := pipeline(b)
	text := strings.Repeat("Russian President Vladimir Putin met Angela Merkel of Germany in Moscow on Friday, the Kremlin said. "+
		"The talks, about which the Northern Grain Board had written to the European Union, went on until the evening, and nobody in the room would say what came of them.\n\n", 20)
	words := len(strings.Fields(text))
	b.ReportAllocs()
	for b.Loop() {
		p.Extract("Putin meets Merkel", text)
	}
	b.ReportMetric(float64(words)*float64(b.N)/b.Elapsed().Seconds(), "words/s")
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLink(b *testing.B) {
	tab, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	l := NewAliases(tab)
	p := NewPipeline(tab, Options{})
	title := "Putin meets Merkel"
	text := strings.Repeat("Russian President Vladimir Putin met Angela Merkel of Germany in Moscow on Friday, the Kremlin said. "+
		"The talks, about which the Northern Grain Board had written to the European Union, went on until the evening, and nobody in the room would say what came of them.\n\n", 20)
	ms, ts := p.Extract(title, text)
	ms, ts = append([]Mention(nil), ms...), append([]Mention(nil), ts...)
	raw, rawTitle := append([]Mention(nil), ms...), append([]Mention(nil), ts...)
	for _, list := range [2][]Mention{raw, rawTitle} {
		for i := range list {
			list[i].EntityID, list[i].Name, list[i].Ref = "", "", -1
		}
	}
	words := len(strings.Fields(text))
	b.ReportAllocs()
	for b.Loop() {
		copy(ms, raw)
		copy(ts, rawTitle)
		l.Link(title, text, ts, ms)
	}
	b.ReportMetric(float64(words)*float64(b.N)/b.Elapsed().Seconds(), "words/s")
}
