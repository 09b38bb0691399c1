package entity

import (
	"math"
	"strings"
	"unicode"
)

// document is what one document says of itself.
type document struct {
	title, text string
	countries   [677]uint16 // by countryNumber: how often a name or demonym of each
	counted     []uint16    // those that are not 0
	regions     map[string]int
	places      []point
	people      []person
	bearers     []bearer
	bySurname   map[uint64]int32 // 1 + index of the first bearer of a surname
	byGiven     map[uint64]int32 // the same of a given name
	acronyms    map[string]known // introduced in brackets
	shorts      map[uint64]known // parts of the names of bodies; those of two have no id
	senses      map[uint64]known // places whose state or country was said
	words       map[string]bool  // whether the document holds a word, as far as asked
	sport       int8             // 0: not asked, 1 yes, -1 no
}

type point struct{ lat, lon float32 }

// maxPlaces bounds the places that are looked at for what lies near.
const maxPlaces = 24

func newDocument() document {
	return document{regions: map[string]int{}, bySurname: map[uint64]int32{}, byGiven: map[uint64]int32{}, acronyms: map[string]known{},
		shorts: map[uint64]known{}, senses: map[uint64]known{}, words: map[string]bool{}}
}

func (d *document) reset(title, text string) {
	d.title, d.text = title, text
	for _, c := range d.counted {
		d.countries[c] = 0
	}
	d.counted, d.places, d.people, d.bearers, d.sport = d.counted[:0], d.places[:0], d.people[:0], d.bearers[:0], 0
	clear(d.regions)
	clear(d.bySurname)
	clear(d.byGiven)
	clear(d.acronyms)
	clear(d.shorts)
	clear(d.senses)
	clear(d.words)
}

func (d *document) country(c uint16) {
	if c == 0 || d.countries[c] == math.MaxUint16 {
		return
	}
	if d.countries[c] == 0 {
		d.counted = append(d.counted, c)
	}
	d.countries[c]++
}

// abroad says how often the country named most, but for this one, is named.
func (d *document) abroad(home uint16) uint16 {
	n := uint16(0)
	for _, c := range d.counted {
		if c != home {
			n = max(n, d.countries[c])
		}
	}
	return n
}

// demonyms counts the countries of "Russian" and the like.
func (d *document) demonyms(t *Tables) {
	for _, s := range [2]string{d.title, d.text} {
		for i := 0; i < len(s); i++ {
			c := s[i]
			if c < 'A' || c > 'Z' || i > 0 && wordByte(s[i-1]) {
				continue
			}
			end := i + 1
			for end < len(s) && 'a' <= s[end] && s[end] <= 'z' {
				end++
			}
			if end-i >= 4 && (end == len(s) || !wordByte(s[end])) {
				if n, ok := t.demonyms[foldKey(s[i:end])]; ok {
					d.country(n)
				}
			}
			i = end - 1
		}
	}
}

// holds says whether the document holds one of some words, parted by |.
func (d *document) holds(words string) bool {
	if v, ok := d.words[words]; ok {
		return v
	}
	v := false
	for w := range strings.SplitSeq(words, "|") {
		if strings.Contains(d.text, w) || strings.Contains(d.title, w) {
			v = true
			break
		}
	}
	d.words[words] = v
	return v
}

var sportWords = [...]string{" season", " coach", " game", "league", "League", " match", " goal", " team", " playoff", " striker", " midfielder", " quarterback", " fans", " champion", " tournament", " scored", " defeat", " cup ", " Cup"}

// sports says whether the document is about games.
func (d *document) sports() bool {
	if d.sport == 0 {
		n := 0
		for _, w := range sportWords {
			if strings.Contains(d.text, w) || strings.Contains(d.title, w) {
				n++
			}
		}
		d.sport = -1
		if n >= 2 {
			d.sport = 1
		}
	}
	return d.sport > 0
}

// near counts the places named within some 500 km of a point, itself left out.
func (d *document) near(e *Entity) int {
	if len(d.places) == 0 {
		return 0
	}
	n := 0
	shrink := math.Cos(float64(e.Lat) * math.Pi / 180)
	for _, p := range d.places {
		dlat := float64(p.lat - e.Lat)
		dlon := float64(p.lon-e.Lon) * shrink
		if x := dlat*dlat + dlon*dlon; x < 4.5*4.5 && x > 1e-6 {
			n++
		}
	}
	return n
}

// evidence counts what a mention with one meaning says of where the document is.
func (l *Aliases) evidence(w *work) {
	d := &l.doc
	var found *Entity
	for a := w.chain; a >= 0; a = l.t.aliases[a].next {
		al := &l.t.aliases[a]
		e := &l.t.entities[al.entity]
		if al.flags&(aliasWeak|aliasHome) != 0 || e.doubtful || e.needs != "" || e.Kind != w.m.Kind {
			continue
		}
		if al.flags&aliasExact != 0 && !sameLetters(al.text, bare(w.m.Surface(w.s))) {
			continue
		}
		if found != nil && found != e {
			return
		}
		found = e
	}
	if found == nil || found.Country == "" {
		return
	}
	if found.Kind == LOC {
		d.country(countryNumber(found.Country))
		if found.Region != "" && found.Region != "us-dc" {
			d.regions[found.Region]++
		}
		if len(d.places) < maxPlaces && (found.Lat != 0 || found.Lon != 0) && found.Rank < 49_000 {
			d.places = append(d.places, point{found.Lat, found.Lon})
		}
	} else if found.Rank >= 25_000 {
		d.country(countryNumber(found.Country))
	}
}

// bare drops a possessive.
func bare(s string) string {
	if k := possessiveAt(s); k > 0 {
		return s[:k]
	}
	return s
}

// located links a place that says where it lies: "Paris, Texas", "Lincoln,
// Neb.", "Washington state", and the state or country behind the comma.
func (l *Aliases) located(i int) {
	w := &l.works[i]
	var buf [4]string
	where := l.behind(buf[:0], w.s, w.m.End)
	state := len(where) == 0
	if state && !l.state(w) || w.chain < 0 {
		return
	}
	best, lies := int32(-1), ""
	for a := w.chain; a >= 0; a = l.t.aliases[a].next {
		al := &l.t.aliases[a]
		e := &l.t.entities[al.entity]
		if e.Kind != LOC || al.flags&aliasExact != 0 && !sameLetters(al.text, bare(w.m.Surface(w.s))) || ownState(e) != state {
			continue
		}
		if best >= 0 && e.Rank <= l.t.entities[best].Rank {
			continue
		}
		if state {
			best = al.entity
			continue
		}
		for _, code := range where {
			if e.Region == code || e.Country == code && !l.isCountry(e) {
				best, lies = al.entity, code
			}
		}
	}
	if best < 0 {
		return
	}
	k := l.row(best)
	l.set(w, k)
	if !state {
		l.doc.senses[w.hash] = k
	}
	if ref, ok := l.t.states[lies]; ok && lies != "us-dc" && i+1 < len(l.works) {
		if next := &l.works[i+1]; next.inTitle == w.inTitle && next.m.Start == w.m.End+2 && next.m.Kind == LOC {
			l.set(next, l.row(ref))
		}
	}
}

// isCountry says whether a place is a country itself.
func (l *Aliases) isCountry(e *Entity) bool {
	return e.Rank >= 45_000 && e.Region == "" && !strings.Contains(e.Refs, "geonames=")
}

// ownState says whether an entity is a state or province itself.
func ownState(e *Entity) bool {
	return e.Region != "" && e.Rank >= 20_000 && !strings.Contains(e.Refs, "geonames")
}

// state says whether a mention is followed by "state", or by an office that
// only states have.
func (l *Aliases) state(w *work) bool {
	start, end := wordAfter(w.s, int(w.m.End))
	switch strings.TrimSuffix(w.s[start:end], ".") {
	case "state", "State", "Gov", "Governor", "Sen", "Senator", "Rep":
		return true
	}
	return false
}

// behind appends the regions and countries that the name behind a comma may
// mean: "us-tx", "ge".
func (l *Aliases) behind(dst []string, s string, at int32) []string {
	rest := s[at:]
	if len(rest) < 4 || rest[0] != ',' || rest[1] != ' ' || !unicode.IsUpper(firstRune(rest[2:])) {
		return dst
	}
	rest = rest[2:]
	_, one := nextWord(rest, 0)
	if r, ok := stateMarks[strings.ReplaceAll(rest[:one], ".", "")]; ok && (one == len(rest) || rest[one] != ' ' || !unicode.IsUpper(firstRune(rest[one+1:]))) {
		return append(dst, r)
	}
	two := one
	if one+1 < len(rest) && rest[one] == ' ' && unicode.IsUpper(firstRune(rest[one+1:])) {
		_, two = nextWord(rest, one+1)
	}
	for _, n := range [2]int{two, one} {
		var keys [maxPhrase]uint64
		for a := l.t.chain(phraseHash(appendNameKeys(keys[:0], bare(rest[:n])))); a >= 0 && len(dst) < cap(dst); a = l.t.aliases[a].next {
			switch e := &l.t.entities[l.t.aliases[a].entity]; {
			case e.Kind != LOC || e.Country == "":
			case ownState(e):
				dst = append(dst, e.Region)
			case l.isCountry(e):
				dst = append(dst, e.Country)
			}
		}
		if len(dst) > 0 {
			break
		}
	}
	return dst
}

// stateMarks are the short forms of states and provinces behind a town.
var stateMarks = func() map[string]string {
	m := map[string]string{"NH": "us-nh", "NJ": "us-nj", "NM": "us-nm", "NY": "us-ny", "NC": "us-nc", "ND": "us-nd", "RI": "us-ri", "SC": "us-sc", "SD": "us-sd", "WVa": "us-wv", "DC": "us-dc", "UK": "gb", "US": "us",
		"BC": "ca-bc", "NSW": "au-nsw", "Ont": "ca-on", "Que": "ca-qc", "Alta": "ca-ab"}
	for _, f := range strings.Fields("Ala/al Alaska/ak Ariz/az Ark/ar Calif/ca Colo/co Conn/ct Del/de Fla/fl Ga/ga Ill/il Ind/in Kan/ks Ky/ky La/la Md/md Mass/ma Mich/mi Minn/mn Miss/ms Mo/mo Mont/mt Neb/ne Nev/nv Okla/ok Ore/or Pa/pa Tenn/tn Tex/tx Vt/vt Va/va Wash/wa Wis/wi Wyo/wy") {
		name, code, _ := strings.Cut(f, "/")
		m[name] = "us-" + code
		if len(name) > 2 {
			m[strings.ToUpper(code)] = "us-" + code
		}
	}
	return m
}()
