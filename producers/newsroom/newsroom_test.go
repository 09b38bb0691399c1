package newsroom

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// clock is a hand-driven clock.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) advance(d time.Duration) { c.at = c.at.Add(d) }

// open makes a newsroom without a listener on a hand-driven clock.
func open(t *testing.T, cfg Config) (*Newsroom, *clock) {
	t.Helper()
	c := &clock{monday}
	cfg.Now, cfg.BaseURL = c.now, "http://newsroom.test/"
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n, c
}

func TestSameSeedSameNews(t *testing.T) {
	run := func(seed uint64) string {
		n, c := open(t, Config{Seed: seed})
		for range 40 {
			n.Publish(5)
			c.advance(47 * time.Second)
		}
		var b bytes.Buffer
		if err := n.Ledger().WriteJSONLines(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	first := run(3)
	if first != run(3) {
		t.Error("the same seed and clock gave another ledger")
	}
	if first == run(4) {
		t.Error("another seed gave the same ledger")
	}
}

func TestLedger(t *testing.T) {
	n, c := open(t, Config{Seed: 5})
	for range 400 {
		n.Publish(5)
		c.advance(20 * time.Second)
	}
	entries := n.Ledger().Entries()
	if len(entries) != 2000 || n.Ledger().Len() != 2000 {
		t.Fatalf("%d entries, want 2000", len(entries))
	}
	byURL, guids, kinds := map[string]Entry{}, map[string]string{}, map[string]int{}
	persons, organisations := map[string]bool{}, map[string]bool{}
	for i, e := range entries {
		kinds[e.Kind]++
		before, known := byURL[e.URL]
		switch e.Kind {
		case Revision:
			if !known || e.Of != e.URL || e.GUID != before.GUID || e.Revision != before.Revision+1 || e.BodyHash == before.BodyHash {
				t.Errorf("entry %d: revision %+v of %+v", i, e, before)
			}
		case Copy, Rewrite:
			of, ok := byURL[e.Of]
			if !ok || of.Kind == Copy || of.Kind == Rewrite || of.Outlet != wireName || of.Event != e.Event || e.Outlet == wireName {
				t.Errorf("entry %d: %s %s of %+v", i, e.Kind, e.URL, of)
			}
			fallthrough
		default:
			if known || guids[e.FeedURL+e.GUID] != "" {
				t.Errorf("entry %d: %s %s is not new", i, e.URL, e.GUID)
			}
		}
		byURL[e.URL], guids[e.FeedURL+e.GUID] = e, e.URL
		if e.Title == "" || len(e.BodyHash) != 16 || len(e.Entities) < 3 || !strings.Contains(e.URL, e.Source) || !strings.HasPrefix(e.Link, e.URL) || e.PublishedAt.IsZero() {
			t.Errorf("entry %d: %+v", i, e)
		}
		for _, entity := range e.Entities {
			switch entity.Kind {
			case KindPerson:
				persons[entity.Name] = true
			case KindOrganisation:
				organisations[entity.Name] = true
			}
		}
	}
	t.Logf("%v, %d persons, %d organisations", kinds, len(persons), len(organisations))
	if len(persons) < 300 || len(organisations) < 120 {
		t.Errorf("%d persons and %d organisations", len(persons), len(organisations))
	}
	near := func(kind string, share float64) {
		if got := float64(kinds[kind]) / 2000; got < share*.75 || got > share*1.25 {
			t.Errorf("%s: a share of %.3f, want about %.3f", kind, got, share)
		}
	}
	near(Copy, .25)
	near(Rewrite, .08)
	near(Revision, .05)

	var b bytes.Buffer
	if err := n.Ledger().WriteJSONLines(&b); err != nil {
		t.Fatal(err)
	}
	read, err := ReadLedger(&b)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(read.Entries()), fmt.Sprint(entries); got != want {
		t.Error("the ledger read back differs")
	}
	if got, want := fmt.Sprint(read.Missed("")), fmt.Sprint(n.Ledger().Missed("")); got != want {
		t.Error("missed articles read back differ")
	}
}

// TestEntitiesAreInTheText holds the ledger's truth against the prose.
func TestEntitiesAreInTheText(t *testing.T) {
	w, err := newWorld(9, 24, nil)
	if err != nil {
		t.Fatal(err)
	}
	a := newAuthor(w)
	for i := range uint64(300) {
		m := a.write([]piece{{seed: mix(i), event: mix(i, 1), at: monday.UnixNano(), of: -1}}, 300)
		text := m.title + "\n" + prose(m)
		for _, bad := range []string{",,", ",.", "  ", "{", "}", "<", ">", " .", " ,", "..", "a an ", "a the "} {
			if strings.Contains(text, bad) {
				t.Errorf("text %d has %q: %.200s", i, bad, text[max(0, strings.Index(text, bad)-80):])
			}
		}
		for _, e := range w.named(m.entities()) {
			name := e.Name
			if e.Kind == KindPerson {
				name = name[strings.LastIndexByte(name, ' ')+1:]
			}
			if !strings.Contains(text, name) {
				t.Errorf("text %d does not mention %v", i, e)
			}
		}
	}
}

func TestSpike(t *testing.T) {
	count := func(n *Newsroom, from int) (about, all int) {
		for _, e := range n.Ledger().Since(from) {
			for _, entity := range e.Entities {
				if entity == n.FocusEntity() {
					about++
				}
			}
			all++
		}
		return about, all
	}
	for _, spike := range []PlantedSpike{
		{Factor: 20}, {Entity: "Maren Tollvik", Factor: 20}, {Entity: "Trondheim", Kind: KindLocation, Factor: 20},
		{Entity: "Quarrystone Lamps", Kind: KindOrganisation, Factor: 20},
	} {
		spike.After, spike.Duration = 10*time.Minute, 5*time.Minute
		n, c := open(t, Config{Seed: 2, Words: 80, Spike: &spike})
		var about, all [3]int
		for minute := range 20 {
			from := n.Ledger().Len()
			n.Publish(100)
			c.advance(time.Minute)
			phase := 0
			if minute >= 10 {
				phase = 1
			}
			if minute >= 15 {
				phase = 2
			}
			a, b := count(n, from)
			about[phase], all[phase] = about[phase]+a, all[phase]+b
		}
		t.Logf("%s: before %d/%d, during %d/%d, after %d/%d", n.FocusEntity().Name, about[0], all[0], about[1], all[1], about[2], all[2])
		before, during := float64(about[0])/float64(all[0]), float64(about[1])/float64(all[1])
		if about[0] == 0 || during < 6*before || during < .2 {
			t.Errorf("%+v: share %.3f before, %.3f during", spike, before, during)
		}
	}
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, err := New(Config{Seed: 1, Rate: 50, Words: 60, BaseURL: "http://newsroom.test"})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := n.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if got := n.Ledger().Len(); got < 2700 || got > 3300 {
			t.Errorf("%d articles in a minute at 50 a second", got)
		}
	})
}

func TestValidate(t *testing.T) {
	bad := func(cfg Config, want string) {
		t.Helper()
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", cfg, err, want)
		}
	}
	bad(Config{Outlets: -1}, "outlets")
	bad(Config{Outlets: 1, CopyShare: .5}, "2 outlets")
	bad(Config{Rate: -1}, "rate")
	bad(Config{Words: 3}, "words")
	bad(Config{CopyShare: .9, RewriteShare: .2}, "more than 1")
	bad(Config{Window: -1}, "window")
	bad(Config{Hosts: 300}, "hosts")
	bad(Config{Listen: "nowhere"}, "listen")
	bad(Config{Spike: &PlantedSpike{Kind: "CAT"}}, "CAT")
}

func BenchmarkPublish(b *testing.B) {
	n, err := New(Config{Seed: 1, BaseURL: "http://newsroom.test"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		n.Publish(1)
	}
}
