package feed

import (
	"bytes"
	"strings"
)

// last gives the attributes of the item that is open, to be added to.
func (s *survey) last() *tagAttrs {
	if s.items == nil {
		s.items = make([]tagAttrs, s.count, s.count+32)
	}
	return &s.items[s.count-1]
}

// takeBody keeps the markup of an item's xhtml:body or atom:content, of which
// gofeed would leave no more than the words that stand outside of elements.
func (s *survey) takeBody(name, inner []byte) {
	if prefix, _, ok := bytes.Cut(name, []byte(":")); ok {
		inner = bytes.ReplaceAll(inner, append(append([]byte("<"), prefix...), ':'), []byte("<"))
		inner = bytes.ReplaceAll(inner, append(append([]byte("</"), prefix...), ':'), []byte("</"))
	}
	s.last().body = string(bytes.TrimSpace(inner))
}

// isBody tells the elements of an RSS item that hold markup.
func isBody(name []byte) bool {
	switch string(name) {
	case "body", "xhtml:body", "xhtml:div", "atom:content", "a10:content":
		return true
	}
	return false
}

// markup gives the body where it is elements, not text.
func (a tagAttrs) markup() string {
	if strings.IndexByte(a.body, '<') < 0 || strings.Contains(a.body, "<![CDATA[") {
		return ""
	}
	return a.body
}
