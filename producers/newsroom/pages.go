package newsroom

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

func (n *Newsroom) serveOPML(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/x-opml; charset=utf-8")
	n.WriteOPML(rw) // a client that went away is its own affair
}

// WriteOPML writes the list of feeds. Those of bad servers and of a corpus stand
// in folders of their own.
func (n *Newsroom) WriteOPML(w io.Writer) error {
	b := bufio.NewWriter(w)
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n<head><title>Newsroom</title></head>\n<body>\n")
	var folder string
	for _, s := range n.Feeds() {
		in := s.folder()
		if in != folder {
			if folder != "" {
				b.WriteString("</outline>\n")
			}
			if in != "" {
				fmt.Fprintf(b, "<outline text=\"%s\">\n", in)
			}
			folder = in
		}
		fmt.Fprintf(b, "<outline type=\"rss\" text=\"%s\" title=\"%s\" xmlUrl=\"%s\"/>\n", escape(s.Title), escape(s.Title), escape(s.URL))
	}
	if folder != "" {
		b.WriteString("</outline>\n")
	}
	b.WriteString("</body>\n</opml>\n")
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the list of feeds: %w", err)
	}
	return nil
}

func (s Subscription) folder() string {
	switch {
	case s.Bad != "":
		return "bad"
	case s.Corpus:
		return "corpus"
	}
	return ""
}

func (n *Newsroom) serveIndex(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	var b strings.Builder
	b.WriteString("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Newsroom</title></head><body><h1>Newsroom</h1><ul>\n")
	for i := range n.world.outlets {
		o := &n.world.outlets[i]
		fmt.Fprintf(&b, "<li><a href=\"/%s/\">%s</a> (<a href=\"%s\">%s</a>)</li>\n", o.slug, escape(o.name), o.feedPath(), formatNames[o.format])
	}
	b.WriteString("</ul><p><a href=\"/opml\">OPML</a></p></body></html>\n")
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
	n.load(w)
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
	status, page := http.StatusOK, ""
	if o.kind != nil && o.kind.page != nil {
		status, page = o.kind.page(n, a, o)
	} else {
		page = n.page(a, o, a.html())
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	io.WriteString(rw, page)
}

// serveRobots closes the pages of those outlets that want them closed.
func (n *Newsroom) serveRobots(rw http.ResponseWriter, _ *http.Request) {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	var b strings.Builder
	b.WriteString("# Feeds and pages may be read, but for these.\nUser-agent: *\nAllow: /\n")
	for i := range n.world.outlets {
		if o := &n.world.outlets[i]; o.kind != nil && o.kind.closed {
			fmt.Fprintf(&b, "Disallow: /%s/articles/\n", o.slug)
		}
	}
	io.WriteString(rw, b.String())
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
	latest, outlet := first.latest, first.outlet
	n.ledger.mu.RUnlock()
	return n.write(latest), &n.world.outlets[outlet]
}
