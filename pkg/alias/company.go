package alias

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/dateline/dateline/pkg/entity"
)

// Bounds of what is remembered of persons between documents, beside the number
// of persons itself.
const (
	companions  = 24  // of one person
	spellings   = 6   // of one name
	common      = .03 // whoever is in more of the documents is nobody's company
	wantCompany = 2   // shared companions that a document needs
)

// company remembers who is named together with whom, so that a person of
// almost the same name in the same company is told for the same. It is
// bounded: the persons not seen for longest are forgotten. What it has said is
// in the evidence; what it has forgotten it learns again.
type company struct {
	most   int
	docs   int
	named  map[string]int // documents that name an entity
	people map[string]*someone
	spelt  map[string][]string // ids by how their names sound
}

type someone struct {
	key  string
	name string
	ref  int32 // row in the tables, or -1
	last int   // document
	with []companion
}

type companion struct {
	id string
	n  int
}

func newCompany(most int) *company {
	return &company{most: most, named: map[string]int{}, people: map[string]*someone{}, spelt: map[string][]string{}}
}

// meet notes one document by the entities that it names, each once, and calls
// same for persons that are in the company of others of their name, clash for
// two of such names in one document.
func (c *company) meet(ms []*entity.Mention, same, clash func(m *entity.Mention, other string)) {
	c.docs++
	here := map[string]bool{}
	for _, m := range ms {
		here[m.EntityID] = true
		c.named[m.EntityID]++
	}
	for _, m := range ms {
		if m.Kind != entity.PER || strings.IndexByte(m.Name, ' ') < 0 {
			continue
		}
		p := c.people[m.EntityID]
		if p == nil {
			key := Sound(m.Name)
			if len(key) < 6 {
				continue
			}
			p = &someone{key: key, name: m.Name, ref: m.Ref}
			c.people[m.EntityID] = p
			if list := c.spelt[key]; len(list) < spellings {
				c.spelt[key] = append(list, m.EntityID)
			}
		}
		p.last = c.docs
		for _, other := range c.spelt[p.key] {
			switch {
			case other == m.EntityID || c.people[other] == nil:
			case here[other]:
				clash(m, other)
			case c.shared(c.people[other], ms) >= wantCompany:
				same(m, other)
			}
		}
		c.accompany(p, m.EntityID, ms)
	}
	if len(c.people) > c.most || len(c.named) > 8*c.most {
		c.forget()
	}
}

// shared counts the entities of a document that are someone's company.
func (c *company) shared(p *someone, ms []*entity.Mention) int {
	n := 0
	for _, m := range ms {
		if float64(c.named[m.EntityID]) > common*float64(c.docs)+3 {
			continue
		}
		if slices.ContainsFunc(p.with, func(w companion) bool { return w.id == m.EntityID }) {
			n++
		}
	}
	return n
}

// accompany notes who is named beside someone: the most frequent ones stay
// (Metwally, Agrawal and El Abbadi 2005).
func (c *company) accompany(p *someone, self string, ms []*entity.Mention) {
	for _, m := range ms {
		if m.EntityID == self || m.Kind == entity.LOC || float64(c.named[m.EntityID]) > common*float64(c.docs)+3 {
			continue
		}
		least := 0
		found := false
		for i := range p.with {
			if p.with[i].id == m.EntityID {
				p.with[i].n++
				found = true
				break
			}
			if p.with[i].n < p.with[least].n {
				least = i
			}
		}
		switch {
		case found:
		case len(p.with) < companions:
			p.with = append(p.with, companion{m.EntityID, 1})
		default:
			p.with[least] = companion{m.EntityID, p.with[least].n + 1}
		}
	}
}

// forget drops the half of the persons not seen for longest, and the names that
// are rare.
func (c *company) forget() {
	last := make([]int, 0, len(c.people))
	for _, p := range c.people {
		last = append(last, p.last)
	}
	slices.Sort(last)
	if len(last) > 0 {
		limit := last[len(last)/2]
		for id, p := range c.people {
			if p.last <= limit {
				delete(c.people, id)
				c.spelt[p.key] = slices.DeleteFunc(c.spelt[p.key], func(x string) bool { return x == id })
				if len(c.spelt[p.key]) == 0 {
					delete(c.spelt, p.key)
				}
			}
		}
	}
	if len(c.named) > 4*c.most {
		for id, n := range c.named {
			if n < 3 {
				delete(c.named, id)
			}
		}
		if len(c.named) > 6*c.most {
			clear(c.named)
			c.docs = 0
		}
	}
}

// sounds are spellings of one sound in names that come from other scripts,
// longest first.
var sounds = strings.NewReplacer(
	"tsch", "ch", "sch", "sh", "tch", "ch", "kh", "h", "gh", "g", "dh", "d", "th", "t", "ph", "f", "ck", "k", "zh", "j", "dj", "j", "x", "ks", "q", "k", "w", "v",
	"ee", "i", "oo", "u", "ou", "u", "iy", "i", "ii", "i", "ei", "a", "ey", "a", "ai", "a", "ay", "a", "ie", "i", "ia", "ia", "ae", "a", "oe", "u", "ue", "u",
	"y", "i", "o", "u", "e", "a")

// Sound gives a key that spellings of one name in Latin letters share: without
// accents, articles, double letters, and with sounds in one spelling.
func Sound(name string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r == '-' || unicode.IsSpace(r):
			b.WriteByte(' ')
		case unicode.IsLetter(r):
			b.WriteRune(r)
		}
	}
	var words []string
	for _, w := range strings.Fields(b.String()) {
		if len(w) < 2 || w == "al" || w == "el" || w == "bin" || w == "ibn" {
			continue
		}
		w = sounds.Replace(w)
		var s []byte
		for i := 0; i < len(w); i++ {
			if len(s) == 0 || s[len(s)-1] != w[i] {
				s = append(s, w[i])
			}
		}
		if n := len(s); n > 2 && s[n-1] == 'h' {
			s = s[:n-1]
		}
		words = append(words, string(s))
	}
	return strings.Join(words, " ")
}
