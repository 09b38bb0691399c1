package entity

// name takes apart a run of capitalised words that no alias covers whole.
func (g *Rules) name(i, end int, h hit, found bool, text string) int {
	t := &g.toks[i]
	// An ordinary word at the head of a sentence, or in a heading, is no name,
	// unless a body's head word shows that it opens one.
	if g.opener(i, end) && !found {
		if end == i+1 {
			if t.has(wSurname) && !t.has(wOrdinary&^wCommon) {
				g.emit(i, end, None, 0) // "Brown said": the document may tell
			}
			return end
		}
		if !g.bodyAhead(i, end) || t.is(shouting) {
			return i + 1
		}
	}
	if t.has(wCalendar) && !(t.has(wGiven) && end-i > 1 && g.toks[i+1].name() && g.toks[i+1].has(wSurname) && !g.toks[i+1].has(wOrdinary)) {
		return i + 1
	}
	if e := g.affiliation(i); e > i {
		return e
	}
	if t.has(wLocAdj) && i+1 < end && g.toks[i+1].has(wDemonym) {
		return i + 2 // "North Korean"
	}
	if t.key == keyState && i >= 2 && g.toks[i-1].key == keyOf && g.toks[i-2].has(wTitle) {
		return g.titled(i, end, text)
	}
	if t.is(upper) && t.has(wOrgHead) && !t.is(shouting) && end-i > 1 && !found {
		g.emit(i, end, ORG, sHead) // "FC Basel"
		return end
	}
	// Titles and functions stand before a person.
	if t.has(wTitle) && end-i > 1 && !(found && h.end > i+1) && !g.bodyAhead(i, end) {
		return g.titled(i, end, text)
	}
	if t.has(wTitle) && end == i+1 && i+2 < len(g.toks) && g.toks[i+1].punct == '.' && g.toks[i+1].is(glued) && g.toks[i+2].name() {
		e := g.run(i + 2)
		if n := &g.toks[i+2]; n.has(wOrdinary) && !n.has(wGiven|wSurname) {
			return i + 2
		}
		if t.key == keySt {
			g.emit(i, i+3, LOC, sSurname) // "St. Albans"
			return i + 3
		}
		return g.someone(i+2, e, sTitle, text)
	}
	if (t.has(wNever|wDemonym) || t.is(headline) && t.has(wCommon)) && !found && i+1 < end {
		// "Republican Senate": the body that the tables know stands alone.
		if h, ok := g.t.match(g.toks, i+1, text); ok && !h.soft && h.end >= end {
			return i + 1
		}
	}
	if e := g.body(i, end); e > i {
		if !found || h.end < e || h.soft {
			g.emit(i, e, ORG, sHead)
			return e
		}
	}
	if t.has(wDemonym|wNever) && !(found && !h.soft) && !(t.has(wGiven) && end-i > 1 && g.toks[i+1].has(wSurname) && !g.toks[i+1].has(wOrdinary)) {
		return i + 1
	}
	if e := g.place(i, end); e > i && !(found && h.end >= e) {
		g.emit(i, e, LOC, sHead)
		return e
	}
	if found {
		return g.partly(i, end, h, text)
	}
	if end-i > 1 && t.has(wGiven) && (!t.has(wCommon) || g.toks[i+1].has(wSurname)) {
		return g.someone(i, end, sGiven, text)
	}
	if end-i == 1 {
		g.lone(i, end, text)
		return end
	}
	return g.unknown(i, end, text)
}

// affiliation steps over what stands behind a legislator's name, "D-Calif." or
// "R-N.Y.", and returns i where there is none.
func (g *Rules) affiliation(i int) int {
	t := &g.toks[i]
	if !t.is(initial) || t.key != keyD && t.key != keyR && t.key != keyI || i+2 >= len(g.toks) {
		return i
	}
	if g.toks[i+1].punct != '-' || !g.toks[i+1].is(glued) || !g.toks[i+2].is(glued) || !g.toks[i+2].name() {
		return i
	}
	return i + 3
}

// opener says whether the capital of token i is owed to its place.
func (g *Rules) opener(i, end int) bool {
	t := &g.toks[i]
	if t.has(wStop) {
		return true
	}
	if !t.is(sentence|headline) || t.is(upper) && !t.is(shouting) {
		return false
	}
	if !t.has(wCommon|wSay|wNumber|wSect) || t.has(wTitle) && end-i > 1 {
		return false
	}
	// "Will Smith said": an ordinary word that is a given name, before a surname.
	return !(t.has(wGiven) && end-i > 1 && g.toks[i+1].has(wSurname) && !g.toks[i+1].has(wCommon))
}

// bodyAhead says whether the run from i on is the name of a body.
func (g *Rules) bodyAhead(i, end int) bool { return g.body(i, end) > i }

// body returns the end of the body's name that begins at i, or i.
func (g *Rules) body(i, end int) int {
	t := &g.toks[i]
	if t.has(wStop) {
		return i
	}
	if t.has(wOrgHead) && end-i >= 3 && (g.toks[i+1].key == keyOf || g.toks[i+1].key == keyFor || g.toks[i+1].key == keyOn) {
		return end
	}
	for k := end - 1; k > i; k-- {
		w := &g.toks[k]
		if !w.name() {
			continue
		}
		if w.has(wOrgEnd) && w.is(capital) {
			if k+1 < len(g.toks) && k+1 == end && g.toks[k+1].punct == '.' && g.toks[k+1].is(glued) && w.has(wAbbrev) {
				return k + 2
			}
			return k + 1
		}
		if !w.has(wOrgHead) && !(w.has(wUnitHead) && k == end-1 && (g.toks[k-1].has(wDemonym) || g.toks[k-1].is(dotted|upper))) {
			continue
		}
		if g.toks[k-1].has(wTitle) && !g.toks[k-1].has(wCommon) && k-1 == i {
			continue
		}
		if w.key == keyPress && k+1 < len(g.toks) && g.toks[k+1].has(wTitle) {
			continue // "White House Press Secretary"
		}
		// The head ends the name, or "of" carries it on.
		if k+1 < end && (g.toks[k+1].key == keyOf || g.toks[k+1].key == keyFor || g.toks[k+1].key == keyOn) {
			return end
		}
		if t.is(headline) && t.has(wCommon) && !w.has(wOrgEnd) && end-i > 3 {
			continue
		}
		if !strongHead[w.key] && g.ordinary(i, k) && (k-i < 2 || t.is(headline)) {
			continue // "Customer Service"
		}
		return k + 1
	}
	return i
}

// strongHead are head words which make a body of ordinary words before them.
var strongHead = wordSet(`ministry department committee commission court party agency parliament council bureau senate congress tribunal caucus secretariat army navy`)

// ordinary says whether every word from i to end is an ordinary one.
func (g *Rules) ordinary(i, end int) bool {
	for k := i; k < end; k++ {
		if t := &g.toks[k]; t.name() && (!t.has(wOrdinary) || t.is(upper|dotted)) {
			return false
		}
	}
	return true
}

// place returns the end of a place's name with a head word, or i.
func (g *Rules) place(i, end int) int {
	t := &g.toks[i]
	last := &g.toks[end-1]
	if end-i >= 2 && last.has(wLocHead) && last.name() && !(t.is(headline) && t.has(wCommon)) {
		switch {
		case end < len(g.toks) && g.toks[end].name() && g.toks[end].has(wTitle|wOrgHead):
			return i // "U.S. District Judge"
		case end-i == 2 && (t.has(wGiven) && !t.has(wCommon) && last.has(wSurname) || last.key == keyDistrict && t.has(wOrdinary)):
			return i // "Anita Hill", "Congressional District"
		}
		return end
	}
	switch t.key {
	case keyLake, keyMount, keyFort, keyCape, keyPort, keyCamp:
		if end-i >= 2 && !t.is(headline) {
			return min(end, i+3)
		}
	}
	return i
}

var (
	keyLake  = foldKey("lake")
	keyMount = foldKey("mount")
	keyFort  = foldKey("fort")
	keyCape  = foldKey("cape")
	keyPort  = foldKey("port")
	keyCamp  = foldKey("camp")
	keyState = foldKey("state")
	keyPress = foldKey("press")

	keyDistrict = foldKey("district")

	keyD = foldKey("d")
	keyR = foldKey("r")
	keyI = foldKey("i")
)

// titled skips titles and functions and emits the person after them.
func (g *Rules) titled(i, end int, text string) int {
	j := i
	for j < end && (g.toks[j].has(wTitle|wRole) || g.toks[j].key == keyOf && j+1 < end && g.toks[j+1].key == keyState) {
		if g.toks[j].key == keyOf {
			j++
		}
		j++
	}
	if j >= end {
		return end
	}
	if j == i {
		return i + 1
	}
	if g.toks[j].punct != 0 || !g.toks[j].name() {
		return j + 1
	}
	if g.toks[j].has(wOrdinary) && !g.toks[j].has(wGiven|wSurname) {
		return j
	}
	if g.toks[j-1].key == keySt && j == i+1 {
		g.emit(i, j+1, LOC, sSurname) // "St. Albans"
		return j + 1
	}
	if h, ok := g.t.match(g.toks, j, text); ok && !h.soft && (h.kind != PER || h.end > j+1) {
		g.emit(j, h.end, h.kind, sTable)
		return h.end
	}
	return g.someone(j, end, sTitle, text)
}

// someone emits a person from i on: up to five words, not beyond a word that
// cannot belong to the name.
func (g *Rules) someone(i, end int, score float32, text string) int {
	if h, ok := g.t.match(g.toks, i, text); ok && h.end-i > 1 {
		g.emit(i, h.end, h.kind, sTable)
		return h.end
	}
	j, words := i, 0
	for j < end && words < 5 {
		t := &g.toks[j]
		if j > i && t.punct == 0 && t.is(capital) && !t.is(initial) {
			if t.has(wTitle|wCalendar|wDemonym|wOrgHead) && t.has(wCommon|wCalendar|wDemonym) && !t.has(wSurname) {
				break
			}
			if t.is(upper) && !g.toks[i].is(upper) && !t.has(wPerSuf) && t.end-t.start > 2 {
				break
			}
			if t.has(wCommon) && !t.has(wSurname|wGiven) && words >= 2 {
				break
			}
		}
		if t.punct == 0 {
			words++
		}
		j++
	}
	for j > i && (g.toks[j-1].punct != 0 && g.toks[j-1].punct != '.' || g.toks[j-1].has(wParticle) && !g.toks[j-1].is(capital)) {
		j--
	}
	if j == i {
		return i + 1
	}
	g.emit(i, j, PER, score)
	return j
}

// partly emits an alias that covers the beginning of a run.
func (g *Rules) partly(i, end int, h hit, text string) int {
	t := &g.toks[i]
	next := &g.toks[h.end]
	one := h.end == i+1
	switch {
	case one && h.kind != ORG && t.has(wGiven) && next.name() && next.has(wSurname) && !next.has(wOrgHead|wLocHead|wDemonym|wTitle) && (!next.has(wCommon) || !t.is(headline)):
		return g.someone(i, end, sGiven, text) // "Paris Hilton"
	case h.kind == LOC && next.name() && next.has(wCommon) && !next.is(headline|upper) && h.end+1 == end && g.team(h, next, text):
		g.emit(i, end, ORG, sCapital) // "Chicago Bulls"
		return end
	case one && h.soft && next.name() && !next.is(headline) && h.kind != LOC:
		return g.unknown(i, end, text)
	case h.soft:
		return g.table(i, h.end, h, text)
	case one && h.kind == PER && t.has(wGiven) && next.name() && next.has(wSurname) && !next.has(wCommon) && (!next.is(upper) || t.is(upper)):
		return g.someone(i, end, sGiven, text)
	}
	g.emit(i, h.end, h.kind, sTable)
	return h.end
}

// team says whether a plural after a city or state makes a team of it.
func (g *Rules) team(h hit, next *token, text string) bool {
	e := &g.t.entities[g.t.aliases[h.alias].entity]
	w := next.in(text)
	country := e.Rank >= 49_000 && e.ID != "loc/new-york" && e.ID != "loc/washington-dc"
	return !country && len(w) > 4 && w[len(w)-1] == 's' && !next.has(wRole|wNever)
}
