package feed

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// sitemapURL is one address of a sitemap, with the news and image modules.
type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
	News    struct {
		Name      string `xml:"publication>name"`
		Language  string `xml:"publication>language"`
		Published string `xml:"publication_date"`
		Title     string `xml:"title"`
		Keywords  string `xml:"keywords"`
	} `xml:"http://www.google.com/schemas/sitemap-news/0.9 news"`
	Image []struct {
		Loc string `xml:"loc"`
	} `xml:"image"`
}

// parseSitemap reads sitemaps (sitemaps.org 0.9 with the Google News module)
// and sitemap indices. The address of a page is its identity.
func parseSitemap(b []byte, o Options) (*Feed, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.Map(legalXML, b)))
	d.Strict = false
	var m struct {
		XMLName xml.Name
		URLs    []sitemapURL `xml:"url"`
		Maps    []struct {
			Loc string `xml:"loc"`
		} `xml:"sitemap"`
	}
	if err := d.Decode(&m); err != nil {
		return nil, err
	}
	f := &Feed{Format: FormatSitemap, Version: "0.9", Items: make([]Item, 0, len(m.URLs))}
	base := baseOf(o.BaseURL)
	for _, s := range m.Maps {
		if u := base.resolve(s.Loc); isWeb(u) {
			f.Sitemaps = append(f.Sitemaps, u)
		}
	}
	for _, u := range m.URLs {
		it := Item{
			URL: base.resolve(u.Loc), Title: u.News.Title, Language: strings.TrimSpace(u.News.Language),
			Published: date(u.News.Published), Updated: date(u.LastMod),
			Categories: labels(strings.Split(u.News.Keywords, ",")),
		}
		it.GUID, it.GUIDIsPermalink = it.URL, true
		if len(u.Image) > 0 {
			it.Image = base.resolve(u.Image[0].Loc)
		}
		if f.Title == "" {
			f.Title = u.News.Name
		}
		f.Items = append(f.Items, it)
	}
	return f, nil
}

// legalXML drops the characters which XML 1.0 has no place for.
func legalXML(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
		return r
	}
	return -1
}
