package fetch

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rules is what the robots.txt of one origin says to dateline (RFC 9309). It
// does not change and is safe for concurrent use.
type Rules struct {
	Delay    time.Duration // between two requests, as the publisher wishes; at most maxDelay; 0: nothing said
	Sitemaps []string      // absolute addresses, at most 100
	Refused  string        // why everything is refused although no rule says so; else empty

	lines []robotsLine // longest first
	size  int          // bytes it was read from
}

type robotsLine struct {
	pattern string // normalised; may hold * and end in $
	allow   bool
}

const (
	maxRobots      = 500 << 10 // bytes that are read, the least that RFC 9309 asks for
	maxRobotsLines = 5000      // rules of one group
	maxPattern     = 2 << 10
	maxSitemaps    = 100
	maxDelay       = time.Hour
)

// Allowed tells whether the address may be fetched. Only its path and query
// count: the caller asks the Rules of the address's own origin. An address that
// does not parse is not allowed.
func (r *Rules) Allowed(rawURL string) bool {
	if r == nil {
		return true
	}
	u, err := url.Parse(strings.TrimSpace(rawURL))
	if err != nil {
		return false
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if path == "/robots.txt" {
		return true
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	return r.match(normalPath(path, true))
}

// match finds the longest rule that fits; of two as long, the one that allows.
func (r *Rules) match(path string) bool {
	if r.Refused != "" {
		return false
	}
	for _, l := range r.lines {
		if glob(l.pattern, path) {
			return l.allow
		}
	}
	return true
}

// glob matches a pattern, in which * stands for any octets and a $ at the end
// for the end, against the beginning of a path.
func glob(pattern, path string) bool {
	pattern, anchored := strings.CutSuffix(pattern, "$")
	head, rest, star := strings.Cut(pattern, "*")
	if !strings.HasPrefix(path, head) {
		return false
	}
	path = path[len(head):]
	for star {
		var piece string
		piece, rest, star = strings.Cut(rest, "*")
		if !star && anchored {
			return strings.HasSuffix(path, piece)
		}
		i := strings.Index(path, piece)
		if i < 0 {
			return false
		}
		path = path[i+len(piece):]
	}
	return !anchored || path == ""
}

// parseRobots reads a robots.txt for the one who goes by tokens. The groups
// that name one of them count together; only where there are none do those for
// all (*).
func parseRobots(raw []byte, tokens []string) *Rules {
	size := len(raw)
	if len(raw) > maxRobots {
		raw = raw[:maxRobots]
		raw = raw[:bytes.LastIndexAny(raw, "\r\n")+1] // half a rule is none
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	r := &Rules{size: min(size, maxRobots)}
	var own, all group
	var forOwn, forAll, open bool // of the group being read; open: it may get more agents
	for len(raw) > 0 {
		var line []byte
		if i := bytes.IndexAny(raw, "\r\n"); i >= 0 {
			line, raw = raw[:i], raw[i+1:]
		} else {
			line, raw = raw, nil
		}
		if i := bytes.IndexByte(line, '#'); i >= 0 {
			line = line[:i]
		}
		k, v, ok := bytes.Cut(line, []byte(":"))
		if !ok {
			continue
		}
		key, value := strings.ToLower(string(bytes.TrimSpace(k))), string(bytes.TrimSpace(v))
		switch key {
		case "user-agent":
			if !open {
				forOwn, forAll, open = false, false, true
			}
			name := product(value)
			isOwn := slices.Contains(tokens, name)
			forOwn, forAll = forOwn || isOwn, forAll || value == "*"
			own.named, all.named = own.named || isOwn, all.named || value == "*"
		case "allow", "disallow", "crawl-delay":
			open = false
			if forOwn {
				own.add(key, value)
			}
			if forAll {
				all.add(key, value)
			}
		case "sitemap":
			if u, err := url.Parse(value); err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https") && len(r.Sitemaps) < maxSitemaps && len(value) <= maxPattern {
				r.Sitemaps = append(r.Sitemaps, value)
			}
		}
	}
	g := all
	if own.named {
		g = own
	}
	r.lines, r.Delay = g.lines, g.delay
	slices.SortStableFunc(r.lines, func(a, b robotsLine) int {
		if d := len(b.pattern) - len(a.pattern); d != 0 || a.allow == b.allow {
			return d
		}
		if a.allow {
			return -1
		}
		return 1
	})
	return r
}

// group is what is said to one user agent.
type group struct {
	named bool
	lines []robotsLine
	delay time.Duration
}

func (g *group) add(key, value string) {
	if key == "crawl-delay" {
		if s, err := strconv.ParseFloat(value, 64); err == nil && s > 0 {
			g.delay = time.Duration(min(s, maxDelay.Seconds()) * float64(time.Second))
		}
		return
	}
	if value == "" || value[0] != '/' && value[0] != '*' || len(value) > maxPattern || len(g.lines) >= maxRobotsLines {
		return // an empty Disallow forbids nothing
	}
	g.lines = append(g.lines, robotsLine{normalPath(value, false), key == "allow"})
}

// product gives the product token of a user agent: letters, _ and -, lowered.
func product(agent string) string {
	end := strings.IndexFunc(agent, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_' || r == '-')
	})
	if end >= 0 {
		agent = agent[:end]
	}
	return strings.ToLower(agent)
}

// normalPath brings percent-encoding to one form (RFC 9309, section 2.2.2):
// octets outside ASCII are encoded, unreserved ones are not, hex is upper case.
// literal: * and $ are no signs of a pattern, and are encoded too.
func normalPath(s string, literal bool) string {
	plain := true
	for i := 0; i < len(s) && plain; i++ {
		plain = s[i] != '%' && s[i] > ' ' && s[i] < 0x7f && !(literal && (s[i] == '*' || s[i] == '$'))
	}
	if plain {
		return s
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		encoded := false
		if c == '%' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+3], 16, 8); err == nil {
				c, encoded = byte(n), true
				i += 2
			}
		}
		unreserved := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
		if unreserved || !encoded && c > ' ' && c < 0x7f && !(literal && (c == '*' || c == '$')) {
			b = append(b, c)
		} else {
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}
