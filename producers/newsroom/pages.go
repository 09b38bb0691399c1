package newsroom

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func (n *Newsroom) serveOPML(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/x-opml; charset=utf-8")
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>Newsroom</title></head>\n<body>\n")
	for _, s := range n.Feeds() {
		fmt.Fprintf(&b, "<outline type=\"rss\" text=\"%s\" title=\"%s\" xmlUrl=\"%s\"/>\n", escape(s.Title), escape(s.Title), escape(s.URL))
	}
	b.WriteString("</body>\n</opml>\n")
	rw.Write([]byte(b.String()))
}

func (n *Newsroom) serveIndex(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	var b strings.Builder
	b.WriteString("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Newsroom</title></head><body><h1>Newsroom</h1><ul>\n")
	for i := range n.world.outlets {
		o := &n.world.outlets[i]
		fmt.Fprintf(&b, "<li><a href=\"/%s/\">%s</a> (<a href=\"%s\">%s</a>)</li>\n", o.slug, escape(o.name), o.feedPath(), formatNames[o.format])
	}
	b.WriteString("</ul><p><a href=\"/opml.xml\">OPML</a></p></body></html>\n")
	rw.Write([]byte(b.String()))
}

func (n *Newsroom) serveHome(rw http.ResponseWriter, req *http.Request) {
	number, ok := n.bySlug[req.PathValue("outlet")]
	if !ok {
		http.NotFound(rw, req)
		return
	}
	o, w := &n.world.outlets[number], &n.windows[number]
	var b strings.Builder
	contentType, _, _ := strings.Cut(contentTypes[o.format], ";")
	fmt.Fprintf(&b, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>%s</title>\n<link rel=\"alternate\" type=\"%s\" href=\"%s\">\n</head><body><h1>%s</h1><ul>\n",
		escape(o.name), contentType, o.feedPath(), escape(o.name))
	w.mu.Lock()
	for i := len(w.items) - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "<li><a href=\"/%s/articles/%d\">%s</a></li>\n", o.slug, w.items[i].pageID, escape(w.items[i].title))
	}
	w.mu.Unlock()
	b.WriteString("</ul></body></html>\n")
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Write([]byte(b.String()))
}

func (n *Newsroom) serveArticle(rw http.ResponseWriter, req *http.Request) {
	id, err := strconv.ParseUint(req.PathValue("number"), 10, 64)
	if err != nil {
		http.NotFound(rw, req)
		return
	}
	a, o := n.article(id)
	if a == nil || o.slug != req.PathValue("outlet") {
		http.NotFound(rw, req)
		return
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>%s | %s</title>
<link rel="canonical" href="%s">
<meta name="author" content="%s">
<meta property="article:published_time" content="%s">
</head><body>
<header><a href="/%s/">%s</a></header>
<nav><a href="/">All outlets</a> <a href="%s">Feed</a></nav>
<main><article>
<h1>%s</h1>
%s</article></main>
<aside>%s</aside>
</body></html>
`, escape(a.title), escape(o.name), escape(a.url), escape(a.author), a.published.Format("2006-01-02T15:04:05Z07:00"),
		o.slug, escape(o.name), o.feedPath(), escape(a.title), a.html(), escape(a.section))
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Write([]byte(b.String()))
}

// article writes the newest version of an article anew; nil when there is none
// of that number.
func (n *Newsroom) article(id uint64) (*article, *outlet) {
	n.pageMu.RLock()
	base, ok := n.pages[id]
	n.pageMu.RUnlock()
	if !ok {
		return nil, nil
	}
	n.ledger.mu.RLock()
	first := &n.ledger.records[base]
	p, title := n.ledger.records[first.latest].piece, first.title
	chain := chainOf(n.ledger.records, p, nil)
	n.ledger.mu.RUnlock()
	o := &n.world.outlets[p.outlet]
	return o.dress(newAuthor(n.world, n.cfg.Words).write(chain), &p, title), o
}
