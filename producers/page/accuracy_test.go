// Ninety real pages, one after the other: the race detector has nothing to find
// and would take a minute for it.

//go:build !race

package page

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"html"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

// sample is a real page with its true text.
type sample struct {
	ID, URL     string
	ArticleBody string
	page        []byte
	title       string
	teaser      string
}

func samples(t *testing.T) []sample {
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to a folder with html/ground-truth.jsonl.gz and html/pages")
	}
	unpack := func(name string) io.Reader {
		f, err := os.Open(filepath.Join(dir, "html", name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	var out []sample
	lines := bufio.NewScanner(unpack("ground-truth.jsonl.gz"))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(unpack("pages/" + s.ID + ".html.gz"))
		if err != nil {
			t.Fatal(err)
		}
		s.page = b
		for _, re := range []*regexp.Regexp{
			regexp.MustCompile(`(?is)<meta[^>]+property=["']?og:title["']?[^>]+content="([^"]+)"`),
			regexp.MustCompile(`(?is)<title[^>]*>([^<]+)`),
		} {
			if m := re.FindSubmatch(b); m != nil {
				s.title = html.UnescapeString(string(m[1]))
				break
			}
		}
		if m := regexp.MustCompile(`(?is)<meta[^>]+name=["']?description["']?[^>]+content="([^"]+)"`).FindSubmatch(b); m != nil {
			s.teaser = html.UnescapeString(string(m[1]))
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		t.Fatal("no samples")
	}
	return out
}

// TestAccuracy: precision, recall and F1 of the shingles of four words, the
// measure of the article extraction benchmark, means over pages.
func TestAccuracy(t *testing.T) {
	var p, r float64
	var took, worst time.Duration
	list := samples(t)
	none := 0
	for _, s := range list {
		start := time.Now()
		got, err := extract(s.page, "text/html; charset=utf-8", s.URL, newClaim(&news.Article{Title: s.title}))
		d := time.Since(start)
		took, worst = took+d, max(worst, d)
		if err != nil {
			t.Logf("%s: %v (%d words in truth), %q", s.URL, err, text.Words(s.ArticleBody), s.title)
			none++
		}
		pp, rr := compare(got, s.ArticleBody)
		p, r = p+pp, r+rr
	}
	n := float64(len(list))
	p, r = p/n, r/n
	f1 := 2 * p * r / (p + r)
	t.Logf("%d pages: precision %.4f, recall %.4f, F1 %.4f; %d without text; %v a page, worst %v", len(list), p, r, f1, none, took/time.Duration(len(list)), worst)
	if f1 < 0.94 {
		t.Errorf("F1 %.4f", f1)
	}
}

func compare(got, want string) (precision, recall float64) {
	a, b := shingles(got), shingles(want)
	common := 0
	for k, n := range a {
		common += min(n, b[k])
	}
	sum := func(m map[string]int) (n int) {
		for _, c := range m {
			n += c
		}
		return n
	}
	na, nb := sum(a), sum(b)
	if na > 0 {
		precision = float64(common) / float64(na)
	} else if nb == 0 {
		precision = 1
	}
	recall = 1
	if nb > 0 {
		recall = float64(common) / float64(nb)
	}
	return precision, recall
}

var word = regexp.MustCompile(`[\p{L}\p{N}_]+`)

func shingles(s string) map[string]int {
	m := map[string]int{}
	w := word.FindAllString(s, -1)
	for i := 0; i < len(w); i++ {
		if i+4 <= len(w) || i == 0 {
			m[strings.Join(w[i:min(i+4, len(w))], " ")]++
		}
	}
	return m
}

// TestClaimOnPages: a page is taken for its own title and teaser, and for no
// other's.
func TestClaimOnPages(t *testing.T) {
	list := samples(t)
	taken, own, wrong, others := 0, 0, 0, 0
	for i, s := range list {
		n := text.Words(s.ArticleBody)
		for j, o := range list {
			c := newClaim(&news.Article{Title: o.title, Summary: o.teaser})
			switch fits := c.fits(s.ArticleBody, s.title, n); {
			case i == j && fits:
				taken++
				fallthrough
			case i == j:
				own++
			case fits:
				wrong++
				fallthrough
			default:
				others++
			}
		}
	}
	t.Logf("own %d of %d, others %d of %d", taken, own, wrong, others)
	if taken*100 < own*95 || wrong*100 > others {
		t.Errorf("taken %d of %d own, and %d of %d others", taken, own, wrong, others)
	}
}

// TestHostilePages: what is made to cost is refused, or read in a time that
// follows its size.
func TestHostilePages(t *testing.T) {
	c := newClaim(&news.Article{Title: title, Summary: teaser})
	const size = 256 << 10
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	some := func(s string, n int) string { return strings.Repeat(s, n) }
	for name, page := range map[string]string{
		"deep": fill("<div>"), "formatting": fill("<b><i>"), "anchors": fill("<a href=x>"), "paragraphs": fill("<p>x"), "tables": fill("<table><tr><td>"),
		"attributes": "<p " + fill("a=b ") + ">", "one text": "<p>" + fill("word "), "entities": "<p>" + fill("&amp;"), "comments": fill("<!-- x -->"), "script": "<script>" + fill("if(a<b){}"),
		"svg": fill("<svg><g>"), "select": fill("<select><option>"), "brackets": fill("<"), "json": `<script type="application/ld+json">` + fill(`{"a":[`),
		"flat":  "<article>" + some("<p>The ferry line between Oslo and Kiel reopens.</p>", 7_000),
		"mixed": "<article>" + some("<p>ferry <b>line <i>Oslo</b> Kiel</i> <a href=x>storm</a></p>", 3_700), "spans": some("<span>", 400) + story(20), "cells": "<table>" + some("<tr><td>a<td>b", 4_900),
		"unclosed": some("<a>ferry<p>", 7_400), "templates": some("<template>", 300) + story(3), "lists": some("<ul><li>", 240) + story(3),
	} {
		start := time.Now()
		_, err := extract([]byte(page), "text/html; charset=utf-8", "https://harbour.example/a", c)
		d := time.Since(start)
		t.Logf("%-10s %8d bytes %v: %v", name, len(page), d.Round(time.Millisecond), err)
		if err != nil && reason(err) == "other" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
