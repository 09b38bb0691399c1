package judge_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
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
	for _, length := range []int{40, 80, 120} {
		cut, most := .95, .9 // of texts cut to 70 %, and with 30 % replaced
		if length == 40 {
			cut, most = .5, .8
		}
		short := slices.Clone(all)
		for i := range short {
			short[i].Text = opening(short[i].Text, length)
		}
		r := rand.New(rand.NewPCG(7, 9))
		judgeReprints(t, fmt.Sprint(length, " words"), short, 3, []reprint{
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
		})
	}
}
