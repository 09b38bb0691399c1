package feed

import (
	"bytes"
	"html"
	"regexp"
	"strings"
)

var (
	looseName = regexp.MustCompile(`^<[A-Za-z_:\x80-\xff][^\s<>/="']{0,200}`)
	looseAttr = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_.:-]{0,100})\s*=\s*(?:"([^"<]*)"|'([^'<]*)'|([^\s"'<>/]+))`)
)

// maxTag is how long a start tag may be; enclosures with data URLs are long.
const maxTag = 256 << 10

// bareTag reads a sound start tag without attributes, of which most feeds
// consist; end is 0 for others.
func bareTag(b []byte) (name string, end int) {
	i := bytes.IndexByte(b[:min(len(b), 64)], '>')
	if i < 1 || !validName(b[1:i]) {
		return "", 0
	}
	return string(b[1:i]), i + 1
}

// looseTag reads the start tag at the start of b as far as it makes sense: its
// name and attributes made safe, its length, 0 where it is none.
func looseTag(b []byte) (name, attrs string, end int, empty bool) {
	raw := looseName.Find(b)
	if raw == nil {
		return "", "", 0, false
	}
	end = tagEnd(b[:min(len(b), maxTag)])
	if end == 0 {
		return "", "", 0, false
	}
	body := bytes.TrimSuffix(b[len(raw):end], []byte(">"))
	if len(body) == 0 {
		return safeName(raw[1:]), "", end, false
	}
	trimmed := bytes.TrimRight(body, " \t\r\n")
	empty = len(trimmed) > 0 && trimmed[len(trimmed)-1] == '/'
	var out strings.Builder
	seen := map[string]bool{}
	for n, m := range looseAttr.FindAllSubmatch(body, maxAttrs) {
		key := string(m[1])
		if seen[key] || !validName(m[1]) || n == maxAttrs {
			continue
		}
		seen[key] = true
		value := bytes.Map(legalXML, bytes.Join(m[2:], nil))
		out.WriteString(" " + key + `="` + html.EscapeString(unescape(string(value))) + `"`)
	}
	return safeName(raw[1:]), out.String(), end, empty
}

// tagEnd gives the length of a start tag. An attribute that runs into the next
// tag was not closed: the tag then ends at its first bracket.
func tagEnd(b []byte) int {
	quote := byte(0)
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '<':
			if gt := bytes.IndexByte(b[:i], '>'); gt >= 0 {
				return gt + 1
			}
			if quote == 0 && bytes.IndexByte(b[:i], '=') < 0 && bytes.ContainsAny(b[1:i], " \t\r\n") {
				return 0 // a < b
			}
			return i
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			if prev := bytes.TrimRight(b[:i], " \t\r\n"); prev[len(prev)-1] == '=' {
				quote = c
			}
		case c == '>':
			return i + 1
		}
	}
	if gt := bytes.IndexByte(b, '>'); gt >= 0 {
		return gt + 1
	}
	return 0
}

// safeName makes a name that a parser takes.
func safeName(raw []byte) string {
	if validName(raw) {
		return string(raw)
	}
	raw = raw[:min(len(raw), 200)]
	out := bytes.Map(func(r rune) rune {
		if r < 0x80 && (isAlnum(byte(r)) || r == '-' || r == '.' || r == '_') {
			return r
		}
		return '_'
	}, raw)
	return "_" + string(out)
}

func voidTag(local string) bool {
	switch local {
	case "br", "hr", "img", "wbr", "BR", "HR", "IMG":
		return true
	}
	return false
}

// usualPrefixes are declared in every mended document; the document's own
// declarations follow and win.
const usualPrefixes = ` xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"` +
	` xmlns:dcterms="http://purl.org/dc/terms/" xmlns:media="http://search.yahoo.com/mrss/"` +
	` xmlns:itunes="http://www.itunes.com/DTDs/PodCast-1.0.dtd" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"` +
	` xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:atom="http://www.w3.org/2005/Atom"` +
	` xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"`

var (
	declaredNS = regexp.MustCompile(`\sxmlns:([A-Za-z_][\w.-]{0,60})\s*=\s*["']([^"'<>&]{1,300})["']`)
	versionAt  = regexp.MustCompile(`<(?:rss|feed)\b[^<>]*?\sversion\s*=\s*["']([\w.]{1,16})["']`)
)

// openRoot writes the start tags of root and channel from what the beginning
// of the document declares.
func (m *mender) openRoot() {
	beginning := m.src[:min(len(m.src), 32<<10)]
	if i := bytes.Index(beginning, []byte("<"+m.kind.item())); i > 0 {
		beginning = beginning[:i]
	}
	declared := usualPrefixes
	for n, d := range declaredNS.FindAllSubmatch(beginning, 100) {
		if n < 100 {
			prefix := " xmlns:" + string(d[1]) + `="`
			if i := strings.Index(declared, prefix); i >= 0 {
				end := i + len(prefix) + strings.IndexByte(declared[i+len(prefix):], '"') + 1
				declared = declared[:i] + declared[end:]
			}
			declared += prefix + string(d[2]) + `"`
		}
	}
	if i := bytes.IndexByte(beginning, '>'); i > 0 {
		for _, a := range []string{"xml:base", "xml:lang"} {
			if v := attr(beginning[:i+1], a); v != "" {
				declared += " " + a + `="` + html.EscapeString(v) + `"`
			}
		}
	}
	version := ""
	if v := versionAt.FindSubmatch(beginning); v != nil {
		version = string(v[1])
	}
	switch m.kind {
	case rootAtom:
		ns := "http://www.w3.org/2005/Atom"
		if version == "0.3" || bytes.Contains(beginning, []byte("http://purl.org/atom/ns#")) {
			ns, version = "http://purl.org/atom/ns#", "0.3"
		}
		m.root, m.tail = `<feed xmlns="`+ns+`"`+declared+">", "</feed>"
	case rootURLSet:
		m.root, m.tail = "<urlset"+declared+">", "</urlset>"
	case rootSitemapIndex:
		m.root, m.tail = "<sitemapindex"+declared+">", "</sitemapindex>"
	default:
		if m.kind == rootRDF {
			version = "1.0"
			if bytes.Contains(beginning, []byte("netscape.com/rdf/simple/0.9/")) {
				version = "0.9"
			}
		}
		m.root, m.tail = "<rss"+declared+"><channel>", "</channel></rss>"
	}
	m.version = version
}
