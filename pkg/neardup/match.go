package neardup

import (
	"cmp"
	"slices"
	"time"
)

const (
	maxHops    = 24  // newest entries looked at for each key
	commonHops = 6   // where there are more than that
	maxWalk    = 160 // of all keys together
	maxVerify  = 16  // candidates whose sketches are compared
)

// Match finds what d is a copy of, if it is a copy, by the sketches alone. It
// does not change what the index knows; an article is never matched with its
// own earlier text.
func (x *Index) Match(d *Doc) Match {
	best := x.survey(d)
	for i := range x.unsure {
		if u := &x.unsure[i]; u.guess.CopyOf != 0 && u.guess.Similarity > best.Similarity {
			best = u.guess
		}
	}
	return best
}

// survey compares sketches. It gives the best match that is sure, and leaves
// in x.unsure those that texts have to decide, the most similar ones first;
// none where a match is sure.
func (x *Index) survey(d *Doc) Match {
	e := &x.query
	e.fill(d, 0)
	x.asked.take(d.Sketch)
	best := Match{}
	var furniture mask // of what is compared first nothing is known
	x.unsure = x.unsure[:0]
	consider := func(seq uint32) {
		c := x.ring.at(seq)
		if c.superseded || c.id == d.ID || c.copyOf == d.ID || c.lang != e.lang {
			return
		}
		switch m, p, sure := x.judge(e, c, &furniture); {
		case !sure:
			x.unsure = append(x.unsure, unsure{seq: seq, pair: p, guess: m})
		case m.CopyOf != 0 && m.Similarity > best.Similarity:
			best = m
		}
	}
	x.walk(x.bodies, e.body, func(c *entry) uint32 { return c.prevBody }, consider)
	if best.Similarity == 1 {
		return best
	}
	found := x.candidates(e)
	for _, k := range found {
		x.touched += x.ring.at(k.seq).touch()
	}
	furniture = x.furniture(e, found)
	for _, k := range found {
		if consider(k.seq); best.Similarity >= identical {
			break
		}
	}
	if best.Similarity < identical {
		x.walk(x.titles, e.title, func(c *entry) uint32 { return c.prevTitle }, consider)
	}
	if best.CopyOf != 0 {
		x.unsure = x.unsure[:0]
	}
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
	x.asked.take(d.Sketch)
	o := compare(x.meet(c), &x.other, nil)
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

// shingle is a key of e with its posting list.
type shingle struct {
	n, key, link uint32
	hops         int   // to go along the list
	weight       int32 // of an entry that is met
}

// found tells which entries a walk has met. An index keeps one.
type found struct {
	slots [512]struct {
		round, seq uint32
		at         int32
	}
	round uint32
}

// place is where an entry stands in order; next where it is met first.
func (f *found) place(seq uint32, next int) (at int, known bool) {
	for i := seq * 0x9e3779b1 >> 23; ; i = (i + 1) & 511 {
		s := &f.slots[i]
		if s.round != f.round {
			s.round, s.seq, s.at = f.round, seq, int32(next)
			return next, false
		}
		if s.seq == seq {
			return int(s.at), true
		}
	}
}

// clear begins the next walk.
func (f *found) clear() {
	if f.round++; f.round == 0 {
		*f = found{round: 1}
	}
}

// candidates gives the entries which share 3-word shingles with e, those with
// rare ones and many first, newest first among equals. Rare shingles are
// walked first; a common one shows its newest entries only, if any, and each
// of them counts for little.
func (x *Index) candidates(e *entry) []candidate {
	x.found.clear()
	x.order, x.rarer = x.order[:0], x.rarer[:0]
	h3 := x.asked.h3
	// The table is larger than the caches: all places are read before any is
	// looked at, so that the reads overlap.
	var homes [max3]struct {
		shard *shard
		at    int
		slot  slot
	}
	for i, key := range h3 {
		h := &homes[i]
		if h.shard, h.at = x.runs.home(key ^ e.lang); h.at < len(h.shard.slots) {
			h.slot = h.shard.slots[h.at]
		} else {
			h.slot.link = noLink
		}
	}
	for i, key := range h3 {
		h := &homes[i]
		if h.slot.link == noLink {
			continue
		}
		if at := h.shard.find(key^e.lang, h.at); at >= 0 {
			x.rarer = append(x.rarer, shingle{n: x.runs.count(h.shard, at), key: key, link: h.shard.slots[at].link})
		}
	}
	slices.SortFunc(x.rarer, func(a, b shingle) int {
		return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.key, b.key))
	})
	walked := 0
	for i := range x.rarer {
		s := &x.rarer[i]
		s.hops = min(int(s.n), maxHops)
		s.weight = 1024 / int32(s.hops)
		if s.n > maxHops {
			s.hops = commonHops
		}
		s.hops = min(s.hops, maxWalk-walked)
		walked += s.hops
	}
	// One step along every list in turn, again so that the reads overlap.
	for left := x.rarer; len(left) > 0; {
		n := 0
		for _, s := range left {
			if s.hops == 0 {
				continue
			}
			seq := x.ring.entryOf(s.link)
			at, known := x.found.place(seq, len(x.order))
			if !known {
				x.order = append(x.order, candidate{seq: seq})
			}
			x.order[at].weight += s.weight
			if s.hops--; s.hops > 0 {
				s.link = x.ring.links(seq)[s.link&(1<<keyBits-1)]
				left[n] = s
				n++
			}
		}
		left = left[:n]
	}
	slices.SortFunc(x.order, func(a, b candidate) int {
		if c := cmp.Compare(b.weight, a.weight); c != 0 {
			return c
		}
		return cmp.Compare(x.ring.next-a.seq, x.ring.next-b.seq)
	})
	return x.order[:min(len(x.order), maxVerify)]
}

// furniture marks the 2-word shingles of e that its source repeats: those
// which stand in two other originals of that source. They are captions, lists
// of links, forms filled in each day, paragraphs of background. Copies of one
// original count once, see work.
func (x *Index) furniture(e *entry, found []candidate) (repeated mask) {
	if e.source == 0 {
		return repeated
	}
	var once mask
	x.roots = x.roots[:0]
	for _, k := range found {
		c := x.ring.at(k.seq)
		if c.source != e.source || c.superseded || c.id == e.id || c.copyOf == e.id {
			continue
		}
		a := x.meet(c)
		m := sharedMask(a.h2, x.other.h2)
		root := x.work(c)
		at := slices.IndexFunc(x.roots, func(r rootMask) bool { return r.id == root })
		if at < 0 {
			at = len(x.roots)
			x.roots = append(x.roots, rootMask{id: root})
		}
		for i := range m {
			x.roots[at].mask[i] |= m[i]
		}
	}
	for _, r := range x.roots {
		for i, m := range r.mask {
			repeated[i] |= once[i] & m
			once[i] |= m
		}
	}
	return repeated
}

// heading tells whether the source of e has used its title for two originals
// already.
func (x *Index) heading(e *entry) bool {
	first, more := uint64(0), false
	x.walk(x.titles, e.title, func(c *entry) uint32 { return c.prevTitle }, func(seq uint32) {
		c := x.ring.at(seq)
		if c.source != e.source || c.id == e.id {
			return
		}
		if first == 0 {
			first = c.root()
		}
		more = more || first != c.root()
	})
	return more
}

// work tells originals apart for furniture: copies count as the original that
// they are of. But where not a word of the titles is the same, it may be the
// furniture that made a copy of the second article that had it.
func (x *Index) work(c *entry) uint64 {
	if c.copyOf == 0 {
		return c.id
	}
	seq, ok := x.ids[c.copyOf]
	if !ok || c.nTitle == 0 {
		return c.copyOf
	}
	if o := x.ring.at(seq); o.source == c.source && o.nTitle > 0 && common(o.titleTerms[:o.nTitle], c.titleTerms[:c.nTitle]) == 0 {
		return c.id
	}
	return c.copyOf
}

type rootMask struct {
	id   uint64
	mask mask
}

// root is the original: the entry itself, or what it is a copy of.
func (e *entry) root() uint64 {
	if e.copyOf != 0 {
		return e.copyOf
	}
	return e.id
}

// judge decides whether e is a copy of c or of c's original; sure: no text can
// tell more. Otherwise the match is a guess.
func (x *Index) judge(e, c *entry, furniture *mask) (m Match, p pair, sure bool) {
	m = Match{CopyOf: c.root(), Closest: c.id, Story: c.story}
	short := min(e.words, c.words) < shortWords
	near := e.apart(c) <= x.cfg.Near
	sameTitle := e.title != 0 && e.title == c.title
	if e.body != 0 && e.body == c.body {
		// The same few words under another title are a template's ("Watch the video").
		if !short || e.title == c.title && near {
			m.Similarity, m.Reason = 1, "body"
			return m, p, true
		}
	}
	p = pair{overlap: compare(x.meet(c), &x.other, furniture), near: near, words: min(e.words, c.words)}
	p.sameSource = e.source != 0 && e.source == c.source
	p.correction, p.untitled = e.correction, e.nTitle == 0 || c.nTitle == 0
	p.late = e.apart(c) > afterwards
	p.heading = p.sameSource && x.heading(e)
	p.title = jaccard(e.titleTerms[:e.nTitle], c.titleTerms[:c.nTitle])
	p.titleIn = contained(e.titleTerms[:e.nTitle], c.titleTerms[:c.nTitle])
	p.names = common(e.entities[:e.nEntities], c.entities[:c.nEntities])
	similarity := max(p.containment, p.jaccard)
	m.Similarity = float32(min(similarity, .999))
	if sameTitle && short && near && !vetoed(p.overlap) && (p.n == 0 || p.containment >= x.cfg.Containment && !p.sameSource || p.containment >= .75 && p.missing == 0) {
		m.Similarity, m.Reason = max(m.Similarity, float32(x.cfg.Containment)), "title"
		return m, p, p.n < minSample || !p.sameSource
	}
	if e.apart(c) > x.cfg.Window {
		return Match{}, p, true
	}
	sure = p.sure()
	if m.Reason = x.rule(&p); m.Reason == "" {
		m = Match{}
	}
	return m, p, sure
}

// meet unpacks what is compared into x.other, and gives what was asked about in
// the same precision.
func (x *Index) meet(c *entry) *bare {
	c.packed.unpack(&x.other)
	return x.aligned.align(&x.asked, c.packed.shift)
}

// apart is the distance in analysis time; 0 where one is unknown.
func (e *entry) apart(c *entry) time.Duration {
	if e.ts == 0 || c.ts == 0 {
		return 0
	}
	return (time.Duration(e.ts-c.ts) * time.Millisecond).Abs()
}

// common counts values that stand in both of two ascending lists.
func common[T cmp.Ordered](a, b []T) (n int) {
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

func jaccard(a, b []uint16) float64 {
	n := common(a, b)
	if n == 0 {
		return 0
	}
	return float64(n) / float64(len(a)+len(b)-n)
}

// contained is the share of the shorter list that stands in the other.
func contained(a, b []uint16) float64 {
	n := min(len(a), len(b))
	if n == 0 {
		return 0
	}
	return float64(common(a, b)) / float64(n)
}
