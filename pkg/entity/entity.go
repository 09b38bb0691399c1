// Package entity finds the people, organisations and places that a news text
// names, and says which entity each of them is.
//
// In goes UTF-8 text as stored; out come mentions whose Start and End are byte
// offsets into that very text, so that text[Start:End] is the surface form.
// Extract tags every name, in by-lines and credits too; Count sums up what
// counts as coverage of an entity and leaves out by-lines, photo credits,
// agency marks and navigation.
//
// Work is split behind two interfaces: a Tagger finds spans and kinds, a
// Linker gives each span its entity. Both are pure: no clock, no I/O, and time
// and memory bounded by the length of the text. Tables are immutable and
// shared; a Pipeline keeps scratch space and belongs to one goroutine.
package entity

// Kind is the kind of an entity.
type Kind uint8

// The kinds that are told apart.
const (
	None Kind = iota
	PER       // a person
	ORG       // an organisation, company, party, body, armed group, team
	LOC       // a country, region, city, or other place
)

var kindNames = [...]string{"", "PER", "ORG", "LOC"}

// String returns PER, ORG or LOC, and nothing for None.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// Mention is one name in a text.
type Mention struct {
	Start, End int32   // byte offsets into the text, Start < End
	Kind       Kind    // as the tagger has it; that of the entity opens EntityID
	EntityID   string  // such as per/vladimir-putin; empty until linked
	Name       string  // canonical name of the entity; empty until linked
	Score      float32 // 0..1, how sure the tagger is of span and kind

	// Ref is the entity's row in the tables, or -1: set by the linker.
	Ref int32
	// Watched says that a watcher named it.
	Watched bool
	// Counted and Lead say, once a Pipeline has marked them, that it counts as
	// coverage of the entity, and that it stands in the lead of the story.
	Counted, Lead bool
}

// Surface returns the mention as it stands in its text.
func (m *Mention) Surface(text string) string { return text[m.Start:m.End] }

// Tagger finds the spans of names and their kinds.
type Tagger interface {
	// TagDocument appends the mentions of a title and of the text under it to
	// dstTitle and dstText, in order of Start, without overlaps, with Start, End,
	// Kind and Score set, and a Ref of -1.
	TagDocument(dstTitle, dstText []Mention, title, text string) (inTitle, inText []Mention)
}

// Linker gives mentions their entities.
type Linker interface {
	// Link sets EntityID, Name and Ref of every mention. Its Kind stays what the
	// name is in its sentence; the kind of the entity opens its id. It sees one
	// whole document, because forms like a surname alone are explained by others.
	Link(title, text string, inTitle, inText []Mention)
}
