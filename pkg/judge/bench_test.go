package judge

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/dateline/dateline/pkg/neardup"
	"github.com/dateline/dateline/pkg/story"
	"github.com/dateline/dateline/pkg/text"
)

// BenchmarkHeld measures what a judge holds of a document of 400 words: copies
// and stories together, all documents originals, and half of them copies.
func BenchmarkHeld(b *testing.B) {
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, n := range []int{100_000, 1_000_000} {
		for _, copies := range []int{0, 2} { // every how many-th is one
			b.Run(fmt.Sprintf("%d/copies=%d", n, copies), func(b *testing.B) {
				r := rand.New(rand.NewPCG(1, 2))
				z := rand.NewZipf(r, 1.07, 40, 1<<18)
				sketcher, weigher := neardup.NewSketcher(text.AppendTerms), story.NewWeigher(text.AppendTerms)
				cfg := DefaultConfig()
				cfg.Copies.MaxDocs, cfg.Stories.MaxDocs = n, n
				if copies > 0 {
					cfg.Stories.MaxDocs = n / copies
				}
				before := heap()
				j := New(cfg)
				terms := make([]uint64, 400)
				for i := range n {
					for k := range terms {
						terms[k] = (z.Uint64() + 1) * 0x9e3779b97f4a7c15
					}
					at := time.UnixMilli(int64(i+1) * 100)
					in := &Input{Doc: neardup.Doc{ID: uint64(i + 1), SeenAt: at, TS: at, Source: strconv.Itoa(i % 500), Language: "en",
						BodyHash: terms[1]*31 + uint64(i), Sketch: sketcher.Append(nil, terms, nil, ""), Words: len(terms), Title: terms[:8]}}
					in.Terms = weigher.Append(nil, in.Title, terms, nil, "", "en")
					for k := range 6 {
						in.Entities = append(in.Entities, "per/"+strconv.Itoa(int(terms[k]>>44)))
					}
					v := Verdict{Kind: Original, Story: in.ID}
					if copies > 0 && i%copies > 0 {
						v = Verdict{Kind: Copy, CopyOf: in.ID - uint64(i%copies), Story: in.ID}
					}
					j.Fold(in, v)
				}
				b.ReportMetric(float64(heap()-before)/float64(n), "B/doc")
				runtime.KeepAlive(j)
			})
		}
	}
}
