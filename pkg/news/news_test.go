package news

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestDecode(t *testing.T) {
	ok := func(v *Feed) bool { return v != nil && v.URL == "u" }
	for _, c := range []struct {
		in   string
		err  error
		good bool
	}{
		{`{"v":1,"url":"u"}`, nil, true},
		{`{"url":"u","v":1}`, nil, true},
		{` {"v": 1, "url":"u"}`, nil, true},
		{`{"v":1,"url":"u","later":{"a":[1]}}`, nil, true}, // unknown fields are ignored
		{`{"v":0,"url":"u"}`, ErrForeign, false},           // there never was a version 0
		{`{"v":-1,"url":"u"}`, ErrForeign, false},
		{`{"url":"u"}`, ErrForeign, false},
		{`{"v":null,"url":"u"}`, ErrForeign, false},
		{`{"v":2,"url":"u"}`, ErrNewer, false},
		{`{"v":10,"url":"u"}`, ErrNewer, false},
		{`{"url":["changed"],"v":2}`, ErrNewer, false}, // fields may have other types there
		{`{"v":2,"url":["changed"]}`, ErrNewer, false},
		{`{"v":"1","url":"u"}`, ErrForeign, false},
		{`{"v":1.5,"url":"u"}`, ErrForeign, false},
		{`{"v":1,"url":7}`, ErrForeign, false},
		{`{"v":1}`, ErrForeign, false}, // lacks what it must have
		{`{"v":1,"url":"u"`, ErrForeign, false},
		{`{"v":1,"url":"u"} x`, ErrForeign, false},
		{`[1]`, ErrForeign, false},
		{`7`, ErrForeign, false},
		{`null`, ErrForeign, false},
		{``, ErrForeign, false},
		{"\xff\xfe", ErrForeign, false},
	} {
		f, err := Decode[Feed]([]byte(c.in))
		if c.good != (err == nil) || c.good != ok(f) || !errors.Is(err, c.err) {
			t.Errorf("%s: %+v, %v; want %v", c.in, f, err, c.err)
		}
		if got := Newer([]byte(c.in)); errors.Is(got, ErrNewer) != (c.err == ErrNewer) {
			t.Errorf("%s: newer %v", c.in, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"v":1,"id":"00000000000000ff","seen_at":"2026-03-01T00:00:00Z"}`))
	f.Add([]byte(`{"v":2`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Decode[Document](b)
		if (d == nil) == (err == nil) {
			t.Fatal("neither a document nor an error, or both")
		}
		if err != nil && errors.Is(err, ErrNewer) != (Newer(b) != nil) {
			t.Errorf("Decode: %v, Newer: %v", err, Newer(b))
		}
		if err == nil {
			if again, err := Decode[Document](Encode(d)); err != nil || again.ID != d.ID {
				t.Errorf("does not survive: %v", err)
			}
		}
	})
}

func TestValidate(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	doc := func(f func(*Document)) *Document {
		d := &Document{V: 1, ID: 1, SeenAt: at, TS: at, Source: "s", Mentions: []Mention{{EntityID: "e", Kind: PER, N: 1}}}
		f(d)
		return d
	}
	for _, c := range []struct {
		what string
		v    Validator
		want string // in the error; empty: none
	}{
		{"feed", &Feed{URL: "u"}, ""}, {"feed", &Feed{}, "no url"},
		{"state", &FeedState{URL: "u", Seen: make([]byte, 32)}, ""}, {"state", &FeedState{URL: "u", Seen: make([]byte, 17)}, "multiple of 16"},
		{"article", &Article{ID: 1, SeenAt: at, Source: "s", Title: "t"}, ""}, {"article", &Article{ID: 1, SeenAt: at, Source: "s"}, "title or text"},
		{"article", &Article{Title: "t"}, "no id"},
		{"document", doc(func(*Document) {}), ""}, {"document", doc(func(d *Document) { d.TS = time.Time{} }), "no ts"},
		{"document", doc(func(d *Document) { d.Mentions[0].N = 0 }), "mention 0"}, {"document", doc(func(d *Document) { d.Sketch = make([]uint32, 2000) }), "sketch"},
		{"document", doc(func(d *Document) { d.Words = -1 }), "words"},
		{"document", doc(func(d *Document) { d.Mentions = append(d.Mentions, d.Mentions[0]) }), "twice"},
		{"fetch", &Fetch{FeedURL: "u", At: at}, ""}, {"fetch", &Fetch{FeedURL: "u"}, "no at"},
		{"alert", &Alert{ID: 1, EntityID: "e", At: at, State: AlertFiring}, ""}, {"alert", &Alert{ID: 1, EntityID: "e", At: at, State: "x"}, "no state"},
		{"knowledge", &Knowledge{Type: "t", Name: "n"}, ""}, {"knowledge", &Knowledge{Type: "t"}, "no name"},
	} {
		err := c.v.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %+v: %v; want %q", c.what, c.v, err, c.want)
		}
	}
}

func TestID(t *testing.T) {
	for _, c := range []struct {
		json string
		id   ID
		ok   bool
	}{
		{`"00000000000000ff"`, 255, true}, {`"ffffffffffffffff"`, 1<<64 - 1, true}, {`""`, 0, true},
		{`"ff"`, 0, false}, {`"0x000000000000ff"`, 0, false}, {`"+0000000000000ff"`, 0, false}, {`"00000000000000fg"`, 0, false}, {`255`, 0, false}, {`"00000000000000ff0"`, 0, false},
	} {
		var id ID
		err := json.Unmarshal([]byte(c.json), &id)
		if (err == nil) != c.ok || id != c.id {
			t.Errorf("%s: %d, %v", c.json, id, err)
		}
		if c.ok {
			if b, err := json.Marshal(c.id); err != nil || string(b) != c.json {
				t.Errorf("%d is written %s, %v; want %s", c.id, b, err, c.json)
			}
		}
	}
}

func TestAnalysisTime(t *testing.T) {
	seen := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		what      string
		published time.Time
		backlog   bool
		useSeen   bool
	}{
		{"no date", time.Time{}, false, true},
		{"an hour ago", seen.Add(-time.Hour), false, false},
		{"30 days ago", seen.Add(-PastTolerance), false, false},
		{"31 days ago", seen.Add(-PastTolerance - time.Millisecond), false, true},
		{"in 10 minutes", seen.Add(FutureTolerance), false, false},
		{"later", seen.Add(FutureTolerance + time.Millisecond), false, true},
		{"no date, backlog", time.Time{}, true, true},
		{"ten years ago, backlog", seen.AddDate(-10, 0, 0), true, false},
		{"1990, backlog", time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC), true, false},
		{"1989, backlog", time.Date(1989, 12, 31, 23, 59, 59, 0, time.UTC), true, true},
		{"1989 here, 1990 in UTC, backlog", time.Date(1989, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200)), true, false},
		{"to come, backlog", seen.Add(time.Hour), true, true},
	} {
		want := c.published
		if c.useSeen {
			want = seen
		}
		if got := AnalysisTime(c.published, seen, c.backlog); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", c.what, got, want)
		}
	}
}

func TestEncodeFit(t *testing.T) {
	base := Article{V: 1, ID: 1, SeenAt: time.Now(), Source: "s"}
	for _, c := range []struct {
		what                    string
		title, summary, content string
		tags                    []string
		least                   int // bytes of the message that are kept at least
	}{
		{what: "small", title: "t", content: "c"},
		{what: "content", title: "t", summary: "s", content: strings.Repeat("ü", 1<<20), least: 200 << 10},
		{what: "summary", title: "t", summary: strings.Repeat("word ", 1<<18), content: "c", least: 200 << 10},
		{what: "both, escaped", title: "t", summary: strings.Repeat("\"", 1<<20), content: strings.Repeat("\\\x01", 1<<20)},
		{what: "title", title: strings.Repeat("é", 1<<20)},
		{what: "tags", title: "t", tags: []string{strings.Repeat("t", 1<<20)}},
	} {
		a := base
		a.Title, a.Summary, a.Content, a.Tags = c.title, c.summary, c.content, c.tags
		b := a.EncodeFit()
		if len(b) > MaxMessage || len(b) < c.least {
			t.Errorf("%s: %d bytes", c.what, len(b))
		}
		if d, err := Decode[Article](b); err != nil || !utf8.ValidString(d.Content+d.Summary+d.Title) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

// TestTopics: the shapes are what other programs rely on.
func TestTopics(t *testing.T) {
	seen := map[string]bool{}
	for _, topic := range Topics {
		if seen[topic.Name] || topic.Partitions < 1 || topic.Compacted == (topic.Retention > 0) {
			t.Errorf("%+v", topic)
		}
		seen[topic.Name] = true
	}
	for _, one := range []string{TopicDocuments, TopicKnowledge, TopicAlerts} {
		for _, topic := range Topics {
			if topic.Name == one && topic.Partitions != 1 {
				t.Errorf("%s has %d partitions: its order would be lost", one, topic.Partitions)
			}
		}
	}
}
