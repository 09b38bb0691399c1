package ner

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/text"
)

var loaded = sync.OnceValues(Load)

func tagger(t testing.TB) *Tagger {
	t.Helper()
	m, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	return NewTagger(m)
}

// found writes spans as "surface/KIND", parted by semicolons.
func found(s string, spans []Span) string {
	var out []string
	for _, n := range spans {
		out = append(out, s[n.Start:n.End]+"/"+n.Kind.String())
	}
	return strings.Join(out, "; ")
}

func TestTag(t *testing.T) {
	g := tagger(t)
	f := func(s, want string) {
		t.Helper()
		_, spans := g.Tag("", s)
		if got := found(s, spans); got != want {
			t.Errorf("%q\n got %s\nwant %s", s, got, want)
		}
	}
	f("Angela Merkel met Emmanuel Macron in Berlin on Tuesday.", "Angela Merkel/PER; Emmanuel Macron/PER; Berlin/LOC")
	f("The U.S. and the European Union imposed sanctions on Iran.", "U.S./LOC; European Union/ORG; Iran/LOC")
	f("Shares of Microsoft Corp. fell after Mr. O'Brien's remarks in London.", "Microsoft Corp./ORG; O'Brien/PER; London/LOC")
	f("“Nobody knows,” said Bashar al-Assad’s spokesman in Damascus.", "Bashar al-Assad/PER; Damascus/LOC")
	f("On Monday, March 3, the French and German ministers were silent.", "")
	f("Today it rained. However, nobody left.", "")
	f("", "")
}

// check holds what every result promises.
func check(t *testing.T, s string, spans []Span) {
	t.Helper()
	last, valid := int32(0), utf8.ValidString(s)
	for _, n := range spans {
		if n.Start < last || n.End <= n.Start || int(n.End) > len(s) {
			t.Fatalf("span %d-%d after %d in %d bytes", n.Start, n.End, last, len(s))
		}
		last = n.End
		if n.Kind == None || n.Kind > LOC || !(n.Score >= 0 && n.Score <= 1) {
			t.Fatalf("span %+v", n)
		}
		if valid && !utf8.ValidString(s[n.Start:n.End]) {
			t.Fatalf("%q is cut inside a rune", s[n.Start:n.End])
		}
	}
}

var oddities = []string{
	"", "\x00", "\xff\xfe", "A\x00B", "O'Brien’s ’s 's", "al-", "-A", "U.S.", "AT&T", "\u200bAnna\u200d", "\u202eKarl\u202c", "😀", "İstanbul ıI", "ＮＡＴＯ", "Ǆ", "&amp;amp;", "حلب", "Ω",
	"VLADIMIR PUTIN TELLS NATO", "Trump Slams Germany Over New Gas Deal", "obama met merkel in berlin", "\n\n\n", "Mr.", "“", "(AP)", "é́́́",
}

func FuzzTag(f *testing.F) {
	for _, s := range oddities {
		f.Add(s, "By "+s+" and Anna")
	}
	g := tagger(f)
	f.Fuzz(func(t *testing.T, title, body string) {
		a, b := g.Tag(title, body)
		check(t, title, a)
		check(t, body, b)
	})
}

func TestOddTexts(t *testing.T) {
	g := tagger(t)
	r := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var b strings.Builder
		for range r.IntN(12) {
			b.WriteString(oddities[r.IntN(len(oddities))])
			if r.IntN(2) == 0 {
				b.WriteByte(' ')
			}
		}
		s := b.String()
		title, body := g.Tag(s, "x "+s)
		check(t, s, title)
		check(t, "x "+s, body)
	}
}

// TestLongTexts holds that odd texts of some MB are read to the end without
// running out of anything.
func TestLongTexts(t *testing.T) {
	g := tagger(t)
	var many strings.Builder
	for i := range 45_000 {
		fmt.Fprintf(&many, "Ab%dcd ", i)
	}
	for _, s := range []string{
		strings.Repeat("a", 2<<20), strings.Repeat("A", 2<<20), strings.Repeat("A.", 1<<16), strings.Repeat("A-", 1<<15), strings.Repeat("\xff", 1<<18),
		strings.Repeat("Angela Merkel ", 1<<12), strings.Repeat("😀", 1<<14), strings.Repeat("\n", 1<<20), many.String(),
	} {
		_, spans := g.Tag("", s)
		check(t, s, spans)
	}
	if n := len(g.vocab.slabs) * slab; n > 2*maxWords {
		t.Errorf("%d words are kept", n)
	}
}

// TestGivenTokens holds that tokens are taken as they are.
func TestGivenTokens(t *testing.T) {
	g := tagger(t)
	s := "Angela Merkel met a U.S.-led group in Berlin ."
	var toks []text.Token
	at := 0
	for w := range strings.FieldsSeq(s) {
		i := at + strings.Index(s[at:], w)
		at = i + len(w)
		toks = append(toks, text.Token{Start: int32(i), End: int32(at), Kind: text.Word})
	}
	spans := g.TagTokens(s, toks, []text.Span{{Start: 0, End: int32(len(s))}})
	if got, want := found(s, spans), "Angela Merkel/PER; Berlin/LOC"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// practice writes annotated sentences about made-up people, bodies and places.
func practice(n int, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 9))
	pick := func(s string) string { f := strings.Fields(s); return f[r.IntN(len(f))] }
	name := func() string {
		return pick("Bar Tol Mar Ken Lor Vas Pel Dun") + pick("win tan ek ova ard is mund") + pick("a o er i e")
	}
	var b strings.Builder
	word := func(s, tag string) { fmt.Fprintf(&b, "%s\t%s\n", s, tag) }
	for range n {
		switch r.IntN(3) {
		case 0:
			word("Minister", "O")
			word(name(), "B-PER")
			word(name(), "I-PER")
			word("spoke", "O")
		case 1:
			word("The", "O")
			word(name(), "B-ORG")
			word("Company", "I-ORG")
			word("closed", "O")
		default:
			word("It", "O")
			word("rained", "O")
			word("in", "O")
			word(name(), "B-LOC")
		}
		word(".", "O")
		b.WriteByte('\n')
	}
	return b.String()
}

func TestTrain(t *testing.T) {
	read := func(seed uint64, n int) []Document {
		docs, err := ReadTokens(strings.NewReader(practice(n, seed)), "practice")
		if err != nil {
			t.Fatal(err)
		}
		return docs
	}
	silver := `{"source":"a","text":"Minister Barwina Tolek spoke in Marova-land.","spans":[[9,22,"PER",3],[32,38,"LOC"]],"unsure":[[32,43]]}` + "\n"
	var noted []Document
	if err := ReadSilver(strings.NewReader(silver), "silver", func(d Document) error { noted = append(noted, d); return nil }); err != nil {
		t.Fatal(err)
	}
	o := DefaultOptions()
	o.Epochs, o.Cut, o.Rows = 3, 1, 5000
	train := func(seed uint64) []byte {
		o.Seed = seed
		m, err := Train([]TrainingSet{{Docs: read(1, 100), Weight: 1}, {Docs: noted, Weight: 1, Silver: true}}, read(2, 20), o)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := m.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	a, b, c := train(1), train(1), train(2)
	if !bytes.Equal(a, b) {
		t.Error("the same seed gave two models")
	}
	if bytes.Equal(a, c) {
		t.Error("two seeds gave one model")
	}
	m, err := Read(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	if r := m.Evaluate(read(3, 100)); r.F1(None) < .95 {
		t.Errorf("F1 %.3f on what is easily learnt: %+v", r.F1(None), *r)
	}
	if _, err := Read(bytes.NewReader(a[:len(a)/2])); err == nil {
		t.Error("half a model was read")
	}
	if _, err := Read(strings.NewReader("something else")); err == nil {
		t.Error("something else was read")
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTag(b *testing.B) {
	g := tagger(b)
	s := strings.Repeat("Russian President Vladimir Putin met Angela Merkel of Germany in Moscow on Friday, the Kremlin said. "+
		"The talks, about which the Northern Grain Board had written to the European Union, went on until the evening, and nobody in the room would say what came of them.\n\n", 20)
	n := len(text.AppendTokens(nil, s))
	b.ReportAllocs()
	for b.Loop() {
		g.Tag("Putin meets Merkel", s)
	}
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
