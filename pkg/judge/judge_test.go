package judge

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/text"
)

var epoch = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)

func noTerms(dst []uint64, _ string) []uint64 { return dst }

// words gives n terms which only seed decides.
func words(seed uint64, n int) []uint64 {
	r := rand.New(rand.NewPCG(seed, 3))
	t := make([]uint64, n)
	for i := range t {
		t[i] = r.Uint64()
	}
	return t
}

func input(id uint64, terms []uint64, at time.Time, rank int) *Input {
	in := &Input{TextRank: rank, Doc: neardup.Doc{
		ID: id, SeenAt: at, TS: at, Source: "a.example", Language: "en", Words: len(terms),
		Sketch: neardup.NewSketcher(noTerms).Append(nil, terms, nil, ""),
	}}
	for _, t := range terms {
		in.BodyHash = in.BodyHash*31 + t
	}
	return in
}

func TestAgain(t *testing.T) {
	text := words(1, 300)
	changed := append(append([]uint64{}, text[:280]...), words(2, 40)...)
	for _, c := range []struct {
		name   string
		terms  []uint64
		rank   int
		after  time.Duration
		before uint16 // revision that is stored
		kind   Kind
		reason string
	}{
		{"identical", text, 2, time.Hour, 0, Same, ReasonIdentical},
		{"changed", changed, 2, time.Hour, 0, Revision, ""},
		{"shorter by a paragraph", text[:250], 2, time.Hour, 0, Revision, ""},
		{"cut to a third", text[:100], 2, time.Hour, 0, Same, ReasonPoorer},
		{"teaser", text[:30], 1, time.Hour, 0, Same, ReasonPoorer},
		{"long teaser", changed, 1, time.Hour, 0, Same, ReasonPoorer},
		{"page after feed, shorter", text[:100], 3, time.Hour, 0, Revision, ""},
		{"the page, right after the feed", changed, 3, time.Second, 0, Revision, ""},
		{"too soon", changed, 2, 9 * time.Minute, 0, Same, ReasonThrottled},
		{"soon enough", changed, 2, 10 * time.Minute, 0, Revision, ""},
		{"before the last one", changed, 2, -time.Minute, 0, Same, ReasonThrottled},
		{"the hundredth", changed, 2, time.Hour, 99, Revision, ""},
		{"too many", changed, 2, time.Hour, 100, Same, ReasonThrottled},
	} {
		first := input(1, text, epoch, 2)
		known := &Known{Revision: c.before, BodyHash: first.BodyHash, Words: 300, TextRank: 2, SeenAt: epoch, CopyOf: 9, Story: 8, Similarity: .7}
		in := input(1, c.terms, epoch.Add(c.after), c.rank)
		check := func(how string, j *Judge, k *Known) {
			t.Helper()
			v := j.Decide(in, k)
			want := c.before
			if c.kind == Revision {
				want++
			}
			if v.Kind != c.kind || v.Reason != c.reason || v.Revision != want || v.CopyOf != 9 || v.Story != 8 || v.Similarity != .7 {
				t.Errorf("%s, %s: %+v", c.name, how, v)
			}
		}
		check("looked up", New(DefaultConfig()), known)
		j := New(DefaultConfig())
		j.Fold(first, Verdict{Kind: Copy, CopyOf: 9, Story: 8, Similarity: .7, Revision: c.before})
		if !j.Knows(1) || j.Knows(2) {
			t.Fatal("Knows does not answer for what was folded")
		}
		check("folded", j, nil)
	}
}

func TestCopyJoinsStoryOfOriginal(t *testing.T) {
	j := New(DefaultConfig())
	text := words(1, 300)
	for i, c := range []struct {
		in     *Input
		kind   Kind
		copyOf uint64
	}{
		{input(1, text, epoch, 2), Original, 0},
		{input(2, text, epoch, 2), Copy, 1},
		{input(3, text[:150], epoch, 2), Copy, 1},
		{input(4, words(5, 300), epoch, 2), Original, 0},
	} {
		before := j.Digest()
		v := j.Decide(c.in, nil)
		if j.Digest() != before {
			t.Fatal("Decide changed the state")
		}
		want := uint64(1)
		if c.in.ID == 4 {
			want = 4
		}
		if v.Kind != c.kind || v.CopyOf != c.copyOf || v.Story != want {
			t.Errorf("%d: %+v", i, v)
		}
		j.Fold(c.in, v)
	}
}

// TestRestored folds a random stream and, at a random point, restores a second
// judge from the rows that a store would give it; both then have to be in the
// same state and to decide the rest alike.
func TestRestored(t *testing.T) {
	type row struct {
		in Input
		v  Verdict
	}
	rapid.Check(t, func(t *rapid.T) {
		cfg := DefaultConfig()
		cfg.Copies.Window = rapid.SampledFrom([]time.Duration{20 * time.Minute, time.Hour, 6 * time.Hour}).Draw(t, "window")
		cfg.Stories.Window = rapid.SampledFrom([]time.Duration{cfg.Copies.Window, cfg.Copies.Window / 2}).Draw(t, "story window")
		cfg.Copies.MaxDocs = rapid.IntRange(1, 60).Draw(t, "max docs")
		cfg.Stories.MaxDocs = rapid.IntRange(1, 60).Draw(t, "max originals")
		store, latest := []row{}, map[uint64]Known{}
		decide := func(j *Judge, in *Input) Verdict {
			var known *Known
			if k, ok := latest[in.ID]; ok && !j.Knows(in.ID) {
				known = &k
			}
			return j.Decide(in, known)
		}
		live := New(cfg)
		var other *Judge
		now := epoch
		n := rapid.IntRange(1, 150).Draw(t, "documents")
		restart := rapid.IntRange(0, n-1).Draw(t, "restart")
		for i := range n {
			if i == restart {
				other = restore(cfg, func(yield func(*Input, Verdict) bool) {
					for k := range store {
						if !yield(&store[k].in, store[k].v) {
							return
						}
					}
				})
				if other.Digest() != live.Digest() {
					t.Fatalf("restored from %d rows: another state", len(store))
				}
			}
			now = now.Add(time.Duration(rapid.IntRange(-5, 15).Draw(t, "minutes")) * time.Minute)
			text := words(uint64(rapid.IntRange(1, 6).Draw(t, "text")), 120)
			text = text[:rapid.SampledFrom([]int{0, 10, 60, 110, 120}).Draw(t, "words")]
			in := input(uint64(rapid.IntRange(1, 25).Draw(t, "id")), text, now, rapid.IntRange(0, 3).Draw(t, "rank"))
			in.Title = words(uint64(rapid.IntRange(1, 9).Draw(t, "title")), 6)
			in.Entities = rapid.SliceOfN(rapid.SampledFrom([]string{"per/a", "per/b", "org/c", "loc/d", "loc/e"}), 0, 4).Draw(t, "entities")
			v := decide(live, in)
			if v.Kind != Original && v.Kind != Same && v.CopyOf == in.ID {
				t.Fatalf("an article is its own copy: %+v", v)
			}
			if k, ok := latest[v.CopyOf]; ok && v.Kind == Copy && k.CopyOf != 0 {
				t.Fatalf("a copy of a copy: %+v", v)
			}
			if other != nil {
				if got := decide(other, in); got != v {
					t.Fatalf("restored judge says %+v, live one %+v", got, v)
				}
				other.Fold(in, v)
			}
			live.Fold(in, v)
			if v.Kind != Same {
				store = append(store, row{*in, v})
				latest[in.ID] = Known{Revision: v.Revision, BodyHash: in.BodyHash, Words: in.Words, TextRank: in.TextRank,
					SeenAt: in.SeenAt, CopyOf: v.CopyOf, Story: v.Story, Similarity: v.Similarity}
			}
		}
		if other.Digest() != live.Digest() {
			t.Fatal("the judges went apart")
		}
	})
}

// restore folds the suffix of the rows that begins with the first one seen
// within the window of the newest.
func restore(cfg Config, rows func(func(*Input, Verdict) bool)) *Judge {
	var newest time.Time
	rows(func(in *Input, _ Verdict) bool {
		if in.SeenAt.After(newest) {
			newest = in.SeenAt
		}
		return true
	})
	j := New(cfg)
	started := false
	rows(func(in *Input, v Verdict) bool {
		if started = started || !in.SeenAt.Before(newest.Add(-cfg.Copies.Window)); started {
			j.Fold(in, v)
		}
		return true
	})
	return j
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Config){
		func(c *Config) { c.Copies.MaxDocs = 0 }, func(c *Config) { c.Stories.Threshold = 0 },
		func(c *Config) { c.Stories.Window = 30 * 24 * time.Hour }, func(c *Config) { c.RevisionEvery = -1 }, func(c *Config) { c.MaxRevisions = 0 },
	} {
		c := DefaultConfig()
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

// TestReadOtherDates reads a notice of one source, and the same with other
// days: a form, though every other number is the same.
func TestReadOtherDates(t *testing.T) {
	notice := func(first, second string) string {
		return "The council of Easterby will discuss the harbour on " + first + ", and hear Marta Hollander. Written questions have to reach the clerk by " + second +
			". The meeting is open to the public and begins at 19 in room 212 of the old assembly hall; 140 seats are free, and 35 more stand in the gallery. " +
			"Papers of 60 pages can be read at the town hall at 4 Market Street. Those who want to speak for up to 5 minutes are asked to give their names at the door."
	}
	first := notice("Monday, 8 June", "Friday, 5 June")
	for _, c := range []struct {
		text string
		want Kind
	}{
		{notice("Monday, 15 June", "Friday, 12 June"), Original},
		{notice("Tuesday, 14 July", "Thursday, 9 July"), Original},
		{strings.Replace(first, "Those who want", "People who wish", 1), Copy},
	} {
		j := New(DefaultConfig())
		read := func(id uint64, body string) Verdict {
			terms, at := text.AppendTermsAt(nil, nil, body)
			in := &Input{Text: body, Doc: neardup.Doc{ID: id, SeenAt: epoch, TS: epoch, Source: "a.example", Language: "en", Words: len(terms),
				Title: text.AppendTerms(nil, "Council meets on harbour"), BodyHash: text.BodyHash(body),
				Sketch: neardup.NewSketcher(text.AppendTerms).Append(nil, terms, at, body)}}
			v, err := j.Read(in, nil, textOf(first))
			if err != nil {
				t.Fatal(err)
			}
			j.Fold(in, v)
			return v
		}
		read(1, first)
		if v := read(2, c.text); v.Kind != c.want {
			t.Errorf("%q: %+v, want %s", c.text[:80], v, c.want)
		}
	}
}

// textOf is the text of every article.
type textOf string

func (s textOf) Text(uint64) (string, error) { return string(s), nil }
