package newsroom

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"sync"
	"time"
)

// window is what one feed shows, oldest first, and the document made of it.
type window struct {
	mu      sync.Mutex
	outlet  *outlet
	items   []item
	changed time.Time
	missed  int  // articles that left unseen since the last response
	asked   bool // a 200 response was given before

	doc *document // nil when items changed since
}

type item struct {
	*article
	version, base int32
	served        bool // in some version
	xml           []byte
}

// document is one state of a feed.
type document struct {
	body     []byte
	packed   []byte // gzip, made when first asked for
	etag     string
	modified time.Time
	versions []int32
}

// put adds an article, or replaces its earlier version where it stands, and
// drops the oldest items beyond size.
func (w *window) put(a *article, version, base int32, at time.Time, size int, l *Ledger) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if version != base {
		for i := range w.items {
			if it := &w.items[i]; it.base == base {
				l.rolled(it.version, at)
				it.article, it.version, it.xml = a, version, nil
				w.doc, w.changed = nil, at
				return
			}
		}
		l.rolled(version, at) // the article has left the feed: nobody gets to see this
		return
	}
	w.items = append(w.items, item{article: a, version: version, base: base})
	w.doc, w.changed = nil, at
	for len(w.items) > size {
		out := &w.items[0]
		l.rolled(out.version, at)
		if !out.served {
			w.missed++
		}
		w.items[0] = item{}
		w.items = w.items[1:]
	}
}

// current returns the feed's document, rendering it where items changed.
func (w *window) current(feedURL string) *document {
	if w.doc != nil {
		return w.doc
	}
	var b bytes.Buffer
	w.render(&b, feedURL)
	h := fnv(0xcbf29ce484222325, b.String())
	// A second is the unit of Last-Modified. The second after the change is
	// claimed, and only once it has come, so that a feed which changes twice
	// in one second never answers 304 wrongly.
	d := &document{body: b.Bytes(), etag: fmt.Sprintf("%016x", h), modified: w.changed.UTC().Truncate(time.Second).Add(time.Second)}
	for i := range w.items {
		d.versions = append(d.versions, w.items[i].version)
	}
	w.doc = d
	return d
}

func (d *document) gzipped() []byte {
	if d.packed == nil {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is a constant
		}
		z.Write(d.body) // into memory: cannot fail
		z.Close()
		d.packed = b.Bytes()
	}
	return d.packed
}

// hand notes that the document goes out.
func (w *window) hand(d *document, at time.Time, l *Ledger) {
	l.served(w.outlet.number, d.versions, w.missed, !w.asked, at)
	w.missed, w.asked = 0, true
	for i := range w.items {
		w.items[i].served = true
	}
}
