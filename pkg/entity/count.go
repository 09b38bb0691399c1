package entity

import "strings"

// Origins of an entity.
const (
	FromTable = "table"   // a row of the tables
	Learned   = "learned" // named by a text alone
)

// Tally is one entity in one document: what becomes a row of mentions.
type Tally struct {
	EntityID string
	Kind     Kind
	Name     string
	Surface  string // the first form that counts, in the text before the title
	N        int    // occurrences that count, title and text
	FirstAt  int32  // byte offset of the first one in text, -1: title only
	InTitle  bool
	InLead   bool    // within the first leadWords words of the story
	Score    float32 // of the surest occurrence, 0..1

	Origin   string  // FromTable or Learned
	Country  string  // ISO 3166-1 alpha-2, lower case, or empty
	Lat, Lon float64 // degrees, both 0 where unknown
	Refs     map[string]string
}

// leadWords is how many words of the story proper make its lead: what an
// inverted pyramid tells first, some three sentences.
const leadWords = 80

// maxTallies bounds the entities of one document; a text that names more is a
// list, and what it names first is kept.
const maxTallies = 1000

// Count sums up the entities that one document covers, in order of their first
// mention. Names in by-lines, credits, datelines and agency marks, navigation,
// share and section lines do not count, nor does an outlet's name that a title
// carries as its suffix; Extract tags them nonetheless.
func (p *Pipeline) Count(title, text string) []Tally {
	inText, inTitle := p.Extract(title, text)
	p.mark(title, text, inTitle, inText)
	clear(p.at)
	var out []Tally
	for i := range inText {
		if m := &inText[i]; m.Counted {
			out = p.tally(out, text, m, m.Start, false)
		}
	}
	for i := range inTitle {
		if m := &inTitle[i]; m.Counted {
			out = p.tally(out, title, m, -1, true)
		}
	}
	return out
}

// mark says of the mentions of a document which count, and which stand in the
// lead.
func (p *Pipeline) mark(title, text string, inTitle, inText []Mention) {
	p.zones = appendZones(append(p.zones[:0], p.glued...), title, text)
	lead := p.leadEnd(text)
	z := 0
	for i := range inText {
		m := &inText[i]
		for z < len(p.zones) && p.zones[z].end <= m.Start {
			z++
		}
		m.Counted = !p.excluded(z, m) && !p.agencyMark(text, m) && !ownLine(text, m) && !p.vague(text, m)
		m.Lead = m.Counted && m.Start < lead
	}
	for i := range inTitle {
		m := &inTitle[i]
		m.Counted = !p.suffix(title, m) && !p.vague(title, m)
	}
}

func (p *Pipeline) tally(out []Tally, s string, m *Mention, at int32, inTitle bool) []Tally {
	k, ok := p.at[m.EntityID]
	if !ok {
		if len(out) == maxTallies || m.EntityID == "" {
			return out
		}
		k = len(out)
		p.at[m.EntityID] = k
		t := Tally{EntityID: m.EntityID, Kind: entityKind(m), Name: m.Name, Surface: m.Surface(s), FirstAt: at, Origin: Learned}
		if e := p.t.Entity(m.Ref); e != nil {
			t.Origin, t.Country = FromTable, e.Country
			t.Lat, t.Lon, t.Refs = float64(e.Lat), float64(e.Lon), refs(e.Refs)
		}
		if m.Watched {
			t.Origin = Watched
		}
		out = append(out, t)
	}
	t := &out[k]
	t.N++
	t.InTitle = t.InTitle || inTitle
	t.InLead = t.InLead || m.Lead
	t.Score = max(t.Score, m.Score)
	return out
}

// entityKind is the kind of the entity of a mention, which opens its id; the
// mention's own is what it is in its sentence.
func entityKind(m *Mention) Kind {
	if k := kindOfID(m.EntityID); k != None {
		return k
	}
	return m.Kind
}

func refs(s string) map[string]string {
	if s == "" {
		return nil
	}
	m := map[string]string{}
	for part := range strings.SplitSeq(s, ",") {
		if k, v, ok := strings.Cut(part, "="); ok {
			m[k] = v
		}
	}
	return m
}

// excluded says whether a mention lies in a zone; zones before z end before it.
func (p *Pipeline) excluded(z int, m *Mention) bool {
	for ; z < len(p.zones) && p.zones[z].start < m.End; z++ {
		if m.Start < p.zones[z].end {
			return true
		}
	}
	return false
}

// agencyMark says whether a mention is an outlet alone in brackets.
func (p *Pipeline) agencyMark(text string, m *Mention) bool {
	e := p.t.Entity(m.Ref)
	return e != nil && e.Media && m.Start > 0 && text[m.Start-1] == '(' && int(m.End) < len(text) && text[m.End] == ')'
}

// vague says whether a mention is a given name alone that nothing explains: it
// names nobody.
func (p *Pipeline) vague(s string, m *Mention) bool {
	if m.Kind != PER || m.Ref >= 0 || m.Watched || strings.IndexByte(m.Name, ' ') >= 0 {
		return false
	}
	return p.t.words.get(foldKey(m.Surface(s)))&wGiven != 0
}

// suffix says whether a mention is the outlet's name behind a title.
func (p *Pipeline) suffix(title string, m *Mention) bool {
	e := p.t.Entity(m.Ref)
	if e == nil || !e.Media || int(m.End) != len(strings.TrimRight(title, " ")) {
		return false
	}
	before := strings.TrimRight(title[:m.Start], " ")
	for _, mark := range []string{"-", "–", "—", "|", "·", "»", "("} {
		if strings.HasSuffix(before, mark) {
			return true
		}
	}
	return false
}

// ownLine says whether a mention is the whole of a line of a longer text: a
// heading, a tag, a name in a list.
func ownLine(text string, m *Mention) bool {
	before := strings.TrimRight(text[:m.Start], " \t\r")
	after := strings.TrimLeft(text[m.End:], " \t\r:")
	if before == "" && after == "" {
		return false
	}
	return (before == "" || before[len(before)-1] == '\n') && (after == "" || after[0] == '\n')
}

// leadEnd returns the offset at which the lead ends.
func (p *Pipeline) leadEnd(text string) int32 {
	words, z := 0, 0
	inWord := false
	for i := 0; i < len(text); i++ {
		for z < len(p.zones) && p.zones[z].end <= int32(i) {
			z++
		}
		if z < len(p.zones) && p.zones[z].start <= int32(i) {
			inWord = false
			continue
		}
		space := text[i] <= ' '
		if !space && !inWord {
			if words++; words > leadWords {
				return int32(i)
			}
		}
		inWord = !space
	}
	return int32(len(text))
}
