package fetch

import (
	"net/http"
	"net/url"
	"strings"
)

func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, fail(ClassURL, nil, "%.100q is no address; check its spelling", redact(raw))
	}
	return u, checkURL(u)
}

func checkURL(u *url.URL) error {
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fail(ClassURL, nil, "%.100q is no http or https address", redact(u.String()))
	}
	return nil
}

// redact keeps what may be a password out of messages: what stands before an @
// in the host's place, or anywhere in what does not parse.
func redact(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Host != "" {
		return plainURL(u)
	}
	if i := strings.LastIndexByte(raw, '@'); i >= 0 {
		return "…" + raw[i:]
	}
	return raw
}

// sameOrigin tells whether a is the origin of b, or the same made secure.
func sameOrigin(a, b *url.URL) bool {
	return hostKey(a.Scheme, a.Host) == hostKey(b.Scheme, b.Host) && (a.Scheme == b.Scheme || a.Scheme == "https")
}

func isRedirect(res *http.Response) bool {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return res.Header.Get("Location") != ""
	}
	return false
}

// plainURL leaves credentials out.
func plainURL(u *url.URL) string {
	if u.User == nil {
		return u.String()
	}
	p := *u
	p.User = nil
	return p.String()
}

// siteOf gives the hostKey of an address, empty where it has no host. It makes
// nothing of most addresses but a piece of them.
func siteOf(raw string) string {
	raw = strings.TrimSpace(raw)
	if scheme, rest, ok := strings.Cut(raw, "://"); ok && (scheme == "https" || scheme == "http") {
		if i := strings.IndexAny(rest, "/?#"); i >= 0 {
			rest = rest[:i]
		}
		if i := strings.IndexFunc(rest, odd); i < 0 && rest != "" {
			return hostKey(scheme, rest)
		}
	}
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	return hostKey(u.Scheme, u.Host)
}

// odd finds what makes an authority more than a plain name and port.
func odd(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' || r == '_' || r == ':' || r == '[' || r == ']')
}

// hostKey names a host and its port, the default one left out.
func hostKey(scheme, host string) string {
	host = strings.ToLower(host)
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}
