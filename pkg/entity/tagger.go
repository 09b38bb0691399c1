package entity

// Rules is a Tagger by tables and capital letters: aliases first, then runs of
// capitalised words judged by their head words, titles, given names and
// surroundings, then the rest by what the document said elsewhere. It keeps
// scratch space and belongs to one goroutine.
type Rules struct {
	t      *Tables
	lexer  lexer
	toks   []token
	cands  []cand
	people map[uint64]bool // last words of full names in this document
	bodies map[uint64]Kind // lone names that context gave a kind
}

// NewRules returns a tagger over the tables.
func NewRules(t *Tables) *Rules {
	return &Rules{t: t, lexer: lexer{words: t.words}, people: map[uint64]bool{}, bodies: map[uint64]Kind{}}
}

// cand is a possible name: tokens from to end.
type cand struct {
	from, end int
	kind      Kind
	score     float32
}

// Scores rank the kinds of evidence. They follow the precision of each on
// annotated text only roughly: they are no calibrated probabilities.
const (
	sTable   = 0.95 // an alias of several words, or a strong one
	sTitle   = 0.92 // a title before it
	sGiven   = 0.88 // a given name before it
	sHead    = 0.85 // a head word of bodies or places
	sSoft    = 0.75 // a one-word alias with fitting surroundings
	sCapital = 0.6  // capitals and the lists of surnames
	sAcronym = 0.58 // unknown capitals: "GISB"
	sSurname = 0.52 // one word of the lists of names
	sLone    = 0.46 // a one-word alias without any sign
	sDoubt   = 0.3  // unknown words: kept only where the document says more
	keep     = 0.45 // below this a candidate is dropped
)

// TagDocument implements Tagger: each part by itself.
func (g *Rules) TagDocument(dstTitle, dstText []Mention, title, text string) (inTitle, inText []Mention) {
	return g.tag(dstTitle, title), g.tag(dstText, text)
}

func (g *Rules) tag(dst []Mention, text string) []Mention {
	g.toks = g.lexer.lex(g.toks[:0], text)
	g.cands = g.cands[:0]
	clear(g.people)
	clear(g.bodies)
	for i := 0; i < len(g.toks); {
		i = g.step(i, text)
	}
	g.settle()
	for _, c := range g.cands {
		if c.kind == None || c.score < keep {
			continue
		}
		dst = append(dst, Mention{
			Start: g.toks[c.from].start, End: g.toks[c.end-1].end,
			Kind: c.kind, Score: c.score, Ref: -1,
		})
	}
	return dst
}

func (g *Rules) emit(from, end int, kind Kind, score float32) {
	if kind == PER && score < sTitle && from > 0 && g.toks[from-1].key == keyThe && g.toks[from-1].punct == 0 && !g.toks[from].is(breaks) {
		kind, score = None, 0 // "the Stanley Cup": no person carries an article
	}
	g.cands = append(g.cands, cand{from, end, kind, score})
	if kind == PER && end-from > 1 && score >= sCapital {
		last := &g.toks[end-1]
		if last.punct == '.' && end-2 >= from {
			last = &g.toks[end-2]
		}
		if last.has(wPerSuf) && end-2 >= from {
			last = &g.toks[end-2]
		}
		g.people[last.key] = true
	}
}

// settle decides lone names by what the document says elsewhere.
func (g *Rules) settle() {
	for i := range g.cands {
		c := &g.cands[i]
		if c.end-c.from != 1 {
			continue
		}
		key := g.toks[c.from].key
		switch {
		case g.people[key] && (c.score < sTable || c.kind == None) && !g.toks[c.from].is(upper|shouting):
			c.kind, c.score = PER, 0.9
		case c.score <= sCapital && g.bodies[key] != None && (c.kind != None || !g.toks[c.from].has(wOrdinary)):
			c.kind, c.score = g.bodies[key], max(c.score, sCapital)
		}
		// "de Blasio" keeps its particle.
		if c.kind == PER && c.from > 0 && (i == 0 || g.cands[i-1].end < c.from) && !g.toks[c.from].is(glued|breaks) {
			if p := &g.toks[c.from-1]; p.has(wParticle) && !p.has(wStop) && !p.is(capital|possessive) && p.punct == 0 && p.end-p.start > 1 {
				c.from--
			}
		}
	}
}

// step handles what begins at token i and returns where to go on.
func (g *Rules) step(i int, text string) int {
	tk := &g.toks[i]
	if tk.punct != 0 || !tk.is(capital) {
		// "al-Qaeda", "el-Sisi", "de Mistura": tables may begin small.
		if tk.punct == 0 && tk.has(wParticle) || tk.is(numeric|inner) {
			if h, ok := g.t.match(g.toks, i, text); ok && h.end > i+1 {
				g.emit(i, h.end, h.kind, sTable)
				return h.end
			}
		}
		if tk.punct == 0 && tk.has(wParticle) && i+2 < len(g.toks) && g.toks[i+1].punct == '-' && g.toks[i+1].is(glued) && g.toks[i+2].name() && g.toks[i+2].is(glued) {
			g.lone(i, i+3, text) // "al-Something"
			return i + 3
		}
		return i + 1
	}
	if tk.key == keyThe && i+1 < len(g.toks) && !g.toks[i+1].is(breaks) {
		// "The White House" is named without its article, an outlet with it.
		if h, ok := g.t.match(g.toks, i, text); !ok || !g.t.entities[g.t.aliases[h.alias].entity].Media && h.kind != LOC {
			return i + 1
		}
	}
	h, found := g.t.match(g.toks, i, text)
	end := g.run(i)
	if found && h.end >= end {
		return g.table(i, end, h, text)
	}
	if tk.has(wStop) && !found {
		return i + 1
	}
	return g.name(i, end, h, found, text)
}

// run returns the end of the sequence of capitalised words from i on.
func (g *Rules) run(i int) int {
	head := g.toks[i].has(wOrgHead)
	j := i + 1
	for j < len(g.toks) && j-i < 2*maxPhrase {
		t := &g.toks[j]
		if t.is(breaks) {
			break
		}
		switch {
		case t.name() && !t.is(sentence):
			if t.has(wCalendar) && !g.calendarName(j) || t.is(headline) && g.plain(j) || g.introduces(j) || g.toks[j-1].is(initial) && g.affiliation(j-1) > j {
				return j
			}
			head = head || t.has(wOrgHead)
			j++
			continue
		case t.punct == '-' && t.is(glued) && j+1 < len(g.toks) && g.toks[j+1].name() && g.toks[j+1].is(glued):
			if g.toks[j-1].has(wDemonym) || g.toks[j+1].has(wDemonym) {
				return j
			}
			j += 2
			continue
		case t.punct == '&' && j+1 < len(g.toks) && g.toks[j+1].name():
			j += 2
			continue
		case t.punct == '.' && g.toks[j-1].has(wPerSuf) && t.is(glued):
			j++
			return j
		case t.punct == 0 && !t.is(capital):
			n := g.bridge(j, head)
			if n == 0 {
				return j
			}
			j += n
			continue
		}
		break
	}
	return j
}

// calendarName says whether a month in a run is a surname: "Theresa May", but
// not "to Paris May 3".
func (g *Rules) calendarName(j int) bool {
	t := &g.toks[j]
	return g.toks[j-1].has(wGiven) && !g.toks[j-1].has(wOrdinary) && t.has(wSurname) && (j+1 == len(g.toks) || !g.toks[j+1].is(numeric))
}

// introduces says whether a title inside a run opens a person's name:
// "Minority Leader Mary Hartwell".
func (g *Rules) introduces(j int) bool {
	if !g.toks[j].has(wTitle) || j+1 >= len(g.toks) {
		return false
	}
	n := &g.toks[j+1]
	if n.punct == '.' && n.is(glued) && j+2 < len(g.toks) {
		n = &g.toks[j+2]
	}
	return n.name() && !n.is(breaks|sentence) && n.has(wGiven|wSurname) && !n.has(wOrdinary)
}

// plain says whether a word of a heading is an ordinary word written large.
func (g *Rules) plain(i int) bool {
	t := &g.toks[i]
	if !t.has(wCommon | wStop | wDemonym | wNever | wTitle | wSay) {
		return false
	}
	// "Gordon Brown", "Foreign Ministry".
	prev := i > 0 && g.toks[i-1].has(wGiven) && !g.toks[i-1].has(wCommon) && t.has(wSurname)
	return !prev && !t.has(wOrgHead|wOrgEnd|wLocHead)
}

var (
	keyOf  = foldKey("of")
	keyFor = foldKey("for")
	keyOn  = foldKey("on")
	keyThe = foldKey("the")
	keyAnd = foldKey("and")
	keySt  = foldKey("st")
)

// bridge returns how many small words and the capital after them carry a name
// on: "van der Bellen", "Ministry of the Interior".
func (g *Rules) bridge(j int, head bool) int {
	k := j
	for k < len(g.toks) && k-j < 3 && g.toks[k].punct == 0 && !g.toks[k].is(capital|breaks) {
		w := g.toks[k].key
		switch {
		case w == keyOf, w == keyFor, w == keyOn && k == j:
			if !head {
				return 0
			}
		case w == keyThe:
			if !head || k == j {
				return 0
			}
		case w == keyAnd, !g.toks[k].has(wParticle):
			return 0
		}
		k++
		if k < len(g.toks) && g.toks[k].punct == '-' && g.toks[k].is(glued) {
			k++
		}
	}
	if k == j || k >= len(g.toks) || !g.toks[k].name() || g.toks[k].is(breaks|sentence) || g.toks[k].has(wCalendar|wNever) {
		return 0
	}
	return k - j + 1
}

// table emits an alias that covers a whole run, or judges a one-word alias by
// its surroundings.
func (g *Rules) table(i, end int, h hit, text string) int {
	if !h.soft {
		g.emit(i, h.end, h.kind, sTable)
		return h.end
	}
	t := &g.toks[i]
	switch {
	case h.kind == LOC && g.person(i, i+1):
		g.lone(i, i+1, text)
	case h.kind == LOC && (t.has(wGiven | wSurname)) && !g.placed(i):
		if g.people[t.key] {
			g.emit(i, h.end, PER, sSoft)
		} else if g.t.entities[g.t.aliases[h.alias].entity].Rank >= 40_000 {
			g.emit(i, h.end, LOC, sSoft)
		} else if g.t.entities[g.t.aliases[h.alias].entity].Rank >= 1400 {
			g.emit(i, h.end, LOC, sLone)
		} else {
			g.emit(i, h.end, None, 0) // "Warren": a city as little as a person
		}
	default:
		g.emit(i, h.end, h.kind, sSoft)
	}
	return h.end
}

// placed says whether the words before token i make it a place.
func (g *Rules) placed(i int) bool {
	return i > 0 && g.toks[i-1].has(wLocPrep|wLocAdj) && !g.toks[i].is(breaks) ||
		i+2 < len(g.toks) && g.toks[i+1].punct == ',' && g.toks[i+2].name() && i > 0 && g.toks[i-1].has(wLocPrep)
}

// person says whether the words around tokens i to end make it a person: a
// title before it, or a verb of saying beside it.
func (g *Rules) person(i, end int) bool {
	if i > 0 && !g.toks[i].is(breaks) {
		p := &g.toks[i-1]
		if p.punct == '.' && i > 1 {
			p = &g.toks[i-2]
		}
		if p.has(wTitle) && p.key != keySt && (p.is(capital) || !p.has(wOrgHead)) && p.punct == 0 {
			return true
		}
	}
	return end < len(g.toks) && g.toks[end].has(wSay) && !g.toks[end].is(capital)
}
