package newsroom

import (
	"strings"
	"time"
)

// article is a text as an outlet shows it.
type article struct {
	title, author, section string
	teaser                 string
	paragraphs             []string // credit, by-line, prose, boilerplate
	published, updated     time.Time
	url, link, guid        string
	pageID                 uint64

	xml []byte // the item of its feed, once rendered
}

// dress gives a manuscript its outlet's by-line, dateline, credit and tail.
func (o *outlet) dress(m *manuscript, p *piece, urlTitle string) *article {
	r := &rng{mix(o.bodySeed, p.id)}
	by := o
	if m.wire {
		by = nil // the agency's reporters sign its texts wherever they appear
	}
	reporter := reporterOf(by, r)
	a := &article{title: m.title, author: reporter, section: m.section, pageID: p.id,
		published: time.Unix(0, p.first).In(o.zone), updated: time.Unix(0, p.at).In(o.zone)}
	a.url = o.url(p.id, a.published, urlTitle)
	a.link, a.guid = o.link(a.url), o.guid(a.url, p.id, a.published)

	if o.credits && r.intn(2) == 0 {
		a.paragraphs = append(a.paragraphs, "Photograph: "+reporterOf(o, r)+"/"+o.name)
	}
	if o.bylines {
		line := "By " + reporter
		if m.wire && o.number != wireOutlet {
			line += ", " + wireName
		}
		a.paragraphs = append(a.paragraphs, line)
	}
	for i, paragraph := range m.paragraphs {
		text := join(paragraph)
		if i == 0 {
			a.teaser = paragraph[0].text
			switch {
			case m.wire:
				text = strings.ToUpper(m.city) + " (" + wireName + ") — " + text
			case o.number%3 == 1:
				text = strings.ToUpper(m.city) + " — " + text
			}
		}
		a.paragraphs = append(a.paragraphs, text)
	}
	if o.tail != "" {
		a.paragraphs = append(a.paragraphs, o.tail)
	}
	if o.kind != nil && o.kind.accents {
		accent(a)
	}
	return a
}

func join(paragraph []sentence) string {
	if len(paragraph) == 1 {
		return paragraph[0].text
	}
	n := len(paragraph)
	for _, s := range paragraph {
		n += len(s.text)
	}
	var b strings.Builder
	b.Grow(n)
	for i, s := range paragraph {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s.text)
	}
	return b.String()
}

// reporterOf draws one of an outlet's dozen reporters; nil is the agency.
func reporterOf(o *outlet, r *rng) string {
	house := uint64(0)
	if o != nil {
		house = o.bodySeed
	}
	n := &rng{mix(house, 51, uint64(r.intn(12)))}
	given := menNames
	if n.intn(2) == 0 {
		given = womenNames
	}
	return given[n.intn(len(given))] + " " + familyName(n)
}

// text is the whole article as plain text.
func (a *article) text() string { return strings.Join(a.paragraphs, "\n\n") }

// hash is FNV-1a (Fowler, Noll and Vo) over the text.
func (a *article) hash() uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, p := range a.paragraphs {
		h = fnv(fnv(h, p), "\n\n")
	}
	return h
}

func fnv(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 0x100000001b3
	}
	return h
}
