package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func newTestNames(now *time.Time) (*names, *hosts) {
	h := &hosts{of: map[string][]answerOf{}}
	return newNames(h, time.Second, func() time.Time { return *now }), h
}

func TestNames(t *testing.T) {
	now := noon
	n, h := newTestNames(&now)
	f := func(what, host, want string, wantAsked int) {
		t.Helper()
		before := h.count()
		addrs, err := n.lookup(t.Context(), host)
		got := fmt.Sprint(addrs)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) || h.count()-before != wantAsked {
			t.Errorf("%s: %s after %d lookups, want %s after %d", what, got, h.count()-before, want, wantAsked)
		}
	}
	f("an address", "192.0.2.1", "[192.0.2.1]", 0)
	h.set("a.example", at("192.0.2.1", "2001:db8::1"))
	f("first", "a.example", "[192.0.2.1 2001:db8::1]", 1)
	f("again", "a.example", "[192.0.2.1 2001:db8::1]", 0)
	now = now.Add(nameFresh)
	h.set("a.example", at("192.0.2.2"))
	f("old", "a.example", "[192.0.2.2]", 1)

	// a name server that fails: what was known holds on, but not for ever
	now = now.Add(nameFresh)
	h.set("a.example", answerOf{err: &net.DNSError{Err: "server misbehaving", Name: "a.example"}})
	f("stale", "a.example", "[192.0.2.2]", 1)
	f("stale, not asked again at once", "a.example", "[192.0.2.2]", 0)
	now = now.Add(nameStale)
	f("too stale", "a.example", "misbehaving", 1)
	f("too stale, not asked again at once", "a.example", "misbehaving", 0)
	now = now.Add(nameFails)
	h.set("a.example", at("192.0.2.3"))
	f("well again", "a.example", "[192.0.2.3]", 1)
	n.forget("a.example")
	f("forgotten", "a.example", "[192.0.2.3]", 1)

	// a name that is not there is not believed to have been
	f("absent", "b.example", "no such host", 1)
	f("absent, again", "b.example", "no such host", 0)
	now = now.Add(nameAbsent)
	h.set("b.example", at("192.0.2.4"))
	f("there now", "b.example", "[192.0.2.4]", 1)
	now = now.Add(nameFresh)
	h.set("b.example")
	f("gone", "b.example", "no such host", 1)
	h.set("c.example", answerOf{})
	f("without addresses", "c.example", "no address", 1)
}

// TestNamesTogether asks once for many, also where the first of them gives up.
func TestNamesTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := noon
		n, h := newTestNames(&now)
		h.set("a.example", answerOf{hang: true})
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 10)
		for i := range 10 {
			from := t.Context()
			if i == 0 {
				from = ctx
			}
			go func() {
				_, err := n.lookup(from, "a.example")
				errs <- err
			}()
			synctest.Wait()
		}
		cancel()
		if err := <-errs; !errors.Is(err, context.Canceled) {
			t.Errorf("the first: %v", err)
		}
		for range 9 {
			if err := <-errs; !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("another: %v", err)
			}
		}
		if h.count() != 1 {
			t.Errorf("%d lookups", h.count())
		}
	})
}

func TestNamesAreBounded(t *testing.T) {
	now := noon
	n, _ := newTestNames(&now)
	for i := range maxNames + 1000 {
		n.store(fmt.Sprintf("h%d.example", i), nil, errors.New("x"))
	}
	if len(n.known) > maxNames {
		t.Errorf("%d names", len(n.known))
	}
	now = now.Add(nameFails + time.Second)
	for i := range maxNames / 8 {
		n.store(fmt.Sprintf("j%d.example", i), nil, errors.New("x"))
	}
	if len(n.known) > maxNames/8 {
		t.Errorf("%d names after a while", len(n.known))
	}
}

// TestDialInTurn goes on to the next address, of the same family and the other.
func TestDialInTurn(t *testing.T) {
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
			conn.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	now := noon
	n, h := newTestNames(&now)
	g, err := newGuard([]string{"127.0.0.0/8", "::1"})
	if err != nil {
		t.Fatal(err)
	}
	d := &dialer{names: n, guard: g, timeout: 5 * time.Second, net: net.Dialer{Control: g.control}}
	f := func(ok bool, addrs ...string) {
		t.Helper()
		h.set("a.example", at(addrs...))
		n.forget("a.example")
		conn, err := d.dial(t.Context(), "tcp", "a.example:"+port)
		if (err == nil) != ok {
			t.Errorf("%v: %v", addrs, err)
		}
		if conn != nil {
			if got := conn.RemoteAddr().String(); got != "127.0.0.1:"+port {
				t.Errorf("%v: connected to %s", addrs, got)
			}
			conn.Close()
		}
	}
	f(true, "127.0.0.1")
	f(true, "127.0.0.9", "127.0.0.1")
	f(true, "::1", "127.0.0.1")
	f(true, "127.0.0.9", "::1", "127.0.0.8", "127.0.0.1")
	f(true, "10.0.0.1", "127.0.0.1") // what is private is left out
	f(false, "127.0.0.9", "::1")
	f(false, "10.0.0.1", "fd00::1")

	// where nothing answers, the name is looked up anew
	before := h.count()
	f(false, "127.0.0.9")
	h.set("a.example", at("127.0.0.1"))
	if conn, err := d.dial(t.Context(), "tcp", "a.example:"+port); err != nil || h.count() != before+2 {
		t.Errorf("moved: %v after %d lookups", err, h.count()-before)
	} else {
		conn.Close()
	}
}

// TestNameServerHangs is the first phase in which a fetch may hang.
func TestNameServerHangs(t *testing.T) {
	c := client(t, func(cfg *Config) { cfg.ConnectTimeout = 50 * time.Millisecond })
	h := &hosts{of: map[string][]answerOf{"slow.example": {{hang: true}}}}
	c.routes.dial.names.resolver, c.routes.dial.names.timeout = h, time.Minute
	_, err := c.Do(t.Context(), Request{URL: "http://slow.example/"})
	wantClass(t, "the name server hangs", err, ClassTimeout, "slow.example", "name server")
}
