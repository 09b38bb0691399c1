package entity

import (
	"strings"
)

// person is somebody whom the document names in full.
type person struct {
	known
	first  int32 // byte offset of the first full name in the text, -1: in the title
	last   int32 // of the last one
	n      int32 // full names
	gender gender
	title  uint64
}

// bearer is one person of a surname, and 1 + the index of the next of them.
type bearer struct{ person, next int32 }

var (
	honorificKeys = wordSet("mr mister mrs ms miss dr prof sir dame sen rep gov gen lt col capt maj sgt rev sheik sheikh shaikh ayatollah mullah imam president senator congressman congresswoman governor justice judge chancellor former")
	suffixKeys    = wordSet("jr sr ii iii iv")
	// Surnames that stand first.
	eastAsian    = wordSet("kim lee park choi jung moon yoon ahn bae cha cho han hong hwang kang ko kwon lim noh oh roh ryu seo shin song suh yang yu xi li wang zhang liu chen zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo jiang deng mao peng zeng cai ding pan tsai nguyen tran ri pak jang bo wen")
	femaleTitles = wordSet("mrs ms miss lady dame queen princess madame congresswoman")
	maleTitles   = wordSet("mr sir lord king prince congressman")
)

// introduce remembers what a full name explains.
func (l *Aliases) introduce(w *work) {
	k := known{w.m.EntityID, w.m.Name, w.m.Ref, w.kind}
	switch w.kind {
	case PER:
		l.meet(w, k)
	case ORG:
		l.found(w, k)
	}
}

// meet remembers a person by surname and given name.
func (l *Aliases) meet(w *work, k known) {
	d := &l.doc
	keys := l.keys[w.from:w.to]
	last := len(keys) - 1
	for last > 0 && (suffixKeys[keys[last]] || keys[last] == ',' || keys[last] == keyPossessive) {
		last--
	}
	at := w.m.Start
	if w.inTitle {
		at = -1
	}
	for i := range d.people {
		if p := &d.people[i]; p.id == k.id {
			p.n++
			p.last = max(p.last, at)
			if p.first < 0 {
				p.first = at
			}
			if p.title == 0 {
				p.title, _ = l.titleBefore(w)
			}
			return
		}
	}
	if len(d.people) >= maxPeople {
		return
	}
	p := person{known: k, first: at, last: at, n: 1, gender: l.t.genders[keys[0]]}
	if t, ok := l.titleBefore(w); ok {
		p.title = t
		if femaleTitles[t] {
			p.gender = female
		} else if maleTitles[t] {
			p.gender = male
		}
	}
	if last == 0 {
		return // "Mr. Hartwell" is no full name
	}
	d.people = append(d.people, p)
	me := int32(len(d.people))
	l.surname(keys[last:last+1], me)
	if eastAsian[keys[0]] && !(l.t.words.get(keys[0])&wGiven != 0 && last == 1 && !eastern(w.m.Surface(w.s))) {
		l.surname(keys[:1], me)
	} else if l.t.words.get(keys[0])&(wCommon|wStop|wTitle) == 0 {
		if old, ok := d.byGiven[join(0, keys[0])]; !ok {
			d.byGiven[join(0, keys[0])] = me
		} else if old != me {
			d.byGiven[join(0, keys[0])] = -1
		}
	}
	if last >= 2 {
		l.surname(keys[last-1:last+1], me) // "de Blasio", "Peña Nieto"
	}
	if last >= 3 {
		l.surname(keys[last-2:last+1], me) // "von der Leyen"
	}
	if k.ref < 0 {
		return
	}
	// What the tables know as short for this person.
	for a := l.t.entities[k.ref].first; int(a) < len(l.t.aliases) && l.t.aliases[a].entity == k.ref; a++ {
		if al := &l.t.aliases[a]; al.words == 1 && al.flags&aliasLanguage == 0 {
			var buf [2]uint64
			l.surname(appendNameKeys(buf[:0], al.text), me)
		}
	}
}

// maxPeople bounds the persons of one document that are told apart.
const maxPeople = 500

// eastern says whether a name is written in the way of Korea: "Moon Jae-in".
func eastern(name string) bool {
	return strings.IndexByte(name, '-') > 0 || strings.Count(name, " ") == 2
}

// surname lists a person under a short form.
func (l *Aliases) surname(keys []uint64, me int32) {
	d := &l.doc
	h := phraseHash(keys)
	for at := d.bySurname[h]; at != 0; at = d.bearers[at-1].next {
		if d.bearers[at-1].person == me {
			return
		}
	}
	d.bearers = append(d.bearers, bearer{me, d.bySurname[h]})
	d.bySurname[h] = int32(len(d.bearers))
}

// bearer returns a person of a chain and where the chain goes on.
func (d *document) bearer(at int32) (p *person, next int32) {
	b := d.bearers[at-1]
	return &d.people[b.person-1], b.next
}

// person finds who a short form stands for: the one of this surname, or of
// several the one for whom there is evidence. ok is false where nobody is
// known; of several without evidence the form gets an id of its own.
func (l *Aliases) person(w *work) (known, bool) {
	d := &l.doc
	title, titled := l.titleBefore(w)
	if titled {
		if k, ok := l.office(w); ok {
			l.adopt(w, k)
			return k, true
		}
	}
	head := d.bySurname[w.hash]
	if head == 0 {
		if g := d.byGiven[w.hash]; g > 0 && w.m.Kind == PER && !titled {
			return d.people[g-1].known, true
		}
		if titled && w.m.Kind == PER {
			return l.byTitle(w)
		}
		return known{}, false
	}
	if p, next := d.bearer(head); next == 0 {
		if titled && p.gender != 0 && (femaleTitles[title] && p.gender == male || maleTitles[title] && p.gender == female) && p.n < 2 {
			return l.learned(w), true // "Mrs Hartwell", where only John was named
		}
		return p.known, true
	}
	return l.among(w, head, title, titled), true
}

// among picks one of several persons of a surname.
func (l *Aliases) among(w *work, head int32, title uint64, titled bool) known {
	d := &l.doc
	want := gender(0)
	if femaleTitles[title] {
		want = female
	} else if maleTitles[title] {
		want = male
	}
	var pick, strong, before, near, held, fits *person
	picks, befores, nears, fit := 0, 0, 0, 0
	para := int32(strings.LastIndexByte(w.s[:w.m.Start], '\n'))
	for at := head; at != 0; {
		var p *person
		p, at = d.bearer(at)
		if want != 0 && p.gender != 0 && p.gender != want {
			continue
		}
		pick = p
		picks++
		if want != 0 && p.gender == want {
			fits = p
			fit++
		}
		if titled && want == 0 && p.title == title {
			held = p
		}
		if p.ref >= 0 && l.strongAlias(p.ref, w.hash) {
			strong = p
		}
		if !w.inTitle && p.first >= 0 && p.first < w.m.Start {
			before = p
			befores++
			if p.last > para && p.last < w.m.Start || p.first > para {
				near = p
				nears++
			}
		}
	}
	switch {
	case picks == 1:
		return pick.known
	case fit == 1:
		return fits.known
	case held != nil:
		return held.known
	case strong != nil:
		return strong.known
	case befores == 1:
		return before.known
	case nears == 1:
		return near.known
	}
	// One of them is what the document is about.
	for at := head; at != 0; {
		p, next := d.bearer(at)
		alone := true
		for b := head; b != 0 && alone; {
			var q *person
			q, b = d.bearer(b)
			alone = q == p || q.n*3 <= p.n
		}
		if alone {
			return p.known
		}
		at = next
	}
	return l.learned(w)
}

// strongAlias says whether a word by itself means this row.
func (l *Aliases) strongAlias(ref int32, hash uint64) bool {
	for a := l.t.chain(hash); a >= 0; a = l.t.aliases[a].next {
		if al := &l.t.aliases[a]; al.entity == ref && al.flags&aliasStrong != 0 {
			return true
		}
	}
	return false
}

// adopt takes a person named by office and surname as one of the document.
func (l *Aliases) adopt(w *work, k known) {
	d := &l.doc
	for i := range d.people {
		if d.people[i].id == k.id {
			return
		}
	}
	if len(d.people) >= maxPeople {
		return
	}
	at := w.m.Start
	if w.inTitle {
		at = -1
	}
	given, _, _ := strings.Cut(k.name, " ")
	d.people = append(d.people, person{known: k, first: at, last: at, n: 1, gender: l.t.genders[foldKey(given)]})
	l.surname(l.keys[w.from:w.to], int32(len(d.people)))
}

// office links "President Clinton": the title is part of an alias.
func (l *Aliases) office(w *work) (known, bool) {
	at := int(w.m.Start)
	var keys [maxPhrase]uint64
	for range 3 {
		start, end := lastWordBefore(w.s, at)
		if start == end {
			break
		}
		k := appendNameKeys(keys[:0], w.s[start:w.m.Start])
		if len(k)+int(w.to-w.from) > maxPhrase {
			break
		}
		k = append(k, l.keys[w.from:w.to]...)
		best, top := int32(-1), int32(-1)
		for a := l.t.chain(phraseHash(k)); a >= 0; a = l.t.aliases[a].next {
			e := &l.t.entities[l.t.aliases[a].entity]
			if r := e.Rank + 4000*int32(min(l.doc.countries[countryNumber(e.Country)], 5)); e.Kind == PER && r > top {
				best, top = l.t.aliases[a].entity, r
			}
		}
		if best >= 0 {
			return l.row(best), true
		}
		at = start
	}
	return known{}, false
}

// byTitle links "Chancellor Merkel": a title and a surname that the tables give
// to one person of high rank.
func (l *Aliases) byTitle(w *work) (known, bool) {
	best, rank, second := int32(-1), int32(-1), int32(-1)
	for a := w.chain; a >= 0; a = l.t.aliases[a].next {
		e := &l.t.entities[l.t.aliases[a].entity]
		if e.Kind != PER || e.needs != "" && !l.doc.holds(e.needs) || e.Rank < 60_000 && l.doc.countries[countryNumber(e.Country)] == 0 {
			continue
		}
		r := e.Rank + 3000*int32(min(l.doc.countries[countryNumber(e.Country)], 4))
		switch {
		case r > rank:
			best, rank, second = l.t.aliases[a].entity, r, rank
		case r > second:
			second = r
		}
	}
	if best < 0 || rank < 25_000 || second == rank {
		return known{}, false
	}
	return l.row(best), true
}

// nickname links "M. Hartwell" and "Jeff Hartwell" to the one person of this
// surname whose given name is so shortened.
func (l *Aliases) nickname(w *work) bool {
	if w.m.Kind != PER || w.to-w.from < 2 {
		return false
	}
	s, _, _ := strings.Cut(w.m.Surface(w.s), " ")
	keys := l.keys[w.from:w.to]
	var found *person
	for at := l.doc.bySurname[join(0, keys[len(keys)-1])]; at != 0; {
		var p *person
		p, at = l.doc.bearer(at)
		if given, _, _ := strings.Cut(p.name, " "); !shortFor(s, given) && !shortFor(given, s) {
			continue
		}
		if found != nil {
			return false
		}
		found = p
	}
	if found == nil {
		return false
	}
	l.set(w, found.known)
	return true
}

// formalName looks "Bob Hartwell" up as Robert.
func (l *Aliases) formalName(w *work) (known, bool) {
	given, _, ok := strings.Cut(w.m.Surface(w.s), " ")
	long := familiar[given]
	if w.m.Kind != PER || !ok || long == "" || w.to-w.from > maxPhrase {
		return known{}, false
	}
	var buf [maxPhrase]uint64
	keys := append(append(buf[:0], foldKey(long)), l.keys[w.from+1:w.to]...)
	v := *w
	v.hash = phraseHash(keys)
	if v.chain = l.t.chain(v.hash); v.chain < 0 {
		return known{}, false
	}
	return l.choose(&v)
}

// shortFor says whether one given name is short for another: its letter, its
// beginning, or a familiar form.
func shortFor(short, long string) bool {
	short = strings.TrimSuffix(short, ".")
	if len(short) == 0 || len(long) < len(short) || short == long && len(short) > 1 {
		return false
	}
	if short[0] == long[0] && (len(short) == 1 || len(short) >= 3 && len(long) > 3 && short[:3] == long[:3]) {
		return true
	}
	return familiar[short] != "" && familiar[short] == long
}

// familiar forms that share no beginning with the name.
var familiar = map[string]string{"Bob": "Robert", "Rob": "Robert", "Bill": "William", "Mike": "Michael", "Jim": "James", "Jimmy": "James", "Dick": "Richard", "Rick": "Richard", "Jack": "John", "Ted": "Edward", "Ed": "Edward",
	"Tony": "Anthony", "Chuck": "Charles", "Charlie": "Charles", "Hank": "Henry", "Harry": "Harold", "Liz": "Elizabeth", "Beth": "Elizabeth", "Betsy": "Elizabeth", "Kate": "Katherine", "Kathy": "Kathleen", "Peggy": "Margaret",
	"Meg": "Margaret", "Joe": "Joseph", "Tom": "Thomas", "Al": "Albert", "Jerry": "Gerald", "Larry": "Lawrence", "Bernie": "Bernard", "Steve": "Stephen", "Sandy": "Alexander", "Alex": "Alexander", "Nate": "Nathan"}
