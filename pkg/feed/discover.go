package feed

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// maxDiscovered is how many feeds one page is taken to announce.
const maxDiscovered = 64

// feedTypes are the media types that announce a feed; of application/json and
// the general XML types only where the address looks like one.
var feedTypes = map[string]bool{
	"application/rss+xml": true, "application/atom+xml": true, "application/rdf+xml": true, "application/feed+json": true, "application/x-rss+xml": true,
	"application/rss": true, "application/atom": true, "text/rss+xml": true, "text/rss": true, "text/atom+xml": true,
	"application/json": false, "application/xml": false, "text/xml": false,
}

var metaCharset = regexp.MustCompile(`(?i)<meta[^>]{1,200}?charset\s*=\s*["']?\s*([a-z0-9_:-]{2,30})`)

// Discover gives the feeds that a web page announces in its head (RSS
// autodiscovery, rel="feed"), in their order, and after them those that it
// merely links to under an address that looks like a feed's. Feeds of comments
// come last. SiteURL is the page's address, as given in o.BaseURL.
func Discover(page []byte, o Options) []Outline {
	o = o.withDefaults()
	page = page[:min(len(page), o.MaxBytes)]
	if m := metaCharset.FindSubmatch(page[:min(len(page), 4<<10)]); m != nil && headerCharset(o.ContentType) == "" {
		o.ContentType = "text/html; charset=" + string(m[1])
	}
	text, _ := toUTF8(page, o.ContentType)
	d := discovery{page: o.BaseURL, base: baseOf(o.BaseURL)}
	z := html.NewTokenizer(bytes.NewReader(text))
	z.SetMaxBuf(1 << 20)
	for len(d.announced.list)+len(d.linked.list)+len(d.comments.list) < maxDiscovered {
		switch z.Next() {
		case html.ErrorToken:
			return d.result()
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			switch t.Data {
			case "base", "link", "a":
				d.element(t)
			}
		case html.TextToken:
			if d.anchor != nil && d.anchor.Title == "" {
				d.anchor.Title = cut(plainLine(string(z.Text())), maxLabel)
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "a" {
				d.endAnchor()
			}
		}
	}
	return d.result()
}

type discovery struct {
	page   string
	base   linkBase
	based  bool     // the first base element counts
	anchor *Outline // the link that is open

	announced, linked, comments collector
}

func (d *discovery) element(t html.Token) {
	a := map[string]string{}
	for _, x := range t.Attr {
		if _, has := a[x.Key]; !has {
			a[x.Key] = x.Val
		}
	}
	o := Outline{URL: d.base.resolve(a["href"]), Title: cut(plainLine(a["title"]), maxLabel), SiteURL: d.page}
	switch t.Data {
	case "base":
		if !d.based && a["href"] != "" {
			d.base, d.based = d.base.with(a["href"]), true
		}
	case "link":
		rels := strings.Fields(strings.ToLower(a["rel"]))
		if !isWeb(o.URL) || !announces(rels, a["type"], o.URL) {
			return
		}
		if ofComments(o) {
			d.comments.add(o)
		} else {
			d.announced.add(o)
		}
	case "a":
		d.endAnchor()
		if isWeb(o.URL) && looksLikeFeed(o.URL) {
			d.anchor = &o
		}
	}
}

// endAnchor keeps the link that is open; its text may have become its title.
func (d *discovery) endAnchor() {
	if d.anchor == nil {
		return
	}
	if ofComments(*d.anchor) {
		d.comments.add(*d.anchor)
	} else {
		d.linked.add(*d.anchor)
	}
	d.anchor = nil
}

// result gives each feed once.
func (d *discovery) result() []Outline {
	d.endAnchor()
	var all collector
	for _, c := range []collector{d.announced, d.linked, d.comments} {
		for _, o := range c.list {
			all.add(o)
		}
	}
	return all.list
}

// announces tells whether a link element with these relations and type is one
// to a feed.
func announces(rels []string, mediaType, address string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(mediaType), ";")
	sure, known := feedTypes[strings.TrimSpace(kind)]
	for _, r := range rels {
		switch {
		case r == "feed" && (kind == "" || known):
			return true
		case r == "alternate" && (sure || known && looksLikeFeed(address)):
			return true
		}
	}
	return false
}

// ofComments tells the feeds of what readers say by their path or title.
func ofComments(o Outline) bool {
	if u, err := url.Parse(o.URL); err == nil {
		for part := range strings.SplitSeq(strings.ToLower(u.Path), "/") {
			switch part, _, _ = strings.Cut(part, "."); part {
			case "comments", "comment", "comments-feed", "commentsrss", "comments-rss2":
				return true
			}
		}
	}
	for _, w := range strings.Fields(strings.ToLower(o.Title)) {
		switch strings.Trim(w, "«»\"':()") {
		case "comments", "kommentare", "kommentar-feed", "commentaires", "comentarios", "comentários", "commenti", "reacties", "komentarze", "kommentarer", "комментарии":
			return true
		}
	}
	return false
}

// looksLikeFeed tells by its last part whether an address may be a feed's.
func looksLikeFeed(u string) bool {
	u, query, _ := strings.Cut(strings.ToLower(u), "?")
	u = strings.TrimSuffix(u, "/")
	last := u[strings.LastIndexByte(u, '/')+1:]
	switch last {
	case "rss", "feed", "atom", "feeds", "rss.xml", "feed.xml", "atom.xml", "index.xml", "index.rdf", "feed.json", "rss2", "rss.php", "feed.php", "rss.aspx":
		return true
	}
	switch query {
	case "feed=rss", "feed=rss2", "feed=atom", "format=rss", "format=feed&type=rss", "alt=rss", "output=rss":
		return true
	}
	return strings.HasSuffix(last, ".rss") || strings.HasSuffix(last, ".atom") || strings.HasSuffix(last, ".rdf")
}
