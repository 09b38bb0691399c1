package fetch

import (
	"net/http"
	"strings"
	"testing"
)

func FuzzHeaders(f *testing.F) {
	for _, s := range []string{"", "120", "1.5", "-1", "1e300", "NaN", "Sun, 01 Mar 2026 13:00:00 GMT", "Sunday, 01-Mar-26 13:00:00 GMT", "max-age=60", `private, max-age="60", no-cache`, "max-age=99999999999999999999", "max-age=-1", "=,=,"} {
		f.Add(s, s, s)
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		h := http.Header{"Retry-After": {a}, "Cache-Control": {a, b}, "Expires": {b}, "Date": {c}, "Age": {c}}
		if d := retryAfter(h, noon); d < 0 || d > longestPause {
			t.Errorf("%q: to be left alone for %v", a, d)
		}
		if d := maxAge(h, noon); d < 0 || d > longest {
			t.Errorf("%v: fresh for %v", h, d)
		}
	})
}

// FuzzSecret: no error says anything of what a file holds.
func FuzzSecret(f *testing.F) {
	for _, s := range []string{"bearer: x", "basic: a:b", "header: X: y", "cookie: a=b", "proxy: http://a:b@c:1", "host: a.example", "# x", ":", "bearer", "proxy: ://"} {
		f.Add(s, "")
		f.Add("", s)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const mark = "q7Zk9xJ2wv"
		a, err := parseSecret("wire", []byte(before+mark+after))
		if err != nil {
			if strings.Contains(err.Error(), mark) {
				t.Errorf("%q is in %q", mark, err)
			}
			return
		}
		u, _ := parseURL("https://a.example/")
		h := http.Header{}
		a.apply(h, u)
		for name, values := range h {
			for _, v := range values {
				if strings.ContainsAny(name+v, "\r\n\x00") {
					t.Errorf("%q: %q", name, v)
				}
			}
		}
		if strings.Contains(a.String(), mark) {
			t.Errorf("it prints: %v", a)
		}
	})
}

func FuzzRobots(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nAllow: /a\nCrawl-delay: 3\nSitemap: https://a.example/s.xml"), "/a/b?c")
	f.Add([]byte("user-agent:dateline\rdisallow:*****************x"), "/%zz%4")
	f.Fuzz(func(t *testing.T, file []byte, path string) {
		r := parseRobots(file, []string{"dateline"})
		got := r.Allowed("https://a.example" + path)
		if got != r.Allowed("https://a.example"+path) || r.Delay < 0 || r.Delay > maxDelay || len(r.Sitemaps) > maxSitemaps || !r.Allowed("https://a.example/robots.txt") {
			t.Errorf("%+v", r)
		}
		if n := normalPath(path, true); normalPath(n, true) != n {
			t.Errorf("%q becomes %q becomes %q", path, n, normalPath(n, true))
		}
	})
}

func FuzzSite(f *testing.F) {
	for _, s := range []string{"https://harbour.example/", "http://[::1]:80/", "http://0x7f.1/", "http://a:b@c:d@e/", "//x", "http://%41.example/"} {
		f.Add(s)
	}
	g, err := newGuard(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		site := siteOf(raw)
		u, err := parseURL(raw)
		if err != nil {
			return
		}
		if site != hostKey(u.Scheme, u.Host) {
			t.Errorf("%q: %q, want %q", raw, site, hostKey(u.Scheme, u.Host))
		}
		_ = g.literal(u)
		registrable(u.Hostname())
	})
}
