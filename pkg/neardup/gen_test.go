package neardup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/zeebo/xxh3"
)

// A seeded generator of plausible news text: an event fixes names, places and
// numbers; a report words them. Two reports of one event share the facts and
// a quotation, not the wording.

var (
	givenNames = strings.Fields("Marta Jonas Ilse Pedro Anneke Tomas Lucia Henrik Petra Rafael Nadia Viktor Elena Oskar Carla Mateo Ingrid Pavel Sonia Emil")
	surnames   = strings.Fields("Hollander Brandt Quiroga Lindqvist Okafor Tanaka Moreau Petrov Salgado Nyberg Castell Varga Dunmore Ferreira Aldaine Korhonen Weiss Osei Barlow Munro")
	towns      = strings.Fields("Harwick Easterby Lunden Porto Velmar Ostrava Kelton Marsh Brenford Calder Dunhaven Elmstead Farrow Grantley Holm Ivybridge Kestrel Langport Norwell")
	things     = strings.Fields("harbour ferry bridge refinery stadium hospital railway reservoir airport market school tunnel factory library quarry museum")
	acts       = strings.Fields("closed expanded inspected rebuilt flooded sold evacuated blockaded reopened searched postponed financed damaged surveyed defended criticised")
	people     = strings.Fields("residents engineers officials workers families investigators councillors commuters traders students volunteers fishermen lawyers nurses drivers farmers")
	qualities  = strings.Fields("urgent costly overdue cautious public regional private unexpected steady narrow heavy bitter formal modest broad lasting sudden quiet fragile joint")
	nouns      = strings.Fields("inquiry budget warning contract permit report deadline strike storm vote audit grant lease appeal proposal ruling survey rescue protest upgrade delay outage shortage agreement")
	verbs      = strings.Fields("demanded reviewed delayed approved rejected questioned welcomed announced planned measured opposed drafted settled extended prepared cancelled monitored funded signed resumed")
	manners    = strings.Fields("late early quietly repeatedly openly briefly formally reluctantly jointly promptly narrowly partly widely again finally")
	linkers    = strings.Fields("while because although after before since unless once whereas until")
	nearWords  = map[string]string{}
)

func init() {
	// Enough words that two texts do not share pairs of them by chance.
	for _, list := range []*[]string{&things, &acts, &people, &qualities, &nouns, &verbs, &manners} {
		for _, w := range slices.Clone(*list) {
			for _, prefix := range strings.Fields("over under inter counter sub super ante") {
				*list = append(*list, prefix+w)
			}
		}
	}
	// Each content word has one word that an editor might put in its place.
	for _, list := range [][]string{things, acts, people, qualities, nouns, verbs, manners, linkers} {
		for _, w := range list {
			nearWords[w] = "re" + w
		}
	}
	for _, w := range strings.Fields("the a of in on at for with and that was were had by from to said more than not as it this which their") {
		nearWords[w] = w + "e"
	}
}

func pick(r *rand.Rand, list []string) string { return list[r.IntN(len(list))] }

type event struct {
	names         [2]string
	town, thing   string
	act           string
	dead, million int
	day           int
	quote         string
}

func newEvent(r *rand.Rand) event {
	name := func() string { return pick(r, givenNames) + " " + pick(r, surnames) }
	e := event{names: [2]string{name(), name()}, town: pick(r, towns) + " " + pick(r, towns), thing: pick(r, things), act: pick(r, acts),
		dead: 3 + r.IntN(90), million: 10 + r.IntN(900), day: 1 + r.IntN(28)}
	e.quote = fmt.Sprintf("“We %s the %s %s and the %s will not wait,” %s said.", pick(r, verbs), pick(r, qualities), pick(r, nouns), pick(r, people), e.names[0])
	return e
}

func (e event) title(r *rand.Rand) string {
	switch r.IntN(3) {
	case 0:
		return fmt.Sprintf("%s %s in %s, %s says", strings.ToUpper(e.thing[:1])+e.thing[1:], e.act, e.town, e.names[0])
	case 1:
		return fmt.Sprintf("%s: %s %s after %s", e.town, e.thing, e.act, pick(r, nouns))
	}
	return fmt.Sprintf("%s under pressure as %s %s is %s", e.names[0], e.town, e.thing, e.act)
}

func (e event) report(r *rand.Rand, sentences int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The %s in %s was %s on %d June, %s said, with a cost of %d million and %d %s affected. ",
		e.thing, e.town, e.act, e.day, e.names[0], e.million, e.dead, pick(r, people))
	for i := range sentences {
		switch {
		case i == 2:
			b.WriteString(e.quote + " ")
		case i%5 == 3:
			fmt.Fprintf(&b, "%s of %s %s the %s %s. ", e.names[i%2], e.town, pick(r, verbs), pick(r, qualities), pick(r, nouns))
		default:
			fmt.Fprintf(&b, "The %s %s %s %s a %s %s %s the %s %s %s the %s. ", pick(r, qualities), pick(r, people), pick(r, manners), pick(r, verbs),
				pick(r, qualities), pick(r, nouns), pick(r, linkers), pick(r, people), pick(r, verbs), pick(r, manners), pick(r, nouns))
		}
	}
	return strings.TrimSpace(b.String())
}

// notice fills in a form in which only the dates change.
func (e event) notice(day int) string {
	weekday := []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
	return fmt.Sprintf("The council of %s will discuss the %s on %s, %d June, and hear %s. Written questions have to reach the clerk by %s, %d June. "+
		"The meeting is open to the public and begins in the old assembly room at noon. Papers can be read at the town hall from %s, %d June, on. "+
		"Those who want to speak are asked to give their names at the door. The minutes of the last meeting were approved without a vote.",
		e.town, e.thing, weekday[day%7], day, e.names[0], weekday[(day+5)%7], day-2, weekday[(day+4)%7], day-3)
}

// synonyms replaces a share of all words.
func synonyms(r *rand.Rand, s string, share float64) string {
	f := strings.Fields(s)
	for i, w := range f {
		if n, ok := nearWords[strings.Trim(w, ".,")]; ok && r.Float64() < share {
			f[i] = n
		}
	}
	return strings.Join(f, " ")
}

func firstPart(s string, share float64) string {
	f := strings.Fields(s)
	return strings.Join(f[:int(float64(len(f))*share)], " ")
}

func lastPart(s string, share float64) string {
	f := strings.Fields(s)
	return strings.Join(f[int(float64(len(f))*(1-share)):], " ")
}

// quotesInserted puts what somebody else says after every fifth sentence.
func quotesInserted(r *rand.Rand, s string) string {
	var b strings.Builder
	for i, f := range strings.SplitAfter(s, ". ") {
		b.WriteString(f)
		if i%5 == 4 {
			b.WriteString(newEvent(r).quote + " ")
		}
	}
	return b.String()
}

func reordered(r *rand.Rand, s string) string {
	f := strings.SplitAfter(s, ". ")
	r.Shuffle(len(f), func(i, j int) { f[i], f[j] = strings.TrimSpace(f[j])+" ", strings.TrimSpace(f[i])+" " })
	return strings.Join(f, "")
}

func otherNumbers(r *rand.Rand, s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= '0' && c <= '9' {
			b[i] = '1' + (c-'0'+byte(1+r.IntN(7)))%9
		}
	}
	return string(b)
}

func typography(s string) string {
	return strings.NewReplacer("“", `"`, "”", `"`, ". ", ".\n\n", " the ", "  The ").Replace(strings.ToUpper(s[:len(s)/2]) + s[len(s)/2:])
}

const footer = " Sign up for our morning letter and never miss a headline. All rights reserved by the publisher; no part of this page may be copied."

func testTerms(dst []uint64, s string) []uint64 {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" \n.,:;?!\"“”", r) }) {
		dst = append(dst, xxh3.HashString(w))
	}
	return dst
}

// testStarts gives where the words of testTerms begin.
func testStarts(s string) (at []int32) {
	in := false
	for i, r := range s {
		word := !strings.ContainsRune(" \n.,:;?!\"“”", r)
		if word && !in {
			at = append(at, int32(i))
		}
		in = word
	}
	return at
}

var epoch = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)

func makeDoc(id uint64, title, text string, at time.Time) *Doc {
	terms := testTerms(nil, text)
	d := &Doc{ID: id, SeenAt: at, TS: at, Source: "a.example", Language: "en", Words: len(terms), Title: testTerms(nil, title),
		Sketch: NewSketcher(testTerms).Append(nil, terms, testStarts(text), text)}
	for _, t := range terms {
		d.BodyHash = d.BodyHash*31 + t
	}
	return d
}
