package neardup

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// TestEdits holds the index to recall on edits of 400 texts and to silence on
// what looks alike but is not a copy.
func TestEdits(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 9))
	x := NewIndex(DefaultConfig())
	const n = 400
	events, texts := make([]event, n), make([]string, n)
	for i := range texts {
		events[i] = newEvent(r)
		texts[i] = events[i].report(r, 10+r.IntN(40))
		d := makeDoc(uint64(i+1), events[i].title(r), texts[i], epoch.Add(time.Duration(i)*time.Minute))
		if m := x.Match(d); m.CopyOf != 0 {
			t.Errorf("unrelated text %d called a copy of %d: %+v", d.ID, m.CopyOf, m)
		}
		x.Add(d, 0)
	}
	for _, test := range []struct {
		name     string
		edit     func(i int) string
		min, max float64 // share found
	}{
		{"same text", func(i int) string { return texts[i] }, 1, 1},
		{"typography", func(i int) string { return typography(texts[i]) }, .99, 1},
		{"footer", func(i int) string { return texts[i] + footer }, .99, 1},
		{"first 50 %", func(i int) string { return firstPart(texts[i], .5) }, .99, 1},
		{"first 30 %", func(i int) string { return firstPart(texts[i], .3) }, .98, 1},
		{"reordered", func(i int) string { return reordered(r, texts[i]) }, .98, 1},
		{"10 % synonyms", func(i int) string { return synonyms(r, texts[i], .1) }, .99, 1},
		{"30 % synonyms", func(i int) string { return synonyms(r, texts[i], .3) }, .93, 1},
		{"lead rewritten", func(i int) string { return events[i].report(r, 2) + " " + lastPart(texts[i], .8) }, .95, 1},
		{"quotations inserted", func(i int) string { return quotesInserted(r, texts[i]) }, .98, 1},
		{"casing", func(i int) string { return strings.ToUpper(texts[i]) }, .99, 1},
		{"cut, 10 % synonyms, footer", func(i int) string { return synonyms(r, firstPart(texts[i], .6), .1) + footer }, .9, 1},
		{"other numbers", func(i int) string { return otherNumbers(r, texts[i]) }, 0, .01},
		{"another report", func(i int) string { return events[i].report(r, 25) }, 0, .01},
		{"another event", func(int) string { return newEvent(r).report(r, 25) }, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			found, wrong := 0, 0
			for i := range texts {
				d := makeDoc(uint64(10_000+i), events[i].title(r), test.edit(i), epoch.Add(8*time.Hour))
				d.Source = "b.example"
				switch m := x.Match(d); m.CopyOf {
				case 0:
				case uint64(i + 1):
					found++
				default:
					wrong++
				}
			}
			if share := float64(found) / n; share < test.min || share > test.max || wrong > 0 {
				t.Errorf("found %.3f, want %.2f to %.2f; %d of the wrong text", share, test.min, test.max, wrong)
			} else {
				t.Logf("found %.3f", share)
			}
		})
	}
}

// TestTemplates fills one form in twice, on two days: never a copy, whoever
// sends it.
func TestTemplates(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 5))
	wrong := 0
	const n = 300
	for i := range n {
		e := newEvent(r)
		x := NewIndex(DefaultConfig())
		x.Add(makeDoc(1, e.title(r), e.notice(2+r.IntN(9)), epoch), 0)
		d := makeDoc(2, e.title(r), e.notice(12+r.IntN(9)), epoch.Add(time.Duration(1+r.IntN(60))*time.Hour))
		if i%2 == 0 {
			d.Source = "b.example"
		}
		if x.Match(d).CopyOf != 0 {
			wrong++
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d forms called copies", wrong, n)
	}
}

func TestRules(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	text := newEvent(r).report(r, 30)
	half := firstPart(text, .5)
	const title = "Harbour closed in Lunden after inquiry"
	const teaser = "Engineers closed the harbour in Lunden on Monday after a formal inquiry."
	day := 24 * time.Hour
	type row struct {
		name               string
		title, text        string
		otherTitle, second string
		after              time.Duration
		language           string
		want               bool
	}
	for _, c := range []row{
		{"same", title, text, title, text, 0, "en", true},
		{"same after six days", title, text, title, text, 6 * day, "en", true},
		{"all but the footer after six days", title, text, "", text + footer, 6 * day, "en", true},
		{"half after five days", title, text, "", half, 5 * day, "en", true},
		{"rewritten after five days", title, text, "", synonyms(r, text, .25), 5 * day, "en", false},
		{"other language", title, text, title, text, 0, "de", false},
		{"same teaser", title, teaser, title, teaser, time.Hour, "en", true},
		{"same title, no text", title, "", title, "", time.Hour, "en", true},
		{"same title, no text, a week later", title, "", title, "", 5 * day, "en", false},
		{"same short title, no text", "Weather", "", "Weather", "", time.Hour, "en", false},
		{"template of few words", title, "Watch the video here.", "Storm warning for the coast", "Watch the video here.", 0, "en", false},
		{"short text, no titles", "", "Watch the video here today.", "", "Watch the video here today.", 0, "en", true},
		{"same title, another text", title, text, title, newEvent(r).report(r, 30), time.Hour, "en", false},
		{"short results, other figures", "", "Aldaine Corp 1st quarter profit rose to 31 cents a share from 28 cents as net sales reached 120.4 million against 98.7 million a year before, while the average number of shares was 4.1 million in the period.",
			"", "Aldaine Corp 3rd quarter profit rose to 12 cents a share from 57 cents as net sales reached 140.2 million against 81.3 million a year before, while the average number of shares was 5.6 million in the period.", time.Hour, "en", false},
	} {
		x := NewIndex(DefaultConfig())
		x.Add(makeDoc(1, c.title, c.text, epoch), 0)
		d := makeDoc(2, c.otherTitle, c.second, epoch.Add(c.after))
		d.Language = c.language
		if m := x.Match(d); (m.CopyOf == 1) != c.want {
			t.Errorf("%s: %+v, want copy %v", c.name, m, c.want)
		}
	}
}

func TestCopyOfCopyNamesOriginal(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	text := newEvent(r).report(r, 40)
	x := NewIndex(DefaultConfig())
	a := makeDoc(1, "", text, epoch)
	a.Story = 77
	x.Add(a, 0)
	b := makeDoc(2, "", firstPart(text, .6)+footer, epoch)
	b.Story = 77
	x.Add(b, 1)
	m := x.Match(makeDoc(3, "", firstPart(text, .6)+footer, epoch))
	if m.CopyOf != 1 || m.Closest != 2 || m.Story != 77 || m.Similarity != 1 {
		t.Errorf("got %+v, want a copy of 1 by way of 2", m)
	}
}

func TestRevisionReplacesText(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 6))
	old, changed := newEvent(r).report(r, 40), newEvent(r).report(r, 40)
	x := NewIndex(DefaultConfig())
	x.Add(makeDoc(1, "", old, epoch), 0)
	x.Add(makeDoc(1, "", changed, epoch), 0)
	if m := x.Match(makeDoc(2, "", old, epoch)); m.CopyOf != 0 {
		t.Errorf("the text before still matches: %+v", m)
	}
	if m := x.Match(makeDoc(2, "", changed, epoch)); m.CopyOf != 1 {
		t.Errorf("the new text does not match: %+v", m)
	}
	if m := x.Match(makeDoc(1, "", changed, epoch)); m.CopyOf != 0 {
		t.Errorf("an article matches itself: %+v", m)
	}
}

func TestStored(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 6))
	x := NewIndex(DefaultConfig())
	d := makeDoc(1, "", newEvent(r).report(r, 10), epoch)
	d.Story, d.Note = 5, Note{Similarity: .75, Revision: 3, Rank: -1}
	x.Add(makeDoc(1, "", newEvent(r).report(r, 10), epoch.Add(-time.Hour)), 0)
	x.Add(d, 4)
	s, ok := x.Stored(1)
	if want := (Stored{SeenAt: epoch, BodyHash: d.BodyHash, CopyOf: 4, Story: 5, Words: d.Words, Note: d.Note}); !ok || !s.SeenAt.Equal(want.SeenAt) {
		t.Errorf("%+v, want %+v", s, want)
	} else if s.SeenAt = want.SeenAt; s != want {
		t.Errorf("%+v, want %+v", s, want)
	}
	if _, ok := x.Stored(2); ok {
		t.Error("an article is there that never was")
	}
}
