package feed

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func FuzzParse(f *testing.F) {
	whole := rssDoc(item(1, "<description><![CDATA[<p>x</p>]]></description><pubDate>Sat, 07 Sep 2002 00:00:01 GMT</pubDate>"), item(2, `<enclosure url="u" type="image/png"/>`))
	for _, s := range []string{
		whole, whole[:len(whole)-60], rssDoc(item(1, "<a:b:c><!-- -- --><![CDATA[")),
		`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/a/"><entry><link href="x"/><title type="xhtml"><div>t</div></title></entry></feed>`,
		`{"version":"1","items":[{"id":"1","content_text":"x"}]}`, `{"items":[{"id":"1"`, "<!DOCTYPE a [<!ENTITY b 'c'>]><rdf:RDF><item rdf:about='x'/></rdf:RDF>",
		"<urlset><url><loc>https://a.example/</loc></url></urlset>", "\xff\xfe<\x00r\x00s\x00s\x00>\x00", "<html>", "<item><title>x</title></item>",
	} {
		f.Add([]byte(s), "text/xml; charset=windows-1251")
	}
	f.Fuzz(func(t *testing.T, b []byte, contentType string) {
		got, err := Parse(b, Options{ContentType: contentType, BaseURL: "https://a.example/feed"})
		if (got == nil) == (err == nil) {
			t.Fatalf("%v and %v", got, err)
		}
		if err != nil {
			if Class(err) == "other" {
				t.Fatalf("error without a class: %v", err)
			}
			return
		}
		for _, it := range got.Items {
			if !utf8.ValidString(it.Title+it.Author+it.Summary+it.Content+it.GUID+it.URL) || strings.ContainsAny(it.Title, "\n\x00\u202e") {
				t.Fatalf("%+v", it)
			}
			if bad := inert(it.Summary) + inert(it.Content); bad != "" {
				t.Fatalf("%s in %q", bad, it.Summary+it.Content)
			}
		}
		if err := WriteJSONLines(&bytes.Buffer{}, got); err != nil {
			t.Fatal(err)
		}
		Keys("https://a.example/feed", got.Items, func(s string) (string, error) { return s, nil })
	})
}
