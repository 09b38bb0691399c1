package feed

import (
	"bytes"
	"compress/gzip"
	"errors"
	"strings"
	"testing"
)

func TestSitemaps(t *testing.T) {
	f := func(doc, want string) {
		t.Helper()
		got := mustParse(t, doc, Options{BaseURL: "https://a.example/sitemap.xml"})
		var lines []string
		for _, it := range got.Items {
			made := ""
			if it.TitleFromURL {
				made = " made"
			}
			lines = append(lines, strings.Join([]string{it.URL, it.Title + made, it.Published.Format("2006-01-02"), it.Updated.Format("2006-01-02"), it.Language, it.Image, strings.Join(it.Categories, "+"), it.Summary}, "|"))
		}
		if s := strings.Join(lines, "\n"); s != want || got.Format != FormatSitemap {
			t.Errorf("%s\n got %s\nwant %s", doc, s, want)
		}
	}
	f(`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9" xmlns:i="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://a.example/1 </loc><lastmod>2002-09-08</lastmod><n:news><n:publication><n:name>Harbour</n:name><n:language>en</n:language></n:publication><n:publication_date>2002-09-07T00:00Z</n:publication_date><n:title>T &amp; U</n:title><n:keywords>Sea, Wind</n:keywords></n:news><i:image><i:loc>https://a.example/i.jpg</i:loc><i:title>Not the title</i:title></i:image></url></urlset>`,
		"https://a.example/1|T & U|2002-09-07|2002-09-08|en|https://a.example/i.jpg|Sea+Wind|")
	f(`<urlset><url><loc>https://a.example/2002/09/07/storm-closes-harbour-123456.html</loc><lastmod>2002-09-07</lastmod></url><url><loc>/news/15551-b/</loc></url></urlset>`,
		"https://a.example/2002/09/07/storm-closes-harbour-123456.html|Storm closes harbour made|0001-01-01|2002-09-07||||\nhttps://a.example/news/15551-b/||0001-01-01|0001-01-01||||")
	f(`<urlset xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"><url><loc>https://a.example/v</loc><video:video><video:title>Clip</video:title><video:description>Of the storm</video:description><video:thumbnail_loc>/t.jpg</video:thumbnail_loc><video:publication_date>2002-09-07</video:publication_date><video:tag>Sea</video:tag></video:video></url></urlset>`,
		"https://a.example/v|Clip|2002-09-07|0001-01-01||https://a.example/t.jpg|Sea|Of the storm")
	f("https://a.example/storm-closes-the-harbour\r\n\nhttps://a.example/b\n", "https://a.example/storm-closes-the-harbour|Storm closes the harbour made|0001-01-01|0001-01-01||||\nhttps://a.example/b||0001-01-01|0001-01-01||||")
	f(`<sitemapindex><sitemap><loc>https://a.example/news.xml.gz</loc></sitemap></sitemapindex>`, "")
	f(`<urlset><url><loc>https://a.example/1</loc></url><url><loc>https://a.example/2</loc></url><url><loc>https://a.exa`, "https://a.example/1||0001-01-01|0001-01-01||||\nhttps://a.example/2||0001-01-01|0001-01-01||||")

	if got := mustParse(t, `<sitemapindex><sitemap><loc>/news.xml</loc></sitemap></sitemapindex>`, Options{BaseURL: "https://a.example/"}); len(got.Sitemaps) != 1 || got.Sitemaps[0] != "https://a.example/news.xml" {
		t.Errorf("%v", got.Sitemaps)
	}
	if _, err := Parse([]byte("https://a.example/a\nsome words\n"), Options{}); !errors.Is(err, ErrNotFeed) {
		t.Errorf("a text with an address gave %v", err)
	}
	var line bytes.Buffer
	if err := WriteJSONLines(&line, mustParse(t, `<urlset><url><loc>https://a.example/storm-closes-the-harbour</loc></url></urlset>`, Options{})); err != nil || !strings.Contains(line.String(), `"title":""`) {
		t.Errorf("%v: a title that the document does not have was printed: %s", err, line.String())
	}
}

func TestSlugTitle(t *testing.T) {
	for in, want := range map[string]string{
		"https://a.example/storm-closes-harbour":                                                 "Storm closes harbour",
		"https://a.example/news/2026-09-07-storm_closes_harbour.12":                              "Storm closes harbour",
		"https://a.example/storm-closes-harbour-a8f03c21.html":                                   "Storm closes harbour",
		"https://a.example/storm-closes-harbour/12345":                                           "Storm closes harbour",
		"https://a.example/%D1%88%D1%82%D0%BE%D1%80%D0%BC-%D0%B2-%D0%BF%D0%BE%D1%80%D1%82%D1%83": "Шторм в порту",
		"https://a.example/":             "",
		"https://a.example/news/":        "",
		"https://a.example/id/12-34-56/": "",
		"https://a.example/%ff-b-c":      "",
	} {
		if got := slugTitle(in); got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func TestGzip(t *testing.T) {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	doc := rssDoc(item(1, strings.Repeat("<category>a</category>", 1000)), item(2, ""), item(3, strings.Repeat("<!-- x -->", 50)))
	_, _ = w.Write([]byte(doc))
	w.Close()
	if got := mustParse(t, z.String(), Options{}); len(got.Items) != 3 || got.Salvaged {
		t.Errorf("%+v", got)
	}
	if got := mustParse(t, z.String()[:z.Len()-12], Options{}); len(got.Items) < 2 || len(got.Warnings) == 0 {
		t.Errorf("cut: %d items, %v", len(got.Items), got.Warnings)
	}
	if _, err := Parse(z.Bytes(), Options{MaxBytes: 10_000}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a gzip bomb gave %v", err)
	}
	if _, err := Parse([]byte("\x1f\x8b\x08broken"), Options{}); Class(err) != "not_feed" {
		t.Errorf("a broken gzip gave %v", err)
	}
}
