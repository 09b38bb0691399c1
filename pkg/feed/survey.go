package feed

import (
	"bytes"
	"fmt"
)

// survey is what one pass over the tags of a document tells, before a parser
// sees it. It copies nothing.
type survey struct {
	end    int        // offset behind the root element
	cut    bool       // the root element does not end
	damage string     // why a parser would fail; empty for a sound document
	head   tagAttrs   // of the root element
	parent tagAttrs   // of the channel
	items  []tagAttrs // of the items, in order; nil where none has attributes of interest
	count  int        // items
	bases  []int      // offsets of xml:base attributes
	deep   bool       // one of them stands within an item
}

// tagAttrs are the attributes that gofeed does not hand on.
type tagAttrs struct {
	base, lang, about string
	inner             []innerBase // of an item's children
	body              string      // markup of an item's xhtml:body
}

func (a tagAttrs) empty() bool { return a.base == "" && a.lang == "" && a.about == "" }

// Bounds of a document that a parser may see. gofeed copies all namespaces in
// scope for each element and concatenates text piece by piece: both grow with
// the square of hostile input, and so do the budgets count them.
const (
	maxAttrs        = 512        // attributes of one element
	maxNamespaces   = 512        // namespaces in scope
	namespaceBudget = 20_000_000 // namespaces in scope, summed over all elements
	textBudget      = 4 << 30    // bytes copied by concatenation
)

type openTag struct {
	name       []byte
	namespaces int
	fragments  int
	text       int
}

// inspect walks over the tags of b, which starts with the tag of the root. It
// returns an error for a bomb alone; other damage is noted.
func inspect(b []byte, kind rootKind, maxDepth int) (*survey, error) {
	s := &survey{}
	stack := make([]openTag, 0, 16)
	var nsWork, textWork int
	itemDepth, body := -1, -1 // of the open item; where its body began
	item := []byte(kind.item())
	pos := 0
	for {
		lt := bytes.IndexByte(b[pos:], '<')
		if lt < 0 {
			s.note("it ends before its last tag", len(b))
			s.end, s.cut = len(b), true
			return s, nil
		}
		if n := len(stack); n > 0 {
			stack[n-1].text += lt
		}
		pos += lt
		t := readTag(b, pos)
		switch t.kind {
		case tagSection, tagComment:
			if n := len(stack); n > 2 {
				top := &stack[n-1]
				textWork += top.text
				top.text += t.end - pos
			}
			if t.kind == tagSection && bytes.Contains(b[pos+9:t.end], []byte("<![CDATA[")) {
				s.note("a CDATA section is not closed", pos)
			}
		case tagBroken, tagCut:
			s.note(t.why, pos)
			if t.kind == tagCut {
				s.end, s.cut = len(b), true
				return s, nil
			}
		case tagClose:
			n := len(stack)
			if !bytes.Equal(stack[n-1].name, t.name) {
				s.note("a tag is closed that was not open", pos)
				for n > 1 && !bytes.Equal(stack[n-1].name, t.name) {
					n--
				}
				if n == 1 && !bytes.Equal(stack[0].name, t.name) {
					break
				}
			}
			stack = stack[:n-1]
			if n == 1 {
				s.end = t.end
				return s, nil
			}
			switch {
			case body >= 0 && n == itemDepth+2:
				s.takeBody(t.name, b[body:pos])
				body = -1
			case n <= itemDepth+1:
				itemDepth, body = -1, -1
			}
		case tagOpen, tagEmpty:
			depth := len(stack)
			if depth >= maxDepth {
				return nil, fmt.Errorf("%w: elements are nested more than %d deep", ErrBomb, maxDepth)
			}
			ns := 0
			if depth > 0 {
				top := &stack[depth-1]
				ns = top.namespaces
				if depth > 2 {
					textWork += top.text
				}
			}
			var at tagAttrs
			if t.attrs > 0 {
				if t.attrs > maxAttrs {
					return nil, fmt.Errorf("%w: an element with more than %d attributes", ErrBomb, maxAttrs)
				}
				tag := b[pos:t.end]
				ns += bytes.Count(tag, []byte("xmlns"))
				if x := bytes.Index(tag, []byte("xml:base")); x >= 0 {
					s.bases = append(s.bases, pos+x)
					s.deep = s.deep || depth > 1 && (depth > 2 || !bytes.EqualFold(localName(t.name), item))
				}
				if depth <= 2 {
					at = interesting(tag)
				}
			}
			nsWork += ns
			if ns > maxNamespaces || nsWork > namespaceBudget {
				return nil, fmt.Errorf("%w: too many namespace declarations", ErrBomb)
			}
			switch {
			case depth == 0:
				s.head = at
			case depth == 1 && string(localName(t.name)) == "channel":
				s.parent = at
			case (depth == 1 || depth == 2) && bytes.EqualFold(localName(t.name), item):
				if !at.empty() && s.items == nil {
					s.items = make([]tagAttrs, s.count, s.count+32)
				}
				if s.items != nil {
					s.items = append(s.items, at)
				}
				s.count++
				itemDepth, body = depth, -1
			case depth == itemDepth+1 && itemDepth >= 0 && kind != rootAtom && t.kind == tagOpen && isBody(t.name):
				body = t.end
			}
			if t.kind == tagOpen {
				stack = append(stack, openTag{name: t.name, namespaces: ns})
			} else if depth == 0 {
				s.end = t.end
				return s, nil
			}
		}
		if textWork > textBudget {
			return nil, fmt.Errorf("%w: text in too many pieces", ErrBomb)
		}
		pos = t.end
	}
}

func (s *survey) note(why string, at int) {
	if s.damage == "" {
		s.damage = fmt.Sprintf("%s (byte %d)", why, at)
	}
}

type tagKind uint8

const (
	tagOpen tagKind = iota
	tagEmpty
	tagClose
	tagSection // CDATA
	tagComment // comment, processing instruction or declaration
	tagBroken  // a stray < or a tag that no parser reads
	tagCut     // the document ends inside of it
)

type tag struct {
	kind  tagKind
	end   int    // offset behind it; behind its < where it is broken
	name  []byte // with its prefix
	attrs int    // equal signs outside of values
	why   string
}

// readTag reads what starts with the < at pos. A search that fails looks at all
// of b: callers stop at the first tagCut, or bound b.
func readTag(b []byte, pos int) tag {
	if pos+1 >= len(b) {
		return tag{kind: tagCut, end: len(b), why: "it ends inside a tag"}
	}
	switch c := b[pos+1]; {
	case c == '/':
		end := bytes.IndexByte(b[pos:], '>')
		if end < 0 {
			return tag{kind: tagCut, end: len(b), why: "it ends inside a tag"}
		}
		name := bytes.TrimRight(b[pos+2:pos+end], " \t\r\n")
		if bytes.IndexByte(name, '<') >= 0 || !validName(name) {
			return tag{kind: tagBroken, end: pos + 2, why: "a broken closing tag"}
		}
		return tag{kind: tagClose, end: pos + end + 1, name: name}
	case c == '!':
		rest := b[pos:]
		switch {
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			return until(b, pos, 9, "]]>", tagSection, "a CDATA section is not closed")
		case bytes.HasPrefix(rest, []byte("<!--")):
			t := until(b, pos, 4, "-->", tagComment, "a comment is not closed")
			if t.kind == tagComment && bytes.Contains(b[pos+4:t.end-3], []byte("--")) {
				t = tag{kind: tagBroken, end: pos + 2, why: "a comment with two hyphens in it"}
			}
			return t
		}
		return tag{kind: tagBroken, end: pos + 2, why: "a stray declaration"}
	case c == '?':
		return until(b, pos, 2, "?>", tagComment, "a processing instruction is not closed")
	case c < 0x80 && !isAlnum(c) && c != '_' && c != ':':
		return tag{kind: tagBroken, end: pos + 1, why: "a stray <"}
	}
	i := pos + 1
	for i < len(b) && b[i] > ' ' && b[i] != '>' && b[i] != '/' && b[i] != '<' {
		i++
	}
	t := tag{kind: tagOpen, name: b[pos+1 : i]}
	if !validName(t.name) {
		return tag{kind: tagBroken, end: pos + 1, why: "a broken tag"}
	}
	for i < len(b) {
		switch c := b[i]; c {
		case '>':
			if b[i-1] == '/' {
				t.kind = tagEmpty
			}
			t.end = i + 1
			return t
		case '<':
			return tag{kind: tagBroken, end: pos + 1, why: "a tag is not closed"}
		case '=':
			t.attrs++
		case '"', '\'':
			end := bytes.IndexByte(b[i+1:], c)
			if end < 0 {
				return tag{kind: tagCut, name: t.name, end: len(b), why: "it ends inside a tag"}
			}
			if bytes.IndexByte(b[i+1:i+1+end], '<') >= 0 {
				return tag{kind: tagBroken, end: pos + 1, why: "an attribute is not closed"}
			}
			i += end + 1
		}
		i++
	}
	return tag{kind: tagCut, name: t.name, end: len(b), why: "it ends inside a tag"}
}

func until(b []byte, pos, skip int, stop string, kind tagKind, why string) tag {
	end := bytes.Index(b[min(pos+skip, len(b)):], []byte(stop))
	if end < 0 {
		return tag{kind: tagCut, end: len(b), why: why}
	}
	return tag{kind: kind, end: pos + skip + end + len(stop)}
}

// validName tells whether a parser takes name, which may have one prefix.
func validName(name []byte) bool {
	if len(name) == 0 || len(name) > 256 {
		return false
	}
	colons := 0
	for i, c := range name {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case c == ':':
			if colons++; colons > 1 || i == 0 || i == len(name)-1 {
				return false
			}
		case c >= '0' && c <= '9', c == '-', c == '.':
			if i == 0 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

func localName(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// interesting picks the attributes of a tag that links and identity need.
func interesting(t []byte) tagAttrs {
	return tagAttrs{base: attr(t, "xml:base"), lang: attr(t, "xml:lang"), about: attr(t, "rdf:about")}
}

// attr gives the value of one attribute of a tag, entities decoded.
func attr(t []byte, name string) string {
	p := attrAt(t, name)
	if p.to-p.from > maxURL {
		return ""
	}
	return unescape(string(bytes.TrimSpace(t[p.from:p.to])))
}

// attrAt gives the place of an attribute's value within its tag.
func attrAt(t []byte, name string) piece {
	for from := 0; ; {
		i := bytes.Index(t[from:], []byte(name))
		if i < 0 {
			return piece{}
		}
		i += from
		from = i + len(name)
		if i == 0 || t[i-1] > ' ' && t[i-1] != '"' && t[i-1] != '\'' {
			continue
		}
		j := skipBlank(t, from)
		if j == len(t) || t[j] != '=' {
			continue
		}
		j = skipBlank(t, j+1)
		if j == len(t) || t[j] != '"' && t[j] != '\'' {
			continue
		}
		end := bytes.IndexByte(t[j+1:], t[j])
		if end < 0 {
			return piece{}
		}
		return piece{j + 1, j + 1 + end}
	}
}

func skipBlank(t []byte, i int) int {
	for i < len(t) && (t[i] == ' ' || t[i] == '\t' || t[i] == '\r' || t[i] == '\n') {
		i++
	}
	return i
}
