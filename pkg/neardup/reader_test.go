package neardup

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func testReader() *Reader {
	return NewReader(func(dst []uint64, at []int32, s string) ([]uint64, []int32) {
		return append(dst, testTerms(nil, s)...), append(at, testStarts(s)...)
	})
}

// TestReader reads pairs of texts: shares of the shorter, its narration apart.
func TestReader(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 3))
	x := testReader()
	text := newEvent(r).report(r, 30)
	other := newEvent(r).report(r, 30)
	speech := "\n\n“" + strings.NewReplacer("“", "", "”", "").Replace(newEvent(r).report(r, 12)) + "”\n\n"
	for _, c := range []struct {
		name            string
		a, b            string
		share, taken    float64
		numbers, margin float64 // numbers: of those at the same place, that agree; -1: not asked
	}{
		{"itself", text, text, 1, 1, 1, 0},
		{"a cut", text, firstPart(text, .3), 1, 1, 1, .02},
		{"moved sentences", text, reordered(r, text), 1, 1, 1, .1},
		{"every third word", text, synonyms(r, text, .33), 1, 1, 1, .2},
		{"half its own", text, firstPart(text, .5) + " " + firstPart(other, .5), .5, .5, 1, .1},
		{"another text", text, other, 0, 0, -1, .1},
		{"a speech in both", text + speech, other + speech, .3, 0, -1, .1},
		{"other numbers", text, otherNumbers(r, text), 1, 1, 0, .1},
	} {
		x.begin(c.a)
		x.add(c.b, 1, false)
		x.furniture()
		o, ok := x.compare(0)
		n := o.numbers
		agree := c.numbers
		if n.agree+n.disagree > 0 && agree >= 0 {
			agree = share(n.agree, n.agree+n.disagree)
		}
		for what, pair := range map[string][2]float64{"share": {o.share, c.share}, "taken": {o.taken, c.taken}, "numbers": {agree, c.numbers}} {
			if got, want := pair[0], pair[1]; !ok || got < want-c.margin || got > want+c.margin {
				t.Errorf("%s: %s %.2f, want %.2f: %+v", c.name, what, got, want, o)
			}
		}
	}
}

// TestReaderKnowsFurniture: a gallery that two more articles of the source have
// is left out; one that a single other has is not.
func TestReaderKnowsFurniture(t *testing.T) {
	r := rand.New(rand.NewPCG(32, 3))
	x := testReader()
	gallery := " " + newEvent(r).report(r, 30)
	for _, witnesses := range []int{0, 1} {
		x.begin(newEvent(r).report(r, 12) + gallery)
		x.add(newEvent(r).report(r, 12)+gallery, 1, true)
		if witnesses == 1 {
			x.add(newEvent(r).report(r, 20)+gallery, 2, true)
		}
		x.furniture()
		if o, _ := x.compare(0); (o.taken > .6) != (witnesses == 0) {
			t.Errorf("%d more: %+v", witnesses, o)
		}
	}
}

// TestEdges: a number that differs ends a passage, and is seen all the same.
func TestEdges(t *testing.T) {
	x := testReader()
	const text = "the council of Lunden voted for another bridge across the quiet northern harbour"
	for _, c := range []struct {
		a, b     string
		disagree int
	}{
		{text + " in 1993", text + " in 1993", 0},
		{text + " in 1993", text + " in 2004", 1},
		{text + " in the year 1993", text + " in the year 2004", 1},
		{text + " in 1993", text + " or 2004", 0},
		{"14 members of " + text, "17 members of " + text, 1},
		{text + " on 3 June", text + " on 4 June", 1},
	} {
		x.begin(c.a)
		x.add(c.b, 1, false)
		x.furniture()
		if o, _ := x.compare(0); o.numbers.disagree != c.disagree || o.dates.agree > 0 {
			t.Errorf("%q, %q: %+v, want %d numbers that differ", c.a, c.b, o, c.disagree)
		}
	}
}

// TestTurns: one word says that a price went the other way.
func TestTurns(t *testing.T) {
	x := testReader()
	const before, after = "the mill in Lunden said it will ", " the price of refined copper by half a cent a pound from tomorrow on"
	for _, c := range []struct {
		a, b string
		want int
	}{{"raise", "cut", 1}, {"raise", "lower", 1}, {"raise", "raise", 0}, {"raise", "increase", 0}, {"raise", "discuss", 0}} {
		x.begin(before + c.a + after)
		x.add(before+c.b+after, 1, false)
		x.furniture()
		if o, _ := x.compare(0); o.turned != c.want || o.vetoed() != (c.want > 0) {
			t.Errorf("%s, %s: turned %d, want %d", c.a, c.b, o.turned, c.want)
		}
	}
}

// TestBrief: of short texts the credits of one and the furniture that it has
// after a cut do not count, a sentence among others does.
func TestBrief(t *testing.T) {
	r := rand.New(rand.NewPCG(33, 3))
	x := testReader()
	text, other := newEvent(r).report(r, 4), newEvent(r).report(r, 4)
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"with credits", "Photograph: Ilse Varga/The Paper By Petra Munro " + text, true},
		{"cut, with a footer", firstPart(text, .75) + footer, true},
		{"every fourth word", synonyms(r, text, .25), true},
		{"a third of it", firstPart(text, .33) + " " + other, false},
		{"another text", other, false},
	} {
		x.begin(c.text)
		x.add(text, 1, false)
		x.furniture()
		if o, _ := x.compare(0); o.takenOver(&pair{}) != c.want {
			t.Errorf("%s: %+v, want %v", c.name, o, c.want)
		}
	}
}

func TestRounded(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"1.2", "1,204,000", true}, {"1.2 mln", "1.25", true}, {"12.4", "12.4", true}, {"0.31", "31", true},
		{"1.2", "1,304,000", false}, {"3", "31", false}, {"47", "31", false}, {"100", "1,204", false},
	} {
		if rounded(c.a, c.b) != c.want || rounded(c.b, c.a) != c.want {
			t.Errorf("%s and %s: want %v", c.a, c.b, c.want)
		}
	}
}

// FuzzReader compares any two texts without going out of bounds, in either
// order with shares from 0 to 1.
func FuzzReader(f *testing.F) {
	f.Add("on 3 June 2026, 1,200 tons", "on 4 June 2026, 1,300 tons")
	f.Add("a b a b a b", "“b a b a")
	x := NewReader(func(dst []uint64, at []int32, s string) ([]uint64, []int32) {
		for i := range len(s) {
			dst, at = append(dst, uint64(s[i])), append(at, int32(i))
		}
		return dst, at
	})
	f.Fuzz(func(t *testing.T, a, b string) {
		x.begin(a)
		x.add(b, 1, true)
		x.add(a, 2, true)
		x.furniture()
		for k := range 2 {
			if o, _ := x.compare(k); o.share < 0 || o.share > 1 || o.taken < 0 || o.taken > 1 || o.missing > o.values {
				t.Fatalf("%q, %q: %+v", a, b, o)
			}
		}
	})
}
