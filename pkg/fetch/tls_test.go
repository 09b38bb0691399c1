package fetch

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

func serveNothing(conn *tls.Conn) { _, _ = io.Copy(io.Discard, conn) }

func TestCertificates(t *testing.T) {
	a := newAuthority(t)
	c := a.trust(t, func(cfg *Config) { cfg.AllowPrivate = []string{"localhost"} })
	now := time.Now()
	f := func(what string, cert tls.Certificate, words ...string) {
		t.Helper()
		_, err := c.Do(t.Context(), Request{URL: secure(t, cert, nil, serveNothing)})
		wantClass(t, what, err, ClassTLS, words...)
	}
	f("expired", a.sign(t, now.Add(-24*time.Hour)), "expired", "renew")
	f("not yet valid", a.sign(t, now.Add(24*time.Hour)), "certificate")
	f("for another name", a.sign(t, now.Add(-time.Minute), "harbour.example"), "another name")
	f("self-signed", newAuthority(t).sign(t, now.Add(-time.Minute)), "trusts")

	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, err := c.Do(t.Context(), Request{URL: strings.Replace(plain.URL, "http:", "https:", 1)})
	wantClass(t, "no TLS", err, ClassTLS, "http://")

	old, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{a.sign(t, now.Add(-time.Minute))}, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10})
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	go func() {
		if conn, err := old.Accept(); err == nil {
			_ = conn.(*tls.Conn).Handshake()
			conn.Close()
		}
	}()
	_, err = c.Do(t.Context(), Request{URL: "https://" + old.Addr().String()})
	wantClass(t, "TLS 1.1", err, ClassTLS)
}

func TestHTTP2(t *testing.T) {
	a := newAuthority(t)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/late" {
			fmt.Fprint(w, "<rss>")
			_ = http.NewResponseController(w).Flush()
		}
		if r.URL.Path != "/" {
			panic(http.ErrAbortHandler)
		}
		fmt.Fprint(w, r.Proto)
	}))
	s.EnableHTTP2 = true
	s.TLS = &tls.Config{Certificates: []tls.Certificate{a.sign(t, time.Now().Add(-time.Minute))}}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	c := a.trust(t, nil)
	f := func(rung int, want string) {
		t.Helper()
		if res, err := c.Do(t.Context(), Request{URL: s.URL, Rung: rung}); err != nil || string(res.Body) != want {
			t.Errorf("rung %d: %+v %v, want %s", rung, res, err, want)
		}
	}
	f(0, "HTTP/2.0")
	f(1, "HTTP/2.0")
	f(2, "HTTP/1.1")
	_, err := c.Do(t.Context(), Request{URL: s.URL + "/reset"})
	wantClass(t, "reset at once", err, ClassProtocol, "broke the HTTP/2 connection off")
	if res, err := c.Do(t.Context(), Request{URL: s.URL + "/late"}); err != nil || !res.Truncated || string(res.Body) != "<rss>" {
		t.Errorf("reset within: %+v %v", res, err)
	}
	f(0, "HTTP/2.0")
}

// frames serves HTTP/2 by hand: script says what becomes of the n-th request,
// counted over all connections.
func frames(t *testing.T, a *authority, script func(n int32, f *http2.Framer, stream uint32) error) (url string, conns *atomic.Int32) {
	t.Helper()
	conns = new(atomic.Int32)
	var n atomic.Int32
	url = secure(t, a.sign(t, time.Now().Add(-time.Minute)), []string{"h2"}, func(conn *tls.Conn) {
		conns.Add(1)
		if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
			return
		}
		f := http2.NewFramer(conn, conn)
		if f.WriteSettings() != nil {
			return
		}
		for {
			frame, err := f.ReadFrame()
			if err != nil {
				return
			}
			switch frame := frame.(type) {
			case *http2.SettingsFrame:
				if !frame.IsAck() && f.WriteSettingsAck() != nil {
					return
				}
			case *http2.HeadersFrame:
				if script(n.Add(1), f, frame.StreamID) != nil {
					return
				}
			}
		}
	})
	return url, conns
}

// answer gives a small page.
func answer(f *http2.Framer, stream uint32) error {
	var block strings.Builder
	e := hpack.NewEncoder(&block)
	_ = e.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
	if err := f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: []byte(block.String()), EndHeaders: true}); err != nil {
		return err
	}
	return f.WriteData(stream, true, []byte("<rss>"))
}

var errEnough = errors.New("enough")

func TestHTTP2Frames(t *testing.T) {
	a := newAuthority(t)
	good := func(what string, wantConns int32, script func(n int32, f *http2.Framer, stream uint32) error) {
		t.Helper()
		url, conns := frames(t, a, script)
		res, err := a.trust(t, nil).Do(t.Context(), Request{URL: url})
		if err != nil || string(res.Body) != "<rss>" || conns.Load() != wantConns {
			t.Errorf("%s: %+v %v, %d connections", what, res, err, conns.Load())
		}
	}
	good("GOAWAY before the request was looked at", 2, func(n int32, f *http2.Framer, stream uint32) error {
		if n == 1 {
			return f.WriteGoAway(0, http2.ErrCodeNo, nil)
		}
		return answer(f, stream)
	})
	good("refused stream", 1, func(n int32, f *http2.Framer, stream uint32) error {
		if n == 1 {
			return f.WriteRSTStream(stream, http2.ErrCodeRefusedStream)
		}
		return answer(f, stream)
	})
	bad := func(what, class string, script func(n int32, f *http2.Framer, stream uint32) error, words ...string) {
		t.Helper()
		var asked int32
		url, _ := frames(t, a, func(n int32, f *http2.Framer, stream uint32) error {
			atomic.StoreInt32(&asked, n)
			return script(n, f, stream)
		})
		c := a.trust(t, func(cfg *Config) {
			if class == ClassTimeout {
				cfg.HeaderTimeout = 100 * time.Millisecond
			}
		})
		_, err := c.Do(t.Context(), Request{URL: url})
		wantClass(t, what, err, class, words...)
		if n := atomic.LoadInt32(&asked); n != 1 {
			t.Errorf("%s: asked %d times", what, n)
		}
	}
	bad("GOAWAY for good", ClassProtocol, func(_ int32, f *http2.Framer, stream uint32) error {
		_ = f.WriteGoAway(stream, http2.ErrCodeEnhanceYourCalm, nil)
		return errEnough
	}, "HTTP/2", "again later")
	bad("reset", ClassProtocol, func(_ int32, f *http2.Framer, stream uint32) error {
		return f.WriteRSTStream(stream, http2.ErrCodeInternal)
	}, "HTTP/2")
	bad("nothing", ClassTimeout, func(int32, *http2.Framer, uint32) error { return nil }, "did not answer")
	bad("garbage", ClassProtocol, func(_ int32, f *http2.Framer, stream uint32) error {
		return f.WriteRawFrame(http2.FrameHeaders, http2.FlagHeadersEndHeaders, stream, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	})
	bad("endless headers", ClassProtocol, func(_ int32, f *http2.Framer, stream uint32) error {
		var block strings.Builder
		e := hpack.NewEncoder(&block)
		_ = e.WriteField(hpack.HeaderField{Name: ":status", Value: "200"})
		_ = f.WriteHeaders(http2.HeadersFrameParam{StreamID: stream, BlockFragment: []byte(block.String())})
		for {
			block.Reset()
			_ = e.WriteField(hpack.HeaderField{Name: "x", Value: strings.Repeat("a", 1000), Sensitive: true})
			if err := f.WriteContinuation(stream, false, []byte(block.String())); err != nil {
				return err
			}
		}
	}, "HTTP/2")
}
