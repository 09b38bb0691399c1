package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
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

// errPrivate is what every privateError is.
var errPrivate = errors.New("private address")

type privateError struct{ address string }

func (e privateError) Error() string        { return "private address " + e.address }
func (e privateError) Is(target error) bool { return target == errPrivate }

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
func (g *guard) control(_, address string, _ syscall.RawConn) error { return g.check(address) }

// check refuses a private address, given with its port.
func (g *guard) check(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return privateError{address}
	}
	if g.named(ap) {
		return nil
	}
	if err := g.public.SafeAddr(ap.Addr().Unmap().WithZone("")); err != nil {
		return privateError{ap.Addr().String()}
	}
	return nil
}

// literal refuses a host that names a private address in any of the forms that
// some resolver takes for one: 127.1, 0x7f000001, 2130706433, localhost. It
// spares a lookup, and stands alone where a proxy resolves the name.
func (g *guard) literal(u *url.URL) error {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if host == "" {
		return nil
	}
	if c := host[0]; (c < '0' || c > '9') && !strings.Contains(host, ":") && !strings.HasSuffix(host, "localhost") {
		return nil
	}
	addr, ok := loosely(host)
	if !ok {
		return nil
	}
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return g.check(net.JoinHostPort(addr.WithZone("").String(), port))
}

// loosely reads an address as inet_aton does: one to four numbers, decimal,
// octal or hexadecimal, the last filling what is left.
func loosely(host string) (netip.Addr, bool) {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	if a, err := netip.ParseAddr(host); err == nil {
		return a, true
	}
	parts := strings.Split(host, ".")
	if len(parts) > 4 {
		return netip.Addr{}, false
	}
	var v uint64
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 0, 32)
		if err != nil && len(p) > 1 && p[0] == '0' {
			n, err = strconv.ParseUint(p, 10, 32) // 08 is no octal number
		}
		if err != nil || strings.ContainsRune(p, '_') {
			return netip.Addr{}, false
		}
		if i < len(parts)-1 {
			if n > 255 {
				return netip.Addr{}, false
			}
			v |= n << (24 - 8*i)
			continue
		}
		if n >= 1<<(32-8*i) {
			return netip.Addr{}, false
		}
		v |= n
	}
	return netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
}
