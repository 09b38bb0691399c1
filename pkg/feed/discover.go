package feed

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
)

// maxDiscovered is how many feeds one page is taken to announce.
const maxDiscovered = 64

// feedTypes are the media types that announce a feed.
var feedTypes = map[string]bool{
	"application/rss+xml": true, "application/atom+xml": true, "application/rdf+xml": true,
	"application/feed+json": true, "application/json": true, "application/xml": true, "text/xml": true, "application/x-rss+xml": true,
}

// Discover gives the feeds that a web page announces in its head (RSS
// autodiscovery), in their order, and after them those that it merely links
// to under an address that looks like a feed's. Comments' feeds come last.
func Discover(page []byte, o Options) []Outline {
	o = o.withDefaults()
	text, _ := toUTF8(page[:min(len(page), o.MaxBytes)], o.ContentType)
	base := baseOf(o.BaseURL)
	var announced, linked, comments collector
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(1 << 20)
	for len(announced.list)+len(linked.list) < maxDiscovered {
		switch z.Next() {
		case html.ErrorToken:
			return append(append(announced.list, linked.not(announced)...), comments.not(announced)...)
		case html.StartTagToken, html.SelfClosingTagToken:
		default:
			continue
		}
		t := z.Token()
		a := map[string]string{}
		for _, x := range t.Attr {
			a[x.Key] = x.Val
		}
		o := Outline{URL: base.resolve(a["href"]), Title: plainLine(a["title"]), SiteURL: base.String()}
		switch t.Data {
		case "base":
			base = base.with(a["href"])
		case "link":
			kind, _, _ := strings.Cut(strings.ToLower(a["type"]), ";")
			rel := " " + strings.ToLower(a["rel"]) + " "
			if !isWeb(o.URL) || !feedTypes[strings.TrimSpace(kind)] || !strings.Contains(rel, " alternate ") && !strings.Contains(rel, " feed ") {
				continue
			}
			if strings.Contains(strings.ToLower(o.Title+o.URL), "comment") {
				comments.add(o)
			} else {
				announced.add(o)
			}
		case "a":
			if isWeb(o.URL) && looksLikeFeed(o.URL) {
				linked.add(o)
			}
		}
	}
	return append(announced.list, linked.not(announced)...)
}

// not gives what c has and other has not.
func (c *collector) not(other collector) []Outline {
	var out []Outline
	for _, o := range c.list {
		if _, has := other.at[o.URL]; !has {
			out = append(out, o)
		}
	}
	return out
}

// looksLikeFeed tells by its last part whether an address may be a feed's.
func looksLikeFeed(u string) bool {
	u, _, _ = strings.Cut(strings.ToLower(u), "?")
	u = strings.TrimSuffix(u, "/")
	last := u[strings.LastIndexByte(u, '/')+1:]
	switch last {
	case "rss", "feed", "atom", "feeds", "rss.xml", "feed.xml", "atom.xml", "index.xml", "index.rdf", "feed.json", "rss2":
		return true
	}
	return strings.HasSuffix(last, ".rss") || strings.HasSuffix(last, ".atom") || strings.HasSuffix(last, ".rdf")
}
