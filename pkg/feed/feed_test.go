package feed

import (
	"fmt"
	"strings"
	"testing"
	"time"
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
	f("safe \u202egnp.exe\u202c \u2066x\u2069\u200b", "safe gnp.exe x")
	f("می\u200cخواهم \u200fשלום", "می\u200cخواهم \u200fשלום") // joiners and marks belong to the script

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
	f(one("<link>JavaScript:alert(1)</link>"), "", "")
	f(one("<link>mailto:desk@a.example</link>"), "", "mailto:desk@a.example")
	f(one("<link>https://a.example/two\n\tlines</link>"), "", "https://a.example/twolines")
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

// Links within items follow the xml:base nearest to them.
func TestBases(t *testing.T) {
	f := func(doc, base, want string) {
		t.Helper()
		it := mustParse(t, doc, Options{BaseURL: base}).Items[0]
		if got := it.URL + " " + it.Summary + " " + it.Content; got != want {
			t.Errorf("%s with base %q:\n got %s\nwant %s", doc, base, got, want)
		}
	}
	atom := func(attr, inner string) string {
		return `<feed xmlns="http://www.w3.org/2005/Atom" ` + attr + `><entry><id>urn:1</id>` + inner + `</entry></feed>`
	}
	f(atom("", `<link href="p/1" xml:base="https://c.example/x/"/>`), "https://b.example/", "https://c.example/x/p/1  ")
	f(atom(`xml:base="https://a.example/"`, `<link href="1" xml:base="deep/"/><content type="html" xml:base="img/">&lt;img src="i.png"&gt;</content>`), "",
		`https://a.example/deep/1  <img src="https://a.example/img/i.png">`)
	f(atom(`xml:base="https://a.example/"`, `<summary type="html">&lt;a href="s"&gt;</summary><content xml:base="/c/" type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><a href="x">x</a><p xml:base="d/"><a href="y">y</a></p><a href="z">z</a></div></content>`), "",
		` <a href="https://a.example/s"> <a href="https://a.example/c/x">x</a><p xml_base="d/"><a href="https://a.example/c/d/y">y</a></p><a href="https://a.example/c/z">z</a>`)
	f(atom("", `<link href="https://a.example/p/1"/><content type="html">&lt;img src="i.png"&gt;</content>`), "https://b.example/feed", `https://a.example/p/1  <img src="https://a.example/p/i.png">`)
	f(`<rss version="2.0"><channel><link>https://a.example/</link><item xml:base="sub/"><link>1</link><description xml:base="pics/">&lt;img src="i.png"></description></item></channel></rss>`, "",
		`https://a.example/sub/1 <img src="https://a.example/sub/pics/i.png"> `)
	f(`<rss version="2.0"><channel><item><link xml:base="https://c.example/x/">1</link></item></channel></rss>`, "https://b.example/rss", "https://c.example/x/1  ")
	f(`<rss version="2.0"><channel><item><link>https://a.example/1</link><description>&lt;a href="/2">t&lt;/a></description></item></channel></rss>`, "",
		`https://a.example/1 <a href="https://a.example/2">t</a> `)
	f(`{"version":"https://jsonfeed.org/version/1","items":[{"id":"1","url":"/1","content_html":"<a href='2'>t</a><script>x</script>"}]}`, "https://a.example/f/feed.json",
		`https://a.example/1  <a href="https://a.example/2">t</a>`)
}

// The address behind a feed host's link is known, the link stays as it is.
func TestOriginalLink(t *testing.T) {
	it := mustParse(t, `<rss version="2.0" xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0"><channel><item><link>https://feeds.example/~r/1</link><fb:origLink>https://a.example/1</fb:origLink></item></channel></rss>`, Options{}).Items[0]
	if it.URL != "https://feeds.example/~r/1" || it.OriginalURL != "https://a.example/1" || it.Link() != it.OriginalURL {
		t.Errorf("%+v", it)
	}
	it = mustParse(t, `<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fb="http://rssnamespace.org/feedburner/ext/1.0"><entry><fb:origLink>https://a.example/1</fb:origLink></entry></feed>`, Options{}).Items[0]
	if it.URL != "https://a.example/1" || it.OriginalURL != "" || it.Link() != it.URL {
		t.Errorf("%+v", it)
	}
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

// Elements of the modules that feeds carry, each in its place.
func TestModules(t *testing.T) {
	ns := ` xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss" xmlns:slash="http://purl.org/rss/1.0/modules/slash/"`
	f := func(inner, want string) {
		t.Helper()
		it := mustParse(t, `<rss version="2.0"`+ns+`><channel><item>`+inner+`</item></channel></rss>`, Options{}).Items[0]
		got := strings.Join([]string{it.Title, it.Author, it.Summary, it.Content, it.Image, strings.Join(it.Categories, "+"), it.Language, it.SourceURL, it.SourceTitle}, "|")
		if got != want {
			t.Errorf("%s:\n got %s\nwant %s", inner, got, want)
		}
	}
	f(`<media:title>M</media:title><media:description>D</media:description><media:thumbnail url="https://a.example/t.jpg"/><media:credit role="author">Ada</media:credit>`, "M|Ada|D||https://a.example/t.jpg||||")
	f(`<media:group><media:content url="https://a.example/v.mp4" type="video/mp4"/><media:content url="https://a.example/i.jpg" medium="image"/><media:title>G</media:title></media:group>`, "G||||https://a.example/i.jpg||||")
	f(`<title>T</title><media:content url="https://a.example/i.jpg" medium="image"><media:title>Caption</media:title><media:description>Of the picture</media:description></media:content>`, "T||Of the picture||https://a.example/i.jpg||||")
	f(`<itunes:title>I</itunes:title><itunes:author>Ada</itunes:author><itunes:summary>S</itunes:summary><itunes:image href="https://a.example/p.jpg"/>`, "I|Ada|S||https://a.example/p.jpg||||")
	f(`<dc:title>D</dc:title><dc:creator>Ada</dc:creator><dc:creator>Joe</dc:creator><dc:subject>Sea</dc:subject><dc:language>de</dc:language><dc:source>https://wire.example/1</dc:source>`, "D|Ada, Joe||||Sea|de|https://wire.example/1|")
	f(`<title>T</title><atom:source><atom:id>https://wire.example/feed</atom:id><atom:title>Wire</atom:title><atom:link rel="self" href="https://wire.example/rss"/><atom:link href="https://wire.example/"/></atom:source>`, "T|||||||https://wire.example/|Wire")
	f(`<title>T</title><source url="https://wire.example/rss">Wire</source><georss:point>1 2</georss:point><slash:comments>3</slash:comments>`, "T|||||||https://wire.example/rss|Wire")
	f(`<title>T</title><description>S</description><enclosure url="https://a.example/e.png" type="image/png" length="1"/>`, "T||S||https://a.example/e.png||||")

	f(`<title>T</title><body xmlns="http://www.w3.org/1999/xhtml"><p>one <b>two</b></p><p>three</p></body>`, "T|||<p>one <b>two</b></p><p>three</p>|||||")
	f(`<title>T</title><xhtml:body xmlns:xhtml="http://www.w3.org/1999/xhtml"><xhtml:p>one</xhtml:p></xhtml:body>`, "T|||<p>one</p>|||||")
	f(`<title>T</title><atom:content type="html">&lt;p&gt;one&lt;/p&gt;</atom:content>`, "T|||<p>one</p>|||||")

	atom03 := func(inner, want string) {
		t.Helper()
		it := mustParse(t, `<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><id>1</id>`+inner+`</entry></feed>`, Options{}).Items[0]
		if got := it.Title + "|" + it.Summary + "|" + it.Content; got != want {
			t.Errorf("%s:\n got %s\nwant %s", inner, got, want)
		}
	}
	atom03(`<title mode="escaped" type="text/html">a &lt;b&gt;c&lt;/b&gt;</title><content mode="escaped" type="text/html">&lt;p&gt;x&lt;/p&gt;</content>`, "a c||<p>x</p>")
	atom03(`<title>a</title><content mode="base64" type="text/html">PHA+eDwvcD4=</content>`, "a||<p>x</p>")
	atom03(`<title>a</title><content mode="xml" type="application/xhtml+xml"><p xmlns="http://www.w3.org/1999/xhtml">x</p></content>`, `a||<p xmlns="http://www.w3.org/1999/xhtml">x</p>`)
	atom03(`<title>a</title><summary>s</summary>`, "a|s|")
}
