package judge_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/judge"
	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/text"
)

// opening is the beginning of a text, about n words to the end of a sentence.
func opening(s string, n int) string {
	words, end := 0, 0
	for _, f := range sentencesOf(s) {
		if words >= n {
			break
		}
		words += len(strings.Fields(f))
		end += len(f)
	}
	if words > n*3/2 {
		return firstWords(s[:end], float64(n)/float64(words))
	}
	return strings.TrimSpace(s[:end])
}

const (
	byline  = "By Marta Lindqvist, Staff Writer\n\n"
	trailer = "\n\nSign up for our morning letter. All rights reserved; no part of this page may be copied or broadcast."
)

// TestShortEdits edits texts of 40, 80 and 120 words.
func TestShortEdits(t *testing.T) {
	all := readArticles(t, 97)
	at := time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	for _, length := range []int{40, 80, 120} {
		cut, most := .95, .9 // of texts cut to 70 %, and with 30 % replaced
		if length == 40 {
			cut, most = .5, .8
		}
		sketcher := neardup.NewSketcher(text.AppendTerms)
		j, texts, bodies := judge.New(judge.DefaultConfig()), shelf{}, make([]string, len(all))
		read := func(in *judge.Input) judge.Verdict {
			v, err := j.Read(in, nil, texts)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		for i, a := range all {
			bodies[i] = opening(a.Text, length)
			in := dated(uint64(i+1), a.Title, bodies[i], a.Source, at.Add(time.Duration(i)*time.Minute), sketcher)
			v := read(in)
			if v.CopyOf != 0 {
				t.Errorf("%d words: %s called a copy of %s", length, a.ID, all[v.CopyOf-1].ID)
			}
			j.Fold(in, v)
			texts[in.ID] = bodies[i]
		}
		r := rand.New(rand.NewPCG(7, 9))
		for _, e := range []struct {
			name             string
			other, own, most float64 // recall from another source and from the same one, at least; at most
			edit             func(s string, i int) string
		}{
			{"same", 1, 1, 1, func(s string, _ int) string { return s }},
			{"upper case", .99, .99, 1, func(s string, _ int) string { return strings.ToUpper(s) }},
			{"typography", .99, .99, 1, func(s string, _ int) string { return typographyChanged(s) }},
			{"by-line", .97, .97, 1, func(s string, _ int) string { return byline + s }},
			{"by-line and trailer", .97, .97, 1, func(s string, _ int) string { return byline + s + trailer }},
			{"furniture added", .97, .97, 1, func(s string, _ int) string { return s + furniture }},
			{"first 70 %, by-line and trailer", cut, cut, 1, func(s string, _ int) string { return byline + firstWords(s, .7) + trailer }},
			{"first 50 %", .97, .97, 1, func(s string, _ int) string { return firstWords(s, .5) }},
			{"reordered", .97, .97, 1, func(s string, _ int) string { return shuffled(r, s) }},
			{"10 % replaced", .97, .97, 1, func(s string, _ int) string { return replaced(r, s, .1) }},
			{"30 % replaced", most, most, 1, func(s string, _ int) string { return replaced(r, s, .3) }},
			{"other numbers", 0, 0, .01, func(s string, _ int) string { return numbersChanged(r, s) }},
			{"other date and numbers", 0, 0, .01, func(s string, _ int) string { return numbersChanged(r, otherDate(s)) }},
		} {
			for _, own := range []bool{false, true} {
				found, wrong, n := 0, 0, 0
				for i, a := range all {
					body := e.edit(bodies[i], i)
					if e.most < 1 && digits(bodies[i]) < 3 {
						continue // hardly a number to change
					}
					for _, title := range []string{a.Title, ""} {
						n++
						source := "other.example"
						if own {
							source = a.Source
						}
						switch v := read(dated(uint64(1e6+i), title, body, source, at.Add(12*time.Hour), sketcher)); v.CopyOf {
						case 0:
						case uint64(i + 1):
							if found++; e.most < 1 {
								t.Logf("%s: %s", e.name, a.ID)
							}
						default:
							wrong++
						}
					}
				}
				least := e.other
				if own {
					least = e.own
				}
				share := float64(found) / float64(n)
				if share < least || share > e.most || wrong > 1 {
					t.Errorf("%d words, %s, own source %v: found %.3f, want %.2f to %.2f; %d of the wrong text", length, e.name, own, share, least, e.most, wrong)
				}
				t.Logf("%d words, %s, own source %v: found %.3f of %d", length, e.name, own, share, n)
			}
		}
	}
}
