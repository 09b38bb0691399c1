package feed

import (
	"bytes"
	"html"
	"strings"
)

// maskBases hides xml:base from gofeed, which takes the last part of its path
// for a folder and re-renders all HTML below it. Links are made absolute here.
func maskBases(b []byte, at []int) []byte {
	b = bytes.Clone(b)
	for _, i := range at {
		b[i+len("xml")] = '_'
	}
	return b
}

// linkAttrs are attributes of elements within items that hold an address.
var linkAttrs = [...]string{"href", "src", "url", "cite", "poster"}

// rebase applies the xml:base attributes that stand within items: attributes
// below them become absolute, and the base of an item's child is noted in
// s.items, for the links in its text. b is sound, s its survey.
func rebase(b []byte, kind rootKind, s *survey, document linkBase) []byte {
	type scope struct {
		base   linkBase
		own    bool // given within an item
		inItem bool
	}
	if s.items == nil {
		s.items = make([]tagAttrs, s.count)
	}
	out := make([]byte, 0, len(b)+len(b)/16)
	stack := []scope{{base: document}}
	item, n := kind.item(), -1
	room := len(b) + 1<<20 // what bases may add
	for pos := 0; pos < s.end; {
		lt := bytes.IndexByte(b[pos:s.end], '<')
		if lt < 0 {
			out = append(out, b[pos:s.end]...)
			break
		}
		out = append(out, b[pos:pos+lt]...)
		pos += lt
		t := readTag(b, pos)
		raw := b[pos:t.end]
		pos = t.end
		if t.kind == tagClose && len(stack) > 1 {
			stack = stack[:len(stack)-1]
		}
		if t.kind != tagOpen && t.kind != tagEmpty {
			out = append(out, raw...)
			continue
		}
		now := stack[len(stack)-1]
		depth := len(stack) - 1
		isItem := (depth == 1 || depth == 2) && bytes.EqualFold(localName(t.name), []byte(item))
		child := now.inItem
		if isItem {
			n++
		}
		if t.attrs > 0 {
			if own := attr(raw, "xml:base"); own != "" {
				now.base = now.base.with(own)
				if child {
					now.own = true
					if n < len(s.items) {
						s.items[n].inner = append(s.items[n].inner, innerBase{string(localName(t.name)), own})
					}
				}
				raw = bytes.ReplaceAll(raw, []byte("xml:base"), []byte("xml_base"))
			}
			if now.own && now.base.absolute() && room > 0 {
				was := len(raw)
				raw = absoluteAttrs(raw, now.base)
				room -= len(raw) - was
			}
		}
		out = append(out, raw...)
		if t.kind == tagOpen {
			now.inItem = isItem || now.inItem
			stack = append(stack, now)
		} else if depth == 0 {
			break
		}
	}
	s.end = len(out)
	return out
}

// absoluteAttrs resolves the addresses in the attributes of a tag.
func absoluteAttrs(tag []byte, base linkBase) []byte {
	for _, name := range linkAttrs {
		v := attr(tag, name)
		if v == "" || hasScheme(v) || v[0] == '#' {
			continue
		}
		at := attrAt(tag, name)
		if at.to == 0 {
			continue
		}
		abs := html.EscapeString(base.resolve(v))
		tag = append(append(append(make([]byte, 0, len(tag)+len(abs)), tag[:at.from]...), abs...), tag[at.to:]...)
	}
	return tag
}

// innerBase is the xml:base of a child of an item.
type innerBase struct{ name, base string }

// within gives the base of the links in the text of one child of the item.
func (a tagAttrs) within(base linkBase, names ...string) linkBase {
	for _, b := range a.inner {
		for _, name := range names {
			if strings.EqualFold(b.name, name) {
				return base.with(b.base)
			}
		}
	}
	return base
}
