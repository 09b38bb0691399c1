package text

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
)

// MaxURL is the longest address that CanonicalURL takes, in bytes.
const MaxURL = 8 << 10

var (
	errNotWeb  = errors.New("not an http or https address")
	errNoHost  = errors.New("no host")
	errTooLong = fmt.Errorf("longer than %d bytes", MaxURL)
	errNested  = errors.New("too many addresses within one another")
)

// CanonicalURL gives the one form of an article's address, against base where
// it is relative (base may be nil). Two addresses with the same canonical form
// are one article; the reverse does not hold.
//
//   - Scheme and host are lowered, an international host is written in
//     punycode, default port, user and trailing dot go. http stays http and
//     "www." stays: not every site answers under both.
//   - The fragment goes, but for hashbang routes (#!/story/1).
//   - Tracking parameters go, other parameters keep their order and case, since
//     order may matter to a server.
//   - A redirecting link becomes its target (see Target), and AMP forms become
//     the page that they mirror (cdn.ampproject.org, google.com/amp, amp.
//     hosts, /amp, .amp and ?amp=1); m. and mobile. hosts become the desktop
//     host, which is taken to be "www." under a registrable domain.
//   - Percent-encoding is upper-case and only where it has to be; dot segments,
//     session ids, "index.html" and the trailing slash go: publishers serve or
//     redirect both forms, and feeds mix them.
//
// It is idempotent. An address that is not http or https, has no host, is
// longer than MaxURL or does not parse is an error.
func CanonicalURL(raw string, base *url.URL) (string, error) {
	s := raw
	for range 32 {
		next, err := canonicalOnce(s, base)
		if err != nil {
			return "", fmt.Errorf("canonical URL of %.200q: %w", raw, err)
		}
		if next == s {
			return s, nil
		}
		s, base = next, nil
	}
	return "", fmt.Errorf("canonical URL of %.200q: %w", raw, errNested)
}

// Usable reports whether a canonical URL can stand for one article: its path
// is more than "/".
func Usable(canonical string) bool {
	u, err := url.Parse(canonical)
	return err == nil && u.Host != "" && u.Path != "" && u.Path != "/"
}

func canonicalOnce(s string, base *url.URL) (string, error) {
	if len(s) > MaxURL {
		return "", errTooLong
	}
	u, err := parseURL(s, base)
	if err != nil {
		return "", err
	}
	if err := canonicalHost(u); err != nil {
		return "", err
	}
	host := u.Hostname()
	if inner := unwrap(u, host); inner != "" {
		return inner, nil
	}
	path := canonicalPath(u.EscapedPath())
	if mirror, ok := mobileHost(host); ok {
		u.Host = mirror + u.Host[len(host):]
		host = mirror
	}
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(u.Scheme)
	b.WriteString("://")
	b.WriteString(u.Host)
	b.WriteString(path)
	query(&b, u.RawQuery, host)
	if f := u.EscapedFragment(); strings.HasPrefix(f, "!") {
		b.WriteByte('#')
		b.WriteString(escape(f))
	}
	if b.Len() > MaxURL {
		return "", errTooLong
	}
	return b.String(), nil
}

// parseURL reads an address as leniently as feeds write it.
func parseURL(s string, base *url.URL) (*url.URL, error) {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == 0xfeff || r == 0x200b {
			return -1
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	for strings.Contains(s, "&amp;") {
		s = strings.ReplaceAll(collapseAmp(s), "&amp;", "&")
	}
	u, err := url.Parse(fixPercent(s))
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	if base != nil && !u.IsAbs() {
		u = base.ResolveReference(u)
	}
	u.Scheme = strings.ToLower(u.Scheme)
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, errNotWeb
	}
	return u, nil
}

// idnaProfile lowers and maps names as browsers do; underscores pass.
var idnaProfile = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))

func canonicalHost(u *url.URL) error {
	host, port := u.Hostname(), u.Port()
	host = strings.TrimRight(host, ".")
	if host == "" {
		return errNoHost
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if host = addr.String(); addr.Is6() {
			host = "[" + host + "]"
		}
		if strings.Contains(host, "%") {
			return errNoHost // a zone means something on one machine only
		}
	} else {
		ascii, err := idnaProfile.ToASCII(host)
		if err != nil {
			return fmt.Errorf("host: %w", err)
		}
		host = strings.TrimRight(strings.ToLower(ascii), ".")
		for i := 0; i < len(host); i++ {
			if c := host[i]; !isASCIILetter(c) && !isDigit(c) && c != '.' && c != '-' && c != '_' {
				return errNoHost
			}
		}
		if host == "" || host[0] == '.' {
			return errNoHost
		}
	}
	port = strings.TrimLeft(port, "0")
	if port == "" || u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		u.Host = host
	} else {
		u.Host = host + ":" + port
	}
	u.User = nil
	return nil
}

// mobileHost gives the desktop host of an m., mobile. or amp. host.
func mobileHost(host string) (string, bool) {
	if strings.HasSuffix(host, ".m.wikipedia.org") {
		return strings.TrimSuffix(host, ".m.wikipedia.org") + ".wikipedia.org", true
	}
	for _, p := range [...]string{"m.", "mobile.", "amp."} {
		rest, ok := strings.CutPrefix(host, p)
		if !ok {
			continue
		}
		site, err := publicsuffix.EffectiveTLDPlusOne(rest)
		if err != nil || !strings.Contains(rest, ".") {
			return "", false
		}
		if rest == site && !rules().bare[site] {
			return "www." + rest, true
		}
		return rest, true
	}
	return "", false
}

// canonicalPath works on an escaped path.
func canonicalPath(path string) string {
	path = escape(path)
	if i := indexFold(path, ";jsessionid="); i >= 0 {
		j := strings.IndexByte(path[i:], '/')
		if j < 0 {
			j = len(path) - i
		}
		path = path[:i] + path[i+j:]
	}
	segs := strings.Split(strings.TrimLeft(path, "/"), "/")
	kept := segs[:0]
	amp := 0
	for _, s := range segs {
		switch {
		case s == ".":
		case s == "..":
			if len(kept) > 0 {
				kept = kept[:len(kept)-1]
			}
		default:
			kept = append(kept, s)
			if s == "amp" {
				amp++
			}
		}
	}
	if amp > 0 && amp < len(kept) {
		segs, kept = kept, kept[:0]
		for _, s := range segs {
			if s != "amp" {
				kept = append(kept, s)
			}
		}
	}
	for len(kept) > 0 {
		last := kept[len(kept)-1]
		switch last {
		case "", "index.html", "index.htm":
			kept = kept[:len(kept)-1]
			continue
		case "amp.html":
			if len(kept) > 1 {
				kept = kept[:len(kept)-1]
				continue
			}
		}
		if t, ok := strings.CutSuffix(last, ".amp"); ok && t != "" {
			kept[len(kept)-1] = t
			continue
		}
		if t, ok := strings.CutSuffix(last, ".amp.html"); ok && t != "" {
			kept[len(kept)-1] = t + ".html"
			continue
		}
		break
	}
	return "/" + strings.TrimLeft(strings.Join(kept, "/"), "/")
}

// query writes the parameters that count.
func query(b *strings.Builder, raw, host string) {
	sep := byte('?')
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" || pair == "=" {
			continue
		}
		pair = escape(pair)
		name, value, _ := strings.Cut(pair, "=")
		if n, err := url.QueryUnescape(name); err == nil {
			name = n
		}
		if rules().tracks(host, strings.ToLower(name), value) {
			continue
		}
		b.WriteByte(sep)
		b.WriteString(pair)
		sep = '&'
	}
}

func indexFold(s, sub string) int {
	for i := 0; i+len(sub) <= len(s); i++ {
		if hasPrefixFold(s[i:], sub) {
			return i
		}
	}
	return -1
}
