package text

import (
	"strings"
	"testing"
)

func BenchmarkFromHTML(b *testing.B) {
	var markup strings.Builder
	for range 10 {
		for p := range strings.SplitSeq(englishSample, "\n\n") {
			markup.WriteString(`<p class="body">` + strings.ReplaceAll(p, "Monday", `<a href="https://example.org/x?a=1&amp;b=2">Monday</a>`) + " &#8220;So&#8221;</p>\n<script>var x = 1;</script>\n")
		}
	}
	for name, s := range map[string]string{"markup": markup.String(), "plain": strings.Repeat(englishSample, 10)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			b.ReportAllocs()
			for b.Loop() {
				FromHTML(s, 0)
			}
		})
	}
}

func BenchmarkCanonicalURL(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := CanonicalURL("https://www.example.org/world/2026/11/22/harbour-bridge-closed/?utm_source=rss&utm_medium=feed&id=12", nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSource(b *testing.B) {
	for b.Loop() {
		Source("https://www.example.co.uk/world/2026/11/22/harbour-bridge-closed")
	}
}
