package neardup

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestQuotes(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		var got []string
		for _, q := range appendQuotes(nil, text) {
			got = append(got, text[q.from:q.to])
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	f("")
	f("no mark at all")
	f(`The "so-called" plan`)
	f(`He said: "We will not wait for anybody." Then he left.`, `"We will not wait for anybody.`)
	f("She said, “We will not wait for “anybody.” Then she left.", "“We will not wait for “anybody.")
	f("„Wir werden auf niemanden warten“, sagte er.", "„Wir werden auf niemanden warten")
	f("« Nous ne voulons attendre personne », dit-il", "« Nous ne voulons attendre personne ")
	f("A pipe 12\" wide and another pipe 14\" wide were found.")
	f("\"This one never ends and goes on\n\nA new paragraph is told again.", "\"This one never ends and goes on")
	f("Told.\n\nWhat a day for the harbour! — The Mayor (@mayor) June 3, 2026\n\nTold again.", "What a day for the harbour! — The Mayor (@mayor) June 3, 2026")
	f("Told.\n\nWhat a day for the harbour!\n\n— The Mayor (@mayor) June 3, 2026", "\nWhat a day for the harbour!\n\n— The Mayor (@mayor) June 3, 2026")
	f("What a day pic.twitter.com/x", "What a day pic.twitter.com/x")
}

func FuzzQuotes(f *testing.F) {
	f.Add("“a „b« \" — (@\n\n\n\n— (@x) pic.twitter.com/")
	f.Add("\xe2\x80\n\n\xc2")
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, q := range appendQuotes(nil, s) {
			if q.from < end || q.to < q.from || q.to > len(s) {
				t.Fatalf("%q: %+v after %d", s, q, end)
			}
			end = q.to
		}
	})
}

// TestSharedQuotations are two reports that print the same long statement, and
// a report copied with it.
func TestSharedQuotations(t *testing.T) {
	r := rand.New(rand.NewPCG(21, 3))
	wrong, missed := 0, 0
	for range 100 {
		e := newEvent(r)
		statement := "\n\n“" + strings.NewReplacer("“", "", "”", "").Replace(newEvent(r).report(r, 14)) + "”\n\n"
		first := e.report(r, 10) + statement + e.report(r, 4)
		x := NewIndex(DefaultConfig())
		x.Add(makeDoc(1, e.title(r), first, epoch), 0)
		other := makeDoc(2, e.title(r), e.report(r, 12)+statement, epoch.Add(time.Hour))
		other.Source = "b.example"
		if x.Match(other).CopyOf != 0 {
			wrong++
		}
		taken := makeDoc(3, e.title(r), strings.ReplaceAll(firstPart(first, .9), "“", "«"), epoch.Add(time.Hour))
		taken.Source = "b.example"
		if x.Match(taken).CopyOf != 1 {
			missed++
		}
	}
	if wrong > 2 || missed > 2 {
		t.Errorf("%d independent reports called copies, %d copies missed, of 100", wrong, missed)
	}
}

// TestFurniture are articles of one source with the same gallery. Two long
// ones make it known; then a short one which is mostly gallery is no copy.
func TestFurniture(t *testing.T) {
	r := rand.New(rand.NewPCG(22, 3))
	gallery := newEvent(r).report(r, 30)
	x := NewIndex(DefaultConfig())
	for id := uint64(1); id <= 6; id++ {
		e := newEvent(r)
		own := 8
		if id <= 2 {
			own = 36
		}
		d := makeDoc(id, e.title(r), e.report(r, own)+" "+gallery, epoch.Add(time.Duration(id)*time.Hour))
		m := x.Match(d)
		if m.CopyOf != 0 {
			t.Errorf("article %d called a copy: %+v", id, m)
		}
		x.Add(d, m.CopyOf)
	}
	e := newEvent(r)
	text := e.report(r, 12) + " " + gallery
	x.Add(makeDoc(10, e.title(r), text, epoch.Add(7*time.Hour)), 0)
	if m := x.Match(makeDoc(11, e.title(r), firstPart(text, .95), epoch.Add(8*time.Hour))); m.CopyOf != 10 {
		t.Errorf("the article with its gallery, sent again: %+v, want a copy of 10", m)
	}
}

// TestFurnitureOfShortArticles: the first two are so short that the gallery
// makes them copies; from the third on it is known.
func TestFurnitureOfShortArticles(t *testing.T) {
	r := rand.New(rand.NewPCG(25, 3))
	gallery := newEvent(r).report(r, 30)
	x := NewIndex(DefaultConfig())
	titles := []string{"Harbour closed in Lunden", "Ostrava votes for new bridge", "Who pays the museum?", "Nurses strike again", "Ferries are late"}
	wrong := 0
	for i, title := range titles {
		d := makeDoc(uint64(i+1), title, newEvent(r).report(r, 8)+" "+gallery, epoch.Add(time.Duration(i)*time.Hour))
		m := x.Match(d)
		if m.CopyOf != 0 {
			wrong++
		}
		x.Add(d, m.CopyOf)
	}
	if wrong > 1 {
		t.Errorf("%d of %d called copies, want the second at most", wrong, len(titles))
	}
}

func TestSentAgain(t *testing.T) {
	const first = "Aldaine Corp 1st quarter results. Shr 31 cts vs 28 cts. Net 1,204,000 vs 987,000. Revs 12.4 mln vs 9.8 mln. Avg shrs 4,100,000 vs 3,900,000. NOTE: net includes gain of 120,000 dlrs from the sale of a plant in Lunden."
	const rounded = "Aldaine Corp 1st quarter results. Shr 31 cts vs 28 cts. Net 1,204,000 vs 987,000. Sales 12.4 mln vs 9.8 mln. Average shrs 4,100,000 vs 3,900,000."
	const wrongFigures = "Aldaine Corp 1st quarter results. Shr 35 cts vs 22 cts. Net 1,404,000 vs 687,000. Revs 15.4 mln vs 8.8 mln. Avg shrs 4,300,000 vs 3,700,000. NOTE: net includes gain of 150,000 dlrs from the sale of a plant in Lunden."
	const title = "ALDAINE CORP <ALDN> 1ST QTR NET"
	for _, c := range []struct {
		name, title, text string
		want              bool
	}{
		{"other words, same figures", title, rounded, true},
		{"other figures", title, wrongFigures, false},
		{"other figures, called a correction", "CORRECTED - " + title, wrongFigures, true},
	} {
		x := NewIndex(DefaultConfig())
		x.Add(makeDoc(1, title, first, epoch), 0)
		d := makeDoc(2, c.title, c.text, epoch.Add(time.Hour))
		if m := x.Match(d); (m.CopyOf == 1) != c.want {
			t.Errorf("%s: %+v, want copy %v", c.name, m, c.want)
		}
	}
}

// TestOldSketch holds sketches of the version before: they compare as empty,
// and their texts are found by their bodies.
func TestOldSketch(t *testing.T) {
	r := rand.New(rand.NewPCG(23, 3))
	text := newEvent(r).report(r, 30)
	old := makeDoc(1, "Harbour closed in Lunden", text, epoch)
	old.Sketch[0] = 1<<24 | old.Sketch[0]&0xffffff
	x := NewIndex(DefaultConfig())
	x.Add(old, 0)
	if m := x.Match(makeDoc(2, "", text, epoch)); m.CopyOf != 1 || m.Reason != "body" {
		t.Errorf("same body: %+v", m)
	}
	if m := x.Match(makeDoc(2, "", text+footer, epoch)); m.CopyOf != 0 {
		t.Errorf("compared by a sketch of another version: %+v", m)
	}
}

func TestSortUniform(t *testing.T) {
	r := rand.New(rand.NewPCG(24, 3))
	for _, n := range []int{0, 1, 23, 24, 200, 5000, 1 << 16} {
		for _, limit := range []uint32{1, 255, 1 << 20, ^uint32(0)} {
			h := make([]uint32, n)
			for i := range h {
				h[i] = uint32(r.Uint64N(uint64(limit) + 1))
			}
			want := slices.Sorted(slices.Values(h))
			if got, _ := sortUniform(h, nil, limit); !slices.Equal(got, want) {
				t.Errorf("%d values up to %d are not sorted", n, limit)
			}
		}
	}
}
