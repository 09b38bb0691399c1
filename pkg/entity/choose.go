package entity

import (
	"math"
	"strings"
)

// choose picks the row of the tables for a mention: the prior of each that
// carries the form, and the evidence of the document. There is none where
// nothing speaks for any.
func (l *Aliases) choose(w *work) (known, bool) {
	if w.chain < 0 {
		return known{}, false
	}
	if k, ok := l.doc.senses[w.hash]; ok && w.m.Kind == LOC {
		return k, true
	}
	surface := w.form
	if surface == "" {
		surface = bare(w.m.Surface(w.s))
	}
	best, top := int32(-1), 0
	for a := w.chain; a >= 0; a = l.t.aliases[a].next {
		s, ok := l.weight(w, a, surface)
		e := l.t.aliases[a].entity
		if !ok || best >= 0 && s <= top && !l.outranks(e, best) || best >= 0 && l.outranks(best, e) {
			continue
		}
		best, top = e, s
	}
	if best < 0 || top < 0 {
		return known{}, false
	}
	return l.row(best), true
}

// outranks says whether one row is so well known that no doubtful one of the
// same name is ever meant without its state or country said beside it.
func (l *Aliases) outranks(a, b int32) bool {
	return l.t.entities[a].Rank >= 40_000 && !l.t.entities[a].doubtful && l.t.entities[b].doubtful
}

// weight says how much speaks for an alias as the meaning of a mention: half
// of its rank in thousands, and points for evidence.
func (l *Aliases) weight(w *work, a int32, surface string) (int, bool) {
	al := &l.t.aliases[a]
	e := &l.t.entities[al.entity]
	d := &l.doc
	one := w.to-w.from == 1
	if al.flags&aliasExact != 0 && !sameLetters(al.text, surface) && !(strings.Count(surface, ".") > 1 && isUpper(al.text)) &&
		!(e.Kind == ORG && w.m.Kind == ORG && len(surface) >= 4 && isUpper(al.text) && al.text[0] == surface[0] && strings.EqualFold(al.text, surface)) {
		return 0, false // "u.s." is the abbreviation, "us" is not; "Nafta" is NAFTA where it is a body
	}
	if one && len(surface) <= 4 && isUpper(surface) && !isUpper(al.text) && !shouted(w) && !(e.Kind == LOC && w.m.Kind == LOC && e.Rank >= 40_000) {
		return 0, false // an acronym is not the word that it spells, but IRAN is the country
	}
	home := countryNumber(e.Country)
	if e.needs != "" && !d.holds(e.needs) {
		return 0, false
	}
	if al.flags&aliasHome != 0 && d.countries[home] == 0 && d.abroad(home) >= 3 {
		return 0, false
	}
	s := int(e.Rank) / 2000
	if e.Kind != w.m.Kind {
		p, ok := l.otherKind(w, al, e, one)
		if !ok {
			return 0, false
		}
		s -= p
	}
	switch e.Kind {
	case LOC:
		return l.placeWeight(w, al, e, s)
	case PER:
		return l.personWeight(w, al, e, s, one)
	}
	if al.flags&aliasWeak != 0 && al.flags&aliasHome != 0 && d.countries[home] < max(d.abroad(home), 1) {
		return 0, false // "Navy" is the home country's only where that is the one
	}
	if al.flags&aliasWeak != 0 && one {
		// A short name of a body or team that something else has to explain.
		switch {
		case e.Rank == teamRank:
			if !d.sports() || w.m.Kind != ORG {
				return 0, false
			}
			s += 40
		case l.company(w, a, surface):
		case e.Rank < 60_000 || w.m.Kind != ORG:
			return 0, false
		}
	}
	return s + 2*min(int(d.countries[home]), 4), true
}

// company says whether a form can only be the name of a listed company: its
// whole name, no word of the language, nobody else's of note. Short ones and capitals
// alone want a document on business.
func (l *Aliases) company(w *work, a int32, surface string) bool {
	e := &l.t.entities[l.t.aliases[a].entity]
	if w.m.Kind != ORG || a != e.first || !strings.HasPrefix(e.Refs, "ticker=") ||
		l.doc.bySurname[w.hash] != 0 || l.t.words.get(l.keys[w.from])&(wCommon|wStop|wGiven|wNever) != 0 {
		return false
	}
	for o := w.chain; o >= 0; o = l.t.aliases[o].next {
		if x := &l.t.aliases[o]; o != a && (x.flags&aliasWeak == 0 || l.t.entities[x.entity].Rank > e.Rank) {
			return false
		}
	}
	return len(surface) >= 5 && !isUpper(surface) || l.doc.holds(businessWords)
}

// businessWords are in a document that may name a company in short.
const businessWords = " shares| stock|Nasdaq|NASDAQ|New York Stock Exchange|earnings|investors|company|executive|Wall Street|CEO"

// teamRank is the rank of the teams in the tables.
const teamRank = 30_000

// otherKind is what it costs that the tagger gave another kind than the row
// has, and whether it may be so at all.
func (l *Aliases) otherKind(w *work, al *alias, e *Entity, one bool) (int, bool) {
	if al.flags&aliasWeak != 0 || e.doubtful {
		return 0, false
	}
	switch {
	case e.Kind != PER && w.m.Kind != PER:
		// "Washington" for a government, "Kremlin" as a place.
		return 8, true
	case !one:
		return 12, e.Rank >= 25_000
	case e.Kind == LOC && w.m.Kind == PER:
		if l.doc.bySurname[w.hash] != 0 || l.t.words.get(l.keys[w.from])&(wGiven|wSurname) != 0 && !l.placed(w) {
			return 0, false
		}
		return 10, al.flags&aliasStrong != 0 || l.placed(w) && e.Rank >= 20_000
	case al.flags&(aliasStrong|aliasExact) != 0:
		return 20, e.Rank >= 60_000
	}
	return 0, false
}

// placed says whether the words around a mention make it a place.
func (l *Aliases) placed(w *work) bool {
	start, end := lastWordBefore(w.s, int(w.m.Start))
	switch w.s[start:end] {
	case "in", "In", "near", "across", "throughout", "outside", "inside", "northern", "southern", "eastern", "western", "central", "downtown":
	default:
		return false
	}
	return !l.says(w)
}

// says says whether a verb of saying follows.
func (l *Aliases) says(w *work) bool {
	start, end := wordAfter(w.s, int(w.m.End))
	return start < end && l.t.words.get(foldKey(w.s[start:end]))&wSay != 0
}

// placeWeight adds what the places of the document say for one of them.
func (l *Aliases) placeWeight(w *work, al *alias, e *Entity, s int) (int, bool) {
	d := &l.doc
	home := countryNumber(e.Country)
	if al.flags&aliasWeak != 0 && !e.doubtful && d.regions[e.Region] < 2 {
		return 0, false
	}
	if w.m.Kind == LOC && e.Rank < 80_000 && d.bySurname[w.hash] != 0 && (l.says(w) || !l.toward(w)) {
		return 0, false // "Jordan said", where a Jordan was named
	}
	if !e.doubtful || e.Region == "" || d.regions[e.Region] > 0 {
		s = prominence(e, s)
	}
	near := d.near(e)
	if e.doubtful {
		if w.m.Kind != LOC || d.bySurname[w.hash] != 0 || w.to-w.from == 1 && l.t.words.get(l.keys[w.from])&(wNever|wDemonym|wStop|wCalendar) != 0 {
			return 0, false
		}
		if e.Region != "" && d.regions[e.Region] == 0 && near == 0 || e.Region == "" && d.countries[home] == 0 {
			return 0, false
		}
		s -= 8
	}
	if e.Region != "" {
		s += 8 * min(d.regions[e.Region], 3)
		if ownState(e) {
			s += 2 * min(len(d.regions), 4)
		}
	}
	if e.Country == "us" && e.Region != "" {
		s += min(int(d.countries[home]), 4)
	} else {
		s += 3 * min(int(d.countries[home]), 5)
	}
	return s + 4*min(near, 4), true
}

// prominence is the prior of a place: of a city 16 points for each factor of
// ten of its people above a thousand, or what its rank gives.
func prominence(e *Entity, s int) int {
	if !strings.Contains(e.Refs, "geonames=") || e.Rank >= 50_000 {
		return s
	}
	if e.Rank >= 40_000 {
		return s + 30 // a capital
	}
	people := float64(e.Rank-1000) * 500
	if e.doubtful {
		people = float64(e.Rank-200) * 1000
	}
	return s - int(e.Rank)/2000 + int(16*math.Log10(max(people, 1000)/1000))
}

// toward says whether a word stands before a mention that leads to a place.
func (l *Aliases) toward(w *work) bool {
	start, end := lastWordBefore(w.s, int(w.m.Start))
	return start < end && l.t.words.get(foldKey(w.s[start:end]))&wLocPrep != 0
}

// personWeight judges a person by full name, or by the short forms that stand
// for one only with a sign.
func (l *Aliases) personWeight(w *work, al *alias, e *Entity, s int, one bool) (int, bool) {
	d := &l.doc
	home := countryNumber(e.Country)
	if e.doubtful && (d.countries[home] == 0 || !l.politician(w) && (e.Country == "gb" || e.Country == "us" && (e.Rank < 20_000 || !d.holds(congressWords)))) {
		return 0, false
	}
	if one && e.Rank < 60_000 && d.countries[home] == 0 {
		return 0, false
	}
	if one && al.flags&(aliasStrong|aliasExact) == 0 {
		if w.m.Kind != PER || e.Rank < 80_000 || d.countries[home] == 0 {
			return 0, false
		}
		if p := d.bySurname[w.hash]; p != 0 {
			return 0, false // person has settled, or left open, who it is
		}
	}
	return s + min(int(d.countries[home]), 4), true
}

// shouted says whether a mention stands among capitals alone.
func shouted(w *work) bool {
	from, to := max(0, int(w.m.Start)-24), min(len(w.s), int(w.m.End)+24)
	letters := 0
	for i := from; i < to; i++ {
		switch c := w.s[i]; {
		case 'a' <= c && c <= 'z':
			return false
		case 'A' <= c && c <= 'Z':
			letters++
		}
	}
	return letters > 2*int(w.m.End-w.m.Start)
}

// politician says whether an office of politics stands right before a mention.
func (l *Aliases) politician(w *work) bool {
	k, ok := l.titleBefore(w)
	return ok && politicalTitles[k]
}

// congressWords are in a document that may name a member of the US Congress.
const congressWords = "Sen.|Sens.|Rep.|Reps.|Senator|senator|Congress|Senate|congressman|congresswoman|lawmaker|House"

var politicalTitles = wordSet("sens reps govs senators representatives ministers sen senator rep representative congressman congresswoman mp minister secretary president governor gov mayor speaker leader chancellor premier lord baroness lawmaker")

// titleBefore returns the key of the title before a mention.
func (l *Aliases) titleBefore(w *work) (uint64, bool) {
	start, end := lastWordBefore(w.s, int(w.m.Start))
	if start == end {
		return 0, false
	}
	word := strings.TrimSuffix(w.s[start:end], ".")
	k := foldKey(word)
	return k, l.t.words.get(k)&wTitle != 0
}
