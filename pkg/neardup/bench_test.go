package neardup

import (
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"
)

// zipfText gives n terms with the skew of a language.
func zipfText(r *rand.Rand, z *rand.Zipf, n int) []uint64 {
	t := make([]uint64, n)
	for i := range t {
		t[i] = (z.Uint64() + 1) * 0x9e3779b97f4a7c15
	}
	return t
}

// BenchmarkStream measures sketch, match and add of texts of 400 words, one in
// four a cut copy of an earlier one, with a full window.
func BenchmarkStream(b *testing.B) {
	for _, window := range []int{10_000, 100_000} {
		b.Run(map[int]string{10_000: "10k", 100_000: "100k"}[window], func(b *testing.B) {
			cfg := DefaultConfig()
			cfg.MaxDocs = window
			x := NewIndex(cfg)
			s := NewSketcher(func(dst []uint64, _ string) []uint64 { return dst })
			r := rand.New(rand.NewPCG(1, 2))
			z := rand.NewZipf(r, 1.07, 4, 1<<18)
			var past [256][]uint64
			var d Doc
			id := uint64(0)
			step := func(terms []uint64) {
				id++
				at := time.UnixMilli(int64(id) * 100)
				d = Doc{ID: id, SeenAt: at, TS: at, Language: "en", BodyHash: id * 31, Words: len(terms),
					Title: terms[:8], Sketch: s.Append(d.Sketch[:0], terms, "")}
				x.Add(&d, x.Match(&d).CopyOf)
			}
			next := func() []uint64 {
				if old := past[r.IntN(len(past))]; old != nil && r.IntN(4) == 0 {
					return old[:len(old)/2]
				}
				t := zipfText(r, z, 400)
				past[r.IntN(len(past))] = t
				return t
			}
			for x.Len() < window {
				step(next())
			}
			texts := make([][]uint64, 4096)
			for i := range texts {
				texts[i] = next()
			}
			b.ReportAllocs()
			b.ResetTimer()
			for i := range b.N {
				step(texts[i%len(texts)])
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "docs/s")
			b.ReportMetric(float64(unsafe.Sizeof(entry{})), "B/entry")
		})
	}
}
