package neardup

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSketchBounds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	s := NewSketcher(testTerms)
	for _, text := range []string{"", "one", "one two", "one two three", "the of and in", strings.Repeat("again ", 5000),
		newEvent(r).report(r, 3), newEvent(r).report(r, 400), strings.Repeat("on 3 May 2026 at 11.30 ", 300)} {
		sk := s.Append(nil, testTerms(nil, text), testStarts(text), text)
		if len(sk) > MaxSketch || sk.Validate() != nil {
			t.Errorf("%.20q: %d values, %v", text, len(sk), sk.Validate())
		}
		h3, h2, nums, _ := sk.parts()
		for _, part := range [][]uint32{h3, h2, nums} {
			if !slices.IsSorted(part) {
				t.Errorf("%.20q: a part is not ascending", text)
			}
		}
		if text == "" && len(sk) != 0 {
			t.Errorf("no words give %d values", len(sk))
		}
	}
}

func TestSketchValidate(t *testing.T) {
	for _, sk := range []Sketch{{0}, {1 << 24}, {2<<24 | 5}, {2<<24 | 255<<16}, make(Sketch, 40)} {
		if sk.Validate() == nil {
			t.Errorf("%x: no error", sk)
		}
		if o := compareSketches(sk, sk); o.n != 0 {
			t.Errorf("%x compares as %+v", sk, o)
		}
	}
}

func TestSketchDoesNotAllocate(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	text := newEvent(r).report(r, 60)
	terms := testTerms(nil, text)
	s := NewSketcher(testTerms)
	at := testStarts(text)
	dst := s.Append(nil, terms, at, text)
	if n := testing.AllocsPerRun(100, func() { dst = s.Append(dst[:0], terms, at, text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func compareSketches(a, b Sketch) overlap {
	var p packed
	p.pack(b)
	var x Index
	x.asked.take(a)
	return compare(x.meet(&entry{packed: p}), &x.other, nil)
}

// TestPacked holds what the window keeps of sketches to what they were.
func TestPacked(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	s := NewSketcher(testTerms)
	for _, text := range []string{"", "one", "one two three four", newEvent(r).report(r, 3), newEvent(r).report(r, 30), newEvent(r).report(r, 400)} {
		sk := s.Append(nil, testTerms(nil, text), testStarts(text), text)
		var p packed
		p.pack(sk)
		var b, same bare
		p.unpack(&b)
		h3, h2, nums, values := sk.parts()
		if !slices.Equal(b.h3, h3[:min(len(h3), postings)]) || !slices.Equal(b.nums, nums) || !slices.Equal(b.values, values) {
			t.Errorf("%.20q: %+v", text, b)
		}
		var whole bare
		whole.take(sk)
		if got := same.align(&whole, p.shift).h2; !slices.Equal(got, b.h2) || len(h2) != len(b.h2) {
			t.Errorf("%.20q: %x, want %x", text, b.h2, got)
		}
		if len(h2) > 1 && h2[len(h2)-1]>>placeBits<<placeBits-b.h2[len(h2)-1]>>placeBits<<placeBits >= 1<<(placeBits+p.shift) {
			t.Errorf("%.20q: the last of %d is off by more than %d bits", text, len(h2), p.shift)
		}
	}
}

// TestEstimates compares estimated with exact containment.
func TestEstimates(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 2))
	s := NewSketcher(testTerms)
	sketch := func(text string) Sketch { return s.Append(nil, testTerms(nil, text), testStarts(text), text) }
	for range 50 {
		text := newEvent(r).report(r, 40)
		mixed := firstPart(text, .5) + " " + newEvent(r).report(r, 20)
		for _, c := range []struct {
			name     string
			a, b     string
			min, max float64
		}{
			{"same", text, text, 1, 1},
			{"cut", text, firstPart(text, .3), .9, 1},
			{"half its own", text, mixed, .25, .75},
			{"unrelated", text, newEvent(r).report(r, 40), 0, .2},
		} {
			if o := compareSketches(sketch(c.a), sketch(c.b)); o.containment < c.min || o.containment > c.max {
				t.Errorf("%s: %+v, want %.2f to %.2f", c.name, o, c.min, c.max)
			}
		}
	}
}

func sorted(h []uint32) []uint32 {
	slices.Sort(h)
	return h
}

func contexts(s string) []uint32 {
	terms, at := testTerms(nil, s), testStarts(s)
	n := min(len(terms), len(at)) // bytes that are no UTF-8 can make a difference
	c, _ := appendNumbers(nil, nil, terms[:n], at[:n], s)
	return c
}

func TestNumbers(t *testing.T) {
	f := func(a, b string, numbers, dates tally) {
		t.Helper()
		distinct := func(s string) []uint32 { return smallest(sorted(contexts(s)), 1000, 0) }
		n, d := values(distinct(a), distinct(b))
		if n != numbers || d != dates {
			t.Errorf("%q, %q: numbers %+v, dates %+v; want %+v, %+v", a, b, n, d, numbers, dates)
		}
	}
	none := tally{}
	f("sales rose to 31 cents", "sales rose to 31 cents", tally{agree: 2}, none)
	f("sales rose to 31 cents", "sales rose to 47 cents", tally{disagree: 2}, none)
	f("sales of 1,200 tons were", "sales of 1200 tons were", tally{agree: 2}, none)
	f("about 3 people came home", "some rows of 3 seats here", none, none)
	f("they met on Monday in Calder", "they met on Friday in Calder", none, tally{disagree: 2})
	f("no values here", "none here", none, none)
}

func FuzzNumbers(f *testing.F) {
	f.Add("on 3 May 2026, 1,200 tons; Größe 7,5 — Mittwoch")
	f.Add("\xff12\xfe.3.")
	f.Fuzz(func(t *testing.T, s string) {
		if n := len(contexts(s)); n > len(s)+2 {
			t.Errorf("%d values of %d bytes", n, len(s))
		}
	})
}

// TestFold drops what the window has passed and then answers as an index that
// never saw it.
func TestFold(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 2))
	cfg := DefaultConfig()
	cfg.Window, cfg.MaxDocs = 2*time.Hour, 90
	live, docs := NewIndex(cfg), []*Doc{}
	for i := range 300 {
		text := newEvent(r).report(r, 12)
		if i > 0 && i%3 == 0 {
			text = "" // titles alone
		}
		d := makeDoc(uint64(1+r.IntN(200)), newEvent(r).title(r), text, epoch.Add(time.Duration(i)*time.Minute-time.Duration(r.IntN(9))*time.Minute))
		docs = append(docs, d)
		live.Add(d, 0)
	}
	if live.Len() != 90 {
		t.Fatalf("%d entries, want 90", live.Len())
	}
	for _, from := range []int{0, 100, 210} {
		again := NewIndex(cfg)
		for _, d := range docs[from:] {
			again.Add(d, 0)
		}
		if again.Digest() != live.Digest() {
			t.Errorf("folded from %d: another state", from)
		}
	}
	if n := live.runs.len(); len(live.ids) > live.Len() || n > live.Len()*postings {
		t.Errorf("dropped entries left keys behind: %d ids, %d runs", len(live.ids), n)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Error(err)
	}
	for _, change := range []func(*Config){
		func(c *Config) { c.Window = 0 }, func(c *Config) { c.Near = -1 }, func(c *Config) { c.MaxDocs = 0 },
		func(c *Config) { c.Containment = 1.5 }, func(c *Config) { c.Jaccard = 0 }, func(c *Config) { c.Grey = .6 },
	} {
		c := DefaultConfig()
		change(&c)
		if c.Validate() == nil {
			t.Errorf("%+v: no error", c)
		}
	}
}

// TestRing passes the point where sequence numbers wrap.
func TestRing(t *testing.T) {
	r := ring{head: ^uint32(0) - 3000, next: ^uint32(0) - 3000}
	r.head &^= chunk - 1
	r.next = r.head
	for i := range 10_000 {
		_, e := r.push()
		e.id = uint64(i)
		if r.len() > 2500 {
			if got := r.at(r.head).id; got != uint64(i-2500) {
				t.Fatalf("oldest is %d after %d", got, i)
			}
			r.pop()
		}
		if !r.has(r.head) || r.has(r.head-1) || r.has(r.next) || r.at(r.next-1).id != uint64(i) {
			t.Fatalf("the window is off after %d", i)
		}
	}
	if len(r.chunks) > 4 {
		t.Errorf("%d chunks hold %d entries", len(r.chunks), r.len())
	}
}
