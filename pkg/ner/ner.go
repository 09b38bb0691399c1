// Package ner finds the names of people, organisations and places in text.
//
// In goes UTF-8 text (bytes that are no UTF-8 do no harm); out come spans in
// byte offsets, in order, without overlaps, each on the borders of tokens, with
// a kind and a score: the probability that span and kind are right, as far as
// the model can tell. The title and the text of a document are judged together,
// since one explains the other.
//
// The tagger is a linear-chain conditional random field (Lafferty, McCallum &
// Pereira 2001) over BILOU tags with hashed features: words, shapes, affixes,
// word clusters, gazetteers, the run of capitals around a word, and what the
// rest of the document says of it. Its weights are bytes. Words that are far
// from any capital are not looked at, which makes it fast. A Model is immutable
// and shared; a Tagger keeps scratch space and belongs to one goroutine. There
// is no I/O and no clock; time and memory are bounded by the length of a text.
//
// Train makes a model from annotated files.
package ner

// Kind is the kind of a name.
type Kind uint8

// The kinds that are told apart.
const (
	None Kind = iota
	PER       // a person
	ORG       // an organisation
	LOC       // a place
)

var kindNames = [...]string{"", "PER", "ORG", "LOC"}

// String returns PER, ORG or LOC.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return ""
}

// Span is one name: bytes Start to End of a text.
type Span struct {
	Start, End int32
	Kind       Kind
	Score      float32 // 0..1, the probability that span and kind are right
}

// A tag is a token's place in a name: 0 is outside, then beginning, inside,
// last and only token of a name of each kind (BILOU).
type tag = uint8

const (
	tags     = 13
	outside  = tag(0)
	begin    = 0
	inside   = 1
	last     = 2
	unit     = 3
	allTags  = 1<<tags - 1
	maxChain = 128 // the longest chain in tokens that is decoded at once
)

func tagOf(k Kind, part tag) tag { return 1 + 4*(tag(k)-1) + part }

func kindOf(t tag) Kind { return Kind((t + 3) / 4) }

func partOf(t tag) tag { return (t - 1) & 3 }

// closed says whether no name is open behind a token with this tag.
func closed(t tag) bool { return t == outside || partOf(t) >= last }

// opens says whether a tag may follow a closed one.
func opens(t tag) bool { return t == outside || partOf(t) == begin || partOf(t) == unit }

// follows says whether tag b may stand behind tag a.
func follows(a, b tag) bool {
	if closed(a) {
		return opens(b)
	}
	return !opens(b) && kindOf(a) == kindOf(b)
}
