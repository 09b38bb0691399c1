package fetch

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// client gives one that may reach loopback, with short limits.
func client(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	cfg := Config{
		AllowPrivate: []string{"127.0.0.1"}, ConnectTimeout: 2 * time.Second, TLSTimeout: 100 * time.Millisecond,
		HeaderTimeout: 100 * time.Millisecond, IdleTimeout: 100 * time.Millisecond, Timeout: 5 * time.Second, MaxBody: 1 << 20, MaxHeader: 4 << 10,
	}
	if change != nil {
		change(&cfg)
	}
	c, err := New(cfg, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// raw serves one hand-written answer to each connection; the connection stays
// open until the client goes.
func raw(t *testing.T, answer string, hold bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				if _, err := conn.Read(buf); err != nil {
					return
				}
				_, _ = io.WriteString(conn, answer)
				if hold {
					_, _ = io.Copy(io.Discard, conn)
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/"
}

func wantClass(t *testing.T, what string, err error, class string, words ...string) {
	t.Helper()
	if ErrClass(err) != class {
		t.Errorf("%s: class %q (%v), want %q", what, ErrClass(err), err, class)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %q does not say %q", what, err, w)
		}
	}
}

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

func TestPrivate(t *testing.T) {
	var asked atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	port := s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	f := func(allow, host, class string) {
		t.Helper()
		c := client(t, func(cfg *Config) { cfg.AllowPrivate = []string{allow} })
		_, err := c.Do(t.Context(), Request{URL: "http://" + host + ":" + port + "/"})
		if ErrClass(err) != class {
			t.Errorf("allowed %q, asked %s: %v", allow, host, err)
		}
	}
	f("", "127.0.0.1", ClassPrivate)
	f("", "localhost", ClassPrivate)
	f("", "[::ffff:127.0.0.1]", ClassPrivate)
	f("", "0.0.0.0", ClassPrivate)
	f("10.0.0.0/8", "127.0.0.1", ClassPrivate)
	f("127.0.0.1:1", "127.0.0.1", ClassPrivate)
	if asked.Load() != 0 {
		t.Fatal("a private address was reached")
	}
	f("127.0.0.1", "127.0.0.1", "")
	f("127.0.0.0/8", "127.0.0.1", "")
	f("127.0.0.1:"+port, "127.0.0.1", "")
	f("localhost", "127.0.0.1", "")
	f("localhost:"+port, "[::ffff:127.0.0.1]", "")
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

func TestCompression(t *testing.T) {
	text := []byte("<rss>" + strings.Repeat("harbour news ", 500) + "</rss>")
	pack := func(w func(io.Writer) io.WriteCloser, b []byte) []byte {
		var buf bytes.Buffer
		z := w(&buf)
		if _, err := z.Write(b); err != nil {
			t.Fatal(err)
		}
		z.Close()
		return buf.Bytes()
	}
	gz := func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
	br := func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }
	zs := func(w io.Writer) io.WriteCloser { e, _ := zstd.NewWriter(w); return e }
	zl := func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }
	fl := func(w io.Writer) io.WriteCloser { e, _ := flate.NewWriter(w, 5); return e }
	ask := func(encoding string, body []byte, change func(*Config)) (*Response, error) {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if encoding != "" {
				w.Header().Set("Content-Encoding", encoding)
			}
			_, _ = w.Write(body)
		})
		return client(t, change).Do(t.Context(), Request{URL: s.URL})
	}
	f := func(encoding string, body []byte) {
		t.Helper()
		res, err := ask(encoding, body, nil)
		if err != nil || !bytes.Equal(res.Body, text) || res.Truncated || res.WireBytes != int64(len(body)) {
			t.Errorf("%q: %v %+v", encoding, err, res)
		}
	}
	f("", text)
	f("identity", text)
	f("gzip", pack(gz, text))
	f("x-gzip", pack(gz, text))
	f("br", pack(br, text))
	f("zstd", pack(zs, text))
	f("deflate", pack(zl, text))
	f("deflate", pack(fl, text))
	f("gzip, gzip", pack(gz, pack(gz, text)))
	f("br, gzip", pack(gz, pack(br, text)))
	f("gzip", text)       // announced, not done
	f("zstd", text)       // the same
	f("br", text)         // the same
	f("", pack(gz, text)) // done, not announced
	f("UTF-8", text)      // no encoding at all

	zeros := make([]byte, 900<<10)
	generous := func(c *Config) { c.MaxBody = 64 << 20 }
	for enc, w := range map[string]func(io.Writer) io.WriteCloser{"gzip": gz, "br": br, "zstd": zs, "deflate": zl} {
		packed := pack(w, bytes.Repeat(zeros, 8))
		_, err := ask(enc, packed, generous)
		wantClass(t, enc+" bomb", err, ClassBomb, "inflate")
		_, err = ask(enc, packed, nil)
		if c := ErrClass(err); c != ClassBomb && c != ClassTooLarge {
			t.Errorf("%s over the limit: %v", enc, err)
		}
	}
	_, err := ask("gzip, gzip, gzip", pack(gz, text), nil)
	wantClass(t, "three times packed", err, ClassBomb)
	_, err = ask("lzma", text, nil)
	wantClass(t, "unknown encoding", err, ClassProtocol, "lzma")
	_, err = ask("gzip", append([]byte{0x1f, 0x8b, 8, 0}, text...), nil)
	wantClass(t, "broken gzip", err, ClassProtocol, "decompress")
	_, err = ask("", make([]byte, 2<<20), nil)
	wantClass(t, "large body", err, ClassTooLarge, "1048576")
	if res, err := ask("gzip", pack(gz, text)[:60], nil); err == nil && !res.Truncated {
		t.Errorf("half a gzip: %+v", res)
	}
}

func TestBadServers(t *testing.T) {
	c := client(t, nil)
	f := func(what, url, class string, words ...string) {
		t.Helper()
		_, err := c.Do(t.Context(), Request{URL: url})
		wantClass(t, what, err, class, words...)
	}
	f("says nothing", raw(t, "", true), ClassTimeout, "did not answer in time")
	f("half a header", raw(t, "HTTP/1.1 200 OK\r\nContent-Ty", true), ClassTimeout, "did not answer")
	f("no body", raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", true), ClassTimeout, "too slowly")
	f("half a body", raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true), ClassTimeout, "too slowly")
	f("hangs up", raw(t, "", false), ClassProtocol, "broke the connection off")
	f("not HTTP", raw(t, "SSH-2.0-OpenSSH_9\r\n\r\n", false), ClassProtocol, "HTTP")
	f("huge header", raw(t, "HTTP/1.1 200 OK\r\nX: "+strings.Repeat("x", 64<<10)+"\r\n\r\n", false), ClassTooLarge, "headers")
	f("ends before it begins", raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", false), ClassProtocol, "broke")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	f("nobody there", "http://"+l.Addr().String()+"/", ClassRefused, "refuses")
	f("no name", "http://nowhere.invalid/", ClassDNS, "nowhere.invalid")
	f("no scheme", "harbour.example/feed", ClassURL, "no http")
	f("other scheme", "ftp://harbour.example/feed", ClassURL)
	f("no host", "http:///feed", ClassURL)
	if _, err := c.Do(t.Context(), Request{URL: "http://user:secret@harbour.example:x/"}); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a password in %v", err)
	}

	res, err := c.Do(t.Context(), Request{URL: raw(t, "HTTP/1.1 200 OK\r\nETag: x\r\nContent-Length: 100\r\n\r\n<rss>abc", false)})
	if err != nil || !res.Truncated || string(res.Body) != "<rss>abc" || res.ETag != "" {
		t.Errorf("Content-Length too large: %+v %v", res, err)
	}
	res, err = c.Do(t.Context(), Request{URL: raw(t, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef", false)})
	if err != nil || string(res.Body) != "abc" {
		t.Errorf("Content-Length too small: %+v %v", res, err)
	}
}

func TestDripAndEndlessBody(t *testing.T) {
	piece := func(size int, every time.Duration) *httptest.Server {
		return serve(t, func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				select {
				case <-r.Context().Done():
					return
				case <-tick.C:
				}
				if _, err := w.Write(bytes.Repeat([]byte("a"), size)); err != nil {
					return
				}
				_ = http.NewResponseController(w).Flush()
			}
		})
	}
	c := client(t, nil)
	_, err := c.Do(t.Context(), Request{URL: piece(1, 20*time.Millisecond).URL})
	wantClass(t, "drip", err, ClassTimeout, "too slowly")
	_, err = c.Do(t.Context(), Request{URL: piece(64<<10, time.Millisecond).URL})
	wantClass(t, "endless", err, ClassTooLarge)
	slow := client(t, func(cfg *Config) { cfg.Timeout, cfg.MinRate = 300*time.Millisecond, 1 })
	_, err = slow.Do(t.Context(), Request{URL: piece(100, 20*time.Millisecond).URL})
	wantClass(t, "over the total time", err, ClassTimeout, "did not send its answer in time")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = c.Do(ctx, Request{URL: piece(1, time.Hour).URL})
	wantClass(t, "cancelled", err, ClassCanceled)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	c := client(t, func(cfg *Config) { cfg.TLSTimeout = 2 * time.Second })
	_, err := c.Do(t.Context(), Request{URL: s.URL})
	wantClass(t, "unknown authority", err, ClassTLS, "trusts")

	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c = client(t, func(cfg *Config) { cfg.TLSTimeout = 2 * time.Second })
	c.transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	res, err := c.Do(t.Context(), Request{URL: s.URL})
	if err != nil || string(res.Body) != "HTTP/2.0" {
		t.Errorf("HTTP/2: %+v %v", res, err)
	}

	expired := client(t, func(cfg *Config) { cfg.TLSTimeout = 2 * time.Second })
	expired.transport.TLSClientConfig = &tls.Config{RootCAs: roots, Time: func() time.Time { return s.Certificate().NotAfter.Add(time.Hour) }}
	_, err = expired.Do(t.Context(), Request{URL: s.URL})
	wantClass(t, "expired", err, ClassTLS, "expired")

	named := client(t, func(cfg *Config) { cfg.AllowPrivate = []string{"localhost"}; cfg.TLSTimeout = 2 * time.Second })
	named.transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	_, err = named.Do(t.Context(), Request{URL: strings.Replace(s.URL, "127.0.0.1", "localhost", 1)})
	wantClass(t, "other name", err, ClassTLS, "another name")

	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, err = c.Do(t.Context(), Request{URL: strings.Replace(plain.URL, "http:", "https:", 1)})
	wantClass(t, "no TLS", err, ClassTLS, "http://")
	_, err = client(t, nil).Do(t.Context(), Request{URL: strings.Replace(raw(t, "", true), "http:", "https:", 1)})
	wantClass(t, "TLS hangs", err, ClassTimeout, "TLS")
}

func TestHTTP2Reset(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			fmt.Fprint(w, "<rss>")
			_ = http.NewResponseController(w).Flush()
		}
		panic(http.ErrAbortHandler)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	c := client(t, func(cfg *Config) { cfg.TLSTimeout, cfg.HeaderTimeout = 2*time.Second, 2*time.Second })
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c.transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	_, err := c.Do(t.Context(), Request{URL: s.URL})
	wantClass(t, "reset at once", err, ClassProtocol)
	if res, err := c.Do(t.Context(), Request{URL: s.URL + "/late"}); err == nil && !res.Truncated {
		t.Errorf("reset within: %+v", res)
	} else if err != nil {
		wantClass(t, "reset within", err, ClassProtocol)
	}
}
