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

func original(id uint64, at time.Time, title string, entities ...string) *Doc {
	d := &Doc{ID: id, SeenAt: at, TS: at, Language: "en", Entities: entities}
	for _, w := range strings.Fields(strings.ToLower(title)) {
		d.Title = append(d.Title, xxh3.HashString(w))
	}
	return d
}

// filled is an index with a week of other news, in which countries and big
// organisations are common.
func filled() *Index {
	x := NewIndex(DefaultConfig())
	r := rand.New(rand.NewPCG(1, 5))
	for i := range 600 {
		e := []string{fmt.Sprintf("per/p%d", r.IntN(300)), fmt.Sprintf("org/o%d", r.IntN(100)), fmt.Sprintf("loc/l%d", r.IntN(60)), "loc/norland"}
		if i%3 == 0 {
			e = append(e, "org/united-nations", "per/president")
		}
		d := original(uint64(1000+i), epoch.Add(-time.Duration(600-i)*time.Minute), fmt.Sprintf("w%d w%d in w%d after w%d", r.IntN(400), r.IntN(400), r.IntN(400), r.IntN(400)), e...)
		x.Add(d, d.ID)
	}
	return x
}

func TestAssign(t *testing.T) {
	ferry := []string{"loc/kelton-strait", "org/blue-star-line", "per/marta-weiss", "loc/norland", "per/president"}
	first := original(1, epoch, "Ferry runs aground in Kelton Strait, 40 rescued", ferry...)
	for _, c := range []struct {
		name string
		doc  *Doc
		want bool
	}{
		{"another report", original(2, epoch.Add(time.Hour), "Passengers rescued after ferry accident in Kelton Strait", ferry[:4]...), true},
		{"follow-up the next day", original(2, epoch.Add(24*time.Hour), "Blue Star ferry: Weiss promises inquiry", "org/blue-star-line", "per/marta-weiss", "loc/kelton-strait", "org/coast-guard"), true},
		{"another accident", original(2, epoch.Add(time.Hour), "Ferry runs aground in Calder Bay, 12 rescued", "loc/calder-bay", "org/red-line", "per/olaf-munro", "loc/norland"), false},
		{"only common names", original(2, epoch.Add(time.Hour), "President speaks at United Nations", "loc/norland", "per/president", "org/united-nations"), false},
		{"another language", func() *Doc {
			d := original(2, epoch.Add(time.Hour), "Passengers rescued after ferry accident in Kelton Strait", ferry[:4]...)
			d.Language = "de"
			return d
		}(), false},
		{"the same words ten days later", original(2, epoch.Add(240*time.Hour), "Ferry runs aground in Kelton Strait, 40 rescued", ferry...), false},
		{"no names, another title", original(2, epoch.Add(time.Hour), "Markets calm"), false},
	} {
		x := filled()
		if id, _ := x.Assign(first); id != 1 {
			t.Fatalf("the first report joined %d", id)
		}
		x.Add(first, 1)
		id, similarity := x.Assign(c.doc)
		if (id == 1) != c.want || id != 1 && (id != 2 || similarity != 0) {
			t.Errorf("%s: story %d, similarity %.2f, want joined %v", c.name, id, similarity, c.want)
		}
	}
}

// TestChain: each article resembles the one before, and none the first.
func TestChain(t *testing.T) {
	x := filled()
	names := func(i int) []string {
		var e []string
		for j := range 4 {
			e = append(e, fmt.Sprintf("per/chain-%d", i+j))
		}
		return e
	}
	last := uint64(0)
	for i := range 8 {
		d := original(uint64(i+1), epoch.Add(time.Duration(i)*time.Hour), fmt.Sprintf("one%d two%d", i, i/2), names(i)...)
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
		d := original(uint64(1+r.IntN(300)), epoch.Add(time.Duration(i-r.IntN(5))*time.Minute), fmt.Sprintf("w%d w%d", r.IntN(20), r.IntN(20)), fmt.Sprintf("per/p%d", r.IntN(30)))
		docs = append(docs, d)
		live.Add(d, d.ID)
	}
	for _, from := range []int{0, 300, 330} {
		again := NewIndex(cfg)
		for _, d := range docs[from:] {
			again.Add(d, d.ID)
		}
		if again.Digest() != live.Digest() {
			t.Errorf("folded from %d: another state", from)
		}
	}
	live.Advance(epoch.Add(100 * time.Hour))
	if live.Len() != 0 || len(live.features) != 0 || len(live.ids) != 0 {
		t.Errorf("a passed window holds %d originals, %d features, %d ids", live.Len(), len(live.features), len(live.ids))
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []Config{{}, {Window: 1, Span: 1, Gap: 1, MaxDocs: 1, Threshold: 2}, {Window: 1, Span: 1, Gap: 1, Threshold: .5}} {
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}
