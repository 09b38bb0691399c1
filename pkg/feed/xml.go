package feed

import (
	"bytes"
	"fmt"
	"regexp"
)

// rootKind is what the root element makes of a document.
type rootKind uint8

const (
	rootNone rootKind = iota
	rootHTML
	rootRSS
	rootRDF
	rootAtom
	rootURLSet
	rootSitemapIndex
)

// item is the local name of the elements that hold one item each.
func (k rootKind) item() string {
	switch k {
	case rootAtom:
		return "entry"
	case rootURLSet:
		return "url"
	case rootSitemapIndex:
		return "sitemap"
	}
	return "item"
}

var rootNames = map[string]rootKind{
	"rss": rootRSS, "rdf": rootRDF, "feed": rootAtom, "channel": rootRSS,
	"urlset": rootURLSet, "sitemapindex": rootSitemapIndex, "html": rootHTML,
}

// maxJunk is how far into a document its root is looked for.
const maxJunk = 256 << 10

// maxCuts is how many tags without an end are passed over before the root.
const maxCuts = 16

// findRoot gives the kind and offset of the root element. What stands before
// it is skipped: declarations, comments, and what a failing server prints.
// html: some of that belongs to a web page.
func findRoot(b []byte) (kind rootKind, at int, html bool, err error) {
	cuts := 0
	for pos := 0; pos < min(len(b), maxJunk); {
		lt := bytes.IndexByte(b[pos:min(len(b), maxJunk)], '<')
		if lt < 0 {
			break
		}
		pos += lt
		if hasFold(b[pos:], "<!doctype") {
			end, bomb := doctype(b[pos:])
			if bomb != "" {
				return 0, 0, html, fmt.Errorf("%w: %s; the feed is safe to read only without it", ErrBomb, bomb)
			}
			html = html || hasFold(bytes.TrimLeft(b[pos+len("<!doctype"):], " \t\r\n"), "html")
			pos += end
			continue
		}
		t := readTag(b, pos)
		if t.kind == tagCut {
			// A comment that never ends hides nothing.
			t.end = pos + 1
			if cuts++; cuts > maxCuts {
				break
			}
		}
		if len(t.name) > 0 && t.kind != tagClose {
			switch k := rootNames[string(bytes.ToLower(localName(t.name)))]; k {
			case rootNone:
			case rootHTML:
				html = true
			default:
				return k, pos, html, nil
			}
		}
		pos = t.end
	}
	if html {
		return rootHTML, 0, true, nil
	}
	return rootNone, 0, false, nil
}

func hasFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && bytes.EqualFold(b[:len(prefix)], []byte(prefix))
}

var entityDecl = regexp.MustCompile(`(?i)<!ENTITY\s+([^%\s]\S*)\s+(?:(SYSTEM|PUBLIC)\b|"([^"]*)"|'([^']*)')`)

// doctype gives the length of the declaration at the start of b, and why it is
// not to be trusted: entities built from others, taken from elsewhere, or
// long. Plain character entities, which old feeds declare, pass.
func doctype(b []byte) (end int, bomb string) {
	end = len(b)
	depth, quote := 0, byte(0)
scan:
	for i := len("<!doctype"); i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '[' || c == '<':
			depth++
		case c == ']':
			depth--
		case c == '>':
			if depth == 0 {
				end = i + 1
				break scan
			}
			depth--
		}
	}
	for n, m := range entityDecl.FindAllSubmatch(b[:end], 301) {
		value := append(m[3], m[4]...)
		switch {
		case n == 300:
			return end, "it declares more than 300 entities"
		case len(m[2]) > 0:
			return end, "it declares an entity that lies elsewhere"
		case len(value) > 256:
			return end, "it declares a long entity"
		case refersToEntity(value):
			return end, "it declares an entity made of others"
		}
	}
	return end, ""
}

// refersToEntity tells whether an entity's value names another one; a
// character reference is none.
func refersToEntity(value []byte) bool {
	for i, c := range value {
		if c == '%' || c == '&' && (i+1 == len(value) || value[i+1] != '#') {
			return true
		}
	}
	return false
}

// parseXML reads a document whose root is an element.
func parseXML(b []byte, o Options) (*Feed, error) {
	kind, at, html, err := findRoot(b)
	if err != nil {
		return nil, err
	}
	if kind == rootNone || kind == rootHTML {
		orphan := orphanKind(b)
		if orphan == rootNone {
			return nil, notFeed(b, kind)
		}
		return salvage(b, orphan, o, "its root element is missing", false)
	}
	f, err := parseRoot(b[at:], kind, o)
	if html && (err != nil || len(f.Items) == 0) {
		return nil, notFeed(b, rootHTML)
	}
	return f, err
}

// parseRoot reads a document that begins with its root element.
func parseRoot(b []byte, kind rootKind, o Options) (*Feed, error) {
	s, err := inspect(b, kind, o.MaxDepth)
	if err != nil {
		return nil, err
	}
	if bytes.Contains(b[s.end:], []byte("<"+kind.item())) {
		s.note("items follow the end of the root element", s.end)
	}
	if s.damage == "" {
		f, err := parseSound(b[:s.end], kind, s, o)
		switch {
		case err != nil:
			s.damage = err.Error()
		case len(f.Items) < s.count && kind != rootSitemapIndex:
			s.damage = fmt.Sprintf("%d of %d items are in a namespace of their own", s.count-len(f.Items), s.count)
		default:
			return f, nil
		}
	}
	return salvage(b, kind, o, s.damage, s.cut)
}

// parseSound gives a document without known damage to the parser of its kind.
func parseSound(b []byte, kind rootKind, s *survey, o Options) (*Feed, error) {
	switch {
	case s.deep:
		b = rebase(b, kind, s, baseOf(o.BaseURL))
	case len(s.bases) > 0:
		b = maskBases(b, s.bases)
	}
	switch kind {
	case rootAtom:
		return parseAtom(b, s, o)
	case rootURLSet, rootSitemapIndex:
		return parseSitemap(b, o)
	}
	return parseRSS(b, kind, s, o)
}

// orphanKind tells by its items what a document without a root was.
func orphanKind(b []byte) rootKind {
	for _, kind := range []rootKind{rootRSS, rootAtom} {
		for _, end := range []string{">", " "} {
			if bytes.Contains(b, []byte("<"+kind.item()+end)) {
				return kind
			}
		}
	}
	return rootNone
}

func notFeed(b []byte, kind rootKind) error {
	if kind == rootHTML {
		return fmt.Errorf("%w: the address gives HTML; look for the feed's own address on the page", ErrHTML)
	}
	if b[0] != '<' {
		return fmt.Errorf("%w: it begins with %.40q, which is neither XML nor JSON", ErrNotFeed, b[:min(len(b), 40)])
	}
	return fmt.Errorf("%w: its root is none of rss, rdf:RDF, feed, urlset, sitemapindex; check the address", ErrNotFeed)
}
