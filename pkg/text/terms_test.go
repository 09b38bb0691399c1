package text

import (
	"slices"
	"strings"
	"testing"
)

func TestAppendTerms(t *testing.T) {
	same := func(a, b string) {
		t.Helper()
		if !slices.Equal(AppendTerms(nil, a), AppendTerms(nil, b)) {
			t.Errorf("%q and %q differ", a, b)
		}
		if BodyHash(a) != BodyHash(b) {
			t.Errorf("%q and %q have other body hashes", a, b)
		}
	}
	same("The “Café” – don’t!", "the cafe don't")
	same("THE\tCAFÉ\n\ndon't", "The cafe\u0301... dont")
	same("co-founder", "co–founder")
	same("ﬁne ＡＢＣ１２", "fine abc12")
	same("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth")
	same("Straße Øre Łódź Ærø", "strasse ore lodz aero")
	same("ΣΊΣΥΦΟΣ", "σισυφος")
	same("Москва́, ЁЛКА", "москва елка")
	same("", " .,!")
	if a, b := AppendTerms(nil, "one two"), AppendTerms(nil, "two one"); a[0] != b[1] || a[1] != b[0] {
		t.Errorf("a word hashes by its place: %x %x", a, b)
	}
	if slices.Equal(AppendTerms(nil, "one two"), AppendTerms(nil, "onetwo")) || BodyHash("a bc") == BodyHash("ab c") {
		t.Error("word borders are lost")
	}
	if got := AppendTerms([]uint64{7}, "x"); len(got) != 2 || got[0] != 7 {
		t.Errorf("did not append: %v", got)
	}
}

// Stored hashes live on in databases; these values must never change.
func TestHashesAreStable(t *testing.T) {
	if got := AppendTerms(nil, "Budget")[0]; got != 0xac4e71897a01180a {
		t.Errorf("term hash %#x", got)
	}
	if got := BodyHash("The Budget vote, Café."); got != 0x5dccc8f2c75407cb {
		t.Errorf("body hash %#x", got)
	}
	if got := BodyHash("… !"); got != 0 {
		t.Errorf("body hash of no words %#x", got)
	}
}

func TestWords(t *testing.T) {
	for in, want := range map[string]int{
		"": 0, "—": 0, "one": 1, "O'Brien's well-known dog": 4, "東京 で": 3, "Москва это": 2, "1,000": 2,
		strings.Repeat("x", 1<<20): 1,
	} {
		if got := Words(in); got != want {
			t.Errorf("Words(%.40q) = %d, want %d", in, got, want)
		}
		if got := len(AppendTerms(nil, in)); got != want {
			t.Errorf("AppendTerms(%.40q) gives %d terms, want %d", in, got, want)
		}
	}
}

func TestTermsDoNotAllocate(t *testing.T) {
	dst := make([]uint64, 0, 1000)
	s := englishSample + "Ægir Škoda Москва 東京 ﬁ"
	if n := testing.AllocsPerRun(20, func() { dst = AppendTerms(dst[:0], s); BodyHash(s); Words(s) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
	toks := make([]Token, 0, 1000)
	if n := testing.AllocsPerRun(20, func() { toks = AppendTokens(toks[:0], s) }); n > 1 {
		t.Errorf("tokens: %v allocations a text", n)
	}
}

func TestAppendTermsAt(t *testing.T) {
	const s = "  Café’s “ﬁrst”—42.5 日本\u00ad語 d'or"
	terms, at := AppendTermsAt(nil, nil, s)
	if !slices.Equal(terms, AppendTerms(nil, s)) {
		t.Error("other terms than AppendTerms gives")
	}
	var got []string
	for i, from := range at {
		to := len(s)
		if i+1 < len(at) {
			to = int(at[i+1])
		}
		got = append(got, s[from:to])
	}
	want := []string{"Café’s “", "ﬁrst”—", "42.", "5 ", "日", "本\u00ad", "語 ", "d'or"}
	if !slices.Equal(got, want) {
		t.Errorf("words begin at %q, want %q", got, want)
	}
}

func FuzzAppendTerms(f *testing.F) {
	f.Add("Ǆ ﷺ é\u0301 ＡＢＣ \xff 東")
	f.Fuzz(func(t *testing.T, s string) {
		n := len(AppendTerms(nil, s))
		if Words(s) != n || (BodyHash(s) == 0) != (n == 0) {
			t.Errorf("%q: %d terms, %d words, body hash %x", s, n, Words(s), BodyHash(s))
		}
	})
}

func BenchmarkAppendTerms(b *testing.B) {
	s := strings.Repeat(englishSample, 20)
	var dst []uint64
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		dst = AppendTerms(dst[:0], s)
	}
}

func BenchmarkBodyHash(b *testing.B) {
	s := strings.Repeat(englishSample, 20)
	b.SetBytes(int64(len(s)))
	b.ReportAllocs()
	for b.Loop() {
		BodyHash(s)
	}
}
