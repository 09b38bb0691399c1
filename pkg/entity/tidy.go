package entity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// appendGlued finds the stretches of a text that stand behind a linked name:
// the name in full, glued to headlines of other articles, as some outlets' pages
// have them. "Ted Cruz Rafael (Ted) Edward CruzGOP turns furor … MORE said": it
// goes from behind the first name to that MORE, or to where the two are glued.
func appendGlued(dst []zone, s string) []zone {
	from := 0
	for i := 3; i < len(s); i++ {
		if c := s[i]; c < '0' || c > '9' && c < 'A' || c > 'Z' {
			continue
		}
		if c := s[i-1]; (c < 'a' || c > 'z') && c != '.' {
			continue
		}
		first := glued(s, from, i)
		if first < 0 {
			continue
		}
		end := i
		line := strings.IndexByte(validPrefix(s[i:], maxHeadlines), '\n')
		if line < 0 {
			line = len(validPrefix(s[i:], maxHeadlines))
		}
		if k := strings.Index(s[i:i+line], " MORE"); k >= 0 {
			end = i + k + len(" MORE")
		}
		dst = append(dst, zone{int32(first), int32(end)})
		from, i = end, max(i, end-1)
	}
	return dst
}

// Bounds in bytes: of what is glued to a name, and of the name in full, so that
// a text without blanks is gone through once.
const (
	maxHeadlines = 700
	maxGlued     = 80
)

// glued returns where the name ends whose last word stands a second time right
// before byte i, with nothing but names between, all behind byte from; or -1.
func glued(s string, from, i int) int {
	start := i
	for start > from && i-start < maxGlued && s[start-1] > ' ' {
		start--
	}
	last := s[start:i]
	if len(last) == maxGlued || len(last) < 3 || last[0] < 'A' || last[0] > 'Z' || start == from {
		return -1
	}
	before := s[max(from, start-maxGlued):start]
	k := strings.LastIndex(before, " "+last+" ")
	if k < 0 {
		if !strings.HasPrefix(before, last+" ") || len(before) == maxGlued {
			return -1
		}
		k = -1
	}
	between := strings.Fields(before[k+1+len(last):])
	if len(between) == 0 || len(between) > 6 {
		return -1
	}
	for _, w := range between {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "(\"“'"))
		if !unicode.IsUpper(r) || strings.ContainsAny(w, "@/") {
			return -1
		}
	}
	return start - len(before) + k + 1 + len(last)
}

// tidy mends the mentions of a text before they are linked: none goes on into
// what is glued to a name, what a stroke parts is two, and adjectives such as
// "US-led" and "US-Russian" hold none.
func (p *Pipeline) tidy(s string, ms []Mention, glued []zone) []Mention {
	ms = slices.DeleteFunc(ms, func(m Mention) bool {
		return adjective(s[m.End:]) || m.Kind == LOC && p.adjectival(m.Surface(s))
	})
	g := 0
	var parted []Mention // what came so far, once a stroke was seen
	for i := range ms {
		m := &ms[i]
		for g < len(glued) && glued[g].end <= m.Start {
			g++
		}
		if g < len(glued) && m.Start < glued[g].start && m.End > glued[g].start {
			m.End = glued[g].start
		}
		for at, n := p.stroke(m.Surface(s)); at >= 0; at, n = p.stroke(m.Surface(s)) {
			if parted == nil {
				parted = slices.Clone(ms[:i])
			}
			left := *m
			left.End = m.Start + int32(at)
			parted = append(parted, left)
			m.Start += int32(at + n)
			if p.outletNamed(m.Surface(s)) {
				m.Kind = ORG
			}
		}
		if parted != nil {
			parted = append(parted, *m)
		}
	}
	if parted != nil {
		return parted
	}
	return ms
}

// adjective says whether a text goes on as the second half of an adjective that a
// name begins: "-led", "-based", "-era".
func adjective(s string) bool {
	if !strings.HasPrefix(s, "-") {
		return false
	}
	n := 1
	for n < len(s) && 'a' <= s[n] && s[n] <= 'z' {
		n++
	}
	switch w := s[1:n]; w {
	case "run", "held", "born", "made", "built", "era", "style", "wide", "bound", "area", "friendly", "wing":
		return true
	default:
		return len(w) > 2 && strings.HasSuffix(w, "ed")
	}
}

// adjectival says whether a place's name ends in such a half, or in the adjective
// of a country behind a hyphen.
func (p *Pipeline) adjectival(surface string) bool {
	i := strings.LastIndexByte(surface, '-')
	if i < 1 {
		return false
	}
	_, ok := p.t.demonyms[foldKey(surface[i+1:])]
	return ok || adjective(surface[i:])
}

// stroke finds where a stroke parts two names, and how many bytes it takes: one
// between blanks, or one before an outlet, as in "Jane Hartwell/Reuters".
func (p *Pipeline) stroke(surface string) (at, n int) {
	i := strings.IndexAny(surface, "/|")
	if i < 1 || i == len(surface)-1 {
		return -1, 0
	}
	from, to := i, i+1
	for from > 0 && surface[from-1] == ' ' {
		from--
	}
	for to < len(surface) && surface[to] == ' ' {
		to++
	}
	if from == 0 || to == len(surface) || (from == i || to == i+1) && !p.outletNamed(surface[to:]) {
		return -1, 0
	}
	return from, to - from
}

// outletNamed says whether a name is that of an outlet.
func (p *Pipeline) outletNamed(name string) bool {
	for _, ref := range p.t.Lookup(name) {
		if p.t.entities[ref].Media {
			return true
		}
	}
	return false
}
