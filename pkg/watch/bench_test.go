package watch

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// syllables make names that look like names.
var syllables = strings.Fields("ba bel bor dan del fen gar hal jor kan kel lar lin mar mor nar nor pel ran rin sal sel tal tor val ven wal yor zan zel")

func invented(i int) string {
	n := len(syllables)
	up := func(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
	return up(syllables[i%n]+syllables[i/n%n]) + " " + up(syllables[i/n/n%n]+syllables[i/7%n]+syllables[i/11%n])
}

func many(n int) []Entry {
	out := make([]Entry, n)
	for i := range out {
		name := invented(i)
		out[i] = Entry{ID: fmt.Sprintf("org/%d", i), Kind: "ORG", Name: name, Aliases: []string{name + " Group", strings.Fields(name)[1] + " Industries"}}
		if err := out[i].Tidy(); err != nil {
			panic(err)
		}
	}
	return out
}

// BenchmarkFind tells words a second and, with the size of lists, their memory.
func BenchmarkFind(b *testing.B) {
	text := strings.Repeat("The minister of Norland said on Monday that Belgar Group would close the harbour, and that Mr O’Connor had not been told about it. ", 200)
	words := float64(len(strings.Fields(text)))
	for _, n := range []int{0, 1, 10_000, 50_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var before, after runtime.MemStats
			entries := many(n)
			runtime.GC()
			runtime.ReadMemStats(&before)
			l := Compile(entries)
			runtime.GC()
			runtime.ReadMemStats(&after)
			m := NewMatcher(l)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				m.Find(text)
			}
			b.ReportMetric(words*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mwords/s")
			b.ReportMetric(float64(int64(after.HeapAlloc)-int64(before.HeapAlloc))/1e6, "MB")
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	entries := many(10_000)
	for b.Loop() {
		Compile(entries)
	}
}
