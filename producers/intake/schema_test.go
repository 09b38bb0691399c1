package intake

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/dateline/dateline/producers/newsroom"
)

// compiled is the published schema, with formats asserted.
func compiled(t testing.TB) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("urn:dateline:article", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("urn:dateline:article")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fits(t testing.TB, s *jsonschema.Schema, line []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return s.Validate(v)
}

// reads tells what the reader makes of a line that would be published.
func reads(line []byte) error {
	a, err := article(line)
	if err != nil {
		return err
	}
	stamp(a, now, false)
	return a.Validate()
}

func TestSchemaAndReaderAgree(t *testing.T) {
	s := compiled(t)
	const (
		both    = iota // take it
		neither        // does
		lenient        // the reader takes what the schema does not promise
	)
	f := func(want int, line string) {
		t.Helper()
		schema, reader := fits(t, s, []byte(line)), reads([]byte(line))
		if (schema == nil) != (want == both) || (reader == nil) != (want != neither) {
			t.Errorf("%s\nschema: %v\nreader: %v", line, schema, reader)
		}
	}
	f(both, `{"url":"https://e.example/a","title":"t"}`)
	f(both, `{"url":"http://127.0.0.1:8080/a?b=c#d","text":"t","title":null,"tags":null,"backlog":null,"id":null,"source":null}`)
	f(both, `{"url":"https://xn--bcher-kva.example/%C3%A4","summary":"s","more":{"deep":[1]},"Title":5,"URL":[]}`)
	f(both, `{"url":"https://e.example","html":"<p>h</p>","id":"","source":"","author":"","language":"","section":""}`)
	f(both, `{"id":"7","source":"agency.example","title":"t","url":null}`)
	f(both, `{"id":"ä b/c","source":"news.agency.co.uk","title":"t","url":""}`)
	f(both, `{"url":"https://e.example/a","title":"t","source":"The Courier","via":"portal.example","tags":["a","b"],"backlog":true}`)
	for _, when := range []string{`"2026-11-22T09:30:00Z"`, `"2026-11-22T09:30:00.123456+05:30"`, `"2026-11-22"`, `"2024-02-29"`, `1795339800`, `1795339800000`, `1.7953398e9`, `1795339800.0`, `""`, `null`} {
		f(both, `{"url":"https://e.example/a","title":"t","published":`+when+`}`)
		f(both, `{"url":"https://e.example/a","title":"t","updated":`+when+`,"date":`+when+`}`)
	}

	f(neither, `5`)
	f(neither, `"https://e.example/a"`)
	f(neither, `null`)
	f(neither, `[]`)
	f(neither, `{}`)
	f(neither, `{"title":"t"}`)
	f(neither, `{"url":null,"title":"t"}`)
	f(neither, `{"url":"","title":"t"}`)
	f(neither, `{"url":5,"title":"t"}`)
	f(neither, `{"url":"/a","title":"t"}`)
	f(neither, `{"url":"ftp://e.example/a","title":"t"}`)
	f(neither, `{"url":"mailto:a@e.example","title":"t"}`)
	f(neither, `{"url":"https://","title":"t"}`)
	f(neither, `{"url":"https://e example/a","title":"t"}`)
	f(neither, `{"url":"https://e.example:port/","title":"t"}`)
	f(neither, `{"url":"https://e.example/a"}`)
	f(neither, `{"url":"https://e.example/a","title":"","text":" \n\u00a0\u2003\u000b","html":null,"summary":"\t"}`)
	f(neither, `{"id":"7","title":"t"}`)
	f(neither, `{"id":" ","source":"agency.example","title":"t"}`)
	f(neither, `{"id":"7","source":"Agency","title":"t"}`)
	f(neither, `{"id":["7"],"source":"agency.example","title":"t"}`)
	f(neither, `{"id":7.5,"source":"agency.example","title":"t"}`)
	f(neither, `{"source":"agency.example","title":"t"}`)
	f(neither, `{"url":"https://e.example/a","title":["t"]}`)
	f(neither, `{"url":"https://e.example/a","title":"t","text":true}`)
	f(neither, `{"url":"https://e.example/a","title":"t","tags":"a"}`)
	f(neither, `{"url":"https://e.example/a","title":"t","tags":[5]}`)
	f(neither, `{"url":"https://e.example/a","title":"t","backlog":"yes"}`)
	f(neither, `{"url":"https://e.example/a","title":"t","backlog":1}`)
	for _, when := range []string{`"soon"`, `"2026-02-30"`, `"2026-11-22T25:00:00Z"`, `true`, `{}`, `-5`, `3`, `1e300`} {
		f(neither, `{"url":"https://e.example/a","title":"t","published":`+when+`}`)
	}

	f(lenient, `{"url":" HTTPS://E.example/a ","title":"t"}`)
	f(lenient, `{"url":"https://bücher.example/ä","title":"t"}`)
	f(lenient, `{"url":"http://[2001:db8::1]/a","title":"t"}`)
	f(lenient, `{"url":"https://e.example/a","title":"t","published":"22 Nov 2026 10:30 +0100"}`)
	f(lenient, `{"url":"https://e.example/a","title":"t","published":"2026-11-22T09:30:00Z","updated":"the other day"}`)
	f(lenient, `{"url":"https://e.example/a","title":"t","id":{"any":"thing"}}`)
	f(lenient, `{"id":7,"source":"agency.example","title":"t"}`)
	f(lenient, `{"id":"7","source":"https://www.agency.example/","title":"t"}`)
	f(lenient, `{"url":"https://e.example/a","title":"t","tags":["`+string(bytes.Repeat([]byte("x"), 300))+`",null]}`)
}

// TestSchemaExamples: the examples in the schema fit it, and so does what the
// newsroom writes.
func TestSchemaExamples(t *testing.T) {
	s := compiled(t)
	var doc struct {
		Examples   []json.RawMessage
		Properties map[string]struct{ Examples []json.RawMessage }
	}
	if err := json.Unmarshal(Schema, &doc); err != nil || len(doc.Examples) < 2 {
		t.Fatal(err, len(doc.Examples))
	}
	var history bytes.Buffer
	if err := newsroom.History(newsroom.Config{Seed: 5, Words: 30}, now.Add(-24*time.Hour), now, 20, &history); err != nil {
		t.Fatal(err)
	}
	for sc := bufio.NewScanner(&history); sc.Scan(); {
		doc.Examples = append(doc.Examples, slices.Clone(sc.Bytes()))
	}
	for key, p := range doc.Properties {
		for _, e := range p.Examples {
			base := map[string]any{"url": "https://e.example/a", "title": "t"}
			base[key] = e
			line, err := json.Marshal(base)
			if err != nil {
				t.Fatal(err)
			}
			doc.Examples = append(doc.Examples, line)
		}
	}
	for _, e := range doc.Examples {
		if err := fits(t, s, e); err != nil {
			t.Errorf("%s: %v", e, err)
		}
		if err := reads(e); err != nil {
			t.Errorf("%s: %v", e, err)
		}
	}
}

// TestSchemaProperty: whatever the schema takes, the reader takes, and makes a
// message of it that the next stage reads.
func TestSchemaProperty(t *testing.T) {
	s := compiled(t)
	label := `[A-Za-z0-9_]{1,12}(-[A-Za-z0-9_]{1,8}){0,2}`
	values := map[string]*rapid.Generator[any]{
		"url": rapid.OneOf(rapid.StringMatching(`https?://(`+label+`\.){0,3}`+label+`(:[0-9]{1,5})?([/?#][!-~]{0,60})?`).AsAny(),
			rapid.SampledFrom([]any{"", nil, "https://e.example/", "https://e.example/a", "/a", "e.example", 5, true}), rapid.String().AsAny()),
		"id":     rapid.OneOf(rapid.String().AsAny(), rapid.SampledFrom([]any{nil, "", "a/b", " "})),
		"source": rapid.OneOf(rapid.StringMatching(`([a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,2}\.){1,3}[a-z0-9]{1,8}`).AsAny(), rapid.SampledFrom([]any{nil, "", "Courier", "co.uk", "e.example"})),
		"published": rapid.OneOf(rapid.StringMatching(`[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))?`).AsAny(),
			rapid.Int64Range(999999000, 9999999999).AsAny(), rapid.Int64Range(999999999000, 9999999999999).AsAny(), rapid.SampledFrom([]any{nil, "", "soon", true})),
		"tags":    rapid.OneOf(rapid.SliceOfN(rapid.StringN(0, 20, 220), 0, 70).AsAny(), rapid.SampledFrom([]any{nil, "x", []any{1}})),
		"backlog": rapid.SampledFrom([]any{true, false, nil, "true"}),
	}
	said := rapid.OneOf(rapid.String().AsAny(), rapid.SampledFrom([]any{nil, "", " \u2003", "a title", 7}))
	for _, key := range []string{"title", "text", "html", "summary", "via", "author", "language", "section"} {
		values[key] = said
	}
	values["date"], values["updated"], values["extra"] = values["published"], values["published"], said
	keys := slices.Sorted(maps.Keys(values))
	good, bad := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		rec := map[string]any{}
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 0, 6, rapid.ID[string]).Draw(t, "keys") {
			rec[key] = values[key].Draw(t, key)
		}
		if rapid.Bool().Draw(t, "sensible") { // most that is drawn blindly is broken
			rec["url"], rec["title"] = "https://e.example/a", "t"
		}
		line, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatal(err)
		}
		if s.Validate(v) != nil {
			bad++
			return
		}
		good++
		if err := reads(line); err != nil {
			t.Fatalf("%s fits the schema and is not read: %v", line, err)
		}
		out := &pile{}
		if broken, err := (&desk{out: out, now: func() time.Time { return now }}).Send(t.Context(), []Line{{No: 1, JSON: line}}); err != nil || len(broken) != 0 || len(out.msgs) != 1 {
			t.Fatal(fmt.Sprint(broken), err)
		}
	})
	if good == 0 || bad == 0 {
		t.Errorf("%d records fit and %d do not: nothing is tested", good, bad)
	}
}
