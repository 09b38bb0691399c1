package neardup

import (
	"math"
	"time"
)

const (
	minSample  = 8  // sampled shingles that an estimate needs to stand alone
	shortWords = 25 // a text below needs its title, too
	identical  = .9 // from here on distance in time does not matter

	// afterwards is the time within which a source mends the figures of a form;
	// from then on it fills it in again.
	afterwards = 12 * time.Hour
)

// pair is what is known of two texts beside their bodies.
type pair struct {
	overlap
	near, sameSource, correction bool
	words                        uint32  // of the shorter
	title, titleIn               float64 // Jaccard and containment of the titles' terms
	names                        int     // in both
	heading                      bool    // the title recurs
	untitled                     bool    // one has no title
	late                         bool    // another figure is that of another day, see afterwards
}

// sure tells that no text can tell more than the sketches: too little is shared
// for any rule, even where a third of the words was replaced, or next to
// everything is, and no value differs.
func (p *pair) sure() bool {
	switch {
	case p.n < minSample:
		return true
	case p.containment < .25, p.sameSource && p.containment < .35 && p.lead < .42:
		return true
	case p.nTold < minSample:
		return p.containment < .6
	case p.nTold >= 24 && p.told < .12:
		return true
	}
	return p.jaccard >= .9 && p.missing == 0 && p.numbers.disagree == 0 && p.dates.disagree == 0
}

// rule names the rule by which two texts are copies, if any.
func (x *Index) rule(p *pair) string {
	similarity := max(p.containment, p.jaccard)
	switch {
	case p.correction && p.sameSource && p.near && p.containment >= .4 && p.titleIn >= .4:
		return "correction"
	case vetoed(p.overlap):
	case !p.near:
		if similarity >= identical && p.n >= minSample && p.missing == 0 {
			return "shingles"
		}
	case p.resent():
		return "title"
	case p.words < formWords && p.values > 0 && p.sameSource:
		return p.form()
	case p.words < shortWords:
		if p.n >= minSample && (p.jaccard >= .75 || p.containment >= identical) {
			return "shingles"
		}
	case p.nTold < minSample:
		// Little else than quotations or furniture.
		if p.n >= minSample && p.containment >= identical && p.jaccard >= .5 {
			return "shingles"
		}
	case p.sameSource:
		if p.keptOn() {
			return "shingles"
		}
		if p.told >= .4 && p.clumped <= 1.1 && x.even(p) {
			return "grey"
		}
	case x.taken(p):
		return "shingles"
	case x.even(p):
		return "grey"
	}
	return ""
}

// taken tells a text that another source has taken over for half at least,
// more where the sample is small. Reports that are independent of each other
// have pairs of words in common, and few longer runs.
func (x *Index) taken(p *pair) bool {
	if p.runs < .75*p.expectedRuns() || p.containment < x.cfg.Grey {
		return false
	}
	half, strong := x.cfg.Containment, (1+x.cfg.Containment)/2
	if p.containment >= half && p.told >= half-.02+.25/math.Sqrt(float64(p.nTold)) {
		return true
	}
	return p.told >= half && (p.lead >= strong || p.jaccard >= x.cfg.Jaccard)
}

// keptOn tells a text that goes on with one of the same source: two thirds are
// kept, and what is new is spread. A new event over the old background has its
// own text in one piece.
func (p *pair) keptOn() bool {
	return p.told >= .66 && p.containment >= .6 && p.clumped <= 1.2 && (p.words < longWords || p.jaccard >= .6)
}

// even tells a text rewritten word by word.
func (x *Index) even(p *pair) bool {
	return p.containment >= x.cfg.Grey && p.told >= x.cfg.Grey+.6/math.Sqrt(float64(max(p.nTold, 1))) && rewritten(p.overlap) && p.supported()
}

// resent tells a text that its source sends again under the same title, with
// other details: the same results with other rounding, a story that goes on.
// Titles that come back and back are those of forms and columns.
func (p *pair) resent() bool {
	return p.sameSource && p.titleIn >= .95 && !p.heading && p.n >= minSample && p.containment >= .5 &&
		p.missing*3 <= p.values && p.numbers.disagree*2 <= p.numbers.agree && p.told >= .4
}

// longWords is the length from which most that one source prints twice are
// galleries and captions.
const longWords = 2000

// formWords is the length below which a text full of numbers may be a form
// filled in: prices, results, notices of auctions.
const formWords = 200

// form judges short texts of one source by their numbers.
func (p *pair) form() string {
	allowed := 0
	switch {
	case p.values >= 16:
		allowed = p.values / 9
	case p.numbers.disagree == 0 && p.numbers.agree >= 5 && p.titleIn >= .8:
		allowed = 2
	case p.numbers.disagree == 0 && p.numbers.agree >= 4 && p.titleIn >= .6:
		allowed = 1
	}
	switch {
	case p.numbers.disagree*3 > p.numbers.agree:
	case p.missing > allowed || p.n < minSample:
	case p.containment >= identical:
		return "shingles"
	case p.titleIn >= .5 && p.containment >= .55:
		return "numbers"
	case p.titleIn >= .5 && p.containment >= .4 && p.values >= 8:
		return "numbers"
	case p.titleIn >= .4 && p.containment >= .5 && p.values < 8:
		return "numbers"
	}
	return ""
}

// vetoed is a template filled in twice: numbers or dates differ where the
// words around them agree. What is only an update has more that agree.
func vetoed(o overlap) bool {
	return o.numbers.disagree > o.numbers.agree ||
		o.dates.disagree > o.dates.agree && o.numbers.disagree >= o.numbers.agree
}

// rewritten tells a text changed word by word from one that shares quotations
// or set phrases: what is left spreads over the text evenly, and in runs.
func rewritten(o overlap) bool {
	even := o.clumped <= 1.25 && o.jaccard >= .23 || o.clumped <= 1.1 && o.containment >= .4
	return even && o.shared >= 6 && o.runs >= .55*o.expectedRuns()
}

// expectedRuns is the containment of 3-word shingles in a text of which a
// share s of the words was kept at random: s^2 of the shingles of two words
// are left, and s^3 of those of three. Texts that have pairs of words in
// common by chance have less.
func (o overlap) expectedRuns() float64 { return o.containment * math.Sqrt(o.containment) }

// supported looks for other evidence: the title, numbers, names.
func (p *pair) supported() bool { return p.title >= .3 || p.numbers.agree >= 2 || p.names >= 2 }
