//go:build unix

package fetch

import (
	"bytes"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
)

func BenchmarkDo(b *testing.B) {
	var page bytes.Buffer
	for i := range 200 {
		fmt.Fprintf(&page, "<item><title>Harbour report %d</title><link>https://quay.example/%d</link><description>%s</description></item>\n", i, i*7919, strings.Repeat("cranes and cargo ", 10+i%13))
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(page.Bytes())
	z.Close()
	head := "Date: Sun, 01 Mar 2026 12:00:00 GMT\r\nServer: nginx\r\nETag: \"6a1-62\"\r\nLast-Modified: Sun, 01 Mar 2026 10:00:00 GMT\r\nCache-Control: max-age=300\r\nVary: Accept-Encoding\r\n"
	for name, answer := range map[string][]byte{
		"304":      []byte("HTTP/1.1 304 Not Modified\r\n" + head + "\r\n"),
		"200-gzip": append(fmt.Appendf(nil, "HTTP/1.1 200 OK\r\n%sContent-Type: application/rss+xml\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", head, packed.Len()), packed.Bytes()...),
	} {
		b.Run(name, func(b *testing.B) {
			c, err := New(Config{AllowPrivate: []string{"127.0.0.1"}}, time.Now)
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			r := Request{URL: canned(b, answer), ETag: `"6a1-62"`, LastModified: "Sun, 01 Mar 2026 10:00:00 GMT"}
			b.ReportAllocs()
			before := cpu()
			for b.Loop() {
				if _, err := c.Do(b.Context(), r); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
		})
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkAcquire asks for 100,000 feeds of 30,000 hosts, most of which are
// not to be asked yet.
func BenchmarkAcquire(b *testing.B) {
	now := noon
	c, err := New(Config{}, func() time.Time { return now })
	if err != nil {
		b.Fatal(err)
	}
	feeds := make([]string, 100_000)
	for i := range feeds {
		feeds[i] = fmt.Sprintf("https://www%d.quay%d.example/feeds/section-%d.xml", i%3, i%10_000, i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if release, _ := c.Acquire(feeds[i%len(feeds)]); release != nil {
			release()
		}
		now = now.Add(time.Millisecond)
	}
}
