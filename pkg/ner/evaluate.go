package ner

import "math"

// Result counts the names of annotated texts: exact spans of the right kind.
type Result struct {
	Want, Got, Right [4]int // by kind; 0: all
	Tokens           int
	scored           []scored
}

type scored struct {
	score float32
	right bool
}

// F1 of a kind, or of all for None: the harmonic mean of precision and recall.
func (r *Result) F1(k Kind) float64 {
	if r.Right[k] == 0 {
		return 0
	}
	return 2 * float64(r.Right[k]) / float64(r.Want[k]+r.Got[k])
}

// Precision and Recall of a kind, or of all for None.
func (r *Result) Precision(k Kind) float64 {
	return float64(r.Right[k]) / math.Max(float64(r.Got[k]), 1)
}
func (r *Result) Recall(k Kind) float64 { return float64(r.Right[k]) / math.Max(float64(r.Want[k]), 1) }

// Bin is a row of a reliability table: spans with a score up to Top.
type Bin struct {
	Top, Mean, Right float64 // upper end, mean score, share that is right
	N                int
}

// Reliability groups the spans found into n ranges of scores of equal width.
func (r *Result) Reliability(n int) []Bin {
	bins := make([]Bin, n)
	for i := range bins {
		bins[i].Top = float64(i+1) / float64(n)
	}
	for _, s := range r.scored {
		b := &bins[min(int(s.score*float32(n)), n-1)]
		b.N++
		b.Mean += float64(s.score)
		if s.right {
			b.Right++
		}
	}
	for i := range bins {
		if b := &bins[i]; b.N > 0 {
			b.Mean /= float64(b.N)
			b.Right /= float64(b.N)
		}
	}
	return bins
}

// Evaluate tags documents with their own tokens and sentences and counts what is
// right.
func (m *Model) Evaluate(docs []Document) *Result {
	r := &Result{}
	g := NewTagger(m)
	for i := range docs {
		d := &docs[i]
		r.Tokens += len(d.Toks)
		got := g.TagTokens(d.Text, d.Toks, d.Sents)
		want := map[Span]bool{}
		for _, s := range d.Gold {
			want[Span{Start: d.Toks[s.Start].Start, End: d.Toks[s.End-1].End, Kind: s.Kind}] = true
			r.Want[s.Kind]++
			r.Want[None]++
		}
		for _, s := range got {
			r.Got[s.Kind]++
			r.Got[None]++
			right := want[Span{Start: s.Start, End: s.End, Kind: s.Kind}]
			if right {
				r.Right[s.Kind]++
				r.Right[None]++
			}
			r.scored = append(r.scored, scored{s.Score, right})
		}
	}
	return r
}

// calibrate sets the exponent with which scores fit the spans of annotated texts
// best (temperature scaling, Guo et al. 2017).
func (m *Model) calibrate(dev []Document) {
	m.sharp = 1
	if len(dev) == 0 {
		return
	}
	best, at := math.Inf(1), 1.0
	for sharp := 0.8; sharp < 4; sharp += 0.2 {
		m.sharp = sharp
		loss := 0.0
		for _, s := range m.Evaluate(dev).scored {
			p := float64(s.score)
			if !s.right {
				p = 1 - p
			}
			loss -= math.Log(math.Max(p, 1e-3))
		}
		if loss < best {
			best, at = loss, sharp
		}
	}
	m.sharp = at
}
