package fetch

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"
)

// Access is what one feed needs to be let in: headers, credentials, cookies,
// a proxy. It comes from a file of a Vault and never prints: every way of
// writing one out gives its name alone.
type Access struct{ s *secret }

type secret struct {
	name    string
	hosts   []string // to which it may be sent; none: to any that names it
	headers []headerLine
	auth    string // value of Authorization
	cookie  string // value of Cookie
	proxy   *url.URL
}

type headerLine struct{ name, value string }

// Name is the name of the file.
func (a Access) Name() string {
	if a.s == nil {
		return ""
	}
	return a.s.name
}

// String gives the name of the file, and nothing of what is in it.
func (a Access) String() string { return "secret " + a.Name() }

// GoString is String for %#v.
func (a Access) GoString() string { return a.String() }

// MarshalJSON gives the name of the file.
func (a Access) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", a.String()), nil }

// LogValue gives the name of the file.
func (a Access) LogValue() slog.Value { return slog.StringValue(a.String()) }

// proxyURL may be called on nil.
func (a *Access) proxyURL() *url.URL {
	if a == nil || a.s == nil {
		return nil
	}
	return a.s.proxy
}

// apply puts headers, credentials and cookies on a request to u.
func (a *Access) apply(h http.Header, u *url.URL) {
	if a == nil || a.s == nil || !a.s.covers(u.Hostname()) {
		return
	}
	for _, l := range a.s.headers {
		h.Set(l.name, l.value)
	}
	if a.s.auth != "" {
		h.Set("Authorization", a.s.auth)
	}
	if a.s.cookie != "" {
		h.Set("Cookie", a.s.cookie)
	}
}

// covers tells whether the file allows to send what it holds to a host.
func (s *secret) covers(host string) bool {
	if len(s.hosts) == 0 {
		return true
	}
	host = strings.ToLower(host)
	return slices.ContainsFunc(s.hosts, func(h string) bool {
		if parent, wild := strings.CutPrefix(h, "*."); wild {
			return strings.HasSuffix(host, "."+parent)
		}
		return host == h
	})
}

// maxSecret bounds a file, maxSecretLines its lines.
const (
	maxSecret      = 64 << 10
	maxSecretLines = 200
)

// secretForm says what a line may be. Errors give it instead of the line.
const secretForm = "a line is one of `host: feeds.example.org`, `header: Name: value`, `basic: user:password`, `bearer: token`, `cookie: name=value`, `proxy: http://user:password@host:port` (or https, socks5), or begins with #"

// parseSecret reads a file of a Vault, one setting a line. Its errors give the
// number of the line, never anything of what stands there.
func parseSecret(name string, raw []byte) (*Access, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	s := &secret{name: name}
	var cookies []string
	for i, line := range strings.Split(string(raw), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if i >= maxSecretLines {
			return nil, fmt.Errorf("it has more than %d lines", maxSecretLines)
		}
		key, value, ok := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		var err error
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "host":
			err = s.addHost(value)
		case "header":
			err = s.addHeader(value)
		case "basic":
			err = s.addBasic(value)
		case "bearer":
			err = s.addBearer(value)
		case "cookie":
			if !strings.Contains(value, "=") || !httpguts.ValidHeaderFieldValue(value) {
				err = errors.New("want `cookie: name=value`")
			}
			cookies = append(cookies, strings.Trim(value, "; "))
		case "proxy":
			err = s.addProxy(value)
		default:
			ok = false
		}
		if !ok {
			err = errors.New(secretForm)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
	}
	s.cookie = strings.Join(cookies, "; ")
	if len(s.headers) == 0 && s.auth == "" && s.cookie == "" && s.proxy == nil {
		return nil, errors.New("it says nothing that is sent: " + secretForm)
	}
	return &Access{s}, nil
}

func (s *secret) addHost(v string) error {
	v = strings.ToLower(v)
	if name := strings.TrimPrefix(v, "*."); name == "" || strings.ContainsAny(name, "/:*@ \t") {
		return errors.New("want `host: feeds.example.org` or `host: *.example.org`, without scheme, port or path")
	}
	s.hosts = append(s.hosts, v)
	return nil
}

// ours are headers which the client itself answers for.
var ours = []string{"Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Connection", "Upgrade", "Te", "Trailer", "Keep-Alive",
	"Proxy-Authorization", "Proxy-Connection", "Accept-Encoding", "If-None-Match", "If-Modified-Since", "Cookie", "Range"}

func (s *secret) addHeader(v string) error {
	name, value, ok := strings.Cut(v, ":")
	name, value = http.CanonicalHeaderKey(strings.TrimSpace(name)), strings.TrimSpace(value)
	switch {
	case !ok || value == "" || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
		return errors.New("want `header: Name: value`, in ASCII")
	case name == "User-Agent":
		return errors.New("the name under which dateline asks is fetch.user_agent, for all feeds alike")
	case name == "Cookie":
		return errors.New("want `cookie: name=value` for a cookie")
	case slices.Contains(ours, name):
		return errors.New("this header is set by dateline itself")
	case name == "Authorization":
		return s.setAuth(value)
	}
	s.headers = append(s.headers, headerLine{name, value})
	return nil
}

func (s *secret) addBasic(v string) error {
	if user, _, ok := strings.Cut(v, ":"); !ok || user == "" {
		return errors.New("want `basic: user:password`")
	}
	return s.setAuth(basic(v))
}

// basic gives the value of Authorization for user:password.
func basic(v string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(v)) }

func (s *secret) addBearer(v string) error {
	if v == "" || strings.ContainsAny(v, " \t") || !httpguts.ValidHeaderFieldValue(v) {
		return errors.New("want `bearer: token`")
	}
	return s.setAuth("Bearer " + v)
}

func (s *secret) setAuth(v string) error {
	if s.auth != "" {
		return errors.New("there are credentials already; one of basic, bearer and `header: Authorization:` is sent")
	}
	s.auth = v
	return nil
}

func (s *secret) addProxy(v string) error {
	if s.proxy != nil {
		return errors.New("there is a proxy already")
	}
	u, err := url.Parse(v)
	if err != nil || u.Hostname() == "" || !slices.Contains([]string{"http", "https", "socks5"}, u.Scheme) || strings.Trim(u.Path, "/") != "" {
		return errors.New("want `proxy: http://user:password@host:port`, or https, or socks5; signs such as @ or : in a password are written %40, %3A")
	}
	u.Path = ""
	s.proxy = u
	return nil
}
