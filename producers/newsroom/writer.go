package newsroom

import (
	"strconv"
	"strings"
	"time"
)

// castSize is the number of persons, organisations and places in a story.
const castSize = 4

// numberSlots are the figures a grammar can ask for, by opNumber's argument.
var numberSlots = []string{"n", "n2", "n3", "n5", "pct", "money", "toll", "score", "year", "day", "date", "past", "clock", "age", "youth", "rate", "fee", "ord"}

// writer expands a grammar into one text.
type writer struct {
	*rng
	g     *grammar
	w     *world
	cast  *cast
	at    time.Time
	buf   []byte
	used  []uint64 // alternatives taken so far, one bit each
	names []uint16 // entities mentioned, in order of first mention

	headline       bool // names are plain, without titles and articles
	pendingArticle bool
	introduced     [castSize]bool
	orgNamed       [castSize]bool
}

func (x *writer) reset() {
	x.buf, x.names = x.buf[:0], nil
	clear(x.used)
	x.introduced, x.orgNamed, x.pendingArticle = [castSize]bool{}, [castSize]bool{}, false
}

// sentence expands a rule as a sentence: its first letter is made a capital.
func (x *writer) sentence(rule int) {
	start := len(x.buf)
	x.expand(rule)
	for i := start; i < len(x.buf); i++ {
		c := x.buf[i]
		if c >= 'a' && c <= 'z' {
			x.buf[i] = c - 'a' + 'A'
		}
		if c < 0x80 { // quotation marks may stand before the first letter
			return
		}
	}
}

func (x *writer) expand(rule int) {
	r := &x.g.rules[rule]
	for _, p := range r.alts[x.choose(r)] {
		switch p.op {
		case opText:
			x.emit(p.text)
		case opRule:
			x.expand(p.arg)
		case opBeatRule:
			x.expand(x.g.byBeat[x.cast.beat][p.arg])
		case opArticle:
			x.pendingArticle = true
		case opKey:
			x.emit(x.cast.key[p.arg])
		case opPerson:
			x.person(p.arg)
		case opSurname:
			x.mention(x.cast.persons[p.arg])
			x.emit(x.w.person(x.cast.persons[p.arg]).family)
		case opHe:
			x.emit(x.pronoun(p.arg, "he", "she"))
		case opHis:
			x.emit(x.pronoun(p.arg, "his", "her"))
		case opOrg:
			x.org(p.arg)
		case opPlace:
			x.mention(x.cast.places[p.arg])
			x.emit(x.w.entities[x.cast.places[p.arg]].Name)
		case opCountry:
			country := x.w.country(x.cast.places[p.arg])
			x.mention(country)
			x.emit(x.w.entities[country].Name)
		case opNumber:
			x.number(numberSlots[p.arg])
		}
	}
}

// choose picks an alternative, preferring those not yet taken in this text.
func (x *writer) choose(r *rule) int {
	n := len(r.alts)
	pick := x.intn(n)
	if n < 5 {
		return pick
	}
	for i := range n {
		next := pick + i
		if next >= n {
			next -= n
		}
		bit := r.offset + next
		if x.used[bit/64]&(1<<(bit%64)) == 0 {
			x.used[bit/64] |= 1 << (bit % 64)
			return next
		}
	}
	return pick
}

func (x *writer) emit(text string) {
	if text == "" {
		return
	}
	if x.pendingArticle {
		x.pendingArticle = false
		if vowelSound(text) {
			x.buf = append(x.buf, "an "...)
		} else {
			x.buf = append(x.buf, "a "...)
		}
	}
	if c := text[0]; (c == '.' || c == ',') && len(x.buf) > 0 && x.buf[len(x.buf)-1] == ',' {
		x.buf = x.buf[:len(x.buf)-1] // the comma that closes an apposition gives way
	}
	x.buf = append(x.buf, text...)
}

// vowelSound says whether a word of the grammar takes "an".
func vowelSound(word string) bool {
	switch word[0] {
	case 'a', 'e', 'i', 'A', 'E', 'I', 'O':
		return true
	case 'o':
		return !strings.HasPrefix(word, "one")
	case 'u':
		return strings.HasPrefix(word, "un") && !strings.HasPrefix(word, "uni")
	}
	return false
}

func (x *writer) mention(entity uint16) {
	for _, known := range x.names {
		if known == entity {
			return
		}
	}
	x.names = append(x.names, entity)
}

// person writes a full introduction first and the surname from then on.
func (x *writer) person(i int) {
	id := x.cast.persons[i]
	p := x.w.person(id)
	x.mention(id)
	if x.headline {
		if x.intn(2) == 0 {
			x.emit(p.given + " ")
		}
		x.emit(p.family)
		return
	}
	if x.introduced[i] {
		if x.intn(3) == 0 {
			x.emit(p.title)
		}
		x.emit(p.family)
		return
	}
	x.introduced[i] = true
	switch x.intn(4) {
	case 0:
		x.emit(p.given + " " + p.family)
		x.emit(", " + p.described + " ")
		x.mention(p.employer)
		x.emit(x.w.orgs[x.w.orgIndex(p.employer)].inText)
		x.emit(",")
	case 1:
		x.emit(p.given + " " + p.family)
	default:
		x.emit(p.role + " " + p.given + " " + p.family)
	}
}

// org writes the full name first and then its short form, where it has one.
func (x *writer) org(i int) {
	id := x.cast.orgs[i]
	o := &x.w.orgs[x.w.orgIndex(id)]
	x.mention(id)
	if x.headline {
		x.emit(strings.TrimPrefix(o.inText, "the "))
		return
	}
	if x.orgNamed[i] && o.short != "" {
		x.emit(o.shortInText)
		return
	}
	x.emit(o.inText)
	if !x.orgNamed[i] && o.acronym {
		x.emit(" (" + o.short + ")")
	}
	x.orgNamed[i] = true
}

func (x *writer) pronoun(i int, he, she string) string {
	if x.w.person(x.cast.persons[i]).woman {
		return she
	}
	return he
}

var smallNumbers = []string{"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"}

func (x *writer) number(slot string) {
	switch slot {
	case "n":
		x.emit(smallNumbers[x.intn(len(smallNumbers))])
	case "n2":
		x.emit(strconv.Itoa(x.between(11, 96)))
	case "n3":
		x.emit(strconv.Itoa(x.between(101, 989)))
	case "n5":
		x.emit(grouped(x.between(1_000, 9_900) * []int{1, 1, 5, 10}[x.intn(4)]))
	case "pct":
		x.emit(strconv.Itoa(x.intn(31)) + "." + strconv.Itoa(x.between(1, 9)))
	case "money":
		x.emit(x.w.currencies[x.intn(len(x.w.currencies))] + strconv.Itoa(x.between(1, 95)) + "." + strconv.Itoa(x.intn(10)))
		x.emit([]string{" million", " million", " billion"}[x.intn(3)])
	case "toll":
		x.emit(strconv.Itoa(x.cast.toll))
	case "score":
		high := x.between(1, 5)
		x.emit(strconv.Itoa(high) + "-" + strconv.Itoa(x.intn(high)))
	case "year":
		x.emit(strconv.Itoa(x.at.Year() - x.between(1, 32)))
	case "day":
		x.emit(x.at.AddDate(0, 0, -x.intn(3)).Weekday().String())
	case "date":
		x.emit(x.at.AddDate(0, 0, x.between(2, 75)).Format("2 January"))
	case "past":
		x.emit(x.at.AddDate(0, 0, -x.between(2, 75)).Format("2 January"))
	case "clock":
		x.emit(strconv.Itoa(x.between(1, 12)) + "." + strconv.Itoa(x.intn(6)) + "0 " + []string{"am", "pm"}[x.intn(2)])
	case "age":
		x.emit(strconv.Itoa(x.between(19, 84)))
	case "youth":
		x.emit(strconv.Itoa(x.between(17, 36)))
	case "rate":
		x.emit(strconv.Itoa(x.intn(9)) + "." + strconv.Itoa(x.between(1, 9)))
	case "fee":
		x.emit(x.w.currencies[x.intn(len(x.w.currencies))] + strconv.Itoa(x.between(1, 80)) + " million")
	case "ord":
		x.emit([]string{"second", "third", "fourth", "fifth", "sixth", "seventh"}[x.intn(6)])
	}
}

func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
