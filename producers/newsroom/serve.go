package newsroom

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Serve serves until ctx ends, then returns nil. With ln nil it serves on the
// address that New bound; with another listener that one takes its place, and
// the feeds' URLs with it.
func (n *Newsroom) Serve(ctx context.Context, ln net.Listener) error {
	n.baseMu.Lock()
	if ln != nil {
		n.closeListeners()
		n.listeners = []net.Listener{ln}
		if n.cfg.BaseURL == "" {
			n.base = []string{"http://" + ln.Addr().String()}
		}
	}
	listeners := n.listeners
	n.baseMu.Unlock()
	if len(listeners) == 0 {
		return errors.New("newsroom: nothing to serve on: the configuration has a base URL and no listener was given")
	}
	server := &http.Server{Handler: n.Handler(), ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { failed <- server.Serve(l) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	server.Close()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("newsroom: serve: %w", err)
}

// Close gives the address back that New bound. Only a newsroom that is never
// served needs it.
func (n *Newsroom) Close() {
	n.baseMu.RLock()
	defer n.baseMu.RUnlock()
	n.closeListeners()
}

// Handler serves the feeds, /opml.xml, and for each outlet a home page at
// /<outlet>/ and its articles at /<outlet>/articles/<number>.
//
// A GET of a feed with the query peek=1 is answered as any other, but does not
// count as seen in the ledger.
func (n *Newsroom) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", n.serveIndex)
	mux.HandleFunc("GET /opml.xml", n.serveOPML)
	mux.HandleFunc("GET /{outlet}/{$}", n.serveHome)
	mux.HandleFunc("GET /{outlet}/{file}", n.serveFeed)
	mux.HandleFunc("GET /{outlet}/articles/{number}", n.serveArticle)
	return mux
}

func (n *Newsroom) serveFeed(rw http.ResponseWriter, req *http.Request) {
	number, ok := n.bySlug[req.PathValue("outlet")]
	if !ok || req.PathValue("file") != feedFiles[n.world.outlets[number].format] {
		http.NotFound(rw, req)
		return
	}
	o, w, now := &n.world.outlets[number], &n.windows[number], n.cfg.Now()
	packed := acceptsGzip(req.Header.Get("Accept-Encoding"))
	header := rw.Header()

	w.mu.Lock()
	d := w.current(n.feedURL(number))
	etag := `"` + d.etag + `"`
	body := d.body
	if packed {
		etag = `"` + d.etag + `-gz"`
	}
	modified := ""
	if !now.Before(d.modified) {
		modified = d.modified.Format(http.TimeFormat)
	}
	if o.validators&1 == 0 {
		etag = ""
	}
	if o.validators&2 == 0 {
		modified = ""
	}
	fresh := unchanged(req, etag, modified, d.modified)
	if !fresh {
		if packed {
			body = d.gzipped()
		}
		if req.Method == http.MethodGet && req.URL.Query().Get("peek") == "" {
			w.hand(d, now, n.ledger)
		}
	}
	w.mu.Unlock()

	header.Set("Vary", "Accept-Encoding")
	header.Set("Cache-Control", "no-cache")
	if etag != "" {
		header.Set("ETag", etag)
	}
	if modified != "" {
		header.Set("Last-Modified", modified)
	}
	if fresh {
		rw.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", contentTypes[o.format])
	if packed {
		header.Set("Content-Encoding", "gzip")
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if req.Method == http.MethodHead {
		return
	}
	rw.Write(body) // a client that went away is its own affair
}

// unchanged evaluates the preconditions of RFC 9110, section 13.2.2: an ETag
// that was sent decides alone.
func unchanged(req *http.Request, etag, modified string, at time.Time) bool {
	if match := req.Header.Get("If-None-Match"); match != "" && etag != "" {
		for _, candidate := range strings.Split(match, ",") {
			candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
			if candidate == "*" || candidate == etag {
				return true
			}
		}
		return false
	}
	if modified == "" {
		return false
	}
	since, err := http.ParseTime(req.Header.Get("If-Modified-Since"))
	return err == nil && !since.Before(at)
}

func acceptsGzip(header string) bool {
	for _, coding := range strings.Split(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(coding), ";")
		if strings.TrimSpace(name) == "gzip" {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0"
		}
	}
	return false
}
