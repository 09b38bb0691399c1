package feed

import (
	"bytes"
	"encoding/xml"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sitemapURL is one address of a sitemap, with the news, image and video
// modules.
type sitemapURL struct {
	Loc     string `xml:"loc"`
	LastMod string `xml:"lastmod"`
	News    struct {
		Name      string `xml:"publication>name"`
		Language  string `xml:"publication>language"`
		Published string `xml:"publication_date"`
		Title     string `xml:"title"`
		Keywords  string `xml:"keywords"`
		Genres    string `xml:"genres"`
	} `xml:"news"`
	Image []struct {
		Loc   string `xml:"loc"`
		Title string `xml:"title"`
	} `xml:"image"`
	Video []struct {
		Title       string   `xml:"title"`
		Description string   `xml:"description"`
		Thumbnail   string   `xml:"thumbnail_loc"`
		Published   string   `xml:"publication_date"`
		Tags        []string `xml:"tag"`
	} `xml:"video"`
}

// parseSitemap reads sitemaps (sitemaps.org 0.9 with the Google News module)
// and sitemap indices. The address of a page is its identity, and the words in
// it make a title where the sitemap has none.
func parseSitemap(b []byte, o Options) (*Feed, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.Map(legalXML, b)))
	d.Strict = false
	d.Entity = xml.HTMLEntity
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
		if u := base.resolve(s.Loc); isWeb(u) && len(f.Sitemaps) < maxSitemaps {
			f.Sitemaps = append(f.Sitemaps, u)
		}
	}
	for _, u := range m.URLs {
		it := Item{
			URL: base.resolve(u.Loc), Title: u.News.Title, Language: strings.TrimSpace(u.News.Language),
			Published: date(u.News.Published), Updated: date(u.LastMod),
			Categories: labels(append(strings.Split(u.News.Keywords, ","), strings.Split(u.News.Genres, ",")...)),
		}
		if len(u.Video) > 0 {
			v := u.Video[0]
			it.Title, it.Summary = first(it.Title, v.Title), o.fragment(v.Description, base, it.URL)
			it.Image = base.resolve(v.Thumbnail)
			if it.Published.IsZero() {
				it.Published = date(v.Published)
			}
			it.Categories = labels(append(it.Categories, v.Tags...))
		}
		if len(u.Image) > 0 {
			it.Image = base.resolve(u.Image[0].Loc)
		}
		if f.Title == "" {
			f.Title = u.News.Name
		}
		f.addPage(it)
	}
	return f, nil
}

// maxSitemaps is how many sitemaps an index may list (sitemaps.org).
const maxSitemaps = 50_000

// addPage adds an item whose address is all that is certain of it.
func (f *Feed) addPage(it Item) {
	it.GUID, it.GUIDIsPermalink = it.URL, true
	if strings.TrimSpace(it.Title) == "" {
		it.Title = slugTitle(it.URL)
		it.TitleFromURL = it.Title != ""
	}
	f.Items = append(f.Items, it)
}

// parseTextSitemap reads a sitemap of bare addresses, one a line (sitemaps.org,
// "Text file"). ok is false where any line is none.
func parseTextSitemap(b []byte) (f *Feed, ok bool) {
	if !isWeb(string(b[:min(len(b), 16)])) {
		return nil, false
	}
	f = &Feed{Format: FormatSitemap, Version: "text"}
	for row := range bytes.Lines(b) {
		if row = bytes.TrimSpace(row); len(row) == 0 {
			continue
		}
		u := string(row)
		if !isWeb(u) || len(u) > maxURL || strings.ContainsAny(u, " \t<>\"") {
			return nil, false
		}
		f.addPage(Item{URL: u})
	}
	return f, true
}

// slugTitle makes a title of the words in the last part of an address that has
// at least three: /2026/09/storm-closes-harbour-123456.html tells "Storm closes
// harbour". Numbers at either end are ids and dates.
func slugTitle(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	for i := len(parts) - 1; i >= 0 && i >= len(parts)-3; i-- {
		part := parts[i]
		if dot := strings.LastIndexByte(part, '.'); dot > 0 && len(part)-dot <= 6 {
			part = part[:dot]
		}
		words := strings.FieldsFunc(part, func(r rune) bool { return r == '-' || r == '_' || r == '+' || r == ' ' || r == ',' || r == '.' })
		for len(words) > 0 && isCode(words[len(words)-1]) {
			words = words[:len(words)-1]
		}
		for len(words) > 0 && isCode(words[0]) {
			words = words[1:]
		}
		if len(words) < 3 || !utf8.ValidString(part) {
			continue
		}
		title := strings.Join(words, " ")
		r, n := utf8.DecodeRuneInString(title)
		return string(unicode.ToTitle(r)) + title[n:]
	}
	return ""
}

// isCode tells ids from words: digits alone, or digits among letters in a long
// run (a8f03c21).
func isCode(word string) bool {
	digits := 0
	for i := 0; i < len(word); i++ {
		if word[i] >= '0' && word[i] <= '9' {
			digits++
		}
	}
	return digits == len(word) || digits >= 2 && len(word) >= 6
}

// legalXML drops the characters which XML 1.0 has no place for.
func legalXML(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' || r >= ' ' && r <= 0xd7ff || r >= 0xe000 && r <= 0xfffd || r >= 0x10000 {
		return r
	}
	return -1
}
