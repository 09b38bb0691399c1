package page

import (
	"errors"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

func TestExtract(t *testing.T) {
	c := newClaim(&news.Article{Title: title, Summary: teaser})
	f := func(name, page, contentType string, want error, has string) {
		t.Helper()
		got, err := extract([]byte(page), contentType, "https://harbour.example/a", c)
		if !errors.Is(err, want) || !strings.Contains(got, has) {
			t.Errorf("%s: %v, %q", name, err, got)
		}
	}
	const utf8 = "text/html; charset=utf-8"
	f("plain", web(title, story(3)), utf8, nil, "statement number 3")
	f("another", web("Ten recipes for herring", strings.NewReplacer("ferry", "herring", "Oslo", "onion", "Kiel", "dill", "storm", "vinegar", "Crossings", "Kitchens", "reopens", "tastes", "line", "salad", "Sunday", "Monday", "resume", "begin").Replace(story(3))), utf8, errForeign, "")
	f("wall at the end", web(title, story(3)+"<p>Already a subscriber? Sign in.</p>"), utf8, nil, "statement number 3")
	f("utf-8 said to be latin-1", web(title, strings.ReplaceAll(story(3), "harbour master", "Müßiggänger")), "text/html; charset=iso-8859-1", nil, "Müßiggänger")
	f("meta alone", strings.ReplaceAll(strings.Replace(web(title, strings.ReplaceAll(story(3), "master", "m\xfcller")), "utf-8", "windows-1252", 1), "\u00ad", ""), "text/html", nil, "müller")
	f("utf-16", utf16(web(title, story(3))), "text/html", nil, "statement number 3")
	f("a damaged byte", strings.Replace(web(title, strings.ReplaceAll(story(3), "master", "müller")), "line", "l\xffine", 1), utf8, nil, "müller")
	f("markup in the text", web(title, story(2)+"<p>Write &lt;b&gt; for bold, 3 &lt; 5 &amp;amp; more of the ferry line between Oslo and Kiel.</p>"), utf8, nil, "3 < 5")
	f("nothing", "", utf8, errNoText, "")
	f("no HTML", "\x00\x01\x02\xff\xfe", utf8, errNoText, "")
}

func utf16(s string) string {
	b := []byte("\xff\xfe")
	for _, r := range s {
		b = append(b, byte(r), byte(r>>8))
	}
	return string(b)
}

// What enrich reads out of the paragraphs is the text that was judged.
func FuzzExtract(f *testing.F) {
	for _, s := range []string{web(title, story(2)), "<p>a<b>", "<table><tr><td>x</table>", "<pre>a\n\nb</pre>", "&lt;p&gt;"} {
		f.Add([]byte(s), "text/html")
	}
	c := newClaim(&news.Article{Title: title})
	c.terms = nil
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		got, err := extract(page, contentType, "https://harbour.example/a", c)
		if err != nil {
			if reason(err) == "other" {
				t.Fatal(err)
			}
			return
		}
		if again := text.FromHTML(paragraphs(got), maxText); text.BodyHash(again) != text.BodyHash(got) {
			t.Fatalf("%q became %q", got, again)
		}
	})
}
