package newsroom

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
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
	handler := n.Handler()
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0), // bad clients are their own affair
		Handler: http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
			n.answers.RLock()
			defer n.answers.RUnlock()
			handler.ServeHTTP(rw, req)
		})}
	failed := make(chan error, len(listeners)+len(n.safes))
	for _, l := range listeners {
		go func() { failed <- server.Serve(l) }()
	}
	for _, s := range n.safes {
		go func() { failed <- server.Serve(tls.NewListener(s, s.config)) }()
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	server.Close()
	n.end()
	n.holding.Range(func(conn, _ any) bool {
		conn.(net.Conn).Close()
		return true
	})
	n.answers.Lock() // all have ended
	n.answers.Unlock()
	if ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("newsroom: serve: %w", err)
}

// Close gives the address back that New bound, and lets go of the corpus. A
// newsroom that was served and has no corpus does not need it.
func (n *Newsroom) Close() {
	n.end()
	n.baseMu.RLock()
	defer n.baseMu.RUnlock()
	n.closeListeners()
	for _, s := range n.safes {
		s.Close()
	}
	if n.corpus != nil {
		n.corpus.close()
	}
}

// Handler serves the feeds, their list at /opml, /robots.txt, and for each outlet a home page at
// /<outlet>/ and its articles at /<outlet>/articles/<number>.
//
// A GET of a feed with the query peek=1 is answered as any other, but does not
// count as seen in the ledger.
func (n *Newsroom) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", n.serveIndex)
	mux.HandleFunc("GET /opml.xml", n.serveOPML)
	mux.HandleFunc("GET /opml", n.serveOPML)
	mux.HandleFunc("GET /robots.txt", n.serveRobots)
	mux.HandleFunc("GET /{outlet}/{$}", n.serveHome)
	mux.HandleFunc("GET /{outlet}/{file}", n.serveFeed)
	mux.HandleFunc("GET /{outlet}/articles/{number}", n.serveArticle)
	return mux
}

func (n *Newsroom) serveFeed(rw http.ResponseWriter, req *http.Request) {
	number, ok := n.bySlug[req.PathValue("outlet")]
	if ok && n.world.outlets[number].kind != nil {
		if !n.serveBad(rw, req, number) {
			http.NotFound(rw, req)
		}
		return
	}
	if !ok || req.PathValue("file") != feedFiles[n.world.outlets[number].format] {
		http.NotFound(rw, req)
		return
	}
	o, w, now := &n.world.outlets[number], &n.windows[number], n.cfg.Now()
	packed := acceptsGzip(req.Header.Get("Accept-Encoding"))
	header := rw.Header()

	w.mu.Lock()
	at := w.modified()
	etag, modified := "", ""
	if o.validators&1 != 0 {
		etag = `"` + w.etag() + `"`
		if packed {
			etag = etag[:len(etag)-1] + `-gz"`
		}
	}
	if o.validators&2 != 0 && !now.Before(at) {
		modified = at.Format(http.TimeFormat)
	}
	fresh := unchanged(req, etag, modified, at)
	var body []byte
	if !fresh {
		if w.doc == nil {
			n.load(w)
		}
		d := w.current(n.feedURL(number))
		if body = d.body; packed {
			body = d.gzipped()
		}
		if seen(req) {
			w.hand(now, n.ledger)
		}
		n.shelf.note(w)
	}
	w.mu.Unlock()
	n.shelf.sweep()

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

// seen tells whether a request counts in the ledger.
func seen(req *http.Request) bool {
	return req.Method == http.MethodGet && (req.URL.RawQuery == "" || req.URL.Query().Get("peek") == "")
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
