package neardup

import (
	"math/rand/v2"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// stream yields documents of 400 words with the skew of a language, one in
// four a cut copy of an earlier one, from 500 sources.
type stream struct {
	r      *rand.Rand
	z      *rand.Zipf
	x      *Index
	s      *Sketcher
	past   [256][]uint64
	id     uint64
	d      Doc
	text   string // scanned for numbers and quotations
	at     []int32
	source [500]string
}

func newStream(window int) *stream {
	r := rand.New(rand.NewPCG(1, 2))
	cfg := DefaultConfig()
	cfg.MaxDocs = window
	b := &stream{r: r, z: rand.NewZipf(r, 1.07, 4, 1<<18), x: NewIndex(cfg), text: newEvent(r).report(r, 34),
		s: NewSketcher(func(dst []uint64, _ string) []uint64 { return dst })}
	starts := testStarts(b.text)
	for i := range b.source {
		b.source[i] = strconv.Itoa(i) + ".example"
	}
	for i := range 400 {
		b.at = append(b.at, starts[i])
	}
	for b.x.Len() < window {
		b.make(b.next())
		b.x.Add(&b.d, 0)
	}
	return b
}

// next gives the terms of a text.
func (b *stream) next() []uint64 {
	at := b.r.IntN(len(b.past))
	if old := b.past[at]; old != nil && b.r.IntN(4) == 0 {
		return old[:len(old)/2]
	}
	t := make([]uint64, 400)
	for i := range t {
		t[i] = (b.z.Uint64() + 1) * 0x9e3779b97f4a7c15
	}
	b.past[at] = t
	return t
}

// step does all that a document costs from its terms on.
func (b *stream) step(terms []uint64) {
	b.make(terms)
	b.x.Add(&b.d, b.x.Match(&b.d).CopyOf)
}

func (b *stream) make(terms []uint64) {
	b.id++
	at := time.UnixMilli(int64(b.id) * 100)
	text := b.text[:b.at[len(terms)-1]+1]
	b.d = Doc{ID: b.id, SeenAt: at, TS: at, Language: "en", Source: b.source[b.id%uint64(len(b.source))], BodyHash: b.id * 31,
		Words: len(terms), Title: terms[:8], Sketch: b.s.Append(b.d.Sketch[:0], terms, b.at[:len(terms)], text)}
}

// cpuTime is what the process has used, so that other work on the machine does
// not count.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is what is in use, in bytes.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkStream measures sketch, match and add with a full window. That of a
// million documents takes a minute to fill, and about 1 GB.
func BenchmarkStream(b *testing.B) {
	for _, c := range []struct {
		name   string
		window int
	}{{"10k", 10_000}, {"100k", 100_000}, {"1M", 1_000_000}} {
		var s *stream
		var held float64 // bytes a document
		b.Run(c.name, func(b *testing.B) {
			if s == nil {
				before := heap()
				s = newStream(c.window)
				held = float64(heap()-before) / float64(c.window)
			}
			texts := make([][]uint64, min(b.N, 30_000))
			for i := range texts {
				texts[i] = s.next()
			}
			b.ReportAllocs()
			b.ResetTimer()
			before := cpuTime()
			for i := range b.N {
				s.step(texts[i%len(texts)])
			}
			b.ReportMetric(float64(b.N)/(cpuTime()-before).Seconds(), "docs/cpu-s")
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
			b.ReportMetric(held, "B/doc")
		})
	}
}
