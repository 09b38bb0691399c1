package fetch

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"
)

// resolver looks names up; net.Resolver is one.
type resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// How long answers of the name server are kept. Go does not tell their own
// time to live.
const (
	nameFresh  = 5 * time.Minute
	nameStale  = time.Hour        // used for so long where the name server fails
	nameAbsent = time.Minute      // a name without an address
	nameFails  = 10 * time.Second // a name server that fails
	maxNames   = 1 << 17
)

// names caches name resolution.
type names struct {
	resolver resolver
	timeout  time.Duration
	now      func() time.Time
	flight   singleflight.Group

	mu    sync.Mutex
	known map[string]*nameEntry
}

type nameEntry struct {
	addrs []netip.Addr
	err   error
	at    time.Time // when addrs or err came
	until time.Time
}

func newNames(r resolver, timeout time.Duration, now func() time.Time) *names {
	return &names{resolver: r, timeout: timeout, now: now, known: map[string]*nameEntry{}}
}

// lookup gives the addresses of a host, in the order of the resolver.
func (n *names) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if a, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{a}, nil
	}
	if e := n.fresh(host); e != nil {
		return e.addrs, e.err
	}
	done := n.flight.DoChan(host, func() (any, error) {
		if e := n.fresh(host); e != nil {
			return e, nil
		}
		// Many may wait for this: it does not end with the one who asked first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), n.timeout)
		defer cancel()
		addrs, err := n.resolver.LookupNetIP(ctx, "ip", host)
		if err == nil && len(addrs) == 0 {
			err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
		}
		return n.store(host, addrs, err), nil
	})
	select {
	case res := <-done:
		e := res.Val.(*nameEntry)
		return e.addrs, e.err
	case <-ctx.Done():
		return nil, &net.DNSError{Err: "no answer yet", Name: host, IsTimeout: true, UnwrapErr: ctx.Err()}
	}
}

func (n *names) fresh(host string) *nameEntry {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e := n.known[host]; e != nil && n.now().Before(e.until) {
		return e
	}
	return nil
}

// forget makes the next lookup ask again: none of the addresses answered.
func (n *names) forget(host string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if e := n.known[host]; e != nil && e.err == nil {
		e.until = time.Time{}
	}
}

func (n *names) store(host string, addrs []netip.Addr, err error) *nameEntry {
	n.mu.Lock()
	defer n.mu.Unlock()
	now := n.now()
	var dns *net.DNSError
	e := &nameEntry{addrs: addrs, err: err, at: now, until: now.Add(nameFresh)}
	switch old := n.known[host]; {
	case err == nil:
	case errors.As(err, &dns) && dns.IsNotFound:
		e.until = now.Add(nameAbsent)
	case old != nil && old.err == nil && now.Sub(old.at) < nameStale:
		e.addrs, e.err, e.at, e.until = old.addrs, nil, old.at, now.Add(nameFails)
	default:
		e.until = now.Add(nameFails)
	}
	if len(n.known) >= maxNames {
		n.makeRoom(now)
	}
	n.known[host] = e
	return e
}

// makeRoom drops what is out of date and, if that is not much, others at
// random: they will be looked up again.
func (n *names) makeRoom(now time.Time) {
	for host, e := range n.known {
		if now.After(e.until) {
			delete(n.known, host)
		}
	}
	for host := range n.known {
		if len(n.known) < maxNames-maxNames/16 {
			return
		}
		delete(n.known, host)
	}
}
