package text

import (
	"encoding/base64"
	"net/url"
	"strings"
)

// maxHops is how many redirecting links within one another are followed.
const maxHops = 8

// Target gives the address which a redirecting link carries within its own:
// those of search engines, social networks, news aggregators and feed hosts,
// Google's and the CDN's AMP mirrors, and paths like /redirect?url=. ok is
// false where rawURL carries none. Nothing is fetched: what only the
// redirector's server knows stays unknown.
//
// Links to share, to log in, to translate or to resize an image carry
// addresses too; they lead to no article and are not taken apart.
func Target(rawURL string) (target string, ok bool) {
	for range maxHops {
		if len(rawURL) > MaxURL {
			break
		}
		u, err := parseURL(rawURL, nil)
		if err != nil || canonicalHost(u) != nil {
			break
		}
		inner := unwrap(u, u.Hostname())
		if inner == "" {
			break
		}
		target, rawURL = inner, inner
	}
	return target, target != ""
}

// unwrap gives the address that a mirror or redirector carries within its
// own, else "". u has a canonical host.
func unwrap(u *url.URL, host string) string {
	path := u.EscapedPath()
	switch {
	case strings.HasSuffix(host, ".cdn.ampproject.org") || host == "cdn.ampproject.org":
		// /c/s/example.com/story: c content, v viewer, i image; s means https.
		if len(path) > 3 && path[0] == '/' && path[2] == '/' {
			return mirrored(path[3:], u.RawQuery)
		}
		return ""
	case isGoogle(host):
		if rest, ok := strings.CutPrefix(path, "/amp/"); ok {
			return mirrored(rest, u.RawQuery)
		}
		if path == "/url" {
			return parameter(u, false, "url", "q")
		}
	case host == "news.google.com":
		if t := parameter(u, false, "url"); t != "" {
			return t
		}
		return newsToken(path)
	case strings.HasSuffix(host, ".yahoo.com"):
		// rd.yahoo.com/…/*https://example.com/story, and …/RU=https%3a…/RK=….
		if i := strings.Index(path, "/*http"); i >= 0 {
			return embedded(path[i+2:], u.RawQuery)
		}
		if i := strings.Index(path, "/RU="); i >= 0 {
			t, _, _ := strings.Cut(path[i+4:], "/")
			return embedded(t, "")
		}
	}
	r := rules()
	bare := strings.TrimPrefix(host, "www.")
	if keys := r.redirectKeys(bare, path); len(keys) > 0 {
		if keys[0] == "?" { // the whole query is the address
			return embedded(u.RawQuery, "")
		}
		return parameter(u, false, keys...)
	}
	return generic(u, path)
}

// generic knows redirectors by their form: the last part of the path says so,
// a parameter of a usual name holds a whole address of an article, and no part
// of the path tells of another purpose.
func generic(u *url.URL, path string) string {
	if !strings.Contains(u.RawQuery, "http") {
		return ""
	}
	path = strings.ToLower(strings.Trim(path, "/"))
	last := path[strings.LastIndexByte(path, '/')+1:]
	if name, ext, ok := strings.Cut(last, "."); ok {
		switch ext {
		case "php", "asp", "aspx", "jsp", "do", "cgi", "html", "pl":
			last = name
		}
	}
	r := rules()
	if !r.redirectWord[last] {
		return ""
	}
	for part := range strings.SplitSeq(path, "/") {
		if r.notRedirect[part] {
			return ""
		}
	}
	t := parameter(u, true, "url", "u", "to", "target", "dest", "destination", "link", "goto", "redirect", "out")
	v, err := url.Parse(t)
	if err != nil || strings.Trim(v.Path, "/") == "" || !strings.Contains(v.Host, ".") {
		return ""
	}
	return t
}

// parameter gives the first of the named parameters that is a web address.
// greedy: an address that is not encoded and has parameters of its own runs to
// the end; to lose one of them could make one article of two.
func parameter(u *url.URL, greedy bool, names ...string) string {
	for _, name := range names {
		rest := u.RawQuery
		for rest != "" {
			pair, tail, _ := strings.Cut(rest, "&")
			key, value, _ := strings.Cut(pair, "=")
			if !strings.EqualFold(key, name) {
				rest = tail
				continue
			}
			if isWeb(value) && greedy && strings.Contains(value, "?") {
				return webAddress(rest[len(key)+1:])
			}
			if s, err := url.QueryUnescape(value); err == nil && !strings.Contains(value, "?") {
				value = s
			}
			if t := webAddress(value); t != "" {
				return t
			}
			rest = tail
		}
	}
	return ""
}

// embedded gives an address that stands within another, encoded or not.
func embedded(s, query string) string {
	if !isWeb(s) {
		if d, err := url.PathUnescape(s); err == nil {
			s = d
		}
	}
	// Path cleaners on the way make one slash of two.
	for _, p := range [...]string{"http:/", "https:/"} {
		if rest, ok := strings.CutPrefix(s, p); ok && !strings.HasPrefix(rest, "/") {
			s = p + "/" + rest
		}
	}
	if query != "" && isWeb(s) {
		s += "?" + query
	}
	return webAddress(s)
}

// mirrored gives the page behind s/example.com/story.
func mirrored(rest, query string) string {
	scheme := "http://"
	if r, ok := strings.CutPrefix(rest, "s/"); ok {
		scheme, rest = "https://", r
	}
	if host, _, _ := strings.Cut(rest, "/"); !strings.Contains(host, ".") {
		return ""
	}
	if query != "" {
		query = "?" + query
	}
	return webAddress(scheme + rest + query)
}

// newsToken reads the address out of /rss/articles/CBMi…, a protocol buffer in
// base64 whose second field was the address until 2024. Later ones hold an
// opaque key.
func newsToken(path string) string {
	_, token, ok := strings.Cut(path, "/articles/")
	if !ok || !strings.HasPrefix(token, "CBMi") {
		return ""
	}
	token = strings.TrimRight(token, "=")
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) < 6 {
		return ""
	}
	n, from := int(b[3]), 4
	if n >= 0x80 { // a length of two bytes
		n, from = n&0x7f|int(b[4])<<7, 5
	}
	if from+n > len(b) {
		return ""
	}
	return webAddress(string(b[from : from+n]))
}

// webAddress gives s where it is a web address that can be read, else "".
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	if !isWeb(s) || len(s) > MaxURL {
		return ""
	}
	u, err := parseURL(s, nil)
	if err != nil || canonicalHost(u) != nil || !strings.Contains(u.Host, ".") && !strings.Contains(u.Host, ":") {
		return ""
	}
	return s
}

func isWeb(s string) bool {
	return hasPrefixFold(s, "http://") || hasPrefixFold(s, "https://")
}

func isGoogle(host string) bool {
	host = strings.TrimPrefix(host, "www.")
	return strings.HasPrefix(host, "google.") && len(host) <= len("google.com.xx")
}
