package story

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// stream yields originals with the skew of a language, a third of them about
// one of 300 events which come and go.
type stream struct {
	r      *rand.Rand
	z      *rand.Zipf
	w      *Weigher
	x      *Index
	events [300][40]uint64
	id     uint64
	text   []uint64
	terms  Terms
}

func newStream(window int) *stream {
	r := rand.New(rand.NewPCG(1, 2))
	cfg := DefaultConfig()
	cfg.MaxDocs = window
	s := &stream{r: r, z: rand.NewZipf(r, 1.07, 40, 1<<18), w: NewWeigher(words), x: NewIndex(cfg)}
	for s.x.Len() < window {
		d := s.next()
		s.x.Add(&d, d.ID)
	}
	return s
}

func (s *stream) word() uint64 { return (s.z.Uint64() + 1) * 0x9e3779b97f4a7c15 }

func (s *stream) next() Doc {
	s.id++
	s.text = s.text[:0]
	event := &s.events[s.r.IntN(len(s.events))]
	if event[0] == 0 || s.r.IntN(500) == 0 {
		for i := range event {
			event[i] = s.word()
		}
	}
	told := s.r.IntN(3) == 0
	for i := range 150 {
		if told && i%3 == 0 {
			s.text = append(s.text, event[s.r.IntN(len(event))])
		} else {
			s.text = append(s.text, s.word())
		}
	}
	at := epoch.Add(time.Duration(s.id) * 6 * time.Second)
	d := Doc{ID: s.id, SeenAt: at, TS: at, Source: strconv.Itoa(int(s.id % 500)), Language: "en"}
	for range 6 {
		d.Entities = append(d.Entities, fmt.Sprint("per/", s.z.Uint64()%20000))
	}
	d.Terms = s.w.Append(nil, s.text[:8], s.text, nil, "", "en")
	return d
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

func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkStream measures assign and add with a full window, and what the
// window holds.
func BenchmarkStream(b *testing.B) {
	for _, window := range []int{10_000, 100_000} {
		var s *stream
		var held float64
		b.Run(fmt.Sprint(window), func(b *testing.B) {
			if s == nil {
				before := heap()
				s = newStream(window)
				held = float64(heap()-before) / float64(window)
			}
			docs := make([]Doc, min(b.N, 20_000))
			for i := range docs {
				docs[i] = s.next()
			}
			b.ReportAllocs()
			b.ResetTimer()
			before := cpuTime()
			for i := range b.N {
				d := docs[i%len(docs)]
				id, _ := s.x.Assign(&d)
				s.x.Add(&d, id)
			}
			b.ReportMetric(float64(b.N)/(cpuTime()-before).Seconds(), "docs/cpu-s")
			b.ReportMetric(held, "B/doc")
		})
	}
}

// BenchmarkAppend measures the terms of a text of 400 words.
func BenchmarkAppend(b *testing.B) {
	s := newStream(1)
	var text []uint64
	for range 400 {
		text = append(text, s.word())
	}
	b.ReportAllocs()
	for b.Loop() {
		s.terms = s.w.Append(s.terms[:0], text[:8], text, nil, "", "en")
	}
}
