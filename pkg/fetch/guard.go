package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"
)

// guard refuses connections to addresses that are not public, after names were
// resolved, so that no name and no redirect leads into the user's own network.
type guard struct {
	allowed []allowed
	public  *ssrf.Guardian
}

type allowed struct {
	prefix netip.Prefix
	port   uint16 // 0: any
}

var errPrivate = errors.New("private address")

func newGuard(list []string) (*guard, error) {
	a, err := parseAllow(list)
	if err != nil {
		return nil, err
	}
	return &guard{allowed: a, public: ssrf.New(ssrf.WithAnyPort())}, nil
}

// parseAllow reads addresses, prefixes and localhost, each with or without a
// port.
func parseAllow(list []string) ([]allowed, error) {
	var out []allowed
	for _, raw := range list {
		s := strings.TrimSpace(raw)
		if s == "" {
			continue
		}
		var port uint16
		if host, p, err := net.SplitHostPort(s); err == nil {
			n, err := net.LookupPort("tcp", p)
			if err != nil {
				return nil, fmt.Errorf("allow_private: %q: %w", raw, err)
			}
			s, port = host, uint16(n)
		}
		if strings.EqualFold(s, "localhost") {
			out = append(out, allowed{netip.MustParsePrefix("127.0.0.0/8"), port}, allowed{netip.MustParsePrefix("::1/128"), port})
			continue
		}
		s = strings.Trim(s, "[]")
		if p, err := netip.ParsePrefix(s); err == nil {
			out = append(out, allowed{p.Masked(), port})
			continue
		}
		a, err := netip.ParseAddr(s)
		if err != nil {
			return nil, fmt.Errorf("allow_private: %q is no address, prefix (10.0.0.0/8) or localhost, with or without a port", raw)
		}
		a = a.Unmap().WithZone("")
		out = append(out, allowed{netip.PrefixFrom(a, a.BitLen()), port})
	}
	return out, nil
}

// named tells whether the configuration opens this private address.
func (g *guard) named(ap netip.AddrPort) bool {
	addr := ap.Addr().Unmap().WithZone("")
	for _, a := range g.allowed {
		if a.prefix.Contains(addr) && (a.port == 0 || a.port == ap.Port()) {
			return true
		}
	}
	return false
}

// control is for net.Dialer: it sees the address that is dialled.
func (g *guard) control(network, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s: %w", errPrivate, address, err)
	}
	if g.named(ap) {
		return nil
	}
	if err := g.public.SafeAddr(ap.Addr().Unmap().WithZone("")); err != nil {
		return fmt.Errorf("%w %s", errPrivate, ap.Addr())
	}
	return nil
}
