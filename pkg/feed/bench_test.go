//go:build unix

package feed

import (
	"bytes"
	"syscall"
	"testing"
	"time"

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

// BenchmarkBesideGofeed reads each document by turns with both, and reports by
// CPU time how many times as fast as gofeed alone the package is.
func BenchmarkBesideGofeed(b *testing.B) {
	var docs [][]byte
	for _, rf := range realFeeds(b) {
		if _, err := gofeed.NewParser().Parse(bytes.NewReader(rf.body)); err == nil {
			docs = append(docs, rf.body)
		}
	}
	var own, other time.Duration
	for b.Loop() {
		for i, d := range docs {
			start := cpuTime(b)
			for range 3 {
				if _, err := Parse(d, Options{}); err != nil {
					b.Fatal(i, err)
				}
			}
			middle := cpuTime(b)
			for range 3 {
				if _, err := gofeed.NewParser().Parse(bytes.NewReader(d)); err != nil {
					b.Fatal(i, err)
				}
			}
			own, other = own+middle-start, other+cpuTime(b)-middle
		}
	}
	b.ReportMetric(float64(other)/float64(own), "x-gofeed")
}

// cpuTime is what the process has used so far.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
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
