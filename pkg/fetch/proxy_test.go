package fetch

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// proxy is an HTTP proxy that leads every name to one server, and notes what
// it was asked.
type proxy struct {
	url    string // with user and password
	asked  chan string
	target string // host:port that every name is taken for
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	p := &proxy{asked: make(chan string, 100), target: strings.TrimPrefix(strings.TrimPrefix(target, "https://"), "http://")}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked <- r.Method + " " + r.Host
		if r.Header.Get("Proxy-Authorization") != basic("ann:hunter2") {
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		up, err := net.Dial("tcp", p.target)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer up.Close()
		if r.Method != http.MethodConnect {
			r.Header.Del("Proxy-Authorization")
			r.RequestURI = ""
			_ = r.Write(up)
		}
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		if r.Method == http.MethodConnect {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
			go func() { _, _ = io.Copy(up, rw) }()
		}
		_, _ = io.Copy(conn, up)
	}))
	t.Cleanup(s.Close)
	p.url = strings.Replace(s.URL, "://", "://ann:hunter2@", 1)
	return p
}

func (p *proxy) last() string {
	select {
	case s := <-p.asked:
		return s
	default:
		return ""
	}
}

func through(t *testing.T, url string) *Access {
	t.Helper()
	a, err := parseSecret("wire", []byte("proxy: "+url))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestProxy(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "seen ", r.Host, r.Header.Get("Proxy-Authorization"))
	})
	p := newProxy(t, s.URL)
	c := client(t, nil)
	res, err := c.Do(t.Context(), Request{URL: "http://harbour.example/feed", Access: through(t, p.url)})
	if err != nil || string(res.Body) != "seen harbour.example" || p.last() != "GET harbour.example" {
		t.Errorf("plain: %+v %v", res, err)
	}

	tlsServer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "secure ", r.Host) }))
	defer tlsServer.Close()
	c.routes.tls = tlsServer.Client().Transport.(*http.Transport).TLSClientConfig // for example.com
	c.Close()
	p2 := newProxy(t, tlsServer.URL)
	res, err = c.Do(t.Context(), Request{URL: "https://example.com/feed", Access: through(t, p2.url)})
	if err != nil || string(res.Body) != "secure example.com" || p2.last() != "CONNECT example.com:443" {
		t.Errorf("tunnel: %+v %v", res, err)
	}

	// what may not be reached directly may not be named to a proxy either
	for _, target := range []string{"http://10.0.0.1/", "http://169.254.169.254/latest", "http://[::1]/", "http://[::ffff:10.0.0.1]/", "http://2130706433:81/", "http://0x7f.1:81/", "http://0177.0.0.1:81/",
		"http://localhost:81/", "http://x.localhost:81/", "http://192.168.257/"} {
		narrow := client(t, func(cfg *Config) { cfg.AllowPrivate = []string{strings.Split(p.url, "@")[1]} })
		_, err := narrow.Do(t.Context(), Request{URL: target, Access: through(t, p.url)})
		wantClass(t, target, err, ClassPrivate, "allow_private")
	}
	if asked := p.last(); asked != "" {
		t.Errorf("the proxy was asked for %s", asked)
	}
	// the proxy itself has to be allowed
	strict := client(t, func(cfg *Config) { cfg.AllowPrivate = []string{"127.0.0.1:1"} })
	_, err = strict.Do(t.Context(), Request{URL: "http://harbour.example/feed", Access: through(t, p.url)})
	wantClass(t, "a private proxy", err, ClassProxy, "secret wire", "allow_private")

	bad := func(what, url, proxy string, words ...string) {
		t.Helper()
		_, err := c.Do(t.Context(), Request{URL: url, Access: through(t, proxy)})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", what, err)
		}
		for _, w := range words {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%s: %q does not say %q", what, err, w)
			}
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	bad("proxy down", "http://harbour.example/", "http://u:hunter2@"+l.Addr().String(), "proxy", "check that it runs")
	bad("proxy down, tunnel", "https://harbour.example/", "http://u:hunter2@"+l.Addr().String(), "proxy", "check that it runs")
	bad("socks down", "https://harbour.example/", "socks5://u:hunter2@"+l.Addr().String(), "proxy", "check that it runs")
	bad("wrong password", "http://harbour.example/", strings.Replace(p.url, "ann", "bob", 1), "proxy", "credentials")
	bad("wrong password, tunnel", "https://harbour.example/", strings.Replace(p.url, "ann", "bob", 1), "proxy", "407")
	bad("no proxy at all", "https://harbour.example/", strings.Replace(raw(t, "220 mail ready\r\n", false), "http://", "http://u:hunter2@", 1))
}

// TestSocks speaks SOCKS 5 (RFC 1928, RFC 1929) by hand.
func TestSocks(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "seen ", r.Host) })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var name atomic.Value
	go func() {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		read := func(n int) []byte {
			b := make([]byte, n)
			_, _ = io.ReadFull(conn, b)
			return b
		}
		read(int(read(2)[1])) // methods
		_, _ = conn.Write([]byte{5, 2})
		user := read(int(read(2)[1]))
		pass := read(int(read(1)[0]))
		_, _ = conn.Write([]byte{1, 0})
		host := read(int(read(5)[4]))
		port := binary.BigEndian.Uint16(read(2))
		name.Store(fmt.Sprintf("%s:%s %s:%d", user, pass, host, port))
		up, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
		if err != nil {
			return
		}
		defer up.Close()
		_, _ = conn.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
		go func() { _, _ = io.Copy(up, conn) }()
		_, _ = io.Copy(conn, up)
	}()
	c := client(t, nil)
	res, err := c.Do(t.Context(), Request{URL: "http://harbour.example/feed", Access: through(t, "socks5://ann:hunter2@"+l.Addr().String())})
	if err != nil || string(res.Body) != "seen harbour.example" || name.Load() != "ann:hunter2 harbour.example:80" {
		t.Errorf("%+v %v %v", res, err, name.Load())
	}
	c.Close()
}

// TestManyProxies keeps a bounded number of transports, the latest used.
func TestManyProxies(t *testing.T) {
	c := client(t, nil)
	direct := c.routes.transport(nil, false)
	for i := range 100 {
		c.routes.transport(through(t, fmt.Sprintf("http://u:%d@proxy.example", i)).proxyURL(), false)
		if c.routes.transport(nil, false) != direct {
			t.Fatal("the way that is used most was crowded out")
		}
	}
	if n := len(c.routes.open); n != maxWays {
		t.Errorf("%d transports", n)
	}
	last := through(t, "http://u:99@proxy.example").proxyURL()
	if c.routes.transport(last, false) != c.routes.transport(last, false) || c.routes.transport(last, true) == c.routes.transport(last, false) {
		t.Error("transports are not told apart by proxy and protocol")
	}
}
