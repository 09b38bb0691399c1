package alias

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/entity"
)

// maxPairs bounds what one document may introduce.
const maxPairs = 200

// Observer reads documents. It is for one goroutine.
type Observer struct {
	pipeline *entity.Pipeline
	alone    entity.Linker
	ids      map[string]string // of forms alone, by kind and form
	company  *company
	met      []*entity.Mention
	out      []Observation
	seen     map[[3]string]bool
}

// NewObserver makes an observer that tags and links with p, and knows how p's
// tables link a form that stands alone. It remembers the company of so many
// persons at most, some 2 KB each.
func NewObserver(p *entity.Pipeline, persons int) *Observer {
	return &Observer{pipeline: p, alone: entity.NewAliases(p.Tables()), ids: map[string]string{}, seen: map[[3]string]bool{}, company: newCompany(persons)}
}

// Clone makes an observer with scratch space of its own, which remembers
// nobody.
func (o *Observer) Clone() *Observer { return NewObserver(o.pipeline.Clone(), o.company.most) }

// Observe gives the pairs that a document introduces, each once.
func (o *Observer) Observe(title, text string) []Observation {
	inText, _ := o.pipeline.Extract(title, text)
	return o.observe(text, inText)
}

// observe gives the pairs that a text introduces by its mentions.
func (o *Observer) observe(text string, inText []entity.Mention) []Observation {
	o.out = o.out[:0]
	clear(o.seen)
	o.bracketed(text, inText)
	o.knownAs(text, inText)
	o.legal(text, inText)
	o.short(text, inText)
	o.spelling(inText)
	return o.out
}

// maxAlone bounds the ids that are remembered.
const maxAlone = 1 << 16

// idAlone is the id that a form counts under where nothing explains it; empty
// where the tables know it, so that nothing is to be learned.
func (o *Observer) idAlone(k entity.Kind, form string) string {
	key := k.String() + form
	if id, ok := o.ids[key]; ok {
		return id
	}
	if len(o.ids) > maxAlone {
		clear(o.ids)
	}
	m := []entity.Mention{{End: int32(len(form)), Kind: k, Score: .9, Ref: -1}}
	o.alone.Link("", form, nil, m)
	id := m[0].EntityID
	if m[0].Ref >= 0 || m[0].Kind != k {
		id = ""
	}
	o.ids[key] = id
	return id
}

func (o *Observer) add(from, form string, m *entity.Mention, pattern string) {
	if from == "" || m.EntityID == "" || from == m.EntityID || len(o.out) == maxPairs {
		return
	}
	k := [3]string{from, m.EntityID, pattern}
	if o.seen[k] {
		return
	}
	o.seen[k] = true
	o.out = append(o.out, Observation{From: from, Into: m.EntityID, Kind: m.Kind, Pattern: pattern, Form: form, Name: m.Name})
}

// bracketed finds acronyms that are introduced in brackets, and names that
// explain acronyms.
func (o *Observer) bracketed(text string, ms []entity.Mention) {
	for i := range ms {
		m := &ms[i]
		if m.Watched {
			continue
		}
		name := m.Surface(text)
		if form := bracketed(text, int(m.End)); form != "" && isAcronym(form) && abbreviates(form, name) {
			o.add(o.idAlone(m.Kind, form), form, m, Acronym)
		}
		if int(m.End) < len(text) && strings.IndexByte(")\"”", text[m.End]) >= 0 || strings.HasPrefix(text[m.End:], "”") {
			if form := beforeBracket(text, int(m.Start)); form != "" && isAcronym(form) && abbreviates(form, name) {
				o.add(o.idAlone(m.Kind, form), form, m, Acronym)
			}
		}
	}
}

// links are what stands between two names of one entity; true where the second
// one is the older or lesser of the two.
var links = []string{"formerly known as", "formerly called", "formerly", "previously known as", "previously called", "also known as", "also called", "otherwise known as",
	"better known as", "known formerly as", "aka", "a.k.a.", "a/k/a", "née", "short for"}

// knownAs finds names that a text gives as other names of one before.
func (o *Observer) knownAs(text string, ms []entity.Mention) {
	for i := 1; i < len(ms); i++ {
		a, b := &ms[i-1], &ms[i]
		gap := text[a.End:b.Start]
		if len(gap) > 40 || a.Kind != b.Kind || a.EntityID == b.EntityID || a.Watched || b.Watched || b.Ref >= 0 {
			continue
		}
		gap = strings.TrimLeft(gap, " ,(–—-")
		gap = strings.TrimRight(strings.TrimSuffix(strings.TrimRight(gap, " \"“‘'"), " the"), " ")
		if !slices.Contains(links, gap) || namesOne(a, text) && a.Kind == entity.PER {
			continue
		}
		o.add(b.EntityID, b.Surface(text), a, KnownAs)
	}
}

// legalForms end the names of companies, folded.
var legalForms = map[string]bool{"inc": true, "corp": true, "corporation": true, "co": true, "company": true, "ltd": true, "limited": true, "llc": true, "llp": true, "lp": true,
	"plc": true, "ag": true, "gmbh": true, "se": true, "sa": true, "spa": true, "nv": true, "bv": true, "ab": true, "asa": true, "oyj": true, "kg": true, "kgaa": true, "pty": true,
	"incorporated": true, "srl": true, "sarl": true, "oao": true, "pao": true, "ooo": true, "zao": true, "pjsc": true, "jsc": true, "bhd": true, "kk": true, "sas": true}

// withoutForm takes the legal form off a company's name.
func withoutForm(name string) (string, bool) {
	f := strings.Fields(name)
	n := len(f)
	for n > 1 && legalForms[strings.ToLower(strings.Trim(strings.ReplaceAll(f[n-1], ".", ""), ","))] {
		n--
	}
	if n == len(f) {
		return name, false
	}
	return strings.TrimRight(strings.Join(f[:n], " "), ",& "), true
}

// legal finds companies that a document names with their legal form and without.
func (o *Observer) legal(text string, ms []entity.Mention) {
	for i := range ms {
		m := &ms[i]
		if m.Kind != entity.ORG || m.Ref >= 0 || m.Watched {
			continue
		}
		bare, ok := withoutForm(m.Surface(text))
		if !ok {
			continue
		}
		for k := range ms {
			if b := &ms[k]; b.Kind == entity.ORG && !b.Watched && b.EntityID != m.EntityID && b.Surface(text) == bare {
				o.add(m.EntityID, m.Surface(text), b, Legal)
				break
			}
		}
	}
}

// short finds surnames that stand for full names, and first words of bodies'
// names that stand for these. Where a document has two bearers of a surname it
// says so of both.
func (o *Observer) short(text string, ms []entity.Mention) {
	for i := range ms {
		m := &ms[i]
		if m.Kind == entity.LOC || m.Watched || !namesOne(m, text) {
			continue
		}
		form := m.Surface(text)
		if r, n := utf8.DecodeRuneInString(form); !unicode.IsUpper(r) && m.Kind == entity.ORG || n == len(form) || allUpper(form) {
			continue
		}
		from := o.idAlone(m.Kind, form)
		if from == "" {
			continue
		}
		bearers := 0
		var full *entity.Mention
		for k := range ms {
			b := &ms[k]
			if b.Kind != m.Kind || !completes(m.Kind, b.Surface(text), form) {
				continue
			}
			if full == nil || b.EntityID != full.EntityID && (bearers == 1 || b.EntityID == m.EntityID) {
				bearers++
			}
			if full == nil || b.EntityID == m.EntityID {
				full = b
			}
			if bearers > 1 {
				o.add(from, form, b, Clash)
			}
		}
		if bearers == 1 && full.EntityID == m.EntityID {
			o.add(from, form, full, Short)
		} else if bearers > 1 {
			o.add(from, form, full, Clash)
		}
	}
}

// spelling finds persons whose names are spelt almost like those of others who
// are named in the same company.
func (o *Observer) spelling(ms []entity.Mention) {
	o.met = o.met[:0]
	for i := range ms {
		m := &ms[i]
		if !m.Watched && m.EntityID != "" && !slices.ContainsFunc(o.met, func(x *entity.Mention) bool { return x.EntityID == m.EntityID }) && len(o.met) < maxPairs {
			o.met = append(o.met, m)
		}
	}
	say := func(m *entity.Mention, other, pattern string) {
		p := o.company.people[other]
		// What the tables know is what the other one is; else what is named more.
		from, into := *m, entity.Mention{EntityID: other, Name: p.name, Kind: m.Kind, Ref: p.ref}
		if from.Ref >= 0 && into.Ref >= 0 {
			return // two that the tables keep apart
		}
		a, b := o.company.named[from.EntityID], o.company.named[into.EntityID]
		if from.Ref >= 0 || into.Ref < 0 && (a > b || a == b && from.EntityID < into.EntityID) {
			from, into = into, from
		}
		o.add(from.EntityID, from.Name, &into, pattern)
	}
	o.company.meet(o.met, func(m *entity.Mention, other string) { say(m, other, Variant) }, func(m *entity.Mention, other string) { say(m, other, Clash) })
}

// completes tells whether a full name ends, or in an organisation begins, with
// a form: "Jane Hartwell" with "Hartwell", "Hartwell Group" with "Hartwell".
func completes(k entity.Kind, name, form string) bool {
	if len(name) <= len(form)+1 {
		return false
	}
	if k == entity.PER {
		at := len(name) - len(form)
		return name[at:] == form && name[at-1] == ' '
	}
	return name[:len(form)] == form && name[len(form)] == ' '
}

// namesOne tells whether a mention is one word, a particle before it aside.
func namesOne(m *entity.Mention, text string) bool {
	s := m.Surface(text)
	i := strings.IndexByte(s, ' ')
	if i < 0 {
		return true
	}
	if strings.IndexByte(s[i+1:], ' ') >= 0 || m.Kind != entity.PER {
		return false
	}
	switch strings.ToLower(s[:i]) {
	case "de", "del", "della", "di", "da", "van", "von", "le", "la", "el", "al", "bin", "ibn", "ben", "du", "dos", "ter", "ten":
		return true
	}
	return false
}

func allUpper(s string) bool { return s == strings.ToUpper(s) }
