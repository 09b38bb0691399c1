package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestFeedsDiscover(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<html><head><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>`)
		case "/feed.xml":
			fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour Post, the newspaper of the coast and its islands</title><item><title>Ferry</title><link>/a</link><pubDate>Sat, 21 Nov 2026 06:30:00 GMT</pubDate></item></channel></rss>`)
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, "<html></html>")
	}))
	defer bare.Close()
	t.Setenv("DATELINE_FETCH_ALLOW_PRIVATE", "127.0.0.1")
	f := func(want int, args ...string) (out, errOut string) {
		t.Helper()
		code, out, errOut := run(t, "", append([]string{"feeds", "discover"}, args...)...)
		if code != want {
			t.Errorf("%v: exit %d, want %d; %s", args, code, want, errOut)
		}
		return out, errOut
	}
	out, _ := f(exitOK, srv.URL)
	if !strings.Contains(out, srv.URL+"/feed.xml") || !strings.Contains(out, "2026-11-21 06:30") || !strings.Contains(out, "Harbour Post, the newspaper of the coas…") {
		t.Errorf("table %q", out)
	}
	out, _ = f(exitOK, srv.URL, "--json")
	var c map[string]any
	if err := json.Unmarshal([]byte(out), &c); err != nil || c["url"] != srv.URL+"/feed.xml" || c["kind"] != "feed" || c["items"] != 1.0 {
		t.Errorf("line %q: %v", out, err)
	}
	if _, e := f(exitOK, srv.URL+"/feed.xml"); !strings.Contains(e, "is a feed itself") {
		t.Errorf("said %q", e)
	}
	if _, e := f(exitError, bare.URL+"/typo"); !strings.Contains(e, "404") {
		t.Errorf("said %q", e)
	}
	if _, e := f(exitError, bare.URL); !strings.Contains(e, "no feed found") {
		t.Errorf("said %q", e)
	}
	f(exitUsage, srv.URL, "--tag", "coast")
	f(exitUsage)
	f(exitError, "no address")
}
