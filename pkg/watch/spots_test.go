package watch

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// wholly finds what Find finds, every word of the text read.
func wholly(l *List, s string) []Hit {
	m := NewMatcher(l)
	m.words = m.scanner.scan(nil, s)
	m.find(s)
	return m.hits
}

// lists are kinds of lists that are looked for in different ways.
func lists(t testing.TB) []*List {
	return []*List{
		compile(t, Entry{Name: "Norland Harbour Company"}, Entry{Name: "Hartwell", Kind: "PER"}, Entry{Name: "U.S. Steel"}, Entry{Name: "O'Brien", Kind: "PER"}, Entry{Name: "NHC"}, Entry{Name: "US"}),
		compile(t, Entry{Name: "Norland"}, Entry{Name: "Hartwell", Near: []string{"harbour"}}, Entry{Name: "Steel", Not: []string{"Steel band"}}),
		compile(t, Entry{Name: "iPhone"}, Entry{Name: "3N"}, Entry{Name: "Élysée", Kind: "LOC"}, Entry{Name: "AT&T"}, Entry{Name: "@norland"}),
		compile(t, Entry{Name: "Harb*", Kind: "LOC"}, Entry{Name: "Путин", Kind: "PER"}, Entry{Name: "東京", Kind: "LOC"}, Entry{Name: "harbour", Case: Any}),
	}
}

var pieces = []string{"Norland", "Harbour", "harbour", "Company", "Companies", "Hartwell", "Hartwell's", "HARTWELL", "the", "said", "on", ".", ",", " ", "\n\n", "U.S.", "US", "Steel", "band", "O'Brien", "O’Brien", "(", "NHC",
	"l'Élysée", "iPhone", "3N", "AT&T", "@norland", "harbours", "Путина", "東京で", "caf\u00e9", "\u200b", "\u00a0", "\xff", "---", "J.", "K.", "e\u0301", "Norland-Harbour", "Mc\u00adHart", "'", "well"}

// TestReadsWhatMatters holds that looking before reading finds the same as
// reading everything.
func TestReadsWhatMatters(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	sets := lists(t)
	found := 0
	for n := range 4000 {
		var b strings.Builder
		for range r.IntN(60) {
			b.WriteString(pieces[r.IntN(len(pieces))])
			if r.IntN(5) > 0 {
				b.WriteByte(' ')
			}
		}
		s := b.String()
		l := sets[n%len(sets)]
		want := wholly(l, s)
		found += len(want)
		if got := NewMatcher(l).Find(s); !slices.Equal(got, want) {
			t.Fatalf("%q:\n got %v\nwant %v", s, got, want)
		}
	}
	if found < 4000 {
		t.Errorf("the texts held %d names", found)
	}
}
