package intake

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
	"github.com/dateline/dateline/producers/newsroom"
)

// pile keeps what is published.
type pile struct {
	msgs []bus.Message
	fail error
}

func (p *pile) Publish(_ context.Context, msgs ...bus.Message) error {
	if p.fail != nil {
		return p.fail
	}
	p.msgs = append(p.msgs, msgs...)
	return nil
}

func (p *pile) articles(t *testing.T) (out []*news.Article) {
	t.Helper()
	for _, m := range p.msgs {
		a, err := news.Decode[news.Article](m.Value)
		if err != nil {
			t.Fatal(err)
		}
		if m.Topic != news.TopicArticles || string(m.Key) != a.ID.String() || m.Headers["stage"] != "intake" || m.Headers["trace"] != a.ID.String() {
			t.Fatalf("%+v", m)
		}
		out = append(out, a)
	}
	return out
}

var now = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

// load imports in and says which lines were broken, and how.
func load(t *testing.T, in io.Reader) (Result, []*news.Article, map[int]string, error) {
	t.Helper()
	out, broken := &pile{}, map[int]string{}
	im := &Importer{Out: out, Now: func() time.Time { return now }, Report: func(file string, line int, err error) {
		if file != "in.jsonl" {
			t.Errorf("file %q", file)
		}
		broken[line] = err.Error()
	}}
	res, err := im.Import(t.Context(), "in.jsonl", in)
	articles := out.articles(t)
	if len(articles) != res.Published || len(broken) != res.Broken || err == nil && res.Lines != res.Published+res.Broken {
		t.Errorf("%+v with %d articles and %d broken lines", res, len(articles), len(broken))
	}
	return res, articles, broken, err
}

const good = `{"url":"https://www.herald.example/a?utm_source=x","title":"A","text":"Text of a.","published":"2019-03-04T05:06:07+01:00","author":"Ann","language":"en","section":"World","tags":["dailies"]}`

func TestImport(t *testing.T) {
	_, articles, _, err := load(t, strings.NewReader(good))
	if err != nil || len(articles) != 1 {
		t.Fatal(articles, err)
	}
	a := articles[0]
	if a.Title != "A" || a.Content != "Text of a." || a.Author != "Ann" || a.Language != "en" || a.Section != "World" || a.Tags[0] != "dailies" ||
		!a.Published.Equal(time.Date(2019, 3, 4, 4, 6, 7, 0, time.UTC)) || !a.SeenAt.Equal(now) || !a.Backlog || a.TextFrom != news.FromImport ||
		a.Source != "herald.example" || a.Via != "" || a.FeedURL != "" {
		t.Errorf("%+v", a)
	}
	// The same article out of a feed has the same id.
	items := []feed.Item{{URL: "https://www.herald.example/a?utm_source=rss", GUID: "g", Title: "A"}}
	key := feed.Keys("https://www.herald.example/feed", items, func(u string) (string, error) { return text.CanonicalURL(u, nil) })[0]
	if a.ID != news.ID(text.ID(key.Key)) || a.Canonical != key.Canonical {
		t.Errorf("id %s of %s, a feed gives %s of %s", a.ID, a.Canonical, news.ID(text.ID(key.Key)), key.Canonical)
	}
}

// TestLines: each line by itself is read, or broken for a reason that is told.
func TestLines(t *testing.T) {
	f := func(line, reason string) *news.Article {
		t.Helper()
		_, articles, broken, err := load(t, strings.NewReader(line+"\n"))
		if err != nil || len(articles)+len(broken) != 1 || (len(broken) == 1) != (reason != "") || !strings.Contains(broken[1], reason) {
			t.Errorf("%.80s: %d articles, broken %q, %v; want %q", line, len(articles), broken[1], err, reason)
		}
		if len(articles) == 0 {
			return &news.Article{}
		}
		return articles[0]
	}
	f(`{"url":"https://e.example/a","title":"t"`, "no JSON: unexpected end")
	f(`nonsense`, "no JSON")
	f(`["a"]`, "of type array, want an object")
	f(`"a"`, "of type string, want an object")
	f(`{"title":"t"}`, `no "url"`)
	f(`{"url":"  ","title":"t"}`, `no "url"`)
	f(`{"url":"/relative","title":"t"}`, "not an http or https address")
	f(`{"url":"http://[broken","title":"t"}`, "http://[broken")
	f(`{"url":"https://e.example/a","title":" "}`, `neither "title" nor "text"`)
	f(`{"url":"https://e.example/a","title":"t","published":"the other day"}`, `date "the other day" is in no known form`)
	f(`{"url":"https://e.example/a","title":"t","published":{}}`, `"published" is an object, want a string or a number`)
	f(`{"url":"https://e.example/a","title":["t"]}`, `"title" is a list, want a string`)
	f(`{"url":"https://e.example/a","title":"t","tags":"x"}`, `"tags" is a string, want a list of nothing but strings`)
	f("null", `no "url"`)

	day := time.Date(2012, 5, 24, 0, 0, 0, 0, time.UTC)
	for _, when := range []string{`"published":"2012-05-24"`, `"date":"2012-05-24"`, `"published":null,"date":"2012-05-24T00:00:00Z"`, `"published":"","date":" 24 May 2012 "`,
		`"published":1337817600`, `"date":"1337817600"`, `"published":"Thu, 24 May 2012 02:00:00 +0200","date":"2000-01-01"`} {
		if a := f(`{"url":"https://e.example/a","title":"t",`+when+`}`, ""); !a.Published.Equal(day) {
			t.Errorf("%s: %v", when, a.Published)
		}
	}
	if a := f(`{"url":"https://e.example/a","title":"t"}`, ""); !a.Published.IsZero() || !news.AnalysisTime(a.Published, a.SeenAt, a.Backlog).Equal(now) {
		t.Errorf("without a date: %v", a.Published)
	}
	for source, want := range map[string][2]string{
		"":                        {"e.example", ""},
		"e.example":               {"e.example", ""},
		"www.e.example":           {"e.example", ""},
		"tribune.example":         {"tribune.example", "e.example"},
		"https://tribune.example": {"tribune.example", "e.example"},
		"CNN (Web News)":          {"e.example", ""},
		"U.S. News":               {"e.example", ""},
		"Salon.com":               {"e.example", ""},
	} {
		if a := f(fmt.Sprintf(`{"url":"https://e.example/a","title":"t","source":%q}`, source), ""); a.Source != want[0] || a.Via != want[1] {
			t.Errorf("source %q: %s via %s", source, a.Source, a.Via)
		}
	}
	if a := f("{\"url\":\"https://e.example/a\",\"title\":\"caf\xe9 \xff\"}", ""); a.Title != "caf\ufffd \ufffd" {
		t.Errorf("invalid UTF-8: %q", a.Title)
	}
	// Home pages are told apart by date and title.
	one := f(`{"url":"https://e.example/","title":"t","date":"2012-05-24"}`, "")
	two := f(`{"url":"https://e.example/","title":"u","date":"2012-05-24"}`, "")
	if one.ID == two.ID {
		t.Error("two pieces under the address of a home page share an id")
	}
	if a := f(`{"url":"https://e.example/a","title":"t","text":"`+strings.Repeat("é", 1<<20)+`"}`, ""); len(a.Content) < MaxText/2 || len(a.Content) > MaxText || !strings.HasSuffix(a.Content, "é") {
		t.Errorf("a long text is cut to %d bytes", len(a.Content))
	}
}

// TestBrokenLine: in a long file, line 7,000 is named, and the rest is there.
func TestBrokenLine(t *testing.T) {
	var b bytes.Buffer
	if err := newsroom.History(newsroom.Config{Seed: 3, Words: 30}, now.Add(-28*24*time.Hour), now, 7200, &b); err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(b.Bytes(), []byte("\n"))
	lines[6999] = lines[6999][:len(lines[6999])/2]
	lines[6999] = append(lines[6999], '\n')
	whole := bytes.Join(lines, nil)
	check := func(in io.Reader) {
		t.Helper()
		res, articles, broken, err := load(t, in)
		if err != nil || res.Published != 7199 || len(broken) != 1 || broken[7000] == "" {
			t.Fatalf("%+v, broken %v, %v", res, broken, err)
		}
		ids := map[news.ID]bool{}
		for _, a := range articles {
			ids[a.ID] = true
		}
		if len(ids) != 7199 {
			t.Errorf("%d ids", len(ids))
		}
	}
	check(bytes.NewReader(whole))
	check(iotest.HalfReader(bytes.NewReader(whole)))
	packed := pack(t, whole)
	check(bytes.NewReader(packed))
	half := len(whole) / 2
	half += bytes.IndexByte(whole[half:], '\n') + 1
	check(bytes.NewReader(append(pack(t, whole[:half]), pack(t, whole[half:])...))) // cat a.gz b.gz

	// What could be read of a file that is cut off is imported.
	res, _, _, err := load(t, bytes.NewReader(packed[:len(packed)/2]))
	if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "in.jsonl: line ") || res.Published < 1000 {
		t.Errorf("%+v, %v", res, err)
	}
	if _, _, _, err := load(t, strings.NewReader("\x1f\x8b no gzip at all")); err == nil || !strings.Contains(err.Error(), "in.jsonl") {
		t.Error(err)
	}
}

func pack(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFileForms(t *testing.T) {
	f := func(in string, published int, broken ...int) {
		t.Helper()
		res, _, lines, err := load(t, strings.NewReader(in))
		if err != nil || res.Published != published || len(lines) != len(broken) {
			t.Errorf("%.40q: %+v, broken %v, %v", in, res, lines, err)
		}
		for _, n := range broken {
			if lines[n] == "" {
				t.Errorf("%.40q: line %d is not among %v", in, n, lines)
			}
		}
	}
	f("", 0)
	f("\n \n\r\n\t\n", 0)
	f(good, 1)
	f("\ufeff"+good+"\n"+good, 2)
	f("\ufeff", 0)
	f(good+"\r\n"+good+"\r\n", 2)
	f("\n\n"+good+"\n\nbroken\n\n"+good, 2, 5)
	f(good+"\n"+`{"url":"`+strings.Repeat("x", 9<<20)+"\n"+good+"\n", 2, 2)
	f(good+"\n"+strings.Repeat("y", 9<<20), 1, 2)
}

func TestPublisherFails(t *testing.T) {
	boom := errors.New("boom")
	im := &Importer{Out: &pile{fail: boom}, Now: time.Now}
	res, err := im.Import(t.Context(), "in.jsonl", strings.NewReader("broken\n"+good))
	if !errors.Is(err, boom) || res.Published != 0 || res.Broken != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

func FuzzImport(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte(`{"url":"https://e.example/a","title":"t","published":1e9,"source":"http://[::1]:80/"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		out := &pile{}
		im := &Importer{Out: out, Now: func() time.Time { return now }}
		res, _ := im.Import(t.Context(), "f", bytes.NewReader(b))
		if res.Published != len(out.articles(t)) {
			t.Errorf("%+v", res)
		}
	})
}
