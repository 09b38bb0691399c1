package fetch

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestRedirects(t *testing.T) {
	var other *httptest.Server
	var s *httptest.Server
	s = serve(t, func(w http.ResponseWriter, r *http.Request) {
		to := func(path string, code int) { http.Redirect(w, r, path, code) }
		switch r.URL.Path {
		case "/perm":
			to("/perm2", 301)
		case "/perm2":
			to("/ok", 308)
		case "/mixed":
			to("/temp", 301)
		case "/temp":
			to("/ok", 302)
		case "/loop":
			to("/loop2", 302)
		case "/loop2":
			to("/loop", 302)
		case "/away":
			to(other.URL+"/ok", 307)
		case "/private":
			to("http://10.1.2.3/", 302)
		case "/file":
			to("file:///etc/passwd", 302)
		case "/nowhere":
			w.WriteHeader(302)
		case "/ok":
			fmt.Fprint(w, "ok ", r.Header.Get("Authorization"))
		default:
			to(r.URL.Path+"x", 302)
		}
	})
	other = serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "away ", r.Header.Get("Authorization"), r.Header.Get("If-None-Match"))
	})
	c := client(t, nil)
	f := func(path, wantBody, wantFinal, wantPermanent string) {
		t.Helper()
		res, err := c.Do(t.Context(), Request{URL: s.URL + path, ETag: "e", Header: map[string]string{"Authorization": "secret"}})
		if err != nil {
			t.Errorf("%s: %v", path, err)
			return
		}
		if string(res.Body) != wantBody || res.FinalURL != wantFinal || res.Permanent != wantPermanent {
			t.Errorf("%s: %q %s %s", path, res.Body, res.FinalURL, res.Permanent)
		}
	}
	f("/perm", "ok secret", s.URL+"/ok", s.URL+"/ok")
	f("/mixed", "ok secret", s.URL+"/ok", "")
	f("/away", "away ", other.URL+"/ok", "")
	bad := func(path, class string, words ...string) {
		t.Helper()
		_, err := c.Do(t.Context(), Request{URL: s.URL + path})
		wantClass(t, path, err, class, words...)
	}
	bad("/loop", ClassRedirects, "circle")
	bad("/more", ClassRedirects, "more than 8")
	bad("/file", ClassRedirects, "file:")
	bad("/nowhere", ClassRedirects, "without saying")
	bad("/private", ClassPrivate, "allow_private", "10.1.2.3")
}

// TestLocations has a row for each way of saying where to.
func TestLocations(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL.Path, "?", r.URL.RawQuery) })
	host := strings.TrimPrefix(s.URL, "http://")
	c := client(t, func(cfg *Config) { cfg.MaxHeader = 16 << 10 })
	ask := func(location string) (*Response, error) {
		return c.Do(t.Context(), Request{URL: raw(t, "HTTP/1.1 302 Found\r\nLocation: "+location+"\r\nContent-Length: 0\r\n\r\n", false)})
	}
	good := func(location, body string) {
		t.Helper()
		if res, err := ask(location); err != nil || string(res.Body) != body {
			t.Errorf("%.60q: %+v %v, want %s", location, res, err, body)
		}
	}
	good(s.URL+"/a?b", "/a?b")
	good("//"+host+"/a", "/a?")
	good("HTTP://"+host, "/?")
	good(s.URL+"/häfen?größe", "/häfen?größe")
	good(s.URL+"/h\xe4fen", "/h\xe4fen?")
	good(s.URL+"/a b", "/a b?")
	good(s.URL+"/"+strings.Repeat("a", 10_000), "/"+strings.Repeat("a", 10_000)+"?")
	bad := func(location, class string, words ...string) {
		t.Helper()
		_, err := ask(location)
		wantClass(t, fmt.Sprintf("%.60q", location), err, class, words...)
		if err != nil && len(err.Error()) > 400 {
			t.Errorf("%d bytes of error", len(err.Error()))
		}
	}
	bad("", ClassRedirects, "without saying where to")
	bad("file:///etc/passwd", ClassRedirects, "file:", "not fetched")
	bad("gopher://harbour.example/1", ClassRedirects, "gopher:")
	bad("javascript:alert(1)", ClassRedirects, "not fetched")
	bad("data:text/xml,<rss/>", ClassRedirects, "not fetched")
	bad("http://", ClassRedirects, "not fetched")
	bad("http://[::1", ClassRedirects, "no address")
	bad("http://a.example:port/"+strings.Repeat("a", 5000), ClassRedirects, "no address")
	bad("http://a.example/%zz", ClassRedirects, "no address")
	bad("http://nowhere.invalid/", ClassDNS)
	bad(strings.Repeat("a", 20_000), ClassTooLarge)
}

// TestCookies are set on the way, go back on the way, and are forgotten.
func TestCookies(t *testing.T) {
	other := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "other ", r.Header.Get("Cookie")) })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen, _ := r.Cookie("seen")
		switch {
		case r.URL.Path == "/away":
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1"})
			http.Redirect(w, r, strings.Replace(other.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		case r.URL.Path == "/ever":
			http.SetCookie(w, &http.Cookie{Name: "n", Value: fmt.Sprint(len(r.Header.Get("Cookie"))), Path: "/"})
			http.SetCookie(w, &http.Cookie{Name: "m" + fmt.Sprint(len(r.Cookies())), Value: "x", Path: "/"})
			http.Redirect(w, r, "/ever", http.StatusFound)
		case seen == nil:
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "1", Path: "/"})
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		default:
			http.SetCookie(w, &http.Cookie{Name: "last", Value: "2", Path: "/"})
			fmt.Fprint(w, r.Header.Get("Cookie"))
		}
	})
	a, err := parseSecret("wire", []byte("cookie: own=3"))
	if err != nil {
		t.Fatal(err)
	}
	c := client(t, func(cfg *Config) { cfg.AllowPrivate = []string{"localhost"} })
	f := func(path string, access *Access, want string) {
		t.Helper()
		res, err := c.Do(t.Context(), Request{URL: s.URL + path, Access: access})
		if err != nil || string(res.Body) != want {
			t.Errorf("%s: %+v %v, want %s", path, res, err, want)
		}
	}
	f("/", nil, "seen=1") // it sends back to where one came from: no circle
	f("/", nil, "seen=1") // nothing is kept
	f("/", a, "own=3; seen=1")
	f("/away", nil, "other ")
	_, err = c.Do(t.Context(), Request{URL: s.URL + "/ever"})
	wantClass(t, "another cookie each time", err, ClassRedirects, "more than 8")
}

// TestRedirectsAreCharged keeps many feeds that redirect to one host within
// its rate and its pauses.
func TestRedirectsAreCharged(t *testing.T) {
	h := &hosts{of: map[string][]answerOf{}}
	h.set("quay.example", at("127.0.0.1"))
	var asked atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Host[:4] != "quay" {
			http.Redirect(w, r, "http://quay.example:"+r.URL.Query().Get("port")+"/feed", http.StatusFound)
			return
		}
		asked.Add(1)
		if asked.Load() == 2 {
			w.WriteHeader(429)
		}
	})
	port := s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	c := client(t, nil)
	c.routes.dial.names.resolver = h
	first := Request{URL: s.URL + "/?port=" + port}
	target := "http://quay.example:" + port + "/other"
	for range 4 { // its burst
		release, wait := c.Acquire(target)
		if wait > 0 {
			t.Fatal(wait)
		}
		release()
	}
	if _, err := c.Do(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if _, wait := c.Acquire(target); wait != 2*time.Second {
		t.Errorf("the target may be asked after %v", wait)
	}
	_, err := c.Do(t.Context(), first)
	wantClass(t, "429", err, ClassStatus)
	_, err = c.Do(t.Context(), first)
	wantClass(t, "after 429", err, ClassPaused, "left alone for another 1m0s")
	if asked.Load() != 2 {
		t.Errorf("asked %d times", asked.Load())
	}
	if r, err := c.Robots(t.Context(), target); err != nil || r.Refused == "" || asked.Load() != 2 {
		t.Errorf("robots: %+v %v", r, err)
	}
}

// TestValidatorsElsewhere go to where they came from, be it behind a redirect.
func TestValidatorsElsewhere(t *testing.T) {
	var lead atomic.Value
	first := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, lead.Load().(string), http.StatusFound)
	})
	second := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"a"`)
		if r.Header.Get("If-None-Match") == `"a"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "whole")
	})
	c := client(t, nil)
	f := func(what, to string, notModified bool) {
		t.Helper()
		lead.Store(to)
		res, err := c.Do(t.Context(), Request{URL: first.URL + "/feed", ETag: `"a"`})
		if err != nil || res.NotModified != notModified {
			t.Errorf("%s: %+v %v", what, res, err)
		}
	}
	f("nothing is known", second.URL+"/a", false)
	f("known", second.URL+"/a", true)
	f("elsewhere", second.URL+"/b", false)
	f("known, too", second.URL+"/b", true)
	f("no more", second.URL+"/a", false)
	lead.Store(serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) }).URL)
	_, err := c.Do(t.Context(), Request{URL: first.URL + "/feed", ETag: `"a"`})
	wantClass(t, "304 without a condition, elsewhere", err, ClassProtocol, "without a condition")
	for i := range maxFinals + 10 {
		c.finals.learn(fmt.Sprint(i), "x")
	}
	if n := len(c.finals.known); n > maxFinals {
		t.Errorf("%d are remembered", n)
	}
}
