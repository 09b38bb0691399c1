package feed

import (
	"bytes"
	"fmt"
)

// salvage reads a damaged document: its markup is written anew, sound, and
// holds the items that were whole. What still does not parse is tried item by
// item, so that one cannot cost the others.
// A document that was cut before its first item ended is an error: it must not
// look like a feed that has become empty.
func salvage(b []byte, kind rootKind, o Options, why string, cut bool) (*Feed, error) {
	m := mend(b, kind, o.MaxDepth)
	if len(m.items) == 0 && (cut || m.lost > 0) {
		return nil, fmt.Errorf("%w: %s; the answer may have been cut off, try again", ErrNoItems, why)
	}
	f, err := m.parse(m.items, o)
	if err != nil {
		if f, err = m.parseEach(o); err != nil {
			return nil, err
		}
	}
	f.Salvaged = true
	f.warn("damaged: %s", why)
	if m.lost > 0 {
		f.warn("%d items were not whole and are left out", m.lost)
	}
	return f, nil
}

// parse puts the head and some items together and hands them to the parser.
func (m *mended) parse(items []piece, o Options) (*Feed, error) {
	var doc bytes.Buffer
	doc.Grow(len(m.out) + len(m.root) + 32)
	doc.WriteString(m.root)
	doc.Write(m.head)
	for _, p := range items {
		doc.Write(m.out[p.from:p.to])
	}
	doc.WriteString(m.tail)
	kind := m.kind
	if kind == rootRDF {
		kind = rootRSS
	}
	s, err := inspect(doc.Bytes(), kind, o.MaxDepth+8)
	if err != nil {
		return nil, err
	}
	f, err := parseSound(doc.Bytes(), m.kind, s, o)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrNoItems, err)
	}
	if m.version != "" {
		f.Version = m.version
	}
	return f, nil
}

// maxLost is how many broken items are looked for one by one.
const maxLost = 256

// parseEach halves the items until those that cannot be read stand alone, and
// leaves these out.
func (m *mended) parseEach(o Options) (*Feed, error) {
	f, err := m.parse(nil, o)
	m.head = nil
	if err != nil {
		if f, err = m.parse(nil, o); err != nil {
			return nil, err
		}
	}
	var last error
	before := m.lost
	var read func(items []piece)
	read = func(items []piece) {
		if len(items) == 0 {
			return
		}
		if m.lost-before > maxLost {
			m.lost += len(items)
			return
		}
		part, err := m.parse(items, o)
		switch {
		case err == nil:
			f.Items = append(f.Items, part.Items...)
		case len(items) == 1:
			m.lost++
			last = err
		default:
			read(items[:len(items)/2])
			read(items[len(items)/2:])
		}
	}
	read(m.items)
	if len(f.Items) == 0 && last != nil {
		return nil, last
	}
	return f, nil
}
