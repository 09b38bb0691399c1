package watch

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/entity"
)

// at makes a mention of the nth occurrence of a surface.
func at(text, surface string, n int, kind entity.Kind, id string) entity.Mention {
	i := -1
	for range n {
		i += 1 + strings.Index(text[i+1:], surface)
	}
	return entity.Mention{Start: int32(i), End: int32(i + len(surface)), Kind: kind, EntityID: id, Name: id, Score: .8, Ref: -1}
}

func shown(text string, ms []entity.Mention) string {
	var out []string
	for _, m := range ms {
		mark := ""
		if m.Watched {
			mark = "!"
		}
		out = append(out, fmt.Sprintf("%s=%s%s", m.Surface(text), mark, m.EntityID))
	}
	return strings.Join(out, " ")
}

func TestWatch(t *testing.T) {
	w := NewWatcher(compile(t, Entry{ID: "org/apple", Name: "Apple", Not: []string{"apple pie", "orchard"}, Within: 4},
		Entry{ID: "per/ours", Kind: "PER", Name: "Jane Hartwell"}, Entry{ID: "loc/x", Kind: "LOC", Name: "Bank of Norland"}))
	for _, c := range []struct {
		text  string
		found []entity.Mention
		want  string
	}{
		{"Apple rose.", nil, "Apple=!org/apple"},
		// Span, kind and entity are the list's.
		{"Apple Inc rose.", []entity.Mention{{Start: 0, End: 9, Kind: entity.ORG, EntityID: "org/other"}}, "Apple=!org/apple"},
		{"Apple rose.", []entity.Mention{{Start: 0, End: 5, Kind: entity.PER, EntityID: "per/apple", Ref: 7}}, "Apple=!org/apple"},
		{"the Bank of Norland said", []entity.Mention{at("the Bank of Norland said", "Norland", 1, entity.LOC, "loc/norland")}, "Bank of Norland=!loc/x"},
		// What the linker takes for the same goes with it.
		{"Jane Hartwell came. Hartwell left with Norland.", []entity.Mention{
			{Start: 0, End: 13, Kind: entity.PER, EntityID: "per/jane-hartwell"}, {Start: 20, End: 28, Kind: entity.PER, EntityID: "per/jane-hartwell"},
			at("Jane Hartwell came. Hartwell left with Norland.", "Norland", 1, entity.LOC, "loc/norland")}, "Jane Hartwell=!per/ours Hartwell=!per/ours Norland=loc/norland"},
		// Where it is not meant it is not found either; another entity of the name is.
		{"An apple pie: Apple pie.", []entity.Mention{at("An apple pie: Apple pie.", "Apple", 1, entity.ORG, "org/apple")}, ""},
		{"Apple of the orchard.", []entity.Mention{{Start: 0, End: 5, Kind: entity.LOC, EntityID: "loc/apple"}}, "Apple=loc/apple"},
		{"Apple rose; all the others fell. Apple of the orchard.", []entity.Mention{
			{Start: 0, End: 5, Kind: entity.ORG, EntityID: "org/apple-inc"}, {Start: 33, End: 38, Kind: entity.ORG, EntityID: "org/apple-inc"}}, "Apple=!org/apple"},
		{"Nothing of it. Ada came.", []entity.Mention{at("Nothing of it. Ada came.", "Ada", 1, entity.PER, "per/ada")}, "Ada=per/ada"},
	} {
		_, got := w.Watch("", c.text, nil, c.found)
		if s := shown(c.text, got); s != c.want {
			t.Errorf("%q: %s, want %s", c.text, s, c.want)
		}
	}
	// Title and text are one document.
	title, text := "Hartwell leaves", "Jane Hartwell left."
	inTitle, inText := w.Watch(title, text, []entity.Mention{at(title, "Hartwell", 1, entity.PER, "per/jane-hartwell")}, []entity.Mention{at(text, "Jane Hartwell", 1, entity.PER, "per/jane-hartwell")})
	if s := shown(title, inTitle) + " / " + shown(text, inText); s != "Hartwell=!per/ours / Jane Hartwell=!per/ours" {
		t.Error(s)
	}
}

// TestCounted: what is watched counts in a whole pipeline, with its origin.
func TestCounted(t *testing.T) {
	tables, err := entity.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := entity.NewPipeline(tables, entity.Options{})
	p.SetWatcher(NewWatcher(compile(t, Entry{Name: "zorblatt"}, Entry{ID: "loc/france", Kind: "LOC", Name: "France", Not: []string{"tour"}})))
	got := map[string]string{}
	for _, x := range p.Count("Zorblatts everywhere", "The zorblatt came to France. Later the Tour de France began in Germany.") {
		got[x.EntityID] = fmt.Sprint(x.N, x.InTitle, x.Origin, x.Country)
	}
	if got["org/zorblatt"] != "2 truewatchlist" || got["loc/france"] != "" || got["loc/germany"] == "" {
		t.Errorf("%v", got)
	}
}

func FuzzWatch(f *testing.F) {
	l := compile(f, Entry{Name: "Apple", Near: []string{"Inc"}, Not: []string{"apple pie"}}, Entry{Name: "O'Brien", Kind: "PER"}, Entry{Name: "東京", Kind: "LOC"}, Entry{Name: "AT&T"},
		Entry{Name: "Путин", Kind: "PER"}, Entry{Name: "U.S. Steel"}, Entry{Name: "한국", Kind: "LOC", Case: Exact}, Entry{Name: "Zoll*"}, Entry{Name: "a a a a"}, Entry{Name: "McDonald's", Case: Exact})
	for _, s := range []string{"Apple Inc's O’Brien", "東京 AT&T \u0301\u200d", "U.S. Steel. a a a a a a", "\x00\xff Путиным И\u0306 \u1112\u1161\u11ab", strings.Repeat("a ", 300), "l'Apple'Inc McDonald's zollx"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		w := NewWatcher(l)
		end := int32(0)
		_, ms := w.Watch("", s, nil, []entity.Mention{})
		for _, m := range ms {
			if m.Start < end || m.End <= m.Start || int(m.End) > len(s) || !utf8.RuneStart(s[m.Start]) {
				t.Fatalf("%q: mention %+v", s, m)
			}
			end = m.End
		}
	})
}

// TestHuge: time and memory stay bounded, and nothing of a large text is kept.
func TestHuge(t *testing.T) {
	l := compile(t, Entry{Name: "a a a a", Near: []string{"b"}}, Entry{Name: "Apple", Not: []string{"pie"}}, Entry{Name: "東京", Kind: "LOC"})
	const n = 20_000
	for name, s := range map[string]string{
		"one word": strings.Repeat("apple", n), "one name": strings.Repeat("Apple ", n), "letters": strings.Repeat("a ", 3*n), "terms": "Apple " + strings.Repeat("pie ", n),
		"marks": strings.Repeat("\u0301\u200d", n), "apostrophes": strings.Repeat("a'", n), "stops": strings.Repeat("a.", n), "no blanks": strings.Repeat("東京", n), "bytes": strings.Repeat("\xff\x00", n),
	} {
		w := NewWatcher(l)
		end := int32(0)
		_, ms := w.Watch("", s, nil, nil)
		for _, m := range ms {
			if m.Start < end || m.End <= m.Start {
				t.Fatalf("%s: mention %+v", name, m)
			}
			end = m.End
		}
		if want := map[string]int{"one name": n, "no blanks": n}[name]; len(ms) < want {
			t.Errorf("%s: %d mentions, want %d", name, len(ms), want)
		}
		if cap(w.words) > keepWords {
			t.Errorf("%s: %d words are kept", name, cap(w.words))
		}
	}
}
