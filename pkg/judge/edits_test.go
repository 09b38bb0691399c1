package judge_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/text"
)

// article is one of the collection.
type article struct {
	ID                        string
	Title, Text, Source, Date string
}

// readArticles gives every nth text of 150 words and more.
func readArticles(t *testing.T, nth int) (out []article) {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder that holds corpus/articles.jsonl.gz")
	}
	f, err := os.Open(filepath.Join(dir, collections["articles"]))
	if err != nil {
		t.Skip(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bufio.NewReaderSize(z, 1<<20))
	for i := 0; ; i++ {
		var a article
		if err := d.Decode(&a); err == io.EOF {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		if i%nth == 0 && len(strings.Fields(a.Text)) >= 150 {
			out = append(out, a)
		}
	}
}

var wordPattern = regexp.MustCompile(`\pL[\pL'’]*`)

// replaced puts another word in the place of a share of all words; names stay.
func replaced(r *rand.Rand, s string, share float64) string {
	return wordPattern.ReplaceAllStringFunc(s, func(w string) string {
		if r.Float64() >= share || w[0] >= 'A' && w[0] <= 'Z' {
			return w
		}
		return fmt.Sprintf("%c%s", 'a'+w[len(w)-1]%26, w)
	})
}

// spun is a heavier rewrite: one word, two, or none.
func spun(r *rand.Rand, s string, share float64) string {
	return wordPattern.ReplaceAllStringFunc(s, func(w string) string {
		if r.Float64() >= share || w[0] >= 'A' && w[0] <= 'Z' {
			return w
		}
		switch r.IntN(5) {
		case 0:
			return ""
		case 1, 2:
			return "so" + w + " ta" + w
		}
		return "re" + w
	})
}

func firstWords(s string, share float64) string {
	n := int(float64(len(strings.Fields(s))) * share)
	in, k := false, 0
	for i, c := range s {
		word := c > ' '
		if word && !in {
			if k == n {
				return strings.TrimSpace(s[:i])
			}
			k++
		}
		in = word
	}
	return s
}

var sentenceEnd = regexp.MustCompile(`[.!?]["”’)]*\s+`)

func sentencesOf(s string) (out []string) {
	last := 0
	for _, m := range sentenceEnd.FindAllStringIndex(s, -1) {
		out = append(out, s[last:m[1]])
		last = m[1]
	}
	return append(out, s[last:])
}

func shuffled(r *rand.Rand, s string) string {
	f := sentencesOf(s)
	r.Shuffle(len(f), func(i, j int) { f[i], f[j] = f[j], f[i] })
	return strings.Join(f, " ")
}

// leadRewritten puts the beginning of another text in the place of the first
// sentences.
func leadRewritten(s, other string) string {
	f, o := sentencesOf(s), sentencesOf(other)
	n := min(2, len(f)-1)
	return strings.Join(o[:min(2, len(o))], "") + " " + strings.Join(f[n:], "")
}

func quoted(r *rand.Rand, s string, others []article) string {
	var b strings.Builder
	for i, f := range sentencesOf(s) {
		b.WriteString(f)
		if i%5 == 4 {
			o := sentencesOf(others[r.IntN(len(others))].Text)
			b.WriteString(" “" + strings.TrimSpace(strings.NewReplacer(`"`, "", "“", "", "”", "").Replace(o[len(o)/2])) + "” she said. ")
		}
	}
	return b.String()
}

func numbersChanged(r *rand.Rand, s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= '0' && c <= '9' {
			b[i] = '1' + (c-'0'+byte(r.IntN(8)))%9
		}
	}
	return string(b)
}

var months = strings.Fields("January February March April May June July August September October November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday")

func otherDate(s string) string {
	for _, m := range months {
		s = strings.ReplaceAll(s, m, "\x00"+m+"\x00")
	}
	for i, m := range months {
		next := months[(i+3)%12]
		if i >= 12 {
			next = months[12+(i-12+2)%7]
		}
		s = strings.ReplaceAll(s, "\x00"+m+"\x00", next)
	}
	return s
}

const furniture = "\n\nSign up for our morning letter and never miss a headline. Follow us on social media and download the app. " +
	"All rights reserved by the publisher; no part of this page may be copied, broadcast, rewritten or redistributed without permission. " +
	"Read more: our correspondents in the capital, pictures of the week, and the best of opinion. Advertisement. Story continues below."

func typographyChanged(s string) string {
	return strings.NewReplacer("“", `"`, "”", `"`, "’", "'", " — ", " - ", "–", "-", ". ", ".\n\n").Replace(s)
}

func dated(id uint64, title, body, source string, at time.Time, sk *neardup.Sketcher) *judge.Input {
	in := &judge.Input{Text: body}
	terms, starts := text.AppendTermsAt(nil, nil, body)
	in.Doc = neardup.Doc{ID: id, SeenAt: at, TS: at, Source: source, Language: "en", BodyHash: text.BodyHash(body),
		Sketch: sk.Append(nil, terms, starts, body), Words: len(terms), Title: text.AppendTerms(nil, title)}
	return in
}

// shelf is where the judge reads texts.
type shelf map[uint64]string

func (s shelf) Text(id uint64) (string, error) { return s[id], nil }

// TestRealEdits edits texts as papers do, and holds the judge to recall by
// kind of edit, and to silence where a copy would be wrong. Each edit comes
// from another source and from the same one, with the title and without.
func TestRealEdits(t *testing.T) {
	all := readArticles(t, 97)
	r := rand.New(rand.NewPCG(7, 9))
	judgeReprints(t, "whole", all, 6, []reprint{
		{"same", 1, 1, 1, func(s string, _ int) string { return s }},
		{"upper case", .99, .99, 1, func(s string, _ int) string { return strings.ToUpper(s) }},
		{"typography", .99, .99, 1, func(s string, _ int) string { return typographyChanged(s) }},
		{"furniture added", .99, .99, 1, func(s string, _ int) string { return s + furniture }},
		{"first 30 %", .98, .98, 1, func(s string, _ int) string { return firstWords(s, .3) }},
		{"first 50 %", .99, .99, 1, func(s string, _ int) string { return firstWords(s, .5) }},
		{"reordered", .98, .98, 1, func(s string, _ int) string { return shuffled(r, s) }},
		{"10 % replaced", .99, .99, 1, func(s string, _ int) string { return replaced(r, s, .1) }},
		{"30 % replaced", .97, .97, 1, func(s string, _ int) string { return replaced(r, s, .3) }},
		{"40 % spun", .95, .9, 1, func(s string, _ int) string { return spun(r, s, .4) }},
		{"lead rewritten", .97, .95, 1, func(s string, i int) string { return leadRewritten(s, all[(i+1)%len(all)].Text) }},
		{"quotations inserted", .98, .97, 1, func(s string, _ int) string { return quoted(r, s, all) }},
		{"half, 10 % replaced, furniture", .97, .95, 1, func(s string, _ int) string { return replaced(r, firstWords(s, .5), .1) + furniture }},
		{"half, 30 % replaced, furniture", .9, .9, 1, func(s string, _ int) string { return replaced(r, firstWords(s, .5), .3) + furniture }},
		{"other numbers", 0, 0, .01, func(s string, _ int) string { return numbersChanged(r, s) }},
		{"other date and numbers", 0, 0, .01, func(s string, _ int) string { return numbersChanged(r, otherDate(s)) }},
	})
}

func digits(s string) (n int) {
	for _, c := range s {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}
