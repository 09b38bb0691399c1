package feed

import (
	"bytes"
	"regexp"
	"strings"
	"unicode/utf8"
)

// mended is a damaged document written anew. Root, head, the items and tail
// together are well-formed XML.
type mended struct {
	kind    rootKind
	version string
	root    string // start tags of root and channel
	tail    string // their end tags
	head    []byte // what belongs to the feed as a whole
	out     []byte // the items
	items   []piece
	lost    int // items that were not whole
}

type piece struct{ from, to int }

// mender writes one document anew, tag by tag.
type mender struct {
	mended
	src      []byte
	maxDepth int
	buf      []byte   // what is written at the moment: head or items
	stack    []string // elements open within the head or the item
	inItem   bool
	prefix   string // of the root element
	start    int    // of the item in buf

	commentEnd, sectionEnd, itemStart, itemEnd finder
}

// mend takes markup apart as a browser would, and forgives as one: text that
// only looks like a tag is text, tags that were not closed are closed where
// their parent is, closing tags without an opening one are dropped. An item
// that the next one interrupts, or that the end cuts, is not whole.
func mend(b []byte, kind rootKind, maxDepth int) *mended {
	m := &mender{src: b, maxDepth: maxDepth}
	m.kind = kind
	m.commentEnd.mark, m.sectionEnd.mark, m.itemEnd.mark = "-->", "]]>", "</"+kind.item()
	m.itemStart.mark = "<" + kind.item()
	m.openRoot()
	if root := looseName.Find(b); root != nil {
		m.prefix, _, _ = strings.Cut(string(root[1:]), ":")
	}
	pos := 0
	for pos < len(b) {
		lt := bytes.IndexByte(b[pos:], '<')
		if lt < 0 {
			m.text(b[pos:])
			break
		}
		m.text(b[pos : pos+lt])
		pos = m.markup(pos + lt)
	}
	if m.inItem {
		m.drop()
	} else {
		m.closeAll()
		m.head = append(m.head, m.buf...)
	}
	return &m.mended
}

// markup handles what starts at pos and gives the offset behind it.
func (m *mender) markup(pos int) int {
	b := m.src
	rest := b[pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return m.cdata(pos + len("<![CDATA["))
	case bytes.HasPrefix(rest, []byte("<!--")):
		if end := m.commentEnd.after(b, pos+4) - pos; end >= 4 && !m.hidesItem(pos, pos+end) {
			if !bytes.Contains(rest[4:end], []byte("--")) && !bytes.HasSuffix(rest[4:end], []byte("-")) {
				m.legal(rest[:end+3])
			}
			return pos + end + 3
		}
		return pos + 4
	case bytes.HasPrefix(rest, []byte("<?")):
		if end := bytes.Index(rest[:min(len(rest), 1024)], []byte("?>")); end >= 0 {
			return pos + end + 2
		}
		return pos + 2
	case bytes.HasPrefix(rest, []byte("</")):
		end := bytes.IndexAny(rest[2:min(len(rest), 300)], "<>")
		if end < 0 || rest[2+end] == '<' {
			m.text(rest[:2])
			return pos + 2
		}
		m.closeTag(safeName(bytes.TrimSpace(rest[2 : 2+end])))
		return pos + 2 + end + 1
	}
	return m.openTag(pos)
}

func (m *mender) openTag(pos int) int {
	name, end := bareTag(m.src[pos:])
	var attrs string
	var empty bool
	if end == 0 {
		name, attrs, end, empty = looseTag(m.src[pos:])
	}
	if end == 0 {
		m.text(m.src[pos : pos+1])
		return pos + 1
	}
	local := name
	if i := strings.IndexByte(name, ':'); i >= 0 {
		local = name[i+1:]
	}
	switch {
	case strings.EqualFold(local, m.kind.item()) && m.itemPrefix(name, local):
		m.beginItem()
	case !m.inItem && (rootNames[strings.ToLower(local)] != rootNone):
		return pos + end // written by openRoot
	case len(m.stack) >= m.maxDepth/2:
		return pos + end
	}
	m.buf = append(append(m.buf, '<'), name...)
	m.buf = append(m.buf, attrs...)
	if empty || voidTag(local) {
		m.buf = append(m.buf, "/>"...)
		if m.inItem && len(m.stack) == 0 {
			m.endItem()
		}
		return pos + end
	}
	m.buf = append(m.buf, '>')
	m.stack = append(m.stack, name)
	return pos + end
}

// itemPrefix tells whether a tag of an item's name is an item: it has no
// prefix, that of the root, or one that stands for a format. Sitemap images
// and media modules have elements of the same local names.
func (m *mender) itemPrefix(name, local string) bool {
	if len(name) == len(local) {
		return true
	}
	switch prefix := name[:len(name)-len(local)-1]; strings.ToLower(prefix) {
	case "rss", "rdf", "atom":
		return true
	default:
		return prefix == m.prefix
	}
}

func (m *mender) beginItem() {
	if m.inItem {
		m.drop()
	} else {
		m.closeAll()
		m.head = append(m.head, m.buf...)
		m.buf = m.out
	}
	m.inItem = true
	m.stack = m.stack[:0]
	m.start = len(m.buf)
}

// endItem keeps the item that was just closed.
func (m *mender) endItem() {
	m.out = m.buf
	m.items = append(m.items, piece{m.start, len(m.buf)})
	m.inItem = false
	m.stack = m.stack[:0]
	m.buf = nil
}

// drop forgets the item that is open.
func (m *mender) drop() {
	m.out = m.buf[:m.start]
	m.buf = m.out
	m.lost++
}

func (m *mender) closeTag(name string) {
	for i := len(m.stack) - 1; i >= 0; i-- {
		if m.stack[i] != name {
			continue
		}
		for len(m.stack) > i {
			m.pop()
		}
		if m.inItem && i == 0 {
			m.endItem()
		}
		return
	}
}

func (m *mender) closeAll() {
	for len(m.stack) > 0 {
		m.pop()
	}
}

func (m *mender) pop() {
	n := len(m.stack) - 1
	m.buf = append(append(append(m.buf, "</"...), m.stack[n]...), '>')
	m.stack = m.stack[:n]
}

// cdata writes the section that starts at pos. One that swallows the end of
// its item was not closed: it ends with its element, or with the item.
func (m *mender) cdata(pos int) int {
	end := m.sectionEnd.after(m.src, pos)
	next := end + 3
	if end < 0 || m.hidesItem(pos, end) {
		end = m.itemEnd.after(m.src, pos)
		if end < 0 {
			return len(m.src) // cut: the item is not whole
		}
		if n := len(m.stack); n > 0 {
			if i := bytes.Index(m.src[pos:end], []byte("</"+m.stack[n-1])); i >= 0 {
				end = pos + i
			}
		}
		next = end
	}
	m.buf = append(m.buf, "<![CDATA["...)
	m.legal(m.src[pos:end])
	m.buf = append(m.buf, "]]>"...)
	return next
}

// hidesItem tells whether src runs over the border between two items, or from
// the head into the first.
func (m *mender) hidesItem(from, to int) bool {
	if !m.inItem {
		for from < to {
			i := m.itemStart.after(m.src, from)
			if i < 0 || i >= to {
				break
			}
			if from = i + len(m.itemStart.mark); from < to && strings.IndexByte(" \t\r\n/>", m.src[from]) >= 0 {
				m.itemStart.next = i
				// A comment may well mention items; one that runs into them
				// goes over more than a start tag.
				hidden := m.src[i:to]
				return bytes.Contains(hidden, []byte(m.itemEnd.mark)) || bytes.Contains(hidden, []byte("<![CDATA[")) || bytes.Contains(hidden, []byte("<!--"))
			}
		}
		return false
	}
	i := m.itemEnd.after(m.src, from)
	return i >= 0 && i < to && itemBorder.Match(m.src[i:min(to, i+maxBorder)])
}

// maxBorder is how much blank is expected between two items.
const maxBorder = 4 << 10

var itemBorder = regexp.MustCompile(`(?i)^</(?:item|entry|url|sitemap)\s*>\s*(?:<(?:item|entry|url|sitemap)\b|</)`)

// text writes characters as XML has them: stray ampersands and brackets
// escaped, characters that XML forbids left out.
func (m *mender) text(b []byte) {
	for len(b) > 0 {
		i := bytes.IndexAny(b, "&<>")
		if i < 0 {
			m.legal(b)
			return
		}
		m.legal(b[:i])
		switch b[i] {
		case '<':
			m.buf = append(m.buf, "&lt;"...)
		case '>':
			m.buf = append(m.buf, "&gt;"...)
		default:
			m.ampersand(b[i:])
		}
		b = b[i+1:]
	}
}

var entityRef = regexp.MustCompile(`^&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});`)

// ampersand writes the & at the start of b: as it is where it begins an
// entity, a reference to a forbidden character as nothing, else escaped.
func (m *mender) ampersand(b []byte) {
	ref := entityRef.Find(b)
	if ref == nil {
		m.buf = append(m.buf, "&amp;"...)
		return
	}
	if ref[1] != '#' {
		m.buf = append(m.buf, '&')
		return
	}
	if r, _ := utf8.DecodeRuneInString(unescape(string(ref))); legalXML(r) < 0 || r == utf8.RuneError {
		m.buf = append(m.buf, "&amp;"...)
		return
	}
	m.buf = append(m.buf, '&')
}

// legal copies b without the characters that XML forbids.
func (m *mender) legal(b []byte) {
	for len(b) > 0 {
		i := 0
		for i < len(b) && (b[i] >= ' ' && b[i] < 0x80 || b[i] == '\n') {
			i++
		}
		m.buf = append(m.buf, b[:i]...)
		if b = b[i:]; len(b) == 0 {
			return
		}
		r, n := utf8.DecodeRune(b)
		if legalXML(r) >= 0 && !(r == utf8.RuneError && n == 1) {
			m.buf = append(m.buf, b[:n]...)
		}
		b = b[n:]
	}
}
