package revision

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func show(edits []Edit) string { return strings.ReplaceAll(Plain(edits), "\n", " / ") }

func TestDiff(t *testing.T) {
	f := func(old, next, want string) {
		t.Helper()
		if got := show(Diff(old, next)); got != want {
			t.Errorf("%q to %q:\n got %s\nwant %s", old, next, got, want)
		}
	}
	f("", "", "")
	f("", "New text.", "{+New text.+}")
	f("Old text.", "", "[-Old text.-]")
	f("Same  text,\nspaced.", "Same text, spaced.", "Same text, spaced.")
	f("Three people died on Monday.", "Five people died on Monday.", "[-Three-] {+Five+} people died on Monday.")
	f("The mayor resigned.", "The mayor resigned. She denies it.", "The mayor resigned. {+She denies it.+}")
	f("The mayor resigned.", "The mayor, Ann Lee, resigned.", "The mayor{+, Ann Lee,+} resigned.")
	f("Police said 3.5 tonnes, or $2 million, was found.", "Police said 4.5 tonnes, or $2 million, was seized.", "Police said [-3.5-] {+4.5+} tonnes, or $2 million, was [-found-] {+seized+}.")
	f("One.\n\nTwo.", "One.\n\nHalf.\n\nTwo.", "One. / {+Half.+} / Two.")
	f("It ended on Tuesday.", "It ended on Tuesday.\n\nAnn Lee wrote to the town.", "It ended on Tuesday. / {+Ann Lee wrote to the town.+}")
	f("One is here. Two is here. Three went.", "One is here. Three went.", "One is here. [-Two is here.-] Three went.")
	f("He didn’t go.", "He did go.", "He [-didn’t-] {+did+} go.")
	f("a b c d e f g h the x y z w v u t", "1 2 3 4 5 6 7 8 the 9 10 11 12 13 14 15", "[-a b c d e f g h the x y z w v u t-] {+1 2 3 4 5 6 7 8 the 9 10 11 12 13 14 15+}")
	f("Москва сегодня закрыта.", "Москва завтра закрыта.", "Москва [-сегодня-] {+завтра+} закрыта.")
	f("\xff broken", "\xfe broken", "[-\xff-] {+\xfe+} broken")
}

// words gives what stands in one of the texts, without space.
func words(edits []Edit, ops ...Op) string {
	var sb strings.Builder
	for _, e := range edits {
		for _, op := range ops {
			if e.Op == op {
				sb.WriteString(e.Text)
			}
		}
	}
	return bare(sb.String())
}

func bare(s string) string { return strings.Join(strings.Fields(s), "") }

// Whatever the texts are, the difference leads from one to the other, and a
// change that is small is told small.
func TestDiffHolds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	vocabulary := strings.Fields("the of a to and in harbour mayor police court three five nine said , . ; Lee storm vote ä 3.5")
	text := func(n int) []string {
		out := make([]string, n)
		for i := range out {
			out[i] = vocabulary[r.IntN(len(vocabulary))]
		}
		return out
	}
	for round := range 400 {
		old := text(r.IntN(120))
		next := append([]string(nil), old...)
		edits := r.IntN(6)
		for range edits {
			at := r.IntN(len(next) + 1)
			switch {
			case at < len(next) && r.IntN(2) == 0:
				next = append(next[:at], next[at+1:]...)
			default:
				next = append(next[:at], append([]string{"NEW"}, next[at:]...)...)
			}
		}
		if round%4 == 0 {
			next = text(r.IntN(1000))
		}
		a, b := strings.Join(old, " "), strings.Join(next, "\n")
		d := Diff(a, b)
		if words(d, Equal, Delete) != bare(a) || words(d, Equal, Insert) != bare(b) {
			t.Fatalf("%q to %q: %s", a, b, show(d))
		}
		changed := 0
		for _, e := range d {
			if e.Op != Equal {
				changed += len(tokens(e.Text))
			}
		}
		if round%4 != 0 && changed > 8*edits {
			t.Errorf("%d edits are told as %d changed words: %s", edits, changed, show(d))
		}
	}
}

// Texts that fit nowhere are compared within bounds.
func TestDiffOfLongTexts(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	long := func(n, vocabulary int) string {
		var sb strings.Builder
		for range n {
			sb.WriteByte('a' + byte(r.IntN(vocabulary)))
			sb.WriteByte(' ')
		}
		return sb.String()
	}
	for _, vocabulary := range []int{1, 2, 26} {
		a, b := long(60_000, vocabulary), long(50_000, vocabulary)
		if d := Diff(a, b); words(d, Equal, Delete) != bare(a) || words(d, Equal, Insert) != bare(b) {
			t.Errorf("a vocabulary of %d: the difference does not hold", vocabulary)
		}
	}
}

func TestExcerpt(t *testing.T) {
	old := strings.Repeat("x y ", 20) + "Three died. " + strings.Repeat("p q ", 20)
	next := strings.Replace(old, "Three", "Five", 1)
	if got := show(Excerpt(Diff(old, next), 3, 1000)); got != "… y x y [-Three-] {+Five+} died. p …" {
		t.Error(got)
	}
	if got := show(Excerpt(Diff("A b.", "A b. "+strings.Repeat("word ", 50)), 3, 40)); got != "A b. {+word word word word word word word word+} …" {
		t.Error(got)
	}
	if got := Excerpt(Diff("same", "same"), 3, 100); got != nil {
		t.Error(got)
	}
}

func BenchmarkDiff(b *testing.B) {
	old := strings.Repeat("The harbour was closed on Monday after the storm, officials said. ", 40)
	r := rand.New(rand.NewPCG(5, 6))
	words := strings.Fields(old)
	for range 20 {
		words[r.IntN(len(words))] = "changed"
	}
	next := strings.Join(words, " ")
	b.SetBytes(int64(len(old)))
	for b.Loop() {
		Diff(old, next)
	}
}

func TestCompare(t *testing.T) {
	old := Text{"Storm nears", "The storm is near. Ann Lee warned.", []string{"per/ann-lee", "loc/kiel"}}
	next := Text{"Storm hits", "The storm is here. Ann Lee warned. Bo Ek left.", []string{"per/bo-ek", "per/ann-lee"}}
	c := Compare(old, next)
	if show(c.Title) != "Storm [-nears-] {+hits+}" || c.Inserted != 4 || c.Deleted != 1 || strings.Join(c.Came, ",") != "per/bo-ek" || strings.Join(c.Went, ",") != "loc/kiel" {
		t.Errorf("%+v: %s", c, show(c.Body))
	}
	next = old
	next.Body = "The storm is near.\n\nAnn Lee warned."
	if c := Compare(old, next); !c.None() {
		t.Errorf("%+v", c)
	}
}
