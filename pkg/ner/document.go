package ner

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/dateline/dateline/pkg/text"
)

// Document is an annotated text.
type Document struct {
	Name  string // of the file or outlet that it is from
	Text  string
	Toks  []text.Token
	Sents []text.Span
	Gold  []Span // in tokens, not bytes: Start to End of Toks
	// Unsure are stretches of tokens where annotators disagree; Gold has what one
	// of them says.
	Unsure []Span
}

// ReadTokens reads documents with one token<TAB>tag a line, tags O, B-X and I-X
// (BIO2) with X of PER, ORG and LOC; other kinds count as O. Blank lines end
// sentences and -DOCSTART- opens documents; in a file without it every sentence
// is a document.
func ReadTokens(r io.Reader, name string) ([]Document, error) {
	var docs []Document
	var d tokenDoc
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, 1<<20)
	named := false
	end := func() {
		if len(d.doc.Toks) > 0 {
			d.doc.Text, d.doc.Name = d.text.String(), name
			docs = append(docs, d.doc)
		}
		d = tokenDoc{}
	}
	for line := 1; sc.Scan(); line++ {
		word, tag, ok := strings.Cut(sc.Text(), "\t")
		switch {
		case word == "-DOCSTART-":
			end()
			named = true
		case strings.TrimSpace(sc.Text()) == "":
			d.sentence()
			if !named {
				end()
			}
		case !ok || strings.ContainsAny(word, "\n"):
			return nil, fmt.Errorf("%s, line %d: want token<TAB>tag", name, line)
		default:
			d.token(word, tag)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	d.sentence()
	end()
	return docs, nil
}

// tokenDoc gathers a document token by token.
type tokenDoc struct {
	doc  Document
	text strings.Builder
	from int32 // of the sentence, in bytes
	open bool
	name Kind // that the last token is part of
}

var kindsByName = map[string]Kind{"PER": PER, "ORG": ORG, "LOC": LOC}

func (d *tokenDoc) token(word, tag string) {
	if d.open {
		d.text.WriteByte(' ')
	}
	at := int32(d.text.Len())
	if !d.open {
		d.from, d.open = at, true
	}
	d.text.WriteString(word)
	n := int32(len(d.doc.Toks))
	d.doc.Toks = append(d.doc.Toks, text.Token{Start: at, End: int32(d.text.Len()), Kind: text.Word})
	k := None
	if len(tag) > 2 {
		k = kindsByName[tag[2:]]
	}
	switch {
	case k == None:
	case tag[0] == 'B' || d.name != k:
		d.doc.Gold = append(d.doc.Gold, Span{Start: n, End: n + 1, Kind: k})
	default:
		d.doc.Gold[len(d.doc.Gold)-1].End = n + 1
	}
	d.name = k
}

func (d *tokenDoc) sentence() {
	if d.open {
		d.doc.Sents = append(d.doc.Sents, text.Span{Start: d.from, End: int32(d.text.Len())})
		d.text.WriteString("\n\n")
	}
	d.open, d.name = false, None
}

// silverDoc is one line of a file of texts labelled by other taggers.
type silverDoc struct {
	Doc, Source, Text string
	Spans             []json.RawMessage
	Unsure            [][2]int32
}

// ReadSilver calls f with each document of a file of JSON lines: {"source",
// "text", "spans": [[start, end, "PER"], …], "unsure": [[start, end], …]}, in
// byte offsets. A span that does not stand on the borders of tokens becomes
// unsure.
func ReadSilver(r io.Reader, name string, f func(Document) error) error {
	in := bufio.NewReaderSize(r, 1<<20)
	for line := 1; ; line++ {
		b, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(b)) > 0 {
			d, perr := parseSilver(b)
			if perr != nil {
				return fmt.Errorf("%s, line %d: %w", name, line, perr)
			}
			if err := f(d); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
	}
}

func parseSilver(b []byte) (Document, error) {
	var s silverDoc
	if err := json.Unmarshal(b, &s); err != nil {
		return Document{}, err
	}
	d := Document{Name: s.Source, Text: s.Text}
	d.Toks = text.AppendTokens(nil, d.Text)
	d.Sents = text.AppendSentences(nil, d.Text, d.Toks)
	i := 0
	find := func(start, end int32) (from, to int, exact bool) {
		for i < len(d.Toks) && d.Toks[i].End <= start {
			i++
		}
		from = i
		for to = from; to < len(d.Toks) && d.Toks[to].Start < end; to++ {
		}
		return from, to, to > from && d.Toks[from].Start == start && d.Toks[to-1].End == end
	}
	for _, raw := range s.Spans {
		var at struct {
			start, end int32
			kind       string
		}
		parts := []any{&at.start, &at.end, &at.kind}
		if err := json.Unmarshal(raw, &parts); err != nil {
			return d, fmt.Errorf("span: %w", err)
		}
		k := kindsByName[at.kind]
		from, to, exact := find(at.start, at.end)
		switch span := (Span{Start: int32(from), End: int32(to), Kind: k}); {
		case to == from:
		case !exact || k == None:
			d.Unsure = append(d.Unsure, span)
		default:
			d.Gold = append(d.Gold, span)
		}
	}
	i = 0
	for _, u := range s.Unsure {
		if from, to, _ := find(u[0], u[1]); to > from {
			d.Unsure = append(d.Unsure, Span{Start: int32(from), End: int32(to)})
		}
	}
	d.mend()
	return d, nil
}

// mend names what taggers trained on older news overlook: words glued to an
// Arabic article. Those that are known are labelled, the others left open.
func (d *Document) mend() {
	named := make([]bool, len(d.Toks))
	for _, list := range [2][]Span{d.Gold, d.Unsure} {
		for _, s := range list {
			for i := s.Start; i < s.End; i++ {
				named[i] = true
			}
		}
	}
	for i, t := range d.Toks {
		w := d.Text[t.Start:t.End]
		if named[i] || len(w) < 5 || !strings.HasPrefix(strings.ToLower(w[:3]), "al-") || w[3] < 'A' || w[3] > 'Z' {
			continue
		}
		at := Span{Start: int32(i), End: int32(i + 1)}
		switch strings.ToLower(w) {
		case "al-qaeda", "al-qaida", "al-shabab", "al-shabaab":
			at.Kind = ORG
			d.Gold = append(d.Gold, at)
		default:
			d.Unsure = append(d.Unsure, at)
		}
	}
	byStart := func(a, b Span) int { return int(a.Start - b.Start) }
	slices.SortFunc(d.Gold, byStart)
	slices.SortFunc(d.Unsure, byStart)
}
