package entity

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
)

var scores = regexp.MustCompile(`"score":0\.\d+`)

func TestRunExtract(t *testing.T) {
	p := pipeline(t)
	f := func(name string, opt ExtractOptions, in, want string, broken ...int) {
		t.Helper()
		var out bytes.Buffer
		var heard []int
		opt.OnBroken = func(line int, _ error) { heard = append(heard, line) }
		opt.Language = func(string) string { return "en" }
		err := p.RunExtract(context.Background(), strings.NewReader(in), &out, opt)
		if errors.Is(err, ErrBroken) != (len(broken) > 0) || err != nil && len(broken) == 0 {
			t.Errorf("%s: error %v", name, err)
		}
		// How sure the model is changes with the model.
		if got := scores.ReplaceAllString(out.String(), `"score":S`); got != want {
			t.Errorf("%s:\n got %q\nwant %q", name, got, want)
		}
		if len(heard) != len(broken) || len(heard) > 0 && heard[0] != broken[0] {
			t.Errorf("%s: broken lines %v, want %v", name, heard, broken)
		}
	}
	f("plain", ExtractOptions{}, "It rained in Oslo.\n",
		`{"id":null,"language":"en","mentions":[{"start":13,"end":17,"text":"Oslo","kind":"LOC","entity_id":"loc/oslo","name":"Oslo","score":S,"in_lead":true,"counted":true}]}`+"\n")
	f("plain brace", ExtractOptions{}, "{It rained} in Oslo.",
		`{"id":null,"language":"en","mentions":[{"start":15,"end":19,"text":"Oslo","kind":"LOC","entity_id":"loc/oslo","name":"Oslo","score":S,"in_lead":true,"counted":true}]}`+"\n")
	f("lines", ExtractOptions{}, `{"id":"a","title":"Rain in Oslo","text":"é Oslo & <b>"}`+"\n"+`{"id":7,"text":"Nothing."}`,
		`{"id":"a","language":"en","mentions":[{"start":8,"end":12,"text":"Oslo","kind":"LOC","entity_id":"loc/oslo","name":"Oslo","score":S,"in":"title","counted":true},{"start":3,"end":7,"text":"Oslo","kind":"LOC","entity_id":"loc/oslo","name":"Oslo","score":S,"in_lead":true,"counted":true}]}`+"\n"+
			`{"id":7,"language":"en","mentions":[]}`+"\n")
	f("broken", ExtractOptions{JSONL: true}, "{\"id\":1,\"text\":\"\"}\nnot json\n\n{\"id\":2,\"text\":\"\"}\n",
		`{"id":1,"language":"en","mentions":[]}`+"\n"+
			`{"id":null,"language":"und","mentions":[],"error":"line 2: invalid character 'o' in literal null (expecting 'u')"}`+"\n"+
			`{"id":null,"language":"en","mentions":[]}`+"\n"+`{"id":2,"language":"en","mentions":[]}`+"\n", 2)
	f("by-line", ExtractOptions{}, "By Jane Hartwell\nIt rained in Oslo.\n",
		`{"id":null,"language":"en","mentions":[{"start":3,"end":16,"text":"Jane Hartwell","kind":"PER","entity_id":"per/jane-hartwell","name":"Jane Hartwell","score":S,"counted":false},`+
			`{"start":30,"end":34,"text":"Oslo","kind":"LOC","entity_id":"loc/oslo","name":"Oslo","score":S,"in_lead":true,"counted":true}]}`+"\n")
	f("wrong types", ExtractOptions{JSONL: true}, `[1]`+"\n"+`{"id":"t","text":5}`+"\nnull\n",
		`{"id":null,"language":"und","mentions":[],"error":"line 1: not a JSON object, want {\"id\":…,\"title\":\"…\",\"text\":\"…\"}"}`+"\n"+
			`{"id":"t","language":"und","mentions":[],"error":"line 2: text is not a string but a JSON number"}`+"\n"+
			`{"id":null,"language":"und","mentions":[],"error":"line 3: not a JSON object, want {\"id\":…,\"title\":\"…\",\"text\":\"…\"}"}`+"\n", 1, 2, 3)
	f("conll", ExtractOptions{CoNLL: true}, "-DOCSTART-\tO\n\nVladimir\tB-PER\nPutin\tI-PER\nflew\tO\n.\tO\n\n11 1/2\tO\nOslo\tO\n",
		"-DOCSTART-\tO\n\nVladimir\tB-PER\nPutin\tI-PER\nflew\tO\n.\tO\n\n11 1/2\tO\nOslo\tB-LOC\n")
	f("conll parted by blanks", ExtractOptions{CoNLL: true}, "-DOCSTART- -X- O O\r\n\r\nVladimir NNP B-NP I-PER\r\nPutin NNP I-NP I-PER\r\nflew VBD B-VP O\r\n. . O O",
		"-DOCSTART- -X- O O\tO\n\nVladimir NNP B-NP I-PER\tB-PER\nPutin NNP I-NP I-PER\tI-PER\nflew VBD B-VP O\tO\n. . O O\tO\n")
	f("conll comments", ExtractOptions{CoNLL: true}, "\ufeff# newdoc id = a\n# text = Vladimir Putin flew\nVladimir\tB-MISC\nPutin\nflew\tO\tO\tO\n",
		"\ufeff# newdoc id = a\tO\n# text = Vladimir Putin flew\tO\nVladimir\tB-PER\nPutin\tI-PER\nflew\tO\n")
	f("conll odd blanks", ExtractOptions{CoNLL: true}, "Vladimir\u00a0Putin\tO\nflew\nto\nOs\u200dlo\n\u00a0\n\u200b\tO\n\tO\n``\n.\n",
		"Vladimir\u00a0Putin\tB-PER\nflew\tO\nto\tO\nOs\u200dlo\tB-LOC\n\u00a0\tO\n\u200b\tO\n\tO\n``\tO\n.\tO\n")
	f("conll bytes", ExtractOptions{CoNLL: true}, "a\xff\n\n\n  \nOslo\n", "a\xff\tO\n\n\n  \nOslo\tB-LOC\n")
	f("empty", ExtractOptions{JSONL: true}, "", "")
}

func TestRunExtractStops(t *testing.T) {
	p := pipeline(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := p.RunExtract(ctx, strings.NewReader(`{"text":"a"}`), io.Discard, ExtractOptions{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// FuzzCoNLL holds that every line in gives one line out, its token unchanged.
func FuzzCoNLL(f *testing.F) {
	f.Add("Oslo\tO\n\n-DOCSTART-\nMr\n.\nO'Brien\n's")
	f.Add("\xff\x00\n \t\n\r\nA B\tX\tY\n")
	p := pipeline(f)
	f.Fuzz(func(t *testing.T, in string) {
		var out bytes.Buffer
		if err := p.RunExtract(context.Background(), strings.NewReader(in), &out, ExtractOptions{CoNLL: true}); err != nil {
			t.Fatal(err)
		}
		src := strings.Split(strings.TrimSuffix(in, "\n"), "\n")
		got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
		if in == "" {
			return
		}
		if len(src) != len(got) {
			t.Fatalf("%d lines in, %d out", len(src), len(got))
		}
		for i := range src {
			a, _, _ := strings.Cut(strings.TrimSuffix(src[i], "\r"), "\t")
			b, _, _ := strings.Cut(got[i], "\t")
			if a != b {
				t.Fatalf("line %d: %q became %q", i+1, src[i], got[i])
			}
		}
	})
}
