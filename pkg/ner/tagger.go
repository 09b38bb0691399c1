package ner

import "github.com/dateline/dateline/pkg/text"

// Tagger finds names with a model. It keeps scratch space from text to text,
// some megabytes, and belongs to one goroutine.
type Tagger struct {
	m     *Model
	vocab *vocabulary
	page  page
	lat   lattice
	feats []uint64
	toks  []text.Token
	sents []text.Span
	where []place
	out   [2][]Span
}

// place is where a token of the page stands: in the title (0) or the text (1).
type place struct {
	start, end int32
	part       uint8
}

// maxWords is how many forms a tagger knows before it forgets them all.
const maxWords = 1 << 15

// NewTagger returns a tagger over a model.
func NewTagger(m *Model) *Tagger {
	g := &Tagger{m: m, vocab: newVocabulary(m, nil)}
	g.lat.use(m)
	return g
}

// Tag finds the names of a document's title and of its text, in order. The
// slices are valid until the next call.
func (g *Tagger) Tag(title, body string) (inTitle, inText []Span) {
	g.start()
	for part, s := range [2]string{title, body} {
		g.toks = text.AppendTokens(g.toks[:0], s)
		g.sents = text.AppendSentences(g.sents[:0], s, g.toks)
		g.read(uint8(part), s, g.toks, g.sents)
	}
	g.flush()
	return g.out[0], g.out[1]
}

// TagTokens finds the names of a text whose tokens and sentences are given: both
// in order and without overlaps, each token in a sentence. The slice is valid
// until the next call.
func (g *Tagger) TagTokens(s string, toks []text.Token, sents []text.Span) []Span {
	g.start()
	g.read(1, s, toks, sents)
	g.flush()
	return g.out[1]
}

func (g *Tagger) start() {
	if g.vocab.n > maxWords {
		g.vocab.reset()
	}
	g.page.begin()
	g.where = g.where[:0]
	g.out[0], g.out[1] = g.out[0][:0], g.out[1][:0]
}

// read takes the sentences of one text into pages.
func (g *Tagger) read(part uint8, s string, toks []text.Token, sents []text.Span) {
	eachSentence(toks, sents, func(toks []text.Token) {
		if len(g.page.words)+len(toks) > maxPage {
			g.flush()
			if g.vocab.n > maxWords {
				g.vocab.reset()
			}
		}
		for _, t := range toks {
			g.where = append(g.where, place{t.Start, t.End, part})
		}
		g.page.sentence(g.vocab, s, toks)
	})
}

// eachSentence calls f with the tokens of each sentence, cut where it is long.
func eachSentence(toks []text.Token, sents []text.Span, f func([]text.Token)) {
	i := 0
	for _, sent := range sents {
		from := i
		for i < len(toks) && toks[i].Start < sent.End {
			if i-from == maxSentence {
				f(toks[from:i])
				from = i
			}
			i++
		}
		if i > from {
			f(toks[from:i])
		}
	}
}

// flush judges the page and empties it.
func (g *Tagger) flush() {
	p := &g.page
	p.finish(g.m)
	for _, s := range p.sents {
		for from, to := p.chain(s, s.from); from < to; from, to = p.chain(s, to) {
			g.chain(s, from, to)
		}
	}
	p.begin()
	g.where = g.where[:0]
}

// chain decodes tokens from to end, which stand in one sentence.
func (g *Tagger) chain(s sentence, from, to int32) {
	n := int(to - from)
	v := view{p: &g.page, v: g.vocab, s: s}
	for i := range n {
		at := from + int32(i)
		w := g.page.words[at]
		sum := w.static[2]
		sum.join(&v.at(at - 2).static[0])
		sum.join(&v.at(at - 1).static[1])
		sum.join(&v.at(at + 1).static[3])
		sum.join(&v.at(at + 2).static[4])
		g.feats = v.features(g.feats[:0], at)
		for _, h := range g.feats {
			g.m.add(&sum, h)
		}
		sum.read(&g.lat.emit[i])
		g.lat.emit[i][outside] += g.m.bias
		g.lat.class[i] = w.class
	}
	g.lat.viterbi(g.m, n)
	scored := false
	for i := 0; i < n; i++ {
		t := g.lat.tags[i]
		if t == outside {
			continue
		}
		k := i
		for !closed(g.lat.tags[k]) && k+1 < n {
			k++
		}
		if !scored {
			g.lat.sums(g.m, n)
			scored = true
		}
		score := float32(g.lat.probability(i, k+1))
		a, b := g.where[int(from)+i], g.where[int(from)+k]
		g.out[a.part] = append(g.out[a.part], Span{a.start, b.end, kindOf(t), score})
		i = k
	}
}
