// Command compile builds the entity tables that package entity embeds.
//
// It reads a folder of public name lists (-in) and a file of articles as JSON
// lines with a text field (-articles, for counting which words are mostly
// written small), and writes one zstd file (-out): lines of tab-separated
// fields, sorted, the same bytes for the same input.
//
//	V  version  number-of-words  number-of-aliases  number-of-entities
//	D  country  demonym demonym …
//	N  m or f  given-name given-name …
//	W  class (base 36)  word word …
//	E  kind  id  name  country or region  lat  lon  refs  rank  flags  alias …
//
// An id that follows from kind and name is left out. Flags: m an outlet, w a
// name that finds nothing by itself, n a name that many bear or a small place,
// linked only where the document gives evidence. An alias may open with = (only
// in exactly this case), ~ (explains a mention, never finds one), ! (a name
// whatever stands around it), ^ (only where its own country is at hand), @ and
// the code of a language that the alias is in, or ? for words of which the
// document has to hold one.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/klauspost/compress/zstd"
)

const version = "3"

func main() {
	in := flag.String("in", "", "folder of name lists, *.gz")
	articles := flag.String("articles", "", "articles as JSON lines, gzip")
	out := flag.String("out", "", "file to write")
	flag.Parse()
	if *in == "" || *articles == "" || *out == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "usage: go run ./pkg/entity/compile -in DIR -articles FILE.jsonl.gz -out pkg/entity/data/tables.tsv.zst")
		os.Exit(2)
	}
	if err := run(*in, *articles, *out); err != nil {
		fmt.Fprintln(os.Stderr, "compile:", err)
		os.Exit(1)
	}
}

func run(in, articles, out string) error {
	c := &compiler{in: in, byID: map[string]*row{}, words: map[string]uint32{}, caps: map[string]*row{},
		demonyms: map[string]string{}, genders: map[string]string{}, popular: map[string]uint32{}, centres: map[string]*centre{}, bearers: map[string][]*row{}, shares: map[string]float64{}}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"count words", func() error { return c.countWords(articles) }},
		{"given names and surnames", c.names},
		{"hand-written list", c.curated},
		{"countries", c.countries},
		{"territories", c.territories},
		{"cities", c.cities},
		{"towns", c.towns},
		{"centres of countries and states", c.centre},
		{"officials", c.officials},
		{"congress", c.congress},
		{"politicians", c.politicians},
		{"parties", c.parties},
		{"sanctions", c.ofac},
		{"international organisations", c.acronyms},
		{"committees", c.committees},
		{"teams", c.teams},
		{"companies", c.companies},
		{"media", c.media},
		{"rare surnames", c.rareSurnames},
		{"names of countries in other languages", c.countryNames},
		{"hand-written names in other languages", c.translations},
		{"names of people in other scripts", c.scripts},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		fmt.Fprintf(os.Stderr, "%-30s %7d entities %7d words\n", step.what, len(c.list), len(c.words))
	}
	text := c.text()
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	packed := enc.EncodeAll(text, nil)
	fmt.Fprintf(os.Stderr, "%d bytes, packed %d\n", len(text), len(packed))
	return os.WriteFile(out, packed, 0o644)
}
