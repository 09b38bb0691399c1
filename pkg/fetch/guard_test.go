package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

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
		redirecting := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Location"] = []string{"http://" + host + ":" + port + "/"}
			w.WriteHeader(302)
		})
		from := strings.TrimPrefix(redirecting.URL, "http://")
		c = client(t, func(cfg *Config) { cfg.AllowPrivate = []string{allow, from} })
		_, err = c.Do(t.Context(), Request{URL: redirecting.URL})
		if ErrClass(err) != class {
			t.Errorf("allowed %q, redirected to %s: %v", allow, host, err)
		}
	}
	for _, host := range []string{"127.0.0.1", "localhost", "LocalHost.", "a.localhost", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]", "0.0.0.0", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "0177.1",
		"10.0.0.1", "10.1", "192.168.0.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1", "255.255.255.255"} {
		f("", host, ClassPrivate)
	}
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

// hosts is a resolver whose answers a test sets, one a lookup; the last stays.
type hosts struct {
	mu    sync.Mutex
	of    map[string][]answerOf
	asked int
}

type answerOf struct {
	addrs []string
	err   error
	hang  bool
}

func (h *hosts) LookupNetIP(ctx context.Context, _, host string) ([]netip.Addr, error) {
	h.mu.Lock()
	h.asked++
	list := h.of[host]
	if len(list) > 1 {
		h.of[host] = list[1:]
	}
	h.mu.Unlock()
	if len(list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if list[0].hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	var out []netip.Addr
	for _, a := range list[0].addrs {
		out = append(out, netip.MustParseAddr(a))
	}
	return out, list[0].err
}

func (h *hosts) set(host string, answers ...answerOf) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.of[host] = answers
}

func (h *hosts) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

func at(addrs ...string) answerOf { return answerOf{addrs: addrs} }

// TestNamesThatLeadInside are public names with private addresses.
func TestNamesThatLeadInside(t *testing.T) {
	var asked atomic.Int32
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	port := s.URL[strings.LastIndexByte(s.URL, ':')+1:]
	now := noon
	c, err := New(Config{AllowPrivate: []string{"127.0.0.7:" + port}, ConnectTimeout: 2 * time.Second}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	h := &hosts{of: map[string][]answerOf{}}
	c.routes.dial.names.resolver = h
	get := func(name string) error {
		_, err := c.Do(t.Context(), Request{URL: "http://" + name + ":" + port + "/"})
		return err
	}
	h.set("inside.example", at("127.0.0.1"))
	wantClass(t, "a name for loopback", get("inside.example"), ClassPrivate, "inside.example", "127.0.0.1", "allow_private")
	h.set("six.example", at("::1", "fd00::1", "::ffff:127.0.0.1"))
	wantClass(t, "a name for private addresses of IPv6", get("six.example"), ClassPrivate)

	// rebinding: the first answer is fine, the second leads inside
	h.set("rebind.example", at("127.0.0.7"), at("127.0.0.1"))
	l, err := net.Listen("tcp", "127.0.0.7:"+port)
	if err != nil {
		t.Skipf("127.0.0.7 cannot be listened at: %v", err)
	}
	go func() {
		_ = http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "fine") }))
	}()
	if err := get("rebind.example"); err != nil {
		t.Errorf("the first time: %v", err)
	}
	l.Close()
	c.Close()
	now = now.Add(time.Hour)
	wantClass(t, "the second time", get("rebind.example"), ClassPrivate)
	if asked.Load() != 0 {
		t.Error("a private address was reached")
	}
}

func TestLoosely(t *testing.T) {
	f := func(host, want string) {
		t.Helper()
		a, ok := loosely(host)
		if got := a.String(); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %s %v, want %s", host, got, ok, want)
		}
	}
	f("127.0.0.1", "127.0.0.1")
	f("127.1", "127.0.0.1")
	f("10.258", "10.0.1.2")
	f("0xa9fea9fe", "169.254.169.254")
	f("0251.0376.0251.0376", "169.254.169.254")
	f("3232235521", "192.168.0.1")
	f("4294967296", "")
	f("08.1", "8.0.0.1")
	f("256.1", "")
	f("1.2.3.256", "")
	f("1.2.3.4.5", "")
	f("1_0.1", "")
	f("", "")
	f("harbour.example", "")
	f("1.example", "")
	f("0x.1", "")
}
