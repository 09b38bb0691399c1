package feed

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"
	"github.com/mmcdole/gofeed/rss"
)

func parseRSS(b []byte, kind rootKind, s *survey, o Options) (*Feed, error) {
	if s.channelRoot(b) {
		b = bytes.Join([][]byte{[]byte("<rss>"), b, []byte("</rss>")}, nil)
	}
	p := rss.Parser{}
	r, err := p.Parse(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	f := &Feed{
		Format: FormatRSS, Version: r.Version, Title: r.Title, Description: r.Description,
		Language: first(r.Language, dcLanguage(r.DublinCoreExt), s.parent.lang, s.head.lang),
	}
	if kind == rootRDF {
		f.Format = FormatRDF
	}
	document := baseOf(o.BaseURL)
	links := atomLinks(r.Extensions)
	f.SelfLink = document.resolve(links.href("self"))
	f.NextLink = document.resolve(links.href("next"))
	f.Hubs = links.hubs()
	base := document.with(s.head.base).with(s.parent.base)
	f.Link = base.resolve(first(append(r.Links, links.href("alternate"))...))
	base = base.or(f.Link).or(f.SelfLink)
	f.TTL = minutes(r.TTL)
	f.UpdatePeriod = updatePeriod(r.Extensions)
	f.SkipHours, f.SkipDays = skipHours(r.SkipHours), skipDays(r.SkipDays)

	f.Items = make([]Item, len(r.Items))
	var dates dateLog
	aligned := len(s.items) == len(r.Items)
	for i, it := range r.Items {
		var at tagAttrs
		if aligned {
			at = s.items[i]
		}
		rssItem(&f.Items[i], it, at, base.with(at.base), o, &dates)
	}
	dates.settle(f.Language)
	return f, nil
}

// channelRoot tells whether the document lacks the rss element.
func (s *survey) channelRoot(b []byte) bool { return hasFold(b, "<channel") }

func rssItem(out *Item, it *rss.Item, at tagAttrs, base linkBase, o Options, dates *dateLog) {
	links := atomLinks(it.Extensions)
	custom := func(names ...string) string {
		for _, n := range names {
			var key string // the first in order, so that equal bytes give equal items
			for k, v := range it.Custom {
				if v != "" && strings.EqualFold(k, n) && (key == "" || k < key) {
					key = k
				}
			}
			if key != "" {
				return it.Custom[key]
			}
		}
		return ""
	}
	if it.GUID != nil {
		out.GUID = strings.TrimSpace(it.GUID.Value)
		out.GUIDIsPermalink = !strings.EqualFold(strings.TrimSpace(it.GUID.IsPermalink), "false") && isWeb(out.GUID)
	}
	if out.GUID == "" {
		out.GUID = first(at.about, extValue(it.Extensions, "dc", "identifier"), extValue(it.Extensions, "atom", "id"))
	}
	out.OriginalURL = webLink(first(extValue(it.Extensions, "feedburner", "origLink"), extValue(it.Extensions, "pheedo", "origLink"), custom("origLink")))
	out.URL = at.within(base, "link").resolve(first(append(it.Links, links.href("alternate"))...))
	if out.URL == "" && out.GUIDIsPermalink {
		out.URL = cleanURL(out.GUID)
	}
	if out.URL == "" && isWeb(at.about) {
		out.URL = cleanURL(at.about)
	}
	if out.URL == "" || out.OriginalURL == out.URL {
		out.URL, out.OriginalURL = first(out.URL, out.OriginalURL), ""
	}

	out.Title = first(it.Title, extValue(it.Extensions, "dc", "title"), mediaText(it.Extensions, "title"),
		extValue(it.Extensions, "atom", "title"), extValue(it.Extensions, "itunes", "title"))
	out.Author = rssAuthor(it)
	dates.read(&out.Published, it.PubDate, extValue(it.Extensions, "dc", "date"), extValue(it.Extensions, "dcterms", "issued"),
		extValue(it.Extensions, "dcterms", "created"), extValue(it.Extensions, "atom", "published"),
		extValue(it.Extensions, "prism", "publicationDate"), custom("published", "date", "pubdate", "issued"))
	dates.read(&out.Updated, extValue(it.Extensions, "atom", "updated"), extValue(it.Extensions, "dcterms", "modified"),
		custom("updated", "modified", "lastbuilddate"))
	summary := first(it.Description, extValue(it.Extensions, "itunes", "summary"), mediaText(it.Extensions, "description"),
		extValue(it.Extensions, "atom", "summary"), extValue(it.Extensions, "dc", "description"), custom("summary"))
	content := first(it.Content, at.markup(), extValue(it.Extensions, "atom", "content"), extValue(it.Extensions, "xhtml", "body"), custom("encoded", "content", "fulltext", "full-text"))
	out.Summary = o.fragment(summary, at.within(base, "description", "summary"), out.Link())
	out.Content = o.fragment(content, at.within(base, "encoded", "content", "body"), out.Link())
	out.Language = first(at.lang, extValue(it.Extensions, "dc", "language"))
	out.Image = base.resolve(rssImage(it))
	var cats []string
	for _, c := range it.Categories {
		cats = append(cats, c.Value)
	}
	cats = append(cats, extValues(it.Extensions, "dc", "subject")...)
	cats = append(cats, extValues(it.Extensions, "media", "category")...)
	out.Categories = labels(cats)
	if it.Source != nil {
		out.SourceURL, out.SourceTitle = base.resolve(it.Source.URL), it.Source.Title
	}
	if out.SourceURL == "" && len(it.Extensions) > 0 {
		u, title := named(it.Extensions, base)
		out.SourceURL, out.SourceTitle = u, first(out.SourceTitle, title)
	}
}

func rssAuthor(it *rss.Item) string {
	if names := extValues(it.Extensions, "dc", "creator"); len(names) > 0 {
		return strings.Join(labels(names), ", ")
	}
	if n := authorName(it.Author); n != "" {
		return n
	}
	return first(extValue(it.Extensions, "itunes", "author"), extChild(it.Extensions, "atom", "author", "name"),
		mediaText(it.Extensions, "credit"), extValue(it.Extensions, "dc", "author"))
}

// authorName takes the name out of "mail@host (Name)" and "Name <mail@host>";
// an address alone is the author.
func authorName(s string) string {
	s = strings.TrimSpace(s)
	if !strings.Contains(s, "@") {
		return s
	}
	if open, end := strings.IndexByte(s, '('), strings.LastIndexByte(s, ')'); open >= 0 && end > open {
		in, out := strings.TrimSpace(s[open+1:end]), strings.TrimSpace(s[:open])
		if strings.Contains(in, "@") {
			return out
		}
		return first(in, out)
	}
	if open := strings.IndexByte(s, '<'); open > 0 {
		return strings.Trim(strings.TrimSpace(s[:open]), `"`)
	}
	return s
}

func rssImage(it *rss.Item) string {
	for _, group := range [][]ext.Extension{it.Extensions["media"]["content"], mediaGroup(it.Extensions, "content")} {
		for _, m := range group {
			if m.Attrs["medium"] == "image" || strings.HasPrefix(m.Attrs["type"], "image/") {
				return m.Attrs["url"]
			}
			if t := m.Children["thumbnail"]; len(t) > 0 {
				return t[0].Attrs["url"]
			}
		}
	}
	for _, e := range it.Enclosures {
		if strings.HasPrefix(e.Type, "image/") {
			return e.URL
		}
	}
	for _, group := range [][]ext.Extension{it.Extensions["media"]["thumbnail"], mediaGroup(it.Extensions, "thumbnail")} {
		for _, m := range group {
			if u := m.Attrs["url"]; u != "" {
				return u
			}
		}
	}
	for _, e := range it.Extensions["itunes"]["image"] {
		if u := e.Attrs["href"]; u != "" {
			return u
		}
	}
	for _, m := range it.Extensions["media"]["content"] {
		if u := m.Attrs["url"]; m.Attrs["type"] == "" && m.Attrs["medium"] == "" && looksLikeImage(u) {
			return u
		}
	}
	return ""
}

func looksLikeImage(u string) bool {
	u, _, _ = strings.Cut(strings.ToLower(u), "?")
	for _, s := range [...]string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"} {
		if strings.HasSuffix(u, s) {
			return true
		}
	}
	return false
}

func mediaGroup(e ext.Extensions, name string) []ext.Extension {
	var out []ext.Extension
	for _, g := range e["media"]["group"] {
		out = append(out, g.Children[name]...)
	}
	return out
}

func dcLanguage(d *ext.DublinCoreExtension) string {
	if d == nil {
		return ""
	}
	return first(d.Language...)
}

// minutes reads a ttl; what is no number of minutes up to a year says nothing.
func minutes(s string) time.Duration {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || !(n > 0 && n < 366*24*60) {
		return 0
	}
	return time.Duration(n * float64(time.Minute))
}

// updatePeriod reads the RSS 1.0 syndication module.
func updatePeriod(e ext.Extensions) time.Duration {
	day := 24 * time.Hour
	period, ok := map[string]time.Duration{"hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day, "yearly": 365 * day}[strings.ToLower(extValue(e, "sy", "updatePeriod"))]
	if !ok {
		return 0
	}
	if n, err := strconv.Atoi(extValue(e, "sy", "updateFrequency")); err == nil && n > 0 && n <= 1000 {
		period /= time.Duration(n)
	}
	return period
}

func skipHours(raw []string) []int {
	var out []int
	for _, s := range raw {
		if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil && n >= 0 && n <= 24 && len(out) < 24 {
			out = append(out, n%24) // RSS 0.91 counts to 24
		}
	}
	return out
}

func skipDays(raw []string) []time.Weekday {
	var out []time.Weekday
	for _, s := range raw {
		for d := time.Sunday; d <= time.Saturday; d++ {
			if strings.EqualFold(strings.TrimSpace(s), d.String()) && len(out) < 7 {
				out = append(out, d)
			}
		}
	}
	return out
}
