package fetch

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/zeebo/xxh3"
)

func TestConditional(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"a"`)
		w.Header().Set("Last-Modified", "Sun, 01 Mar 2026 10:00:00 GMT")
		w.Header().Set("Cache-Control", "public, max-age=600")
		if r.Header.Get("If-None-Match") == `"a"` && r.Header.Get("If-Modified-Since") != "" {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprintf(w, "%s %s %s", r.UserAgent(), r.Header.Get("Accept-Encoding"), r.Header.Get("X-Key"))
	})
	c := client(t, nil)
	res, err := c.Do(t.Context(), Request{URL: s.URL, Header: map[string]string{"X-Key": "k"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := DefaultUserAgent + " " + acceptEncoding + " k"; string(res.Body) != want {
		t.Errorf("body %q, want %q", res.Body, want)
	}
	if res.Status != 200 || res.ETag != `"a"` || res.LastModified == "" || res.CacheMaxAge != 10*time.Minute || res.FinalURL != s.URL || res.Permanent != "" || res.NotModified {
		t.Errorf("%+v", res)
	}
	req := Request{URL: s.URL, ETag: res.ETag, LastModified: res.LastModified}
	if res, err = c.Do(t.Context(), req); err != nil || !res.NotModified || len(res.Body) > 0 || res.ETag != `"a"` {
		t.Errorf("%+v %v", res, err)
	}
	req.Unconditional = true
	if res, err = c.Do(t.Context(), req); err != nil || res.NotModified {
		t.Errorf("%+v %v", res, err)
	}
	liar := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotModified) })
	_, err = c.Do(t.Context(), Request{URL: liar.URL})
	wantClass(t, "304 to everything", err, ClassProtocol, "304")
}

func TestStatus(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/429":
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(429)
		case "/503":
			w.Header().Set("Retry-After", noon.Add(time.Hour).Format(http.TimeFormat))
			w.WriteHeader(503)
		case "/404":
			w.WriteHeader(404)
		case "/410":
			w.WriteHeader(410)
		case "/204":
			w.WriteHeader(204)
		}
	})
	f := func(path string, status int, retry time.Duration, words ...string) {
		t.Helper()
		c := client(t, nil)
		res, err := c.Do(t.Context(), Request{URL: s.URL + path})
		wantClass(t, path, err, ClassStatus, words...)
		if res == nil || res.Status != status || res.RetryAfter != retry {
			t.Errorf("%s: %+v", path, res)
		}
		if _, wait := c.Acquire(s.URL + "/other"); wait != retry {
			t.Errorf("%s: the host may be asked after %v, want %v", path, wait, retry)
		}
	}
	f("/429", 429, 2*time.Minute, "slowing down")
	f("/503", 503, time.Hour)
	f("/404", 404, 0, "no feed at this address")
	f("/410", 410, 0, "closed")
	if res, err := client(t, nil).Do(t.Context(), Request{URL: s.URL + "/204"}); err != nil || res.Status != 204 || len(res.Body) > 0 {
		t.Errorf("204: %+v %v", res, err)
	}
}

// TestValidators go back as they came, unless they cannot be sent at all.
func TestValidators(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if tag := r.URL.Query().Get("tag"); tag != "" {
			w.Header()["ETag"] = []string{tag}
		}
		fmt.Fprint(w, r.Header.Get("If-None-Match"), "|", r.Header.Get("If-Modified-Since"))
	})
	c := client(t, nil)
	f := func(r Request, want string) {
		t.Helper()
		r.URL = s.URL
		if res, err := c.Do(t.Context(), r); err != nil || string(res.Body) != want {
			t.Errorf("%+v: %+v %v, want %s", r, res, err, want)
		}
	}
	f(Request{ETag: `W/"weak"`}, `W/"weak"|`)
	f(Request{ETag: `no quotes`, LastModified: "yesterday"}, `no quotes|yesterday`)
	f(Request{ETag: `"a-gzip"`}, `"a-gzip", "a"|`)
	f(Request{ETag: `W/"a-br"`}, `W/"a-br", W/"a"|`)
	f(Request{ETag: "a\r\nX: y", LastModified: "b\x00"}, "|")
	f(Request{ETag: "a", LastModified: "b", Unconditional: true}, "|")
	tag := func(in, want string) {
		t.Helper()
		if res, err := c.Do(t.Context(), Request{URL: s.URL + "/?tag=" + url.QueryEscape(in)}); err != nil || res.ETag != want {
			t.Errorf("%.40q: %+v %v", in, res, err)
		}
	}
	tag(`W/"weak"`, `W/"weak"`)
	tag(`bare`, `bare`)
	tag(`"`+strings.Repeat("x", maxValidator)+`"`, "")
}

// TestBodyHash is how a 200 with the old body under a new tag is known.
func TestBodyHash(t *testing.T) {
	var n atomic.Int32
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, n.Add(1)))
		switch r.URL.Path {
		case "/same":
			body := []byte("<rss>same</rss>")
			if n.Load()%2 == 0 {
				var buf bytes.Buffer
				z := gzip.NewWriter(&buf)
				_, _ = z.Write(body)
				z.Close()
				w.Header().Set("Content-Encoding", "gzip")
				body = buf.Bytes()
			}
			_, _ = w.Write(body)
		case "/other":
			fmt.Fprintf(w, "<rss>%d</rss>", n.Load())
		}
	})
	c := client(t, nil)
	twice := func(path string) (a, b *Response) {
		t.Helper()
		a, err := c.Do(t.Context(), Request{URL: s.URL + path})
		if err != nil {
			t.Fatal(err)
		}
		if b, err = c.Do(t.Context(), Request{URL: s.URL + path, ETag: a.ETag}); err != nil {
			t.Fatal(err)
		}
		return a, b
	}
	if a, b := twice("/same"); a.ETag == b.ETag || a.BodyHash != b.BodyHash || a.BodyHash != xxh3.HashString("<rss>same</rss>") {
		t.Errorf("%+v %+v", a, b)
	}
	if a, b := twice("/other"); a.BodyHash == b.BodyHash {
		t.Errorf("%+v %+v", a, b)
	}
	if a, _ := twice("/empty"); a.BodyHash != 0 {
		t.Errorf("%+v", a)
	}
}
