package feed

import (
	"net/url"
	"strings"
)

// linkBase makes links absolute. The zero value leaves them as they are.
type linkBase struct {
	u        *url.URL
	explicit bool // by xml:base, not just the address of a document
}

// baseOf gives the base that the address of a document makes.
func baseOf(raw string) linkBase {
	b := linkBase{}.with(raw)
	b.explicit = false
	return b
}

// with nests an xml:base, which is resolved against those around it.
func (b linkBase) with(raw string) linkBase {
	raw = cleanURL(raw)
	if raw == "" {
		return b
	}
	u, err := url.Parse(raw)
	if err != nil {
		return b
	}
	if b.u != nil {
		u = b.u.ResolveReference(u)
	}
	return linkBase{u, true}
}

// or gives b, or the base that raw makes where b is no whole address.
func (b linkBase) or(raw string) linkBase {
	if b.absolute() {
		return b
	}
	outer := baseOf(raw).with(b.String())
	outer.explicit = b.explicit
	return outer
}

// String gives the base as text.
func (b linkBase) String() string {
	if b.u == nil {
		return ""
	}
	return b.u.String()
}

func (b linkBase) absolute() bool { return b.u != nil && b.u.IsAbs() && b.u.Host != "" }

// resolve gives raw as published where it is absolute or no base is known,
// else resolved (RFC 3986, section 5).
func (b linkBase) resolve(raw string) string {
	raw = cleanURL(raw)
	if raw == "" || hasScheme(raw) || !b.absolute() {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return b.u.ResolveReference(u).String()
}

// cleanURL trims a link and takes out the line breaks and tabs which pretty
// printers leave within (WHATWG URL, basic URL parser), and other controls.
func cleanURL(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' || r == '\u00a0' || r == '\ufeff' || r == '\u200b' })
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] == 0x7f {
			s = strings.Map(func(r rune) rune {
				if r < ' ' || r == 0x7f {
					return -1
				}
				return r
			}, s)
			break
		}
	}
	if len(s) > maxURL {
		return ""
	}
	return s
}

// safeLink gives a link that does not run code where somebody follows it.
func safeLink(s string) string {
	if i := strings.IndexByte(s, ':'); i > 0 && i <= len("javascript") {
		switch strings.ToLower(s[:i]) {
		case "javascript", "vbscript", "data":
			return ""
		}
	}
	return s
}

// hasScheme tells an absolute reference from a relative one.
func hasScheme(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return c == ':' && i > 0
		}
	}
	return false
}

// isWeb tells whether s is an absolute http or https address.
func isWeb(s string) bool {
	for _, p := range [...]string{"http://", "https://"} {
		if len(s) > len(p) && strings.EqualFold(s[:len(p)], p) {
			return true
		}
	}
	return false
}

// webLink gives a link that is an absolute web address, else "".
func webLink(s string) string {
	if s = cleanURL(s); isWeb(s) {
		return s
	}
	return ""
}

// first gives the first of values that is not blank, trimmed.
func first(values ...string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}
