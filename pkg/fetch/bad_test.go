package fetch

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestBadServers has a row for each way of not being a web server.
func TestBadServers(t *testing.T) {
	patient, impatient := client(t, nil), client(t, hasty)
	f := func(what, url, class string, words ...string) {
		t.Helper()
		c := patient
		if class == ClassTimeout {
			c = impatient
		}
		res, err := c.Do(t.Context(), Request{URL: url})
		wantClass(t, what, err, class, words...)
		if res != nil && class != ClassStatus {
			t.Errorf("%s: an answer beside the error: %+v", what, res)
		}
	}
	const ok = "HTTP/1.1 200 OK\r\n"
	f("says nothing", raw(t, "", true), ClassTimeout, "did not answer in time")
	f("half a status line", raw(t, "HTTP/1.", true), ClassTimeout, "did not answer")
	f("half a header", raw(t, ok+"Content-Ty", true), ClassTimeout, "did not answer")
	f("no body", raw(t, ok+"Content-Length: 10\r\n\r\n", true), ClassTimeout, "too slowly")
	f("half a body", raw(t, ok+"Content-Length: 10\r\n\r\nabc", true), ClassTimeout, "too slowly")
	f("half a chunk", raw(t, ok+"Transfer-Encoding: chunked\r\n\r\n5\r\nab", true), ClassTimeout, "too slowly")
	f("hangs up", raw(t, "", false), ClassProtocol, "broke the connection off")
	f("hangs up in the header", raw(t, ok+"Content-", false), ClassProtocol, "HTTP")
	f("ends before it begins", raw(t, ok+"Content-Length: 10\r\n\r\n", false), ClassProtocol, "broke")
	f("not HTTP", raw(t, "SSH-2.0-OpenSSH_9\r\n\r\n", false), ClassProtocol, "HTTP", "SSH")
	f("garbage", raw(t, "\x16\x03\x01\x00\x00"+strings.Repeat("\xff\x00", 300)+"\n", false), ClassProtocol)
	f("HTTP/0.9", raw(t, "<rss></rss>\n", false), ClassProtocol, "HTTP")
	f("HTTP/9.9", raw(t, "HTTP/9.9 two hundred\r\n\r\n", false), ClassProtocol)
	f("a huge header", raw(t, ok+"X: "+strings.Repeat("x", 64<<10)+"\r\n\r\n", false), ClassTooLarge, "headers", "max_header")
	f("a header without colon", raw(t, ok+"nonsense\r\n\r\n", false), ClassProtocol)
	f("a control character in a header", raw(t, ok+"X: a\x00b\r\n\r\n", false), ClassProtocol)
	f("two lengths", raw(t, ok+"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", false), ClassProtocol)
	f("a length below zero", raw(t, ok+"Content-Length: -1\r\n\r\n", false), ClassProtocol)
	f("a strange transfer coding", raw(t, ok+"Transfer-Encoding: gzip\r\n\r\nabc", false), ClassProtocol)
	f("101 unasked", raw(t, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", true), ClassProtocol, "101")
	f("a chunk of nonsense", raw(t, ok+"Transfer-Encoding: chunked\r\n\r\nzz\r\nab", false), ClassProtocol)
	f("304 to everything", raw(t, "HTTP/1.1 304 Not Modified\r\n\r\n", false), ClassProtocol, "304")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	f("nobody there", "http://"+l.Addr().String()+"/", ClassRefused, "refuses")
	f("no name", "http://nowhere.invalid/", ClassDNS, "nowhere.invalid")
	for _, u := range []string{"harbour.example/feed", "ftp://harbour.example/feed", "http:///feed", "file:///etc/passwd", "http://", "http://./", "", "http://[::1", "http://a b/"} {
		if _, err := patient.Do(t.Context(), Request{URL: u}); ErrClass(err) != ClassURL && u != "http://./" {
			t.Errorf("%q: %v", u, err)
		} else if err == nil {
			t.Errorf("%q: no error", u)
		}
	}
}

// TestEndless lets out no more than a bounded number of bytes.
func TestEndless(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	f := func(what, class, head, piece string, words ...string) {
		t.Helper()
		url, written := endless(t, head, piece)
		c := client(t, nil)
		_, err := c.Do(t.Context(), Request{URL: url})
		wantClass(t, what, err, class, words...)
		c.Close()
		if n := written(); n > 12<<20 { // the limits, and what sockets hold
			t.Errorf("%s: %d bytes were taken", what, n)
		}
	}
	f("body", ClassTooLarge, ok+"\r\n", strings.Repeat("a", 8<<10), "max_body")
	f("chunks", ClassTooLarge, ok+"Transfer-Encoding: chunked\r\n\r\n", "400\r\n"+strings.Repeat("a", 1024)+"\r\n", "max_body")
	f("header line", ClassTooLarge, ok+"X: ", strings.Repeat("a", 8<<10), "headers")
	f("header lines", ClassTooLarge, ok, "X-Line: harbour\r\n", "headers")
	f("status line", ClassTooLarge, "HTTP/1.1 200 ", strings.Repeat("a", 8<<10), "headers")
	f("100 Continue", ClassTooLarge, "", "HTTP/1.1 100 Continue\r\n\r\n", "headers")
	f("103 Early Hints", ClassTooLarge, "", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", "headers")
	f("chunk extension", ClassProtocol, ok+"Transfer-Encoding: chunked\r\n\r\n5;", strings.Repeat("a", 8<<10))
	f("chunks of one byte", "", ok+"Transfer-Encoding: chunked\r\n\r\n", "1;"+strings.Repeat("x", 400)+"\r\na\r\n")
}

// TestOddButGood are answers of which something can be made.
func TestOddButGood(t *testing.T) {
	c := client(t, nil)
	f := func(what, answer, body string, truncated bool) {
		t.Helper()
		res, err := c.Do(t.Context(), Request{URL: raw(t, answer, false)})
		if err != nil || string(res.Body) != body || res.Truncated != truncated || truncated && res.ETag != "" {
			t.Errorf("%s: %+v %v", what, res, err)
		}
	}
	const head = "HTTP/1.1 200 OK\r\nETag: x\r\n"
	f("Content-Length too large", head+"Content-Length: 100\r\n\r\n<rss>abc", "<rss>abc", true)
	f("Content-Length too small", head+"Content-Length: 3\r\n\r\nabcdef", "abc", false)
	f("chunks cut", head+"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\n5\r\nab", "<rss>ab", true)
	f("chunks gone wrong", head+"Transfer-Encoding: chunked\r\n\r\n5\r\n<rss>\r\nzz\r\nab", "<rss>", true)
	f("HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\n<rss>", "<rss>", false)
	f("no length", head+"\r\n<rss>", "<rss>", false)
	f("no reason", "HTTP/1.1 200\r\n\r\n<rss>", "<rss>", false)
	f("bare newlines", "HTTP/1.1 200 OK\nX: y\n\n<rss>", "<rss>", false)
	f("100 Continue first", "HTTP/1.1 100 Continue\r\n\r\n"+head+"\r\n<rss>", "<rss>", false)
	f("204", "HTTP/1.1 204 No Content\r\n\r\n", "", false)
	f("206 unasked", "HTTP/1.1 206 Partial Content\r\nETag: x\r\nContent-Length: 5\r\nContent-Range: bytes 0-4/90\r\n\r\n<rss>", "<rss>", true)
	f("a header name with blanks", "HTTP/1.1 200 OK\r\nX Y: 1\r\nContent-Length: 5\r\n\r\n<rss>", "<rss>", false)
	f("a header in UTF-8", "HTTP/1.1 200 OK\r\nX: Überseehäfen\r\nContent-Length: 5\r\n\r\n<rss>", "<rss>", false)
}

// TestHangsUpBeforeAByte asks again on a connection that had been used before,
// and only then.
func TestHangsUpBeforeAByte(t *testing.T) {
	var conns, asked atomic.Int32
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			n := conns.Add(1)
			go func() {
				defer conn.Close()
				buf := make([]byte, 4096)
				for i := 0; ; i++ {
					if _, err := conn.Read(buf); err != nil {
						return
					}
					asked.Add(1)
					if n == 1 && i == 1 || n == 3 {
						return
					}
					fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d", n)
					if n == 2 {
						return
					}
				}
			}()
		}
	}()
	c := client(t, nil)
	get := func(want string) {
		t.Helper()
		res, err := c.Do(t.Context(), Request{URL: "http://" + l.Addr().String()})
		if err != nil || string(res.Body) != want {
			t.Fatalf("%+v %v, want %s", res, err, want)
		}
	}
	get("1")
	get("2") // asked on the first connection, then on a new one
	c.Close()
	_, err = c.Do(t.Context(), Request{URL: "http://" + l.Addr().String()})
	wantClass(t, "a new connection is hung up", err, ClassProtocol, "broke")
	if conns.Load() != 3 || asked.Load() != 4 {
		t.Errorf("%d connections, %d requests; want 3 and 4", conns.Load(), asked.Load())
	}
}

func TestHangsInTLS(t *testing.T) {
	_, err := client(t, hasty).Do(t.Context(), Request{URL: strings.Replace(raw(t, "", true), "http:", "https:", 1)})
	wantClass(t, "never shakes hands", err, ClassTimeout, "TLS")
	a := newAuthority(t)
	silent := secure(t, a.sign(t, time.Now().Add(-time.Minute)), []string{"h2", "http/1.1"}, serveNothing)
	c := a.trust(t, func(cfg *Config) { cfg.HeaderTimeout = 100 * time.Millisecond })
	_, err = c.Do(t.Context(), Request{URL: silent})
	wantClass(t, "shakes hands and falls silent", err, ClassTimeout, "did not answer")
}

// TestDripsHeaders sends a byte now and then, each in time.
func TestDripsHeaders(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for _, b := range []byte("HTTP/1.1 200 OK\r\n" + strings.Repeat("X: harbour\r\n", 1000)) {
			<-tick.C
			if _, err := conn.Write([]byte{b}); err != nil {
				return
			}
		}
	}()
	_, err = client(t, hasty).Do(t.Context(), Request{URL: "http://" + l.Addr().String()})
	wantClass(t, "drips headers", err, ClassTimeout, "did not answer")
}

func TestNoPasswordInErrors(t *testing.T) {
	c := client(t, nil)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Location"] = []string{map[string]string{
			"/scheme": "ftp://user:hunter2@harbour.example/", "/broken": "http://user:hunter2@harbour.example:x/", "/private": "http://user:hunter2@10.0.0.1/",
			"/dns": "http://user:hunter2@nowhere.invalid/",
		}[r.URL.Path]}
		w.WriteHeader(302)
	})
	urls := []string{"http://user:hunter2@harbour.example:x/", "ftp://user:hunter2@harbour.example/", "http://user:hunter2@10.0.0.1/", "http://user:hunter2@nowhere.invalid/",
		s.URL + "/scheme", s.URL + "/broken", s.URL + "/private", s.URL + "/dns"}
	for _, u := range urls {
		_, err := c.Do(t.Context(), Request{URL: u})
		if err == nil {
			t.Errorf("%s: no error", u)
			continue
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error(), "hunter2") {
				t.Errorf("%s: a password in %v", u, e)
			}
		}
	}
	res, err := c.Do(t.Context(), Request{URL: strings.Replace(serve(t, func(w http.ResponseWriter, r *http.Request) {
		user, pass, _ := r.BasicAuth()
		_, _ = io.WriteString(w, user+pass)
	}).URL, "://", "://user:hunter2@", 1)})
	if err != nil || string(res.Body) != "userhunter2" || strings.Contains(res.FinalURL, "hunter2") {
		t.Errorf("%+v %v", res, err)
	}
}
