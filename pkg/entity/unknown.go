package entity

// unknown judges a run of several words without any head.
func (g *Rules) unknown(i, end int, text string) int {
	first, last := &g.toks[i], &g.toks[end-1]
	common, names := 0, 0
	for k := i; k < end; k++ {
		t := &g.toks[k]
		if !t.name() {
			continue
		}
		if t.has(wCommon | wStop | wNever) {
			common++
		} else if t.has(wGiven | wSurname) {
			names++
		}
	}
	words := 0
	for k := i; k < end; k++ {
		if g.toks[k].punct == 0 {
			words++
		}
	}
	switch {
	case first.is(upper) && !first.is(shouting):
		g.lone(i, i+1, text)
		return i + 1
	case common >= words:
		return i + 1 // "Black Friday": every word ordinary
	case first.is(headline) && common > 0:
		if first.has(wCommon | wStop) {
			return i + 1
		}
		g.lone(i, i+1, text)
		return i + 1
	case words <= 4 && names == words && last.has(wSurname) && !first.has(wOrdinary) && !last.has(wOrdinary) || first.is(initial) && last.has(wSurname) && !last.has(wCommon):
		g.emit(i, end, PER, sCapital+0.05)
		return end
	case words <= 3 && last.has(wSurname) && !last.has(wOrdinary) && !first.has(wOrdinary) && (names*2 >= words || g.person(i, end)):
		g.emit(i, end, PER, sSurname)
		return end
	case first.has(wCommon) && last.has(wSurname|wGiven) && !last.has(wCommon) && words == 2:
		// "Judge-like" function or sentence opener before one name.
		g.lone(i+1, end, text)
		return end
	case common == 0 && words <= 3:
		if g.person(i, end) {
			g.emit(i, end, PER, sCapital)
		} else if i > 0 && placeBefore[g.toks[i-1].key] {
			g.emit(i, end, LOC, sCapital)
		} else {
			g.emit(i, end, PER, sDoubt)
		}
		return end
	}
	g.emit(i, end, ORG, sDoubt)
	return end
}

// lone judges one capitalised word, or one with a particle glued before it.
func (g *Rules) lone(i, end int, text string) {
	t := &g.toks[i]
	last := &g.toks[end-1]
	switch {
	case t.has(wOrdinary&^wCommon|wParticle) && end == i+1, t.is(initial) && end == i+1, g.filename(end):
		return
	case t.has(wAbbrev) && end < len(g.toks) && g.toks[end].punct == '.' && g.toks[end].is(glued):
		return // "Va."
	case g.person(i, end) && !t.has(wCommon) && !t.is(upper):
		g.bodies[last.key] = PER
		g.emit(i, end, PER, sCapital)
	case end == i+1 && t.is(upper) && !t.is(shouting):
		switch n := t.end - t.start; {
		case n >= 4 && t.has(wSurname) && end < len(g.toks) && g.toks[end].punct == ':':
			g.emit(i, end, PER, sSurname) // a speaker in a transcript
		case n >= 3 && n <= 7 && !t.has(wCommon) && !t.is(numeric):
			g.emit(i, end, ORG, sAcronym)
		}
	case t.is(shouting) && t.has(wCommon):
	case i > 0 && placeBefore[g.toks[i-1].key] && !t.has(wCommon) && !t.is(breaks|inner|upper):
		g.bodies[last.key] = LOC
		g.emit(i, end, LOC, sCapital)
	case t.is(inner) && !t.has(wSurname):
		g.emit(i, end, ORG, sDoubt)
	case t.has(wSurname|wGiven) && !t.has(wCommon):
		g.emit(i, end, PER, sSurname)
	case t.has(wCommon), t.is(sentence | headline | numeric):
		g.emit(i, end, None, 0)
	default:
		g.emit(i, end, ORG, sDoubt)
	}
}

// filename says whether the name before token end goes on as an address or the
// name of a file: "Report.pdf", "Example.com".
func (g *Rules) filename(end int) bool {
	return end+1 < len(g.toks) && g.toks[end].punct == '.' && g.toks[end].is(glued) && g.toks[end+1].is(glued) && g.toks[end+1].punct == 0
}
