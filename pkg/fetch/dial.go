package fetch

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"
)

// fallbackDelay is how long the first family of addresses has before the other
// is tried beside it (RFC 8305).
const fallbackDelay = 300 * time.Millisecond

// dialer connects to names by way of the cache, past the guard.
type dialer struct {
	names   *names
	net     net.Dialer // its Control is the guard
	guard   *guard
	timeout time.Duration
}

// dial is for http.Transport. The time-out covers resolution and connection.
func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addrs, err := d.names.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	first, second := make([]string, 0, len(addrs)), []string(nil)
	var refused error
	for _, a := range addrs {
		target := net.JoinHostPort(a.Unmap().String(), port)
		if err := d.guard.check(target); err != nil {
			refused = err
			continue
		}
		if len(first) == 0 || a.Unmap().Is4() == isV4(first[0]) {
			first = append(first, target)
		} else {
			second = append(second, target)
		}
	}
	if len(first) == 0 {
		return nil, refused
	}
	conn, err := d.race(ctx, network, first, second)
	if err != nil && !errors.Is(err, context.Canceled) {
		d.names.forget(host) // perhaps it has moved
	}
	return conn, err
}

func isV4(target string) bool {
	ap, err := netip.ParseAddrPort(target)
	return err == nil && ap.Addr().Is4()
}

// race tries the addresses of the first family in turn and, after a delay or
// once they fail, those of the second beside them.
func (d *dialer) race(ctx context.Context, network string, first, second []string) (net.Conn, error) {
	if len(second) == 0 {
		return d.serial(ctx, network, first)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type result struct {
		conn net.Conn
		err  error
	}
	results := make(chan result) // unbuffered: a late winner sees that nobody waits
	try := func(targets []string) {
		conn, err := d.serial(ctx, network, targets)
		select {
		case results <- result{conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}
	go try(first)
	delay := time.NewTimer(fallbackDelay)
	defer delay.Stop()
	running, waiting := 1, true
	start := func() {
		if waiting {
			waiting = false
			running++
			go try(second)
		}
	}
	var firstErr error
	for {
		select {
		case <-delay.C:
			start()
		case r := <-results:
			if r.err == nil {
				return r.conn, nil
			}
			if firstErr == nil {
				firstErr = r.err
			}
			start()
			if running--; running == 0 {
				return nil, firstErr
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// serial tries addresses in turn, each with its share of the time left.
func (d *dialer) serial(ctx context.Context, network string, targets []string) (net.Conn, error) {
	var firstErr error
	for i, target := range targets {
		part, cancel := ctx, context.CancelFunc(func() {})
		if deadline, ok := ctx.Deadline(); ok && i+1 < len(targets) {
			share := max(time.Until(deadline)/time.Duration(len(targets)-i), time.Second)
			part, cancel = context.WithTimeout(ctx, share)
		}
		conn, err := d.net.DialContext(part, network, target)
		cancel()
		if err == nil {
			return conn, nil
		}
		if firstErr == nil {
			firstErr = err
		}
		if ctx.Err() != nil {
			break
		}
	}
	if firstErr == nil {
		firstErr = ctx.Err()
	}
	return nil, firstErr
}
