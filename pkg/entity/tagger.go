package entity

import (
	"sync"

	"github.com/dateline/dateline/pkg/ner"
	"github.com/dateline/dateline/pkg/text"
)

// nameModel is the trained tagger that is part of the program: read once,
// immutable.
var nameModel = sync.OnceValues(ner.Load)

// Names is a Tagger by a trained model. It keeps scratch space and belongs to
// one goroutine.
type Names struct{ g *ner.Tagger }

// NewNames returns a tagger over the model that is part of the program.
func NewNames() *Names {
	m, err := nameModel()
	if err != nil {
		panic(err) // the file is part of the build, and Load has read it
	}
	return &Names{ner.NewTagger(m)}
}

// TagDocument implements Tagger.
func (n *Names) TagDocument(dstTitle, dstText []Mention, title, text string) (inTitle, inText []Mention) {
	a, b := n.g.Tag(title, text)
	return appendMentions(dstTitle, a), appendMentions(dstText, b)
}

// TagTokens appends the mentions of a text whose tokens and sentences are given.
func (n *Names) TagTokens(dst []Mention, s string, toks []text.Token, sents []text.Span) []Mention {
	return appendMentions(dst, n.g.TagTokens(s, toks, sents))
}

func appendMentions(dst []Mention, spans []ner.Span) []Mention {
	for _, s := range spans {
		dst = append(dst, Mention{Start: s.Start, End: s.End, Kind: kindOfName[s.Kind], Score: s.Score, Ref: -1})
	}
	return dst
}

var kindOfName = [...]Kind{ner.None: None, ner.PER: PER, ner.ORG: ORG, ner.LOC: LOC}
