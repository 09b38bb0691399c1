package enrich

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/entity"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/pkg/watch"
	"github.com/prometheus/client_golang/prometheus"
)

var t0 = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func pipeline(t testing.TB, o entity.Options) *entity.Pipeline {
	t.Helper()
	tb, err := entity.Load()
	if err != nil {
		t.Fatal(err)
	}
	return entity.NewPipeline(tb, o)
}

var quiet = slog.New(slog.DiscardHandler)

func enricher(t testing.TB, b *bus.Bus, o entity.Options) *Enricher {
	t.Helper()
	return New(DefaultConfig(), watch.DefaultConfig(), b, pipeline(t, o), quiet, prometheus.NewRegistry())
}

func article(title, summary, content string) *news.Article {
	return &news.Article{
		V: 1, ID: 7, URL: "https://a.example/7", Canonical: "https://a.example/7", FeedURL: "https://a.example/feed", Source: "a.example",
		Title: title, Summary: summary, Content: content, TextFrom: news.FromFeed, SeenAt: t0, Published: t0.Add(-time.Hour),
	}
}

// must enriches one article, and checks what holds for every document.
func must(t testing.TB, w *worker, a *news.Article) *news.Document {
	t.Helper()
	d, raw, err := w.enrich(a)
	if err != nil {
		t.Fatal(err)
	}
	back, err := news.Decode[news.Document](raw)
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) > news.MaxMessage || back.Text != d.Text {
		t.Fatalf("message of %d bytes, or another text than the document's", len(raw))
	}
	for _, m := range d.Mentions {
		switch {
		case m.FirstAt < 0:
			if !m.InTitle || !strings.Contains(d.Title, m.Surface) {
				t.Errorf("%s: %q is neither in the text nor in the title %q", m.EntityID, m.Surface, d.Title)
			}
		case m.FirstAt > len(d.Text) || !strings.HasPrefix(d.Text[m.FirstAt:], m.Surface):
			t.Errorf("%s: text at %d is not %q", m.EntityID, m.FirstAt, m.Surface)
		}
		if m.N < 1 || m.Surface == "" || m.Kind == "" || m.Score < 0 || m.Score > 1 {
			t.Errorf("mention %+v", m)
		}
	}
	if !utf8.ValidString(d.Text) || !utf8.ValidString(d.Title) || d.Words != text.Words(d.Text) {
		t.Error("text is not UTF-8, or its words are miscounted")
	}
	return d
}

func TestDocument(t *testing.T) {
	w := enricher(t, nil, entity.Options{}).worker()
	long := "The minister said on Monday that the harbour would be closed for repairs until the end of the summer. "
	for _, c := range []struct {
		name, title, summary, content, language string
		text, wantSummary, from, wantLanguage   string
	}{
		{"HTML to text", "A &amp; B", "", "<p>One <b>two</b>.</p><script>x()</script><p>Three &lt; four.</p>", "", "One two.\n\nThree < four.", "", news.FromFeed, "en"},
		{"content and summary", "T", "Short.", "<p>" + long + "</p>", "de", strings.TrimSpace(long), "Short.", news.FromFeed, "en"},
		{"summary longer than the content", "T", long, "Read on", "", strings.TrimSpace(long), "", news.FromFeed, "en"},
		{"content the same as the summary", "T", long, long, "", strings.TrimSpace(long), "", news.FromFeed, "en"},
		{"title only", "Storm nears the coast", "", "<img src=x>", "en-GB", "", "", news.FromTitle, "en"},
		{"language from the text", "Der Minister", "", strings.Repeat("Der Minister sagte am Montag, dass der Hafen bis zum Ende des Sommers geschlossen bleibt. ", 3), "en", "", "", news.FromFeed, "de"},
		{"language from the feed", "Ole!", "", "", "ES-mx", "", "", news.FromTitle, "es"},
	} {
		a := article(c.title, c.summary, c.content)
		a.Language = c.language
		d := must(t, w, a)
		if c.text != "" && d.Text != c.text || d.Summary != c.wantSummary || d.TextFrom != c.from || d.Language != c.wantLanguage {
			t.Errorf("%s: text %q summary %q from %s language %s", c.name, d.Text, d.Summary, d.TextFrom, d.Language)
		}
		if (d.Words > 0) != (d.BodyHash != 0) || (d.Words > 0) != (len(d.Sketch) > 0) {
			t.Errorf("%s: %d words, hash %s, sketch of %d", c.name, d.Words, d.BodyHash, len(d.Sketch))
		}
		if d.ID != a.ID || d.SeenAt != a.SeenAt || d.TS != a.Published || d.Model == "" {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

// TestHugeFits: whatever an article holds, its document fits into a message,
// and says the truth about the text that it has.
func TestHugeFits(t *testing.T) {
	w := enricher(t, nil, entity.Options{}).worker()
	var names strings.Builder
	for i := 0; names.Len() < 400<<10; i++ {
		fmt.Fprintf(&names, "Mr %s%c Smith%c%c of Goldtown%c met \"Bob\\Alice\". ", []string{"Ivor", "Ana", "Cato", "Dee"}[i%4], 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'a'+i%26)
	}
	for _, c := range []struct {
		name             string
		max              int
		title, sum, body string
		least            int // of text kept
	}{
		{"prose", 256 << 10, "T", "S", strings.Repeat("The harbour is closed. ", 40000), 256<<10 - 100},
		{"names", 256 << 10, "T", "S", names.String(), 200 << 10},
		{"escapes", 600 << 10, "T", "S", strings.Repeat("\u2028\"\\ word. ", 60000), 50 << 10},
		{"quotes", 600 << 10, "T", strings.Repeat("\"\\\" ", 50000), strings.Repeat("\"\\\" a. ", 90000), 100 << 10},
		{"title", 256 << 10, strings.Repeat("Ünïcode ", 50000), "S", "Text.", 5},
	} {
		w.cfg.MaxText = c.max
		d := must(t, w, article(c.title, c.sum, c.body))
		if len(d.Text) < c.least || len(d.Text) > c.max || len(d.Title) > maxTitle || len(d.Summary) > maxSummary {
			t.Errorf("%s: text %d, title %d, summary %d bytes", c.name, len(d.Text), len(d.Title), len(d.Summary))
		}
	}
	a := article("T", "", "Text.")
	a.URL = strings.Repeat("u", news.MaxMessage)
	if _, _, err := w.enrich(a); err == nil {
		t.Error("a document that fits nowhere has no error")
	}
}

// TestOffsets holds over real texts: must checks them.
func TestOffsets(t *testing.T) {
	w := enricher(t, nil, entity.Options{}).worker()
	n, mentions := 0, 0
	corpus(t, func(a *news.Article) bool {
		mentions += len(must(t, w, a).Mentions)
		n++
		return n < 1500
	})
	if mentions < 3*n {
		t.Errorf("%d mentions in %d articles", mentions, n)
	}
}

func corpus(t testing.TB, f func(*news.Article) bool) {
	t.Helper()
	dir := os.Getenv("DATELINE_TESTDATA")
	if dir == "" {
		t.Skip("set DATELINE_TESTDATA to the folder that holds corpus/articles.jsonl.gz")
	}
	file, err := os.Open(filepath.Join(dir, "corpus", "articles.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var l struct{ Title, Text string }
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		if !f(article(l.Title, "", l.Text)) {
			return
		}
	}
}

func TestFacts(t *testing.T) {
	f := newFacts(watch.DefaultConfig())
	take := func(off int64, key string, v any) {
		t.Helper()
		m := bus.Message{Offset: off, Key: []byte(key)}
		if v != nil {
			m.Value = news.Encode(v)
		}
		if err := f.take(m, quiet); err != nil {
			t.Fatal(err)
		}
	}
	alias := func(name, to string) *news.Knowledge {
		return &news.Knowledge{V: 1, Type: "alias", Name: name, Value: map[string]string{"entity_id": to, "name": "The One"}}
	}
	ms := func() []news.Mention {
		return []news.Mention{
			{EntityID: "per/a", N: 1, FirstAt: 30, Surface: "A"}, {EntityID: "per/b", N: 2, FirstAt: 10, Surface: "B", InLead: true}, {EntityID: "per/c", N: 1, FirstAt: -1, InTitle: true},
		}
	}
	names := func() (out []string) {
		for _, m := range f.now().apply(ms()) {
			out = append(out, fmt.Sprint(m.EntityID, " ", m.N, " ", m.FirstAt, m.Surface, " ", m.InTitle, m.InLead))
		}
		return out
	}
	take(4, "alias/per/b", alias("per/b", "per/a"))
	take(6, "alias/per/c", alias("per/c", "per/a"))
	if got := names(); !slices.Equal(got, []string{"per/a 4 10B true true"}) {
		t.Errorf("%q", got)
	}
	if off := f.now().next; off != 7 {
		t.Errorf("applied up to %d, want 7", off)
	}
	take(7, "alias/per/b", nil)
	take(8, "alias/per/c", &news.Knowledge{V: 1, Type: "alias", Name: "per/c"})
	if got := names(); len(got) != 3 {
		t.Errorf("after both were taken back: %q", got)
	}
	if err := f.take(bus.Message{Offset: 9, Value: []byte("?")}, quiet); err != nil {
		t.Error(err)
	}
	if err := f.take(bus.Message{Offset: 10, Value: []byte(`{"v":9,"type":"alias","name":"x"}`)}, quiet); err == nil {
		t.Error("knowledge of a newer version was taken")
	}
}

func BenchmarkArticle(b *testing.B) {
	w := enricher(b, nil, entity.Options{}).worker()
	var as []*news.Article
	if os.Getenv("DATELINE_TESTDATA") != "" {
		corpus(b, func(a *news.Article) bool { as = append(as, a); return len(as) < 500 })
	} else {
		as = append(as, article("Visit", "", "<p>"+strings.Repeat("President Zorvan Quill of Norland visited the harbour on Monday, officials said. ", 30)+"</p>"))
	}
	bytes := 0
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		a := as[i%len(as)]
		if _, _, err := w.enrich(a); err != nil {
			b.Fatal(err)
		}
		bytes += len(a.Content)
	}
	b.SetBytes(int64(bytes / b.N))
}
