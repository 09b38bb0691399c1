package entity

import (
	"cmp"
	"slices"

	"github.com/dateline/dateline/pkg/text"
)

// Pipeline is a tagger and a linker over one set of tables, with scratch space
// that is kept from text to text: for one goroutine. Clone makes another.
type Pipeline struct {
	t       *Tables
	opts    Options
	tagger  Tagger
	linker  Linker
	watcher Watcher // nil: none
	known   *Known  // for texts in other languages, made when one comes
	text    []Mention
	title   []Mention
	zones   []zone
	glued   []zone         // of the text at hand, see appendGlued
	at      map[string]int // of an entity id among the tallies
}

// Options are the parts of a Pipeline that may be replaced.
type Options struct {
	// NewTagger and NewLinker make the parts, once for each clone; nil means
	// the trained model and the aliases of the tables.
	NewTagger func(*Tables) Tagger
	NewLinker func(*Tables) Linker
	// Model names the tagger in place of the built-in name.
	Model string
}

// NewPipeline returns a pipeline over the tables.
func NewPipeline(t *Tables, opts Options) *Pipeline {
	p := &Pipeline{t: t, opts: opts, at: map[string]int{}}
	if opts.NewTagger != nil {
		p.tagger = opts.NewTagger(t)
	} else {
		p.tagger = NewNames()
	}
	if opts.NewLinker != nil {
		p.linker = opts.NewLinker(t)
	} else {
		p.linker = NewAliases(t)
	}
	return p
}

// Clone returns a pipeline with scratch space of its own over the same tables.
func (p *Pipeline) Clone() *Pipeline { return NewPipeline(p.t, p.opts) }

// Model names tagger and tables: what found a mention, stored beside it.
func (p *Pipeline) Model() string {
	if p.opts.Model != "" {
		return p.opts.Model
	}
	m, err := nameModel()
	if err != nil {
		panic(err)
	}
	return m.Version() + "." + p.t.version
}

// Tables returns the tables that the pipeline links to.
func (p *Pipeline) Tables() *Tables { return p.t }

// Extract finds and links every name of one document: offsets of the first
// result are into text, those of the second into title, both in order and
// without overlaps. The slices are valid until the next call.
func (p *Pipeline) Extract(title, text string) (mentions, titleMentions []Mention) {
	p.tag(title, text)
	return p.link(title, text)
}

// extractTokens is Extract for a text whose tokens and sentences are given.
func (p *Pipeline) extractTokens(s string, toks []text.Token, sents []text.Span) []Mention {
	t, ok := p.tagger.(interface {
		TagTokens(dst []Mention, s string, toks []text.Token, sents []text.Span) []Mention
	})
	if !ok {
		mentions, _ := p.Extract("", s)
		return mentions
	}
	p.title, p.text = p.title[:0], t.TagTokens(p.text[:0], s, toks, sents)
	mentions, _ := p.link("", s)
	return mentions
}

// apart puts the mentions of the text that stand in headlines glued into it
// behind the others, and gives where they begin: they explain nothing in the
// story.
func (p *Pipeline) apart() int {
	if len(p.glued) == 0 {
		return len(p.text)
	}
	g := 0
	inside := func(m *Mention) bool {
		for g < len(p.glued) && p.glued[g].end <= m.Start {
			g++
		}
		return g < len(p.glued) && m.Start >= p.glued[g].start
	}
	var aside []Mention
	story := p.text[:0]
	for i := range p.text {
		if m := p.text[i]; inside(&m) {
			aside = append(aside, m)
		} else {
			story = append(story, m)
		}
	}
	p.text = append(story, aside...)
	return len(story)
}

// link gives what was tagged its entities.
func (p *Pipeline) link(title, text string) (mentions, titleMentions []Mention) {
	p.glued = appendGlued(p.glued[:0], text)
	p.title, p.text = p.tidy(title, p.title, nil), p.tidy(text, p.text, p.glued)
	story := p.apart()
	p.linker.Link(title, text, p.title, p.text[:story])
	if story < len(p.text) {
		p.linker.Link("", text, nil, p.text[story:])
		slices.SortStableFunc(p.text, func(a, b Mention) int { return cmp.Compare(a.Start, b.Start) })
	}
	if p.watcher != nil {
		p.title, p.text = p.watcher.Watch(title, text, p.title, p.text)
	}
	return p.text, p.title
}
