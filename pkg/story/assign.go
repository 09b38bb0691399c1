package story

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

const (
	maxHops    = 32  // newest originals looked at for each term
	maxWalk    = 96  // of all terms together
	maxCompare = 8   // candidates that are compared in full
	hopeless   = 4   // of them: where none of these is close, none is
	worth      = .25 // of the weight that the best candidate shares: less is not compared
	maxStories = 4   // that are looked at as a whole
	maxMembers = 8   // newest articles of a story that speak for it, beside the first
	least      = 2   // rare terms that two originals of one event share at the least
)

// The odds that two originals are about one event: coefficients of a logistic
// regression on the labelled pairs of package judge, the half to tune on.
// Cosines are of 0..1, time is in days.
const (
	perTitle  = 5.79
	perText   = 11.40
	perNames  = 2.33
	perDay    = -1.38
	strangers = -4 // both name two and more, and none in common: -3.4 by the regression
	intercept = -3.68
)

// astray is the mean over a story below which no article joins it, however
// close the closest one is: it would lead the story away.
const astray = -2.5

// template is the cosine of two texts of one source from which they are one
// form filled in twice: prices, results, the weather. Nobody reports one event
// twice in the same words; what is no more than an edit is a copy, and does not
// come here. For the same reason titles that resemble each other speak for one
// event only where they come from two sources.
const template = .7

// Assign finds the story of d, without changing what the index knows: its id
// and the probability that d belongs to it (0..1), or d's own id and 0 where it
// begins a new one.
func (x *Index) Assign(d *Doc) (storyID uint64, similarity float32) {
	e := &x.query
	e.fill(d)
	x.gauge = x.gaugeOf(e.lang)
	x.weigh(&x.weighs, e)
	least := math.Log(x.cfg.Threshold / (1 - x.cfg.Threshold))
	near := x.order[:0]
	for i, k := range x.candidates(e) {
		if i == hopeless && len(near) == 0 {
			break
		}
		c := x.ring.at(k.seq)
		if c.id == 0 || c.id == e.id {
			continue
		}
		if odds := x.odds(c); odds > least {
			near = append(near, candidate{seq: k.seq, score: odds})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(b.score, a.score) })
	best := least
	storyID = d.ID
	x.tried = x.tried[:0]
	for _, k := range near {
		story := x.ring.at(k.seq).story
		if slices.Contains(x.tried, story) {
			continue
		}
		if len(x.tried) == maxStories {
			break
		}
		x.tried = append(x.tried, story)
		if odds, ok := x.whole(e, story); ok && odds > astray {
			if odds = (k.score + odds) / 2; odds > best {
				best, storyID = odds, story
			}
		}
	}
	if storyID == d.ID {
		return d.ID, 0
	}
	return storyID, float32(1 / (1 + math.Exp(-best)))
}

// whole is the mean of the odds over what represents a story: its newest
// articles and its first one. ok is false where the story began too long ago.
func (x *Index) whole(e *entry, story uint64) (odds float64, ok bool) {
	n := 0
	first, held := x.ids[story]
	if held {
		c := x.ring.at(first)
		if e.apart(c) > x.cfg.Span {
			return 0, false
		}
		if c.id != e.id {
			odds, n = x.odds(c), 1
		}
	}
	seq := x.last[story]
	for range maxMembers {
		if c := x.ring.at(seq); c.id != 0 && c.id != e.id && !(held && seq == first) {
			odds += x.odds(c)
			n++
		}
		before := x.ring.at(seq).before
		if before == seq || !x.ring.has(before) {
			break
		}
		seq = before
	}
	if n == 0 {
		return 0, false
	}
	return odds / float64(n), true
}

// candidate is an original and what speaks for it.
type candidate struct {
	seq   uint32
	score float64
}

// key is a term of the query and how many originals have it.
type key struct {
	n     uint32
	place uint8
}

// place is a cell of a small table of entries that were met.
type place struct {
	round, seq uint32
	at         int32 // in order
}

// candidates gives the originals with the largest weight of shared rare terms,
// best first, newest first among equals. The rarest terms are looked up first.
func (x *Index) candidates(e *entry) []candidate {
	x.order, x.rarer = x.order[:0], x.rarer[:0]
	x.round++
	for i, t := range e.terms[:e.nTerms] {
		if n := x.slot(t>>8, e.lang).n; n > 0 && n <= x.gauge.rare {
			x.rarer = append(x.rarer, key{n: n, place: uint8(i)})
		}
	}
	slices.SortFunc(x.rarer, func(a, b key) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.place, b.place)) })
	walked := 0
	for _, k := range x.rarer {
		h := e.terms[k.place] >> 8
		tag, weight := tag(h), x.weighs.terms[k.place]*x.weighs.idf[k.place]
		for seq, hops := x.slot(h, e.lang).last, 0; hops < maxHops && walked < maxWalk && x.ring.has(seq); hops++ {
			walked++
			c := x.ring.at(seq)
			i := c.key(tag)
			if i < 0 {
				break
			}
			if e.apart(c) <= x.cfg.Gap {
				x.meet(seq).score += weight
			}
			if seq == c.prev[i] {
				break
			}
			seq = c.prev[i]
		}
	}
	most := 0.0
	for _, k := range x.order {
		most = max(most, k.score)
	}
	x.order = slices.DeleteFunc(x.order, func(k candidate) bool { return k.score < most*worth })
	slices.SortFunc(x.order, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(x.ring.next-a.seq, x.ring.next-b.seq))
	})
	return x.order[:min(len(x.order), maxCompare)]
}

// meet finds the candidate that an entry is, or makes it one: there are twice
// as many places as entries to be met.
func (x *Index) meet(seq uint32) *candidate {
	for i := seq * 0x9e3779b1 % uint32(len(x.found)); ; i = (i + 1) % uint32(len(x.found)) {
		p := &x.found[i]
		if p.round != x.round {
			*p = place{round: x.round, seq: seq, at: int32(len(x.order))}
			x.order = append(x.order, candidate{seq: seq})
		}
		if p.seq == seq {
			return &x.order[p.at]
		}
	}
}

// weighed holds the weights of the terms of an entry, and the lengths of its
// three vectors.
type weighed struct {
	e                  *entry
	terms              [MaxTerms]float64
	idf                [MaxTerms]float64
	names              [maxEntities]float64
	title, text, named float64
}

func (x *Index) weigh(w *weighed, e *entry) {
	w.e = e
	var title, text, named float64
	for i, t := range e.terms[:e.nTerms] {
		idf := x.gauge.idf(x.slot(t>>8, e.lang).n)
		weight := idf * float64(t&maxWeight)
		w.idf[i], w.terms[i] = idf, weight
		text += weight * weight
		if t&inTitle != 0 {
			title += idf * idf
		}
	}
	for i, h := range e.entities[:e.nEntities] {
		w.names[i] = x.gauge.idf(x.slot(h, e.lang).n)
		named += w.names[i] * w.names[i]
	}
	w.title, w.text, w.named = math.Sqrt(title), math.Sqrt(text), math.Sqrt(named)
}

// odds are the logarithm of those that the query and an entry are about one
// event; low ones where too few rare terms agree.
func (x *Index) odds(c *entry) float64 {
	a, b := &x.weighs, &x.other
	e := a.e
	if c.lang != e.lang {
		return intercept
	}
	x.weigh(b, c)
	var title, text, named float64
	rare, shared := 0, 0
	for i, j := 0, 0; i < int(e.nTerms) && j < int(c.nTerms); {
		s, t := e.terms[i], c.terms[j]
		switch {
		case s>>8 < t>>8:
			i++
		case s>>8 > t>>8:
			j++
		default:
			text += a.terms[i] * b.terms[j]
			if s&t&inTitle != 0 {
				title += a.idf[i] * b.idf[j]
			}
			if x.slot(s>>8, e.lang).n <= x.gauge.telling {
				rare++
			}
			i, j = i+1, j+1
		}
	}
	for i, j := 0, 0; i < int(e.nEntities) && j < int(c.nEntities); {
		switch cmp.Compare(e.entities[i], c.entities[j]) {
		case -1:
			i++
		case 1:
			j++
		default:
			named += a.names[i] * b.names[j]
			shared++
			i, j = i+1, j+1
		}
	}
	title, text = cosine(title, a.title, b.title), cosine(text, a.text, b.text)
	if e.source == c.source && e.source != 0 {
		if text >= template {
			return intercept
		}
		title = 0
	}
	odds := intercept + perTitle*title + perText*text + perNames*cosine(named, a.named, b.named) + perDay*days(e, c)
	if shared == 0 && min(e.nEntities, c.nEntities) >= 2 {
		odds += strangers
	}
	if rare < least {
		return min(odds, intercept)
	}
	return odds
}

// days is the time between two originals; where one is unknown, what is usual
// in one story.
func days(e, c *entry) float64 {
	if e.ts == 0 || c.ts == 0 {
		return 1
	}
	return e.apart(c).Hours() / 24
}

func cosine(dot, a, b float64) float64 {
	if dot == 0 {
		return 0
	}
	return dot / (a * b)
}

// prior is how many originals are assumed before the window has filled: it
// keeps the first terms from all looking rare.
const prior = 1000

const logBits = 10

// gauge tells how rare a term is among the originals of a language.
type gauge struct {
	docs    float64 // logarithm of their number
	rare    uint32  // terms of so many at most lead to candidates: of 1 in 10
	telling uint32  // terms of so many at most tell one event from others: of 1 in 100
}

func (x *Index) gaugeOf(lang uint32) gauge {
	n := x.docs[lang]
	return gauge{docs: math.Log(float64(n + prior)), rare: max(20, n/10), telling: max(20, n/100)}
}

// idf is the inverse document frequency of a term that n originals of the
// window have.
func (g *gauge) idf(n uint32) float64 {
	shift := max(bits.Len32(n)-logBits, 0)
	return max(g.docs-logs[n>>shift]-float64(shift)*math.Ln2, 0)
}

// logs are the logarithms of n+1. Those of larger numbers follow from them to
// one part in a thousand.
var logs = func() (l [1 << logBits]float64) {
	for n := range l {
		l[n] = math.Log(float64(n + 1))
	}
	return l
}()
