package entity

import (
	"strings"
	"testing"
)

// cuts writes what zones hold, parted by bars.
func cuts(s string, zs []zone) string {
	var out []string
	for _, z := range zs {
		out = append(out, s[z.start:z.end])
	}
	return strings.Join(out, "|")
}

func TestGlued(t *testing.T) {
	f := func(s, want string) {
		t.Helper()
		if got := cuts(s, appendGlued(nil, s)); got != want {
			t.Errorf("%q:\n got %q\nwant %q", s, got, want)
		}
	}
	f("Then Jane Hartwell Jane (Jo) Mary HartwellNorland votes on Monday Marlow calls it off MORE (N-Norland) said so.", " Jane (Jo) Mary HartwellNorland votes on Monday Marlow calls it off MORE")
	f("Jane Hartwell Jane Mary HartwellNorland votes said so.", " Jane Mary Hartwell")
	f("Hartwell Jane Hartwell2026 race MORE said.\nNext MORE", " Jane Hartwell2026 race MORE")
	f("A Marlow Ed MarlowB MORE and B Hartwell Al HartwellC MORE.", " Ed MarlowB MORE| Al HartwellC MORE")
	f("Jane McHartwell of YouTube met iPhone users. MORE came.", "")
	f("— Jane Hartwell (@JaneHartwell) and Jane Hartwell @realJane HartwellX", "")
	f("Hartwell was seen. Then HartwellNorland", "")
	f(strings.Repeat("Ab AbC ", 3)+"x", "")
}

// A megabyte in which every other letter may end a name, and no blank.
func TestGluedWithoutBlanks(t *testing.T) {
	if got := appendGlued(nil, strings.Repeat("aA", 1<<19)); len(got) != 0 {
		t.Errorf("%d stretches, want none", len(got))
	}
}

func TestTidy(t *testing.T) {
	p := pipeline(t)
	f := func(marked, want string) {
		t.Helper()
		s := strings.NewReplacer("[", "", "]", "").Replace(marked)
		var ms []Mention
		for at, rest := int32(0), marked; ; {
			before, inside, ok := strings.Cut(rest, "[")
			if !ok {
				break
			}
			name, after, _ := strings.Cut(inside, "]")
			at += int32(len(before))
			ms = append(ms, Mention{Start: at, End: at + int32(len(name)), Kind: PER, Score: .9, Ref: -1})
			at, rest = at+int32(len(name)), after
		}
		var out []string
		for _, m := range p.tidy(s, ms, appendGlued(nil, s)) {
			out = append(out, m.Surface(s)+" "+m.Kind.String())
		}
		if got := strings.Join(out, "|"); got != want {
			t.Errorf("%q: %s, want %s", marked, got, want)
		}
	}
	f("a [US]-led force, the [London]-based firm, the [Obama]-era rule; [Paris]-Nice, [Kim]-un", "Paris PER|Kim PER")
	f("[Jane Hartwell-French]", "Jane Hartwell-French PER")
	f("([Jane Hartwell / Reuters])", "Jane Hartwell PER|Reuters ORG")
	f("[Jane Hartwell/Reuters] [Jane | John]", "Jane Hartwell PER|Reuters ORG|Jane PER|John PER")
	f("[Hartwell/Marlow] and [A / B / C] [/ x]", "Hartwell/Marlow PER|A PER|B PER|C PER|/ x PER")
	f("[Jane Hartwell Jane] Mary HartwellNorland votes MORE [John]", "Jane Hartwell PER|John PER")
}

func TestNotices(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if got := cuts(text, appendZones(nil, "", text)); got != want {
			t.Errorf("%q:\n got %q\nwant %q", text, got, want)
		}
	}
	f("It rained in Norland. This site is protected by reCAPTCHA and the Marlow Privacy Policy apply.\nThe board met in Norland.", " This site is protected by reCAPTCHA and the Marlow Privacy Policy apply.")
	f("The board met in Norland and spoke of privacy.", "")
}

// TestGluedExplainsNothing: a name in a headline that is glued into a story is
// nobody of the story.
func TestGluedExplainsNothing(t *testing.T) {
	p := pipeline(t)
	const s = "President Donald Trump Donald John TrumpNorland votes for Trump Gowdy calls it off MORE met senators in Washington. Then Trump left."
	at := func(name string, nth int) Mention {
		i := -1
		for range nth {
			i += 1 + strings.Index(s[i+1:], name)
		}
		return Mention{Start: int32(i), End: int32(i + len(name)), Kind: PER, Score: .9, Ref: -1}
	}
	p.title, p.text = nil, []Mention{at("Donald Trump", 1), at("Trump Gowdy", 1), at("Trump", 5)}
	ms, _ := p.link("", s)
	if got := found(s, ms); !strings.HasSuffix(got, "per/donald-trump") || len(ms) != 3 || ms[1].EntityID != "per/trump-gowdy" || ms[0].EntityID != "per/donald-trump" {
		t.Errorf("%s", got)
	}
	p.mark("", s, nil, ms)
	if !ms[0].Counted || ms[1].Counted || !ms[2].Counted {
		t.Errorf("counted: %v", ms)
	}
}

// TestCompanies: short names of listed companies are theirs where they can mean
// nothing else.
func TestCompanies(t *testing.T) {
	l := linker(t)
	f := func(marked, want string) {
		t.Helper()
		if got := link(t, l, marked); got != want {
			t.Errorf("%s\n got %s\nwant %s", marked, got, want)
		}
	}
	f("[Kroger|ORG] opened a store.", "org/kroger")
	f("[HP|ORG] said that its shares fell.", "org/hp")
	f("[HP|ORG] was written on the wall.", "org/hp-2")
	f("[McDonald|ORG]'s and [McDonalds|ORG] and [McDonald’s|ORG]", "org/mcdonalds org/mcdonalds org/mcdonalds")
	f("([Joe) Biden|PER] and ([Jane) Hartwell|PER]", "per/joe-biden per/jane-hartwell")
}
