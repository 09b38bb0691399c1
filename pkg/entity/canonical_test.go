package entity

import "testing"

// TestLearnedID holds that the id of a name comes from the name alone.
func TestLearnedID(t *testing.T) {
	f := func(kind Kind, surface, want string) {
		t.Helper()
		if got, _ := LearnedID(kind, surface); got != want {
			t.Errorf("%q = %q, want %q", surface, got, want)
		}
	}
	for _, s := range []string{"Mary Hartwell", "MARY HARTWELL", "Mary T. Hartwell", "Mary T Hartwell", "Mary\n Hartwell", "Márý Hartwell", "Mrs. Mary Hartwell", "Mary Hartwell's", "Mary Hartwell’s"} {
		f(PER, s, "per/mary-hartwell")
	}
	f(PER, "T. Hartwell", "per/t-hartwell")
	f(PER, "Mr Hartwell", "per/hartwell")
	f(PER, "Seán O'Marlow", "per/sean-omarlow")
	f(PER, "Йорген Андреев", "per/йорген-андреев")
	f(PER, "Søren Łukø", "per/soren-luko")
	f(ORG, "The Northern Grain Board", "org/northern-grain-board")
	f(ORG, "THE NORTHERN GRAIN BOARD", "org/northern-grain-board")
	f(ORG, "The", "org/the")
	f(LOC, "Nørre Marlow", "loc/norre-marlow")
	f(LOC, "--", "loc/x")
	f(LOC, "\xff\xfe", "loc/x")
}

// TestIDsDoNotDependOnOrder holds that a name has one id whatever was read before.
func TestIDsDoNotDependOnOrder(t *testing.T) {
	a, b := pipeline(t), pipeline(t)
	one, two := "The report by Márý Hartwell was short.", "The report by Mary Hartwell was short."
	ids := func(p *Pipeline, texts ...string) map[string]string {
		out := map[string]string{}
		for _, s := range texts {
			ms, _ := p.Extract("", s)
			out[s] = found(s, ms)
		}
		return out
	}
	x, y := ids(a, one, two), ids(b, two, one)
	for s := range x {
		if x[s] != y[s] {
			t.Errorf("%q: %s after one order, %s after the other", s, x[s], y[s])
		}
	}
}
