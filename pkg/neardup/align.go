package neardup

import (
	"cmp"
	"slices"
)

// passage is a stretch of one text that stands in the other, too: words
// [from, to) of the one, [at, atEnd) of the other.
type passage struct {
	from, to, at, atEnd int32
	matched             int32 // pairs of words that agree
}

// meeting is a pair of words that two texts have in common: where it stands in
// the one and in the other, and its passage.
type meeting struct{ i, j, passage int32 }

const (
	maxWords  = 6000 // of a text that are aligned
	maxTwins  = 12   // places of one pair of words that are looked at
	maxGap    = 8    // words between two pairs of a passage
	maxDrift  = 3    // words by which the texts may shift between them
	leastRun  = 4    // pairs of words in a passage, at least
	leastFill = .25  // of its pairs that agree, at least
)

// aligner finds the passages that two texts share, word by word: a passage
// that was edited has gaps and shifts a little, one that was moved is found
// where it is. It holds scratch space and is for one goroutine at a time.
type aligner struct {
	heads []int32 // hash of a pair of words -> its last place in the long text, +1
	next  []int32 // place -> the place before with that hash, +1
	diag  []int32 // place in the long text less that in the short one -> passage, +1
	open  []passage
	met   []meeting
}

// passages aligns two texts and gives the longest passages first, and the pairs
// of words of which they consist.
func (x *aligner) passages(short, long *prose) ([]passage, []meeting) {
	s, l := short.terms, long.terms
	size := 16
	for size < 2*len(l) {
		size *= 2
	}
	x.heads = slices.Grow(x.heads[:0], size)[:size]
	clear(x.heads)
	x.next = slices.Grow(x.next[:0], len(l))[:len(l)]
	mask := uint64(size - 1)
	for j := 0; j+1 < len(l); j++ {
		if long.plain[j] || long.plain[j+1] {
			h := pairHash(l[j], l[j+1]) & mask
			x.next[j] = x.heads[h]
			x.heads[h] = int32(j + 1)
		}
	}
	n := len(s) + len(l) + 2*maxDrift + 1
	x.diag = slices.Grow(x.diag[:0], n)[:n]
	clear(x.diag)
	x.open, x.met = x.open[:0], x.met[:0]
	for i := 0; i+1 < len(s); i++ {
		if !short.plain[i] && !short.plain[i+1] {
			continue
		}
		seen := 0
		for p := x.heads[pairHash(s[i], s[i+1])&mask]; p != 0 && seen < maxTwins; p = x.next[p-1] {
			j := int(p - 1)
			if l[j] == s[i] && l[j+1] == s[i+1] {
				x.extend(int32(i), int32(j), int32(len(s)+maxDrift))
				seen++
			}
		}
	}
	met := x.met[:0]
	for _, m := range x.met {
		if x.open[m.passage].dense() {
			met = append(met, m)
		}
	}
	kept := x.open[:0]
	for _, p := range x.open {
		if p.dense() {
			kept = append(kept, p)
		}
	}
	slices.SortFunc(kept, func(a, b passage) int {
		return cmp.Or(cmp.Compare(b.matched, a.matched), cmp.Compare(a.from, b.from), cmp.Compare(a.at, b.at))
	})
	return kept, met
}

func (p *passage) dense() bool {
	return p.matched >= leastRun && float64(p.matched) >= leastFill*float64(p.to-p.from-1)
}

// extend adds a pair to the passage that it goes on with, or begins one.
func (x *aligner) extend(i, j, zero int32) {
	d := j - i + zero
	best := int32(0)
	for k := d - maxDrift; k <= d+maxDrift; k++ {
		if c := x.diag[k]; c != 0 {
			p := &x.open[c-1]
			if i+2-p.to > maxGap || i+2 <= p.to || j+2 <= p.atEnd {
				continue
			}
			if best == 0 || p.matched > x.open[best-1].matched {
				best = c
			}
		}
	}
	if best == 0 {
		x.open = append(x.open, passage{from: i, at: j})
		best = int32(len(x.open))
	}
	p := &x.open[best-1]
	p.to, p.atEnd = i+2, j+2
	p.matched++
	x.diag[d] = best
	x.met = append(x.met, meeting{i, j, best - 1})
}

func pairHash(a, b uint64) uint64 {
	h := (a*0x9e3779b97f4a7c15 + b) * 0xbf58476d1ce4e5b9
	return h ^ h>>29
}
