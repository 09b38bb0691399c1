package feed

import (
	"strings"
	"testing"
)

func TestDamaged(t *testing.T) {
	f := func(name, doc, wantGUIDs string) {
		t.Helper()
		got, err := Parse([]byte(doc), Options{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		var guids []string
		for _, it := range got.Items {
			guids = append(guids, it.GUID)
			if it.Salvaged != got.Salvaged {
				t.Errorf("%s: item salvaged %v, feed %v", name, it.Salvaged, got.Salvaged)
			}
		}
		if s := strings.Join(guids, " "); s != wantGUIDs {
			t.Errorf("%s: items %q, want %q", name, s, wantGUIDs)
		}
	}
	whole := rssDoc(item(1, ""), item(2, ""), item(3, ""))
	f("cut", whole[:strings.Index(whole, "<title>Title 3")], "g1 g2")
	f("cut in text", whole[:strings.Index(whole, "itle 3")], "g1 g2")
	f("cut behind the items", strings.TrimSuffix(whole, "</channel></rss>"), "g1 g2 g3")
	f("raw ampersand", rssDoc(item(1, "<category>A & B &</category>"), item(2, "")), "g1 g2")
	f("stray bracket", rssDoc(item(1, "<category>1 < 2</category>"), item(2, "")), "g1 g2")
	f("undeclared entity", rssDoc(item(1, "<category>a&nbsp;b &foo; &#0; &#x1F;</category>"), item(2, "")), "g1 g2")
	f("control characters", rssDoc(item(1, "<category>a\x00b\x0bc\x1f</category>"), item(2, "")), "g1 g2")
	f("forbidden characters", rssDoc(item(1, "<category>a\ufffeb\uffff</category>"), item(2, "")), "g1 g2")
	f("unclosed CDATA", rssDoc(item(1, "<description><![CDATA[ text </description>"), item(2, "<description><![CDATA[ok]]></description>")), "g1 g2")
	f("broken CDATA", rssDoc(item(1, "<description><![CDTA[ <p>text</p> ]]></description>"), item(2, "")), "g1 g2")
	f("CDATA of the head that runs into the items", rssDoc("<category><![CDATA[x]></category>", item(1, "<category><![CDATA[y]]></category>"), item(2, "")), "g1 g2")
	f("comment of the head that mentions items", rssDoc("<!-- each <item> is one -->", item(1, "<p>"), item(2, "")), "g1 g2")
	f("unclosed comment", rssDoc(item(1, "<!-- oops"), item(2, "<!-- fine -->")), "g1 g2")
	f("hyphens in a comment", rssDoc(item(1, "<!-- a -- b -->"), item(2, "")), "g1 g2")
	f("HTML in text", rssDoc(item(1, "<description><p>one<br>two<img src=x></description>"), item(2, "")), "g1 g2")
	f("unclosed item", rssDoc(strings.TrimSuffix(item(1, ""), "</item>"), item(2, ""), item(3, "")), "g2 g3")
	f("unclosed element", rssDoc(item(1, "<category>x"), item(2, "")), "g1 g2")
	f("prefixed items", `<x:feed xmlns:x="http://www.w3.org/2005/Atom"><x:entry><x:id>g1</x:id></x:entry><x:entry><x:id>g2</x:id></x:entry><x:entry><x:id>`, "g1 g2")
	f("needless end tag", rssDoc(item(1, "</b></p>"), item(2, "")), "g1 g2")
	f("unquoted attribute", rssDoc(item(1, `<enclosure url="https://a.example/x type="audio/mpeg"/>`), item(2, "")), "g1 g2")
	f("bad name", rssDoc(item(1, "<a:b:c>x</a:b:c><1>y</1>"), item(2, "")), "g1 g2")
	f("missing root", strings.Replace(whole, `<rss version="2.0">`, "", 1), "g1 g2 g3")
	f("no root at all", item(1, "")+item(2, ""), "g1 g2")
	f("junk before", "<br />\n<b>Warning</b>: mysql_connect() in <b>/srv/x.php</b> on line <b>3</b><br />\n"+whole, "g1 g2 g3")
	f("junk after", whole+"<script>track()</script><!-- 0.3 s --> <", "g1 g2 g3")
	f("blank before the declaration", " \n\n"+whole, "g1 g2 g3")
	f("items behind the root", strings.Replace(whole, `<item><title>Title 2`, `</channel></rss><item><title>Title 2`, 1), "g1 g2 g3")
	f("JSON without its first brace", `"version":"https://jsonfeed.org/version/1","items":[{"id":"g1","content_text":"a"},{"id":"g2","content_text":"b"}]}`, "g1 g2")
	f("JSON with a damaged key", `{"version":"https://jsonfeed.org/version/1","itXms":[{"id":"g1","content_text":"a"},{"id":"g2","content_text":"b"}]}`, "g1 g2")
	f("JSON with a broken key", "{\"version\":\"https://jsonfeed.org/version/1\",\"it\x17ms\":[{\"id\":\"g1\",\"content_text\":\"a\"},{\"id\":\"g2\",\"content_text\":\"b\"}]}", "g1 g2")
	f("cut JSON", `{"version":"https://jsonfeed.org/version/1","title":"x","items":[{"id":"g1","content_text":"a","attachments":[{"url":"u","mime_type":"a/b"}]},{"id":"g2","content_text":"b"},{"id":"g3","cont`, "g1 g2")
	f("JSON of other types", `{"version":"https://jsonfeed.org/version/1","items":[{"id":1.5,"title":7,"author":"Ada","tags":"sea","content_text":"a"},{"id":"g2","content_text":"b"}]}`, "1.5 g2")
	f("bad JSON item", `{"version":"https://jsonfeed.org/version/1","items":[{"id":"g1","content_text":"a},{"id":"g2","content_text":"b"},{"id":"g3","content_text":"c"}]}`, "g2 g3")

	if got := mustParse(t, whole[:len(whole)-30], Options{}); !got.Salvaged || got.Title != "Harbour News" || len(got.Warnings) == 0 {
		t.Errorf("a cut feed lost its head: %+v", got)
	}
	if got := mustParse(t, whole, Options{}); got.Salvaged || len(got.Warnings) > 0 {
		t.Errorf("a sound feed was salvaged: %v", got.Warnings)
	}
}

// Documents made to be slow stay in proportion to their size.
func TestHostileShapes(t *testing.T) {
	const n = 50_000
	for name, doc := range map[string]string{
		"comments without end":      strings.Repeat("<!--", n),
		"comments in a feed":        rssDoc(strings.Repeat("<!--", n)),
		"quotes without end":        rssDoc(strings.Repeat(`<a b="`, n)),
		"CDATA without end":         rssDoc(strings.Repeat("<item><a><![CDATA[</item> <item>", n)) + "]]>",
		"processing instructions":   rssDoc(strings.Repeat("<?a", n)),
		"braces":                    `{"items":[` + strings.Repeat(`{"a":`, n),
		"closed braces":             `{"items":[` + strings.Repeat(`{"a":`, 5000) + "1" + strings.Repeat("}", 5000),
		"tags without end":          rssDoc(strings.Repeat("<a ", n)),
		"closing tags without open": rssDoc(strings.Repeat("</a>", n)),
		"items within items":        rssDoc(strings.Repeat("<item>", n)),
		"ampersands":                rssDoc("<item><title>" + strings.Repeat("&", n) + "</title></item><"),
		"doctypes":                  strings.Repeat("<!doctype ", n),
	} {
		t.Run(name, func(t *testing.T) {
			if f, err := Parse([]byte(doc), Options{}); (f == nil) == (err == nil) {
				t.Errorf("%v and %v", f, err)
			}
		})
	}
}
