package newsroom

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"time"
)

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

func escape(s string) string {
	if !strings.ContainsAny(s, `&<>"`) {
		return s
	}
	return escaper.Replace(s)
}

// html is the article's text as paragraphs of HTML.
func (a *article) html() string {
	var b strings.Builder
	for _, p := range a.paragraphs {
		b.WriteString("<p>")
		b.WriteString(escape(p))
		b.WriteString("</p>\n")
	}
	return b.String()
}

// content is the body as XML character data, in the outlet's manner.
func (o *outlet) content(a *article) string {
	if o.cdata {
		return "<![CDATA[" + a.html() + "]]>"
	}
	return escape(a.html())
}

// render writes the feed, newest item first. The caller holds the lock.
func (w *window) render(b *bytes.Buffer, feedURL string) {
	o := w.outlet
	switch o.format {
	case rss:
		w.renderRSS(b, feedURL)
	case atom:
		w.renderAtom(b, feedURL)
	case rdf:
		w.renderRDF(b, feedURL)
	case jsonFeed:
		w.renderJSON(b, feedURL)
	}
}

// fragments appends the items, each rendered once for as long as it stands.
func (w *window) fragments(b *bytes.Buffer, render func(*bytes.Buffer, *article), between string) {
	for i := len(w.items) - 1; i >= 0; i-- {
		it := &w.items[i]
		if it.xml == nil {
			var fragment bytes.Buffer
			render(&fragment, it.article)
			it.xml = bytes.Clone(fragment.Bytes())
			w.texts += len(it.xml)
		}
		b.Write(it.xml)
		if i > 0 {
			b.WriteString(between)
		}
	}
}

func tag(b io.Writer, name, text string) {
	io.WriteString(b, "<"+name+">")
	io.WriteString(b, escape(text))
	end, _, _ := strings.Cut(name, " ")
	io.WriteString(b, "</"+end+">\n")
}

// optional writes an element where there is something to stand in it.
func optional(b io.Writer, name, text string) {
	if text != "" {
		tag(b, name, text)
	}
}

func (o *outlet) home() string {
	if o.www {
		return "https://www." + o.domain + "/"
	}
	return "https://" + o.domain + "/"
}

func (w *window) renderRSS(b *bytes.Buffer, feedURL string) {
	o := w.outlet
	o.rssHead(b, feedURL, w.changed)
	w.fragments(b, func(b *bytes.Buffer, a *article) { o.rssItem(b, a, o.rfc822(a.published)) }, "")
	b.WriteString(rssTail)
}

func (o *outlet) rssHead(b io.Writer, feedURL string, changed time.Time) {
	io.WriteString(b, `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
`)
	tag(b, "title", o.name)
	tag(b, "link", o.home())
	tag(b, "description", "News from "+o.name)
	optional(b, "language", o.language)
	io.WriteString(b, `<atom:link rel="self" type="application/rss+xml" href="`+escape(feedURL)+"\"/>\n")
	tag(b, "lastBuildDate", changed.In(o.zone).Format(time.RFC1123Z))
}

const rssTail = "</channel>\n</rss>\n"

// rssItem writes one item; date is empty where it has none.
func (o *outlet) rssItem(b *bytes.Buffer, a *article, date string) {
	b.WriteString("<item>\n")
	if o.cdata {
		b.WriteString("<title><![CDATA[" + a.title + "]]></title>\n")
	} else {
		tag(b, "title", a.title)
	}
	tag(b, "link", a.link)
	if o.guidStyle == 0 {
		tag(b, `guid isPermaLink="true"`, a.guid)
	} else {
		tag(b, `guid isPermaLink="false"`, a.guid)
	}
	if date != "" {
		tag(b, "pubDate", date)
	}
	if o.kind != nil && o.kind.bare {
		b.WriteString("</item>\n")
		return
	}
	optional(b, "dc:creator", a.author)
	optional(b, "category", a.section)
	switch {
	case o.teaserOnly:
		tag(b, "description", a.teaser)
	case o.number%3 == 2: // some put everything into the description
		b.WriteString("<description>" + o.content(a) + "</description>\n")
	default:
		tag(b, "description", a.teaser)
		b.WriteString("<content:encoded>" + o.content(a) + "</content:encoded>\n")
	}
	b.WriteString("</item>\n")
}

// rfc822 is a date as RSS has it: with a number or, where RFC 822 knows the
// name, a name for the zone.
func (o *outlet) rfc822(t time.Time) string {
	if name, _ := t.Zone(); o.number%2 == 1 && (name == "GMT" || name == "EST" || name == "PST") {
		return t.Format("Mon, 02 Jan 2006 15:04:05 MST")
	}
	return t.Format(time.RFC1123Z)
}

func (w *window) renderAtom(b *bytes.Buffer, feedURL string) {
	o := w.outlet
	b.WriteString("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\"")
	if o.language != "" {
		b.WriteString(` xml:lang="` + escape(o.language) + `"`)
	}
	b.WriteString(">\n")
	tag(b, "title", o.name)
	tag(b, "id", "tag:"+o.domain+",2020:feed")
	b.WriteString(`<link rel="self" href="` + escape(feedURL) + "\"/>\n<link href=\"" + escape(o.home()) + "\"/>\n")
	tag(b, "updated", w.changed.In(o.zone).Format(time.RFC3339))
	w.fragments(b, func(b *bytes.Buffer, a *article) {
		b.WriteString("<entry>\n")
		tag(b, `title type="text"`, a.title)
		b.WriteString(`<link rel="alternate" type="text/html" href="` + escape(a.link) + "\"/>\n")
		tag(b, "id", a.guid)
		tag(b, "published", a.published.Format(time.RFC3339))
		tag(b, "updated", a.updated.Format(time.RFC3339))
		if a.author != "" {
			b.WriteString("<author><name>" + escape(a.author) + "</name></author>\n")
		}
		if a.section != "" {
			b.WriteString(`<category term="` + escape(a.section) + "\"/>\n")
		}
		if o.teaserOnly || o.number%2 == 0 {
			tag(b, `summary type="text"`, a.teaser)
		}
		if !o.teaserOnly {
			if o.number%5 == 3 {
				b.WriteString(`<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">` + a.html() + "</div></content>\n")
			} else {
				b.WriteString(`<content type="html">` + o.content(a) + "</content>\n")
			}
		}
		b.WriteString("</entry>\n")
	}, "")
	b.WriteString("</feed>\n")
}

func (w *window) renderRDF(b *bytes.Buffer, feedURL string) {
	o := w.outlet
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
`)
	b.WriteString(`<channel rdf:about="` + escape(feedURL) + "\">\n")
	tag(b, "title", o.name)
	tag(b, "link", o.home())
	tag(b, "description", "News from "+o.name)
	tag(b, "dc:date", w.changed.In(o.zone).Format(time.RFC3339))
	b.WriteString("<items><rdf:Seq>\n")
	for i := len(w.items) - 1; i >= 0; i-- {
		b.WriteString(`<rdf:li rdf:resource="` + escape(w.items[i].guid) + "\"/>\n")
	}
	b.WriteString("</rdf:Seq></items>\n</channel>\n")
	w.fragments(b, func(b *bytes.Buffer, a *article) {
		b.WriteString(`<item rdf:about="` + escape(a.guid) + "\">\n")
		tag(b, "title", a.title)
		tag(b, "link", a.link)
		tag(b, "dc:date", a.published.Format(time.RFC3339))
		optional(b, "dc:creator", a.author)
		optional(b, "dc:subject", a.section)
		tag(b, "description", a.teaser)
		if !o.teaserOnly {
			b.WriteString("<content:encoded>" + o.content(a) + "</content:encoded>\n")
		}
		b.WriteString("</item>\n")
	}, "")
	b.WriteString("</rdf:RDF>\n")
}

type jsonAuthor struct {
	Name string `json:"name"`
}

type jsonItem struct {
	ID          string       `json:"id"`
	URL         string       `json:"url"`
	Title       string       `json:"title"`
	ContentHTML string       `json:"content_html,omitempty"`
	ContentText string       `json:"content_text,omitempty"`
	Summary     string       `json:"summary,omitempty"`
	Published   string       `json:"date_published"`
	Modified    string       `json:"date_modified,omitempty"`
	Authors     []jsonAuthor `json:"authors,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
}

func (w *window) renderJSON(b *bytes.Buffer, feedURL string) {
	o := w.outlet
	head, err := json.Marshal(struct {
		Version  string `json:"version"`
		Title    string `json:"title"`
		Home     string `json:"home_page_url"`
		Feed     string `json:"feed_url"`
		Language string `json:"language,omitempty"`
	}{"https://jsonfeed.org/version/1.1", o.name, o.home(), feedURL, o.language})
	if err != nil {
		panic(err) // strings marshal
	}
	b.Write(head[:len(head)-1])
	b.WriteString(",\n\"items\":[\n")
	w.fragments(b, func(b *bytes.Buffer, a *article) {
		it := jsonItem{ID: a.guid, URL: a.link, Title: a.title, Summary: a.teaser,
			Published: a.published.Format(time.RFC3339)}
		if a.author != "" {
			it.Authors = []jsonAuthor{{a.author}}
		}
		if a.section != "" {
			it.Tags = []string{a.section}
		}
		if !a.updated.Equal(a.published) {
			it.Modified = a.updated.Format(time.RFC3339)
		}
		switch {
		case o.teaserOnly:
			it.ContentText = a.teaser
		case o.cdata:
			it.ContentText = a.text()
		default:
			it.ContentHTML = a.html()
		}
		encoder := json.NewEncoder(b)
		encoder.SetEscapeHTML(!o.www)
		if err := encoder.Encode(it); err != nil {
			panic(err) // strings marshal
		}
	}, ",\n")
	b.WriteString("]}\n")
}
