package neardup

import "slices"

// unsure is a candidate whose text has to be read.
type unsure struct {
	seq   uint32
	pair  pair
	guess Match // by the sketches alone
}

const (
	maxReads     = 4 // candidates whose texts are read for one document
	maxWitnesses = 3 // others of the same source, to know its furniture by
)

// Texts gives the text of an article that the window holds, as it stands in
// its latest revision; "" where there is none any more.
type Texts func(id uint64) (string, error)

// Read finds what d is a copy of as Match does, and reads the texts where the
// sketches are not sure; text is that of d. What texts returns as an error it
// returns. Where a text is missing, the sketches decide.
func (x *Index) Read(d *Doc, text string, r *Reader, texts Texts) (Match, error) {
	best := x.survey(d)
	if len(x.unsure) == 0 {
		return best, nil
	}
	wanted := x.wanted(&x.query)
	r.begin(text)
	for _, w := range wanted {
		c := x.ring.at(w.seq)
		text, err := texts(c.id)
		if err != nil {
			return Match{}, err
		}
		r.add(text, x.work(c), x.query.source != 0 && c.source == x.query.source)
	}
	r.furniture()
	for i, w := range wanted {
		m := Match{}
		if w.pair == nil {
			continue // a witness
		}
		if o, ok := r.compare(i); !ok {
			m = w.guess
		} else if reason := x.read(w.pair, &o); reason != "" {
			c := x.ring.at(w.seq)
			m = Match{CopyOf: c.root(), Closest: c.id, Story: c.story, Reason: reason}
			m.Similarity = float32(min(max(w.pair.containment, w.pair.jaccard), .999))
		}
		if m.CopyOf != 0 && m.Similarity > best.Similarity {
			best = m
		}
	}
	return best, nil
}

// Wants appends the ids of the articles whose texts Read would ask for.
func (x *Index) Wants(dst []uint64, d *Doc) []uint64 {
	x.survey(d)
	if len(x.unsure) == 0 {
		return dst
	}
	for _, w := range x.wanted(&x.query) {
		dst = append(dst, x.ring.at(w.seq).id)
	}
	return dst
}

// wanted is an entry whose text is read; pair is nil for a witness.
type wanted struct {
	seq   uint32
	pair  *pair
	guess Match
}

// wanted gives the candidates to read, the most similar first, and the
// witnesses: where one of them has the source of e, other originals of it.
func (x *Index) wanted(e *entry) []wanted {
	x.toRead = x.toRead[:0]
	slices.SortStableFunc(x.unsure, func(a, b unsure) int {
		return int(1e6 * (max(b.pair.containment, b.pair.jaccard) - max(a.pair.containment, a.pair.jaccard)))
	})
	own := e.words < formWords // of a short text furniture can be most
	for i := range x.unsure[:min(len(x.unsure), maxReads)] {
		u := &x.unsure[i]
		if slices.ContainsFunc(x.toRead, func(w wanted) bool { return w.seq == u.seq }) {
			continue
		}
		own = own || u.pair.sameSource
		x.toRead = append(x.toRead, wanted{seq: u.seq, pair: &u.pair, guess: u.guess})
	}
	if !own {
		return x.toRead
	}
	left := maxWitnesses
	for _, k := range x.order {
		c := x.ring.at(k.seq)
		if left == 0 || c.source != e.source || c.superseded || c.id == e.id || c.copyOf == e.id || c.lang != e.lang {
			continue
		}
		if slices.ContainsFunc(x.toRead, func(w wanted) bool { return w.seq == k.seq || x.work(x.ring.at(w.seq)) == x.work(c) }) {
			continue
		}
		x.toRead = append(x.toRead, wanted{seq: k.seq})
		left--
	}
	return x.toRead
}

// fewWords of narration tell nothing of who wrote a text.
const fewWords = 60

// read names the rule by which two texts that were read are copies, if any.
func (x *Index) read(p *pair, o *reading) string {
	switch {
	case p.correction && p.sameSource && p.near && o.share >= .4 && p.titleIn >= .4:
		return "correction"
	case o.vetoed() || p.sameSource && o.dates.disagree >= 2 && o.dates.disagree > o.dates.agree:
	case !p.near:
		if o.share >= identical && o.missing == 0 && (o.same >= identical || !p.sameSource) {
			return "text"
		}
	case p.sameSource && p.words < formWords:
		if o.form(p) {
			return "text"
		}
	case p.words < shortWords:
		return x.rule(p)
	case p.sameSource:
		if o.keptOn() {
			return "text"
		}
	case o.takenOver(p):
		return "text"
	}
	return ""
}

// takenOver tells a text of which another source has taken half, counting what
// both tell in their own words, unless little is left of that. Of a text many
// times as long most has to be taken: what stands in a small part of it are
// somebody's words which both print.
func (o *reading) takenOver(p *pair) bool {
	if o.narrated*4 < o.words {
		return o.share >= identical
	}
	if o.narrated < fewWords || o.words < briefWords {
		return o.brief(p)
	}
	least := .475
	if o.narrated*10 < o.words*6 {
		least = .6
	}
	half := o.taken >= least && o.share >= .51 && o.taken+o.share >= 1 && (o.taken >= .75 || o.shareLong >= .15)
	return half || o.lead >= .85 && o.share >= .35
}

// briefWords is the length below which one sentence in the same words is a
// large share.
const briefWords = 150

// credits is how many words stand before a text at most: who wrote it, who took
// the picture, and where.
const credits = 12

// brief judges short texts of two sources. What is not shared may be the one's
// credits and, after a cut, its furniture, of which no other article is known.
func (o *reading) brief(p *pair) bool {
	told := float64(o.own) / float64(max(o.own-min(o.head, credits, o.own/6), 1))
	share, same := o.share*told, o.same*told
	switch {
	case same >= .8, share >= .8 && same >= .55, o.own >= fewWords && share >= .75 && same >= .5:
		return true
	case o.solid >= .9 && same >= .85*share && share >= .5:
		taken := o.share * float64(o.own)
		return taken >= 40 || taken >= 20 && p.titleIn >= .6
	}
	return false
}

// keptOn tells a text that goes on with one of the same source. Nobody replaces
// words all over his own old paragraphs: such a text is a copy, too.
func (o *reading) keptOn() bool {
	if o.narrated < fewWords || o.narrated*4 < o.words {
		return o.share >= identical
	}
	if o.solid >= .85 && o.same <= .85*o.share && o.taken >= .5 {
		return true
	}
	least := .69
	if o.takenLong < .35 { // a new report that keeps most of a short one for background
		least = .8
	}
	return o.taken >= least && (o.words < 1500 || o.takenLong >= .7) || o.share >= identical ||
		o.words < 1000 && o.lead >= .9 && o.share >= .45
}

// form tells a short text sent again by its source from a form filled in
// again: the same results in other words from those of another day.
func (o *reading) form(p *pair) bool {
	n := o.numbers
	allowed := o.values / 5
	switch {
	case n.disagree == 0 && n.agree >= 4:
		allowed = max(allowed, 1)
	case p.title >= .95:
		allowed = o.values / 4
	}
	switch {
	case p.title >= .95 && !p.late && o.words >= 100 && o.same >= .9 && n.disagree <= n.agree:
		return true // a figure was mended
	case p.title < .5 && !p.untitled && o.words < shortWords && o.same < .95:
		return false
	case o.missing > allowed || n.disagree*9 > n.agree*2 || o.dates.disagree > 0 && o.missing > 0:
		return false
	case p.late && n.disagree > 0:
		return false
	case p.title >= .5:
		return o.share >= .6
	case o.missing > 0 || o.dates.disagree > 0:
		return false
	case p.title >= .25:
		return (o.share >= .7 || o.share >= .5 && n.agree >= 8) && n.disagree*10 <= n.agree
	case p.untitled:
		return n.disagree == 0 && (o.share >= .75 && o.words >= 15 || o.solid >= .95 && o.same >= .85*o.share && o.share >= .5)
	}
	return p.jaccard >= .85 || o.words >= 40 && o.share >= .9 && n.disagree == 0
}

// vetoed is a template filled in twice, see the function of that name for
// sketches.
func (o *reading) vetoed() bool {
	return o.numbers.disagree > o.numbers.agree || o.turned > 0 && o.turned >= o.numbers.agree && o.words < formWords ||
		o.dates.disagree > o.dates.agree && o.numbers.disagree >= o.numbers.agree
}
