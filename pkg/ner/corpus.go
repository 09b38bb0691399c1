package ner

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/text"
)

// labels are the tags of a document's tokens.
type labels struct {
	gold  []tag
	allow []uint16 // the tags that may be right: all of them where nobody knows
}

// label turns spans into tags.
func (d *Document) label() labels {
	l := labels{make([]tag, len(d.Toks)), make([]uint16, len(d.Toks))}
	for _, s := range d.Gold {
		for i := s.Start; i < s.End; i++ {
			l.gold[i] = tagOf(s.Kind, inside)
		}
		l.gold[s.End-1] = tagOf(s.Kind, last)
		l.gold[s.Start] = tagOf(s.Kind, begin)
		if s.End-s.Start == 1 {
			l.gold[s.Start] = tagOf(s.Kind, unit)
		}
	}
	for i, t := range l.gold {
		l.allow[i] = 1 << t
	}
	for _, s := range d.Unsure {
		for i := s.Start; i < s.End; i++ {
			l.allow[i] = allTags
		}
	}
	return l
}

// hyphenate glues what the tokeniser takes apart at hyphens, as some corpora
// have it: "U.S.-led" is one token, and no name.
func (d *Document) hyphenate() {
	var toks []text.Token
	moved := make([]int32, len(d.Toks)+1) // new index of each token
	mixed := map[int32]bool{}
	inName := make([]int32, len(d.Toks))
	for k, s := range d.Gold {
		for i := s.Start; i < s.End; i++ {
			inName[i] = int32(k + 1)
		}
	}
	for i := 0; i < len(d.Toks); i++ {
		moved[i] = int32(len(toks))
		toks = append(toks, d.Toks[i])
		t := &toks[len(toks)-1]
		for t.Kind <= text.Number && i+2 < len(d.Toks) && d.Text[t.End] == '-' && d.Toks[i+1].Start == t.End && d.Toks[i+1].End == t.End+1 &&
			d.Toks[i+2].Start == t.End+1 && d.Toks[i+2].Kind <= text.Number {
			if inName[i] != inName[i+2] || inName[i] != inName[i+1] {
				mixed[int32(len(toks)-1)] = true
			}
			moved[i+1], moved[i+2] = int32(len(toks)-1), int32(len(toks)-1)
			t.End = d.Toks[i+2].End
			i += 2
		}
	}
	moved[len(d.Toks)] = int32(len(toks))
	fit := func(spans []Span, drop bool) []Span {
		var out []Span
		for _, s := range spans {
			s.Start, s.End = moved[s.Start], moved[s.End-1]+1
			if drop && mixed[s.Start] && s.End-s.Start == 1 {
				continue
			}
			if n := len(out); n > 0 && out[n-1].End > s.Start {
				continue
			}
			out = append(out, s)
		}
		return out
	}
	d.Gold, d.Unsure = fit(d.Gold, true), fit(d.Unsure, false)
	d.Toks = toks
}

// headline returns a copy of sentence k as a document's headline would have it,
// in capitals or in Title Case, or as one who never writes capitals would have
// it, with its annotations.
func (d *Document) headline(k int, mode uint8) Document {
	sent := d.Sents[k]
	from, _ := slices.BinarySearchFunc(d.Toks, sent.Start, func(t text.Token, at int32) int { return int(t.Start - at) })
	to := from
	h := Document{Name: d.Name}
	var b strings.Builder
	for ; to < len(d.Toks) && d.Toks[to].Start < sent.End; to++ {
		t := d.Toks[to]
		if to > from && t.Start > d.Toks[to-1].End {
			b.WriteByte(' ')
		}
		at := int32(b.Len())
		w := d.Text[t.Start:t.End]
		switch {
		case mode == modeSmall:
			b.WriteString(strings.ToLower(w))
		case mode == modeCapitals:
			b.WriteString(strings.ToUpper(w))
		case len(w) > 3 || to == from:
			r, n := utf8.DecodeRuneInString(w)
			b.WriteRune(unicode.ToUpper(r))
			b.WriteString(w[n:])
		default:
			b.WriteString(w)
		}
		h.Toks = append(h.Toks, text.Token{Start: at, End: int32(b.Len()), Kind: t.Kind})
	}
	h.Text = b.String()
	h.Sents = []text.Span{{Start: 0, End: int32(len(h.Text))}}
	cut := func(spans []Span) (out []Span) {
		for _, s := range spans {
			if int(s.Start) >= from && int(s.End) <= to {
				s.Start -= int32(from)
				s.End -= int32(from)
				out = append(out, s)
			}
		}
		return out
	}
	h.Gold, h.Unsure = cut(d.Gold), cut(d.Unsure)
	return h
}

// under puts a headline above a document.
func (d *Document) under(h Document) Document {
	shift, toks := int32(len(h.Text))+2, int32(len(h.Toks))
	out := Document{Name: d.Name, Text: h.Text + "\n\n" + d.Text}
	out.Toks, out.Sents = slices.Clone(h.Toks), slices.Clone(h.Sents)
	for _, t := range d.Toks {
		out.Toks = append(out.Toks, text.Token{Start: t.Start + shift, End: t.End + shift, Kind: t.Kind})
	}
	for _, s := range d.Sents {
		out.Sents = append(out.Sents, text.Span{Start: s.Start + shift, End: s.End + shift})
	}
	move := func(head, body []Span) []Span {
		all := slices.Clone(head)
		for _, s := range body {
			s.Start += toks
			s.End += toks
			all = append(all, s)
		}
		return all
	}
	out.Gold, out.Unsure = move(h.Gold, d.Gold), move(h.Unsure, d.Unsure)
	return out
}

// vary makes a document as texts come: glued hyphens in one of four, a sentence
// in capitals, Title Case or small letters above one of five.
func (d Document) vary(r *rand.Rand, silver bool) Document {
	glue, head, mode := r.IntN(4) == 0, r.IntN(5) == 0, uint8(modeCapitals+r.IntN(3))
	if silver && glue {
		d.hyphenate()
	}
	if !head || len(d.Sents) == 0 {
		return d
	}
	h := d.headline(r.IntN(min(len(d.Sents), 4)), mode)
	if len(h.Toks) < 4 || len(h.Toks) > 40 {
		return d
	}
	return d.under(h)
}
