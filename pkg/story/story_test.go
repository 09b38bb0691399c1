package story

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/zeebo/xxh3"
)

var epoch = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)

func words(dst []uint64, s string) []uint64 {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" \n\t.,:", r) }) {
		dst = append(dst, xxh3.HashString(w))
	}
	return dst
}

var weigher = NewWeigher(words)

func original(id uint64, at time.Time, title, text string, entities ...string) *Doc {
	d := &Doc{ID: id, SeenAt: at, TS: at, Language: "en", Title: words(nil, title), Entities: entities}
	d.Terms = weigher.Append(nil, d.Title, words(nil, text), nil, text, "en")
	return d
}

// filled is an index with a week of other news, in which some words and names
// are common.
func filled() *Index {
	x := NewIndex(DefaultConfig())
	r := rand.New(rand.NewPCG(1, 5))
	for i := range 600 {
		var text strings.Builder
		for range 60 {
			fmt.Fprintf(&text, "w%d ", int(r.ExpFloat64()*300))
		}
		e := []string{fmt.Sprintf("per/p%d", r.IntN(300)), fmt.Sprintf("loc/l%d", r.IntN(60)), "loc/norland"}
		if i%3 == 0 {
			text.WriteString("president norland united nations speech summit talks")
			e = append(e, "org/united-nations", "per/president")
		}
		d := original(uint64(1000+i), epoch.Add(-time.Duration(600-i)*time.Minute), fmt.Sprintf("w%d w%d w%d", r.IntN(400), r.IntN(400), r.IntN(400)), text.String(), e...)
		x.Add(d, d.ID)
	}
	return x
}

const (
	aground = `The ferry Marta Weiss ran aground in Kelton Strait on Monday morning with forty passengers on board. Blue Star Line,
which runs the ferry, said that fog had hidden a sandbank. Lifeboats from Hollin brought the passengers ashore by noon; two
were treated for the cold. The coast guard will look into the ferry's course.`
	rescued = `Forty passengers of a Blue Star ferry were brought ashore in Hollin after the ship hit a sandbank in thick fog.
Lifeboats needed three hours in the swell of Kelton Strait. "We saw nothing at all," one passenger told reporters. The Marta
Weiss is to be towed off at high water on Tuesday, the coast guard said.`
	inquiry = `Blue Star Line has promised an open inquiry into how its ferry Marta Weiss came to run onto a sandbank in Kelton
Strait. The company's head met passengers in Hollin on Tuesday. Unions say that the ferry sailed in fog with too small a crew.`
	calder = `A car ferry ran aground in Calder Bay on Monday with twelve people on board. Red Line said that its engine had
failed in a storm. A helicopter from Ossary lifted the people off. The harbour of Calder is closed until Wednesday.`
	speech = `The president spoke at the United Nations about Norland, and asked for a summit. Talks are to go on, diplomats said.`
)

func TestAssign(t *testing.T) {
	ferry := []string{"loc/kelton-strait", "org/blue-star-line", "loc/hollin"}
	first := original(1, epoch, "Ferry runs aground in Kelton Strait, 40 rescued", aground, ferry...)
	german := original(2, epoch.Add(time.Hour), "Passengers rescued after ferry accident in Kelton Strait", rescued, ferry...)
	german.Language = "de"
	untimed := original(2, epoch.Add(time.Hour), "Passengers rescued after ferry accident in Kelton Strait", rescued, ferry...)
	untimed.TS = time.Time{}
	for _, c := range []struct {
		name string
		doc  *Doc
		want bool
	}{
		{"another report", original(2, epoch.Add(time.Hour), "Passengers rescued after ferry accident in Kelton Strait", rescued, ferry...), true},
		{"its time is not known", untimed, true},
		{"follow-up the next day", original(2, epoch.Add(24*time.Hour), "Blue Star promises inquiry into ferry accident", inquiry, ferry...), true},
		{"another accident", original(2, epoch.Add(time.Hour), "Ferry runs aground in Calder Bay, 12 rescued", calder, "loc/calder-bay", "org/red-line"), false},
		{"only common names", original(2, epoch.Add(time.Hour), "President speaks at United Nations", speech, "loc/norland", "per/president", "org/united-nations"), false},
		{"another language", german, false},
		{"the same words ten days later", original(2, epoch.Add(240*time.Hour), "Ferry runs aground in Kelton Strait, 40 rescued", aground, ferry...), false},
		{"a heading of one word", original(2, epoch.Add(time.Hour), "Ferry", ""), false},
		{"nothing at all", original(2, epoch.Add(time.Hour), "", ""), false},
	} {
		x := filled()
		if id, _ := x.Assign(first); id != 1 {
			t.Fatalf("the first report joined %d", id)
		}
		x.Add(first, 1)
		before := x.Digest()
		id, similarity := x.Assign(c.doc)
		if (id == 1) != c.want || id != 1 && (id != 2 || similarity != 0) || id == 1 && (similarity < .5 || similarity > 1) {
			t.Errorf("%s: story %d, similarity %.2f, want joined %v", c.name, id, similarity, c.want)
		}
		if x.Digest() != before {
			t.Errorf("%s: Assign changed the state", c.name)
		}
	}
}

// TestTitles: rows from before terms were stored are compared by their titles,
// and so are items that have no more.
func TestTitles(t *testing.T) {
	x := filled()
	bare := func(id uint64, title string) *Doc {
		return &Doc{ID: id, SeenAt: epoch, TS: epoch, Language: "en", Title: words(nil, title)}
	}
	x.Add(bare(1, "Ferry runs aground in Kelton Strait"), 1)
	if id, _ := x.Assign(bare(2, "Ferry aground in Kelton Strait")); id != 1 {
		t.Error("nearly the same title began a story of its own")
	}
	if id, _ := x.Assign(bare(3, "Strait of Ormuz: talks go on")); id != 3 {
		t.Errorf("another title joined story %d", id)
	}
}

// TestChain: each article resembles the one before, and none the first.
func TestChain(t *testing.T) {
	x := filled()
	last := uint64(0)
	for i := range 12 {
		var s []string
		for j := range 12 {
			s = append(s, fmt.Sprintf("chain%d", 4*i+j))
		}
		d := original(uint64(i+1), epoch.Add(time.Duration(i)*time.Hour), strings.Join(s[:6], " "), strings.Join(s, " "))
		last, _ = x.Assign(d)
		x.Add(d, last)
	}
	if last == 1 {
		t.Error("the story drifted to an article that has nothing in common with its first")
	}
}

func TestFold(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Window, cfg.MaxDocs = time.Hour, 50
	r := rand.New(rand.NewPCG(2, 5))
	var docs []*Doc
	live := NewIndex(cfg)
	for i := range 400 {
		d := original(uint64(1+r.IntN(300)), epoch.Add(time.Duration(i-r.IntN(5))*time.Minute), fmt.Sprintf("w%d w%d", r.IntN(20), r.IntN(20)), fmt.Sprintf("w%d", r.IntN(40)), fmt.Sprintf("per/p%d", r.IntN(30)))
		d.Language = []string{"en", "de"}[r.IntN(2)]
		docs = append(docs, d)
		live.Add(d, uint64(1+r.IntN(100)))
	}
	stories := map[*Doc]uint64{}
	r = rand.New(rand.NewPCG(2, 5))
	live = NewIndex(cfg)
	for _, d := range docs {
		stories[d], _ = live.Assign(d)
		live.Add(d, stories[d])
	}
	for _, from := range []int{0, 300, 330} {
		again := NewIndex(cfg)
		for _, d := range docs[from:] {
			again.Add(d, stories[d])
		}
		if again.Digest() != live.Digest() {
			t.Errorf("folded from %d: another state", from)
		}
		for i := range 40 {
			d := original(uint64(1000+i), epoch.Add(400*time.Minute), fmt.Sprintf("w%d w%d", r.IntN(20), r.IntN(20)), fmt.Sprintf("w%d", r.IntN(40)))
			a, p := live.Assign(d)
			if b, q := again.Assign(d); a != b || p != q {
				t.Errorf("folded from %d: story %d (%v), the live index says %d (%v)", from, b, q, a, p)
			}
		}
	}
	live.Advance(epoch.Add(100 * time.Hour))
	for _, s := range live.slots {
		if s.n != 0 {
			t.Fatal("a passed window still counts terms")
		}
	}
	if live.Len() != 0 || len(live.docs) != 0 || len(live.ids) != 0 || len(live.last) != 0 {
		t.Errorf("a passed window holds %d originals, %d languages, %d ids, %d stories", live.Len(), len(live.docs), len(live.ids), len(live.last))
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []Config{{}, {Window: 1, Span: 1, Gap: 1, MaxDocs: 1, Threshold: 1}, {Window: 1, Span: 1, Gap: 1, Threshold: .5}} {
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
