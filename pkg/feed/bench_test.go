package feed

import (
	"bytes"
	"testing"

	"github.com/mmcdole/gofeed"
)

func benchmarkFeeds(b *testing.B, parse func([]byte) error) {
	var docs [][]byte
	total := 0
	for _, rf := range realFeeds(b) {
		if _, err := gofeed.NewParser().Parse(bytes.NewReader(rf.body)); err == nil {
			docs = append(docs, rf.body)
			total += len(rf.body)
		}
	}
	b.SetBytes(int64(total))
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range docs {
			if err := parse(d); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkParse and BenchmarkGofeed read the same real feeds: guard, repair
// and all on the one side, the bare parser on the other.
func BenchmarkParse(b *testing.B) {
	benchmarkFeeds(b, func(d []byte) error { _, err := Parse(d, Options{}); return err })
}

func BenchmarkGofeed(b *testing.B) {
	benchmarkFeeds(b, func(d []byte) error { _, err := gofeed.NewParser().Parse(bytes.NewReader(d)); return err })
}

func BenchmarkSalvage(b *testing.B) {
	benchmarkFeeds(b, func(d []byte) error { _, _ = Parse(d[:len(d)*9/10], Options{}); return nil })
}

func BenchmarkParseDate(b *testing.B) {
	for b.Loop() {
		ParseDate("Sat, 07 Sep 2002 00:00:01 GMT")
		ParseDate("2002-09-07T00:00:01+02:00")
	}
}
