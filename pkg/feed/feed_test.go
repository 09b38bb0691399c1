package feed

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// rssDoc wraps items into a feed.
func rssDoc(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour News</title><link>https://harbour.example/</link>` + strings.Join(items, "\n") + `</channel></rss>`
}

func item(n int, inner string) string {
	return fmt.Sprintf(`<item><title>Title %d</title><link>https://harbour.example/%d</link><guid isPermaLink="false">g%d</guid>%s</item>`, n, n, n, inner)
}

func mustParse(t *testing.T, doc string, o Options) *Feed {
	t.Helper()
	f, err := Parse([]byte(doc), o)
	if err != nil {
		t.Fatalf("%.60q: %v", doc, err)
	}
	return f
}

func TestTitles(t *testing.T) {
	f := func(xml, want string) {
		t.Helper()
		got := mustParse(t, rssDoc("<item><title>"+xml+"</title></item>"), Options{}).Items[0].Title
		if got != want {
			t.Errorf("rss %s: got %q, want %q", xml, got, want)
		}
	}
	f("Fish &amp; chips", "Fish & chips")
	f("Fish &amp;amp; chips", "Fish & chips")
	f("<![CDATA[Fish &amp; <b>chips</b>]]>", "Fish & chips")
	f("&lt;em&gt;Tide&lt;/em&gt; turns", "Tide turns")
	f("&amp;lt;em&amp;gt;Tide&amp;lt;/em&amp;gt; turns", "Tide turns")
	f("The harbour&amp;#8217;s tide", "The harbour’s tide")
	f("The harbour&nbsp;&rsquo;s tide", "The harbour ’s tide")
	f("1 &lt; 2 &amp; 3 &gt; 2", "1 < 2 & 3 > 2")
	f("We &lt;3 boats", "We <3 boats")
	f("R&amp;notes", "R&notes")
	f("  two\n\tlines ", "two lines")
	f("one&lt;br/&gt;two", "one two")
	f("", "")

	atom := func(xml, want string) {
		t.Helper()
		got := mustParse(t, `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>urn:1</id>`+xml+`</entry></feed>`, Options{}).Items[0].Title
		if got != want {
			t.Errorf("atom %s: got %q, want %q", xml, got, want)
		}
	}
	atom(`<title>Fish &amp; chips</title>`, "Fish & chips")
	atom(`<title type="html">Fish &amp;amp; &lt;b&gt;chips&lt;/b&gt;</title>`, "Fish & chips")
	atom(`<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Fish &amp; <b>chips</b></div></title>`, "Fish & chips")
	atom(`<title type="text"><![CDATA[Fish & chips]]></title>`, "Fish & chips")
}

func TestLinks(t *testing.T) {
	f := func(doc, base, want string) {
		t.Helper()
		if got := mustParse(t, doc, Options{BaseURL: base}).Items[0].URL; got != want {
			t.Errorf("%s with base %q:\n got %q\nwant %q", doc, base, got, want)
		}
	}
	one := func(inner string) string { return rssDoc("<item>" + inner + "</item>") }
	f(one("<link> https://a.example/x?b=1&amp;c=2 \n</link>"), "", "https://a.example/x?b=1&c=2")
	f(one("<link>https://a.example/Ünïcode path</link>"), "", "https://a.example/Ünïcode path")
	f(one("<link>/x</link>"), "", "https://harbour.example/x")
	f(one("<link>x.html</link>"), "https://b.example/feeds/rss.xml", "https://b.example/feeds/x.html")
	f(one(`<link xmlns="" href="https://a.example/y"/>`), "", "https://a.example/y")
	f(one("<guid>https://a.example/perma</guid>"), "", "https://a.example/perma")
	f(one(`<guid isPermaLink="true">https://a.example/perma</guid>`), "", "https://a.example/perma")
	f(one(`<guid isPermaLink="false">https://a.example/perma</guid>`), "", "")
	f(one("<guid>12345</guid>"), "", "")
	f(one(`<link></link><guid>https://a.example/perma</guid>`), "", "https://a.example/perma")
	atom := func(attr, inner string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom" ` + attr + `><entry><id>urn:1</id>` + inner + `</entry></feed>`
	}
	f(atom("", `<link href="https://a.example/1"/>`), "", "https://a.example/1")
	f(atom("", `<link rel="self" href="https://a.example/s"/><link rel="alternate" type="text/html" href="https://a.example/1"/>`), "", "https://a.example/1")
	f(atom(`xml:base="https://a.example/blog/atom.xml"`, `<link href="post/1"/>`), "", "https://a.example/blog/post/1")
	f(atom(`xml:base="/blog/"`, `<link href="post/1"/>`), "https://b.example/feed", "https://b.example/blog/post/1")
	f(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://a.example/"><entry xml:base="deep/"><link href="1"/></entry></feed>`, "", "https://a.example/deep/1")
	f(atom("", `<content type="text/html" src="https://a.example/out"/>`), "", "https://a.example/out")
	f(`{"version":"https://jsonfeed.org/version/1.1","home_page_url":"https://a.example/","items":[{"id":"1","external_url":"https://c.example/x","content_text":"t"}]}`, "", "https://c.example/x")
	f(`{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","url":"/p/1","content_text":"t"}]}`, "https://b.example/feed.json", "https://b.example/p/1")
}

func TestFormats(t *testing.T) {
	f := func(doc, format, version, wantItem string) {
		t.Helper()
		got := mustParse(t, doc, Options{})
		if got.Format != format || got.Version != version || got.Salvaged || len(got.Items) == 0 {
			t.Fatalf("%.80s: %s %q, %d items, salvaged %v %v", doc, got.Format, got.Version, len(got.Items), got.Salvaged, got.Warnings)
		}
		it := got.Items[0]
		line := strings.Join([]string{it.GUID, it.URL, it.Title, it.Author, it.Published.Format("2006-01-02T15:04"), it.Summary, it.Content,
			it.Language, it.Image, strings.Join(it.Categories, "+"), it.SourceURL, it.SourceTitle}, "|")
		if line != wantItem {
			t.Errorf("%s:\n got %s\nwant %s", format, line, wantItem)
		}
	}
	f(`<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/"><channel><language>en</language>
	<item><title>T</title><link>https://a.example/1</link><guid isPermaLink="false">g</guid><dc:creator>Ada Quill</dc:creator><pubDate>Sat, 07 Sep 2002 02:00:00 +0200</pubDate>
	<description>D &lt;b&gt;d&lt;/b&gt;</description><content:encoded><![CDATA[<p>C</p>]]></content:encoded><category>Sea</category><category>Sea</category><dc:subject>Wind</dc:subject>
	<media:content url="https://a.example/i.jpg" medium="image"/><source url="https://wire.example/rss">Wire</source></item></channel></rss>`,
		FormatRSS, "2.0", "g|https://a.example/1|T|Ada Quill|2002-09-07T00:00|D <b>d</b>|<p>C</p>|en|https://a.example/i.jpg|Sea+Wind|https://wire.example/rss|Wire")
	f(`<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.example/"><title>C</title></channel>
	<item rdf:about="https://a.example/about"><title>T</title><link>https://a.example/1</link><dc:date>2002-09-07</dc:date><dc:language>de</dc:language></item></rdf:RDF>`,
		FormatRDF, "1.0", "https://a.example/about|https://a.example/1|T||2002-09-07T00:00|||de||||")
	f(`<a:feed xmlns:a="http://www.w3.org/2005/Atom" xml:lang="fr"><a:author><a:name>Feed Hand</a:name></a:author><a:entry xml:lang="nl"><a:id>urn:1</a:id><a:link href="https://a.example/1"/><a:title>T</a:title>
	<a:published>2002-09-07T00:00:00Z</a:published><a:summary>S</a:summary><a:content type="html">&lt;p&gt;C&lt;/p&gt;</a:content><a:category term="sea" label="Sea"/>
	<a:source><a:title>Wire</a:title><a:link href="https://wire.example/"/></a:source></a:entry></a:feed>`,
		FormatAtom, "1.0", "urn:1|https://a.example/1|T|Feed Hand|2002-09-07T00:00|S|<p>C</p>|nl||Sea|https://wire.example/|Wire")
	f(`<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><id>urn:1</id><link rel="alternate" type="text/html" href="https://a.example/1"/><title>T</title><issued>2002-09-07T00:00:00Z</issued><modified>2002-09-08T00:00:00Z</modified></entry></feed>`,
		FormatAtom, "0.3", "urn:1|https://a.example/1|T||2002-09-07T00:00|||||||")
	f(`{"version":"https://jsonfeed.org/version/1.1","language":"en","authors":[{"name":"Ada"}],"items":[{"id":7,"url":"https://a.example/1","title":"T <3","content_text":"a < b","date_published":"2002-09-07T00:00:00Z","tags":["Sea"],"image":"https://a.example/i.png"}]}`,
		FormatJSON, "https://jsonfeed.org/version/1.1", "7|https://a.example/1|T <3|Ada|2002-09-07T00:00||a &lt; b|en|https://a.example/i.png|Sea||")
	f(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example/1</loc><n:news><n:publication><n:name>Harbour</n:name><n:language>en</n:language></n:publication><n:publication_date>2002-09-07</n:publication_date><n:title>T &amp; U</n:title></n:news></url></urlset>`,
		FormatSitemap, "0.9", "https://a.example/1|https://a.example/1|T & U||2002-09-07T00:00|||en||||")
	f(`<channel><title>bare</title><item><title>T</title><author>x@a.example (Ada Quill)</author></item></channel>`,
		FormatRSS, "", "||T|Ada Quill|0001-01-01T00:00|||||||")
}

func TestHints(t *testing.T) {
	f := mustParse(t, `<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:atom="http://www.w3.org/2005/Atom"><channel><ttl>90</ttl>
	<skipHours><hour>0</hour><hour>24</hour><hour>x</hour></skipHours><skipDays><day>Sunday</day></skipDays><sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>
	<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="https://a.example/rss"/></channel></rss>`, Options{})
	got := fmt.Sprint(f.TTL, f.UpdatePeriod, f.SkipHours, f.SkipDays, f.Hubs, f.SelfLink)
	if want := "1h30m0s 6h0m0s [0 0] [Sunday] [https://hub.example/]https://a.example/rss"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCharsets(t *testing.T) {
	f := func(name, contentType string, doc []byte, want string) {
		t.Helper()
		got, err := Parse(doc, Options{ContentType: contentType})
		if err != nil || len(got.Items) != 1 || got.Items[0].Title != want || got.Salvaged {
			t.Errorf("%s: %+v %v, want %q", name, got, err, want)
		}
	}
	doc := func(decl, title string) string {
		return decl + `<rss version="2.0"><channel><title>x</title><item><title>` + title + `</title></item></channel></rss>`
	}
	enc := func(label, s string) []byte {
		e, err := htmlindex.Get(label)
		if err != nil {
			t.Fatal(err)
		}
		b, err := e.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	utf8Decl := `<?xml version="1.0" encoding="utf-8"?>`
	f("utf-8", "", []byte(doc(utf8Decl, "Zürich")), "Zürich")
	f("utf-8 with mark", "", []byte("\ufeff"+doc(utf8Decl, "Zürich")), "Zürich")
	f("utf-8 under another label", "text/xml; charset=iso-8859-1", []byte(doc(`<?xml version="1.0" encoding="ISO-8859-1"?>`, "Zürich – ok")), "Zürich – ok")
	f("declared latin", "", enc("windows-1252", doc(`<?xml version='1.0' encoding='ISO-8859-1'?>`, "Zürich – “ok”")), "Zürich – “ok”")
	f("windows-1252 under utf-8 label", "text/xml; charset=utf-8", enc("windows-1252", doc(utf8Decl, "The harbour’s café – “ok”")), "The harbour’s café – “ok”")
	f("no label", "", enc("windows-1252", doc("", "The harbour’s café")), "The harbour’s café")
	f("header only", "application/rss+xml; charset=windows-1251", enc("windows-1251", doc("", "Новости порта")), "Новости порта")
	f("declaration before header", "text/xml; charset=iso-8859-1", enc("windows-1251", doc(`<?xml version="1.0" encoding="windows-1251"?>`, "Новости порта")), "Новости порта")
	f("cyrillic without label", "", enc("windows-1251", doc("", "Новости порта и погода на завтра")), "Новости порта и погода на завтра")
	f("koi8-r declared", "", enc("koi8-r", doc(`<?xml version="1.0" encoding="koi8-r"?>`, "Новости порта")), "Новости порта")
	f("shift_jis declared", "", enc("shift_jis", doc(`<?xml version="1.0" encoding="Shift_JIS"?>`, "港のニュースです")), "港のニュースです")
	f("gbk declared", "", enc("gbk", doc(`<?xml version="1.0" encoding="gb2312"?>`, "港口新闻")), "港口新闻")
	f("gbk that is valid utf-8", "", enc("gbk", doc(`<?xml version="1.0" encoding="gbk"?>`, "联通")), "联通")
	f("euc-jp without label", "", enc("euc-jp", doc("", "港のニュースと天気予報です")), "港のニュースと天気予報です")
	f("iso-2022-jp", "", enc("iso-2022-jp", doc(`<?xml version="1.0" encoding="iso-2022-jp"?>`, "港のニュース")), "港のニュース")
	f("stray byte in utf-8", "", []byte(strings.Replace(doc(utf8Decl, "Zürich, Bär, Köln: x’s"), "’", "\x92", 1)), "Zürich, Bär, Köln: x’s")
	wide := func(name string, e interface {
		Bytes([]byte) ([]byte, error)
	}, s string) {
		t.Helper()
		b, err := e.Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		f(name, "", b, "Zürich 港")
	}
	u16 := doc(`<?xml version="1.0" encoding="utf-16"?>`, "Zürich 港")
	wide("utf-16le with mark", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder(), u16)
	wide("utf-16be with mark", unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder(), u16)
	wide("utf-16le bare", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder(), u16)
	wide("utf-16be bare", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewEncoder(), u16)
	wide("utf-32le with mark", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM).NewEncoder(), u16)
	wide("utf-32be bare", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM).NewEncoder(), u16)
	f("utf-16 label on utf-8", "", []byte(u16), "Zürich 港")
}

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

func TestRefused(t *testing.T) {
	f := func(doc string, want error, class string) {
		t.Helper()
		_, err := Parse([]byte(doc), Options{MaxBytes: 4 << 20})
		if !errors.Is(err, want) || Class(err) != class {
			t.Errorf("%.60q: got %v (%s), want %v", doc, err, Class(err), want)
		}
	}
	f("", ErrEmpty, "empty")
	f(" \r\n\t\ufeff", ErrEmpty, "empty")
	f("<!DOCTYPE html><html><head><title>Harbour</title></head></html>", ErrHTML, "html")
	f("<html><body>moved</body></html>", ErrHTML, "html")
	f("<!doctype html><body><p>our <rss></rss> and <feed>", ErrHTML, "html")
	f("just words", ErrNotFeed, "not_feed")
	f("<svg xmlns='http://www.w3.org/2000/svg'/>", ErrNotFeed, "not_feed")
	f(`[1,2]`, ErrNotFeed, "not_feed")
	f(`{"error":"not found"}`, ErrNotFeed, "not_feed")
	f(strings.Repeat(" ", 5<<20), ErrTooLarge, "too_large")
	f(`<rss version="2.0"><channel><item><title>cut`, ErrNoItems, "no_items")
	f(`<rss version="2.0"><channel><title>cut`, ErrNoItems, "no_items")
	f(`<rss version="2.0"`, ErrNoItems, "no_items")
	f(`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","ti`, ErrNoItems, "no_items")
	f(`<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>`+rssDoc(item(1, "&b;")), ErrBomb, "bomb")
	f(`<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>`+rssDoc(item(1, "&a;")), ErrBomb, "bomb")
	f(`<!DOCTYPE x [<!ENTITY a "`+strings.Repeat("x", 1000)+`">]>`+rssDoc(item(1, "&a;")), ErrBomb, "bomb")
	f(rssDoc(strings.Repeat("<a>", 1000)), ErrBomb, "bomb")
	var ns strings.Builder
	for i := range 600 {
		fmt.Fprintf(&ns, ` xmlns:n%d="urn:%d"`, i, i)
	}
	f("<rss"+ns.String()+"><channel/></rss>", ErrBomb, "bomb")
	f("<rss"+ns.String()[:8000]+"><channel>"+strings.Repeat("<a/>", 200_000)+"</channel></rss>", ErrBomb, "bomb")
	f("<rss><channel><item "+strings.Repeat(`a="" `, 600)+"/></channel></rss>", ErrBomb, "bomb")
	f(`<rss><channel><item><x:y xmlns:x="urn:x">`+strings.Repeat("aaaaaaaaaaaaaaaaaa<b/>", 140_000)+"</x:y></item></channel></rss>", ErrBomb, "bomb")
	if Class(errors.New("x")) != "other" || Class(nil) != "" {
		t.Error("class of foreign errors")
	}
}

// A feed without items is no error, damaged or not, if it is all there.
func TestEmptyFeeds(t *testing.T) {
	for _, doc := range []string{
		rssDoc(), rssDoc("<category>a < b</category>"), `<feed xmlns="http://www.w3.org/2005/Atom"/>`, `<feed></feed>`, "<urlset></urlset>", "<rss/>",
		`{"version":"https://jsonfeed.org/version/1","items":[]}`, `<sitemapindex><sitemap><loc>https://a.example/s.xml</loc></sitemap></sitemapindex>`,
	} {
		if got := mustParse(t, doc, Options{}); len(got.Items) != 0 {
			t.Errorf("%s: %+v", doc, got.Items)
		}
	}
}

func TestOldDoctypesPass(t *testing.T) {
	for _, d := range []string{
		`<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">`,
		`<!DOCTYPE rdf:RDF [<!ENTITY % HTMLlat1 PUBLIC "-//W3C//ENTITIES Latin 1 for XHTML//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml-lat1.ent"> %HTMLlat1;]>`,
		`<!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>`,
	} {
		if got := mustParse(t, d+rssDoc(item(1, "")), Options{}); len(got.Items) != 1 {
			t.Errorf("%s: %d items", d, len(got.Items))
		}
	}
}

func TestManyItems(t *testing.T) {
	var items []string
	for i := range 30_000 {
		items = append(items, item(i, ""))
	}
	if got := mustParse(t, rssDoc(items...), Options{}); len(got.Items) != 30_000 || got.Salvaged {
		t.Errorf("%d items, salvaged %v %v", len(got.Items), got.Salvaged, got.Warnings)
	}
	if got := mustParse(t, rssDoc(items[:100]...), Options{MaxItems: 10}); len(got.Items) != 10 || len(got.Warnings) != 1 {
		t.Errorf("%d items, %v", len(got.Items), got.Warnings)
	}
}

func TestStrangeDates(t *testing.T) {
	for in, want := range map[string]time.Time{
		"Thu, 01 Jan 1970 00:00:00 GMT": time.Unix(0, 0).UTC(),
		"0000-00-00T00:00:00Z":          {},
		"2999-01-01T00:00:00Z":          time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		if got := mustParse(t, rssDoc(item(1, "<pubDate>"+in+"</pubDate>")), Options{}).Items[0].Published; !got.Equal(want) {
			t.Errorf("%s: %v", in, got)
		}
	}
}

func TestWriteJSONLines(t *testing.T) {
	var buf bytes.Buffer
	f := mustParse(t, rssDoc(item(1, "<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;Two &amp;amp; three&lt;script&gt;x()&lt;/script&gt;&lt;/p&gt;</description><pubDate>Sat, 07 Sep 2002 02:00:00 +0200</pubDate>"), "<item/>"), Options{})
	if err := WriteJSONLines(&buf, f); err != nil {
		t.Fatal(err)
	}
	want := `{"guid":"g1","url":"https://harbour.example/1","title":"Title 1","author":"","published":"2002-09-07T00:00:00Z","updated":null,"summary":"One Two & three","text":"One Two & three","language":"","image":"","categories":[],"salvaged":false}
{"guid":"","url":"","title":"","author":"","published":null,"updated":null,"summary":"","text":"","language":"","image":"","categories":[],"salvaged":false}
`
	if buf.String() != want {
		t.Errorf("got %s\nwant %s", buf.String(), want)
	}
}

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
		if err := WriteJSONLines(&bytes.Buffer{}, got); err != nil {
			t.Fatal(err)
		}
		Keys("https://a.example/feed", got.Items, func(s string) (string, error) { return s, nil })
	})
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
