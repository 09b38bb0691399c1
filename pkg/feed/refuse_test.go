package feed

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

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
