package drill

import (
	"compress/gzip"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
)

// hostile serves what feeds must not be. hits counts requests at an address
// that no poller may reach.
func hostile(w *world) (base string, hits *atomic.Int64) {
	w.Helper()
	hits = new(atomic.Int64)
	private, err := new(net.ListenConfig).Listen(w.Context(), "tcp", "127.0.0.2:0")
	if err != nil {
		w.Fatal(err)
	}
	inner := &httptest.Server{Listener: private, Config: &http.Server{Handler: http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		fmt.Fprint(rw, `<rss version="2.0"><channel><item><title>Secret</title><link>https://secret.example/1</link></item></channel></rss>`)
	})}}
	inner.Start()
	w.Cleanup(inner.Close)

	gone := make(chan struct{})
	mux := http.NewServeMux()
	text := func(path, body string) {
		mux.HandleFunc("GET "+path, func(rw http.ResponseWriter, _ *http.Request) { fmt.Fprint(rw, body) })
	}
	text("/not-xml", "Welcome! This is no feed.")
	text("/empty", "")
	var entities strings.Builder
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&entities, `<!ENTITY e%d "&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;">`, i, i-1, i-1, i-1, i-1, i-1, i-1, i-1, i-1)
	}
	text("/xml-bomb", `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "ha">`+entities.String()+`]><rss version="2.0"><channel><title>&e29;</title></channel></rss>`)
	mux.HandleFunc("GET /huge", func(rw http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(rw, `<rss version="2.0"><channel><title>`)
		chunk := []byte(strings.Repeat("never-ending ", 5000))
		for n := 0; n < 50<<20; n += len(chunk) {
			if _, err := rw.Write(chunk); err != nil {
				return
			}
		}
	})
	mux.HandleFunc("GET /gzip-bomb", func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(rw)
		chunk := make([]byte, 1<<20)
		for range 200 {
			if _, err := z.Write(chunk); err != nil {
				return
			}
		}
		_ = z.Close() // the client may have gone
	})
	mux.HandleFunc("GET /redirect-loop", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "/redirect-loop?again", http.StatusFound)
	})
	mux.HandleFunc("GET /to-private", func(rw http.ResponseWriter, r *http.Request) {
		http.Redirect(rw, r, "http://"+private.Addr().String()+"/feed", http.StatusFound)
	})
	mux.HandleFunc("GET /hangs", func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-gone:
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("GET /hangs-inside", func(rw http.ResponseWriter, r *http.Request) {
		fmt.Fprint(rw, `<rss version="2.0"><channel>`)
		_ = http.NewResponseController(rw).Flush()
		select {
		case <-gone:
		case <-r.Context().Done():
		}
	})
	outer := httptest.NewServer(mux)
	w.Cleanup(outer.Close)
	w.Cleanup(func() { close(gone) })
	return outer.URL, hits
}

// hostileFeeds polls them beside the newsroom.
func hostileFeeds(w *world) {
	base, hits := hostile(w)
	feeds := map[string]string{ // and what the error has to speak of
		"/not-xml": "feed", "/empty": "empty", "/xml-bomb": "", "/huge": "", "/gzip-bomb": "", "/redirect-loop": "redirect",
		"/to-private": "private", "/hangs": "", "/hangs-inside": "", "/not-there": "404",
	}
	args := []string{"feeds", "add"}
	for path := range feeds {
		args = append(args, base+path)
	}
	w.ok(args...)
	for path, want := range feeds {
		var msg string
		w.until("for the error of "+path, patience, func() bool {
			rows, err := w.tryQuery(fmt.Sprintf("SELECT error FROM fetches WHERE feed_url = '%s' AND error != '' LIMIT 1", base+path))
			if err != nil || len(rows) == 0 {
				return false
			}
			msg = rows[0][0].(string)
			return true
		})
		w.Logf("%-15s %s", path, msg)
		if !strings.Contains(msg, want) {
			w.Errorf("%s: %q does not speak of %q", path, msg, want)
		}
	}
	if n := hits.Load(); n > 0 {
		w.Errorf("an address that is not allowed was asked %d times", n)
	}
	if n := w.number("SELECT toFloat64(count()) FROM articles WHERE feed_url LIKE '" + base + "%'"); n != 0 {
		w.Errorf("%d articles of feeds that are none", n)
	}
	w.moves(patience)
	args[1] = "remove"
	w.ok(args...)
}
