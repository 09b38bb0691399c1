package newsroom

import (
	"strings"
	"time"
)

// manuscript is a text before an outlet dresses it.
type manuscript struct {
	title      string
	titleNames []uint16
	paragraphs [][]sentence
	section    string
	city       string // of the dateline
	at         time.Time
	beat       int
	wire       bool // the wording is the agency's
}

type sentence struct {
	text  string
	names []uint16
}

// entities lists who and what the title and the text mention, each once, in
// order of first mention.
func (m *manuscript) entities() []uint16 {
	var all []uint16
	add := func(names []uint16) {
	next:
		for _, name := range names {
			for _, have := range all {
				if have == name {
					continue next
				}
			}
			all = append(all, name)
		}
	}
	add(m.titleNames)
	for _, paragraph := range m.paragraphs {
		for _, s := range paragraph {
			add(s.names)
		}
	}
	return all
}

// author writes manuscripts; it keeps buffers between texts and is not safe
// for concurrent use.
type author struct {
	w     *world
	words int // of the text at hand
	x     writer

	rules rulebook
}

// rulebook is the entry points into the grammar, looked up once.
type rulebook struct {
	lead, head, line, section []int // by beat
	common, quote, ending     int
	more                      int
}

func newAuthor(w *world) *author {
	a := &author{w: w}
	a.x = writer{g: w.g, w: w, used: make([]uint64, w.g.nAlts/64+1)}
	for _, beat := range beats {
		a.rules.lead = append(a.rules.lead, w.g.names[beat+".lead"])
		a.rules.head = append(a.rules.head, w.g.names[beat+".head"])
		a.rules.line = append(a.rules.line, w.g.names[beat+".line"])
		a.rules.section = append(a.rules.section, w.g.names[beat+".section"])
	}
	a.rules.common, a.rules.quote = w.g.names["sentence"], w.g.names["quotation"]
	a.rules.ending, a.rules.more = w.g.names["ending"], w.g.names["more"]
	return a
}

// write writes the text of a piece. chain is the piece and what it was made
// of, back to an original, newest first; words is the mean length of an original.
func (a *author) write(chain []piece, words int) *manuscript {
	a.words = words
	p := &chain[len(chain)-1]
	m := a.compose(p)
	for i := len(chain) - 2; i >= 0; i-- {
		p := &chain[i]
		r := &rng{mix(p.seed, 41)}
		switch p.kind {
		case kindCopy:
			cut(m, r)
		case kindRewrite:
			rewrite(m, r)
		case kindRevision:
			a.revise(m, p)
		}
	}
	return m
}

// compose writes an original.
func (a *author) compose(p *piece) *manuscript {
	c := a.w.newCast(p.event, p.planted)
	x := &a.x
	x.rng = &rng{p.seed}
	x.cast, x.at = c, time.Unix(0, p.at).UTC()
	x.reset()
	m := &manuscript{at: x.at, beat: c.beat, wire: p.outlet == wireOutlet,
		city: a.w.entities[c.places[0]].Name}

	x.headline = true
	x.sentence(a.rules.head[c.beat])
	x.headline = false
	m.title, m.titleNames = string(x.buf), x.names
	x.buf, x.names = x.buf[:0], nil
	x.expand(a.rules.section[c.beat])
	m.section = string(x.buf)

	target := a.words*3/4 + x.intn(a.words/2+1)
	words := 0
	add := func(rule int, fresh bool) {
		s := a.line(rule)
		words += strings.Count(s.text, " ") + 1
		if fresh || len(m.paragraphs) == 0 {
			m.paragraphs = append(m.paragraphs, nil)
		}
		last := len(m.paragraphs) - 1
		m.paragraphs[last] = append(m.paragraphs[last], s)
	}
	add(a.rules.lead[c.beat], true)
	for words < target-25 {
		fresh := len(m.paragraphs) == 1 || x.intn(2) == 0
		switch draw := x.intn(100); {
		case draw < 26:
			add(a.rules.quote, fresh)
		case draw < 52:
			add(a.rules.line[c.beat], fresh)
		default:
			add(a.rules.common, fresh)
		}
	}
	add(a.rules.ending, true)
	return m
}

// line writes one sentence.
func (a *author) line(rule int) sentence {
	x := &a.x
	x.buf, x.names = x.buf[:0], nil
	x.sentence(rule)
	return sentence{string(x.buf), x.names}
}

// revise adds a paragraph of new facts, and now and then changes the headline.
func (a *author) revise(m *manuscript, p *piece) {
	c := a.w.newCast(p.event, p.planted)
	x := &a.x
	x.rng, x.cast, x.at = &rng{mix(p.seed, 42)}, c, time.Unix(0, p.at).UTC()
	x.reset()
	var added []sentence
	added = append(added, a.line(a.rules.more))
	for range 1 + x.intn(2) {
		added = append(added, a.line(a.rules.line[c.beat]))
	}
	at := 1 + x.intn(len(m.paragraphs))
	m.paragraphs = append(m.paragraphs[:at:at], append([][]sentence{added}, m.paragraphs[at:]...)...)
	if x.intn(3) == 0 {
		m.title = strings.TrimPrefix(m.title, "UPDATE: ")
		m.title = "UPDATE: " + m.title
	}
}
