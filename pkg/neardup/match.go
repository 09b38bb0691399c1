package neardup

import (
	"cmp"
	"math"
	"slices"
	"time"
)

const (
	maxHops    = 24  // newest entries looked at for each key
	maxWalk    = 160 // of all keys together
	maxVerify  = 24  // candidates whose sketches are compared
	minSample  = 8   // sampled shingles that an estimate needs to stand alone
	shortWords = 25  // a text below needs its title, too
	identical  = .9  // from here on distance in time does not matter
)

// Match finds what d is a copy of, if it is a copy. It does not change what
// the index knows; an article is never matched with its own earlier text.
func (x *Index) Match(d *Doc) Match {
	e := new(entry)
	e.fill(d, 0)
	best := Match{}
	consider := func(seq uint32) {
		c := x.ring.at(seq)
		if c.superseded || c.id == d.ID || c.copyOf == d.ID || c.lang != e.lang {
			return
		}
		if m := x.judge(e, c); m.CopyOf != 0 && m.Similarity > best.Similarity {
			best = m
		}
	}
	x.walk(x.bodies, e.body, func(c *entry) uint32 { return c.prevBody }, consider)
	if best.Similarity == 1 {
		return best
	}
	for _, k := range x.candidates(e) {
		if consider(k.seq); best.Similarity >= identical {
			return best
		}
	}
	x.walk(x.titles, e.title, func(c *entry) uint32 { return c.prevTitle }, consider)
	return best
}

// Similarity compares d with the text that the window holds of an article: the
// larger of estimated containment and Jaccard, 0 where it holds none.
func (x *Index) Similarity(d *Doc, id uint64) float32 {
	seq, ok := x.ids[id]
	if !ok {
		return 0
	}
	c := x.ring.at(seq)
	if d.BodyHash != 0 && c.body == bodyKey(d, c.lang) {
		return 1
	}
	o := compare(d.Sketch, c.sk())
	return float32(min(max(o.containment, o.jaccard), .999))
}

// walk visits the newest entries of a key.
func (x *Index) walk(m map[uint64]uint32, key uint64, prev func(*entry) uint32, visit func(seq uint32)) {
	if key == 0 {
		return
	}
	seq, ok := m[key]
	for range maxHops {
		if !ok || !x.ring.has(seq) {
			return
		}
		visit(seq)
		before := prev(x.ring.at(seq))
		ok, seq = before != seq, before
	}
}

// candidate is an entry and the weight of what it shares.
type candidate struct {
	seq    uint32
	weight int32
}

// shingle is a key of e with the length of its posting list.
type shingle struct {
	n, key, last uint32
}

// candidates gives the entries which share 3-word shingles with e, those with
// rare ones and many first, newest first among equals. Rare shingles are
// walked first; a common one shows its newest entries only, if any, and each
// of them counts for little.
func (x *Index) candidates(e *entry) []candidate {
	clear(x.found)
	x.order, x.rarer = x.order[:0], x.rarer[:0]
	h3, _, _ := e.sk().parts()
	for _, key := range h3 {
		if list, ok := x.runs[key^e.lang]; ok {
			x.rarer = append(x.rarer, shingle{n: list.n, key: key, last: list.last})
		}
	}
	slices.SortFunc(x.rarer, func(a, b shingle) int {
		return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.key, b.key))
	})
	walked := 0
	for _, s := range x.rarer {
		seq := s.last
		weight := 1024 / int32(min(s.n, maxHops))
		for hops := 0; hops < maxHops && walked < maxWalk && x.ring.has(seq); hops++ {
			walked++
			at, known := x.found[seq]
			if !known {
				at = len(x.order)
				x.found[seq] = at
				x.order = append(x.order, candidate{seq: seq})
			}
			x.order[at].weight += weight
			c := x.ring.at(seq)
			i, _ := slices.BinarySearch(c.keys(), s.key)
			if c.prev[i] == seq {
				break
			}
			seq = c.prev[i]
		}
	}
	slices.SortFunc(x.order, func(a, b candidate) int {
		if c := cmp.Compare(b.weight, a.weight); c != 0 {
			return c
		}
		return cmp.Compare(x.ring.next-a.seq, x.ring.next-b.seq)
	})
	return x.order[:min(len(x.order), maxVerify)]
}

// judge decides whether e is a copy of c or of c's original.
func (x *Index) judge(e, c *entry) Match {
	m := Match{CopyOf: c.copyOf, Closest: c.id, Story: c.story}
	if m.CopyOf == 0 {
		m.CopyOf = c.id
	}
	short := min(e.words, c.words) < shortWords
	near := e.apart(c) <= x.cfg.Near
	sameTitle := e.title != 0 && e.title == c.title
	if e.body != 0 && e.body == c.body {
		// The same few words under another title are a template's ("Watch the video").
		if !short || e.title == c.title && near {
			m.Similarity, m.Reason = 1, "body"
			return m
		}
	}
	o := compare(e.sk(), c.sk())
	similarity := max(o.containment, o.jaccard)
	m.Similarity = float32(min(similarity, .999))
	switch {
	case vetoed(o):
	case !near && (short || similarity < identical || o.n < minSample || e.apart(c) > x.cfg.Window):
	case short:
		if sameTitle && (o.n == 0 || o.containment >= x.cfg.Containment) {
			m.Similarity, m.Reason = max(m.Similarity, float32(x.cfg.Containment)), "title"
			return m
		}
		if o.n >= minSample && (o.jaccard >= .6 || o.containment >= identical) {
			m.Reason = "shingles"
			return m
		}
	case o.n >= minSample && x.taken(o):
		m.Reason = "shingles"
		return m
	case o.containment >= x.cfg.Grey && rewritten(o) && supported(e, c, o):
		m.Reason = "grey"
		return m
	}
	return Match{}
}

// vetoed is a template filled in twice: numbers or dates differ where the
// words around them agree. What is only an update has more that agree.
func vetoed(o overlap) bool {
	return o.numbers.disagree > o.numbers.agree ||
		o.dates.disagree > o.dates.agree && o.numbers.disagree >= o.numbers.agree
}

// taken tells a text taken over from one that quotes at length.
func (x *Index) taken(o overlap) bool {
	strong := (1 + x.cfg.Containment) / 2
	return o.runs >= .6*o.expectedRuns() && (o.jaccard >= x.cfg.Jaccard || o.containment >= strong || o.lead >= strong ||
		o.containment >= x.cfg.Containment && o.clumped <= 1.15)
}

// rewritten tells a text changed word by word from one that shares quotations
// or set phrases: what is left spreads over the text evenly, and in runs.
func rewritten(o overlap) bool {
	even := o.clumped <= 1.25 && o.jaccard >= .23 || o.clumped <= 1.1 && o.containment >= .4
	return even && o.shared >= 6 && o.runs >= .7*o.expectedRuns()
}

// expectedRuns is the containment of 3-word shingles in a text of which a
// share s of the words was kept at random: s^2 of the shingles of two words
// are left, and s^3 of those of three. Texts that have pairs of words in
// common by chance have less.
func (o overlap) expectedRuns() float64 { return o.containment * math.Sqrt(o.containment) }

// supported looks for other evidence: the title, numbers, names.
func supported(e, c *entry, o overlap) bool {
	title := jaccard(e.titleTerms[:e.nTitle], c.titleTerms[:c.nTitle])
	names := common(e.entities[:e.nEntities], c.entities[:c.nEntities])
	return title >= .3 || o.numbers.agree >= 2 || names >= 2
}

// apart is the distance in analysis time; 0 where one is unknown.
func (e *entry) apart(c *entry) time.Duration {
	if e.ts == 0 || c.ts == 0 {
		return 0
	}
	return (time.Duration(e.ts-c.ts) * time.Millisecond).Abs()
}

// common counts values that stand in both of two ascending lists.
func common(a, b []uint32) (n int) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch cmp.Compare(a[i], b[j]) {
		case -1:
			i++
		case 1:
			j++
		default:
			n, i, j = n+1, i+1, j+1
		}
	}
	return n
}

func jaccard(a, b []uint32) float64 {
	n := common(a, b)
	if n == 0 {
		return 0
	}
	return float64(n) / float64(len(a)+len(b)-n)
}
