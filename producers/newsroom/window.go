package newsroom

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"sync"
	"time"
)

// window is what one feed shows, oldest first, and the document made of it.
// Texts and documents may be dropped at any time (see shelf): they are written
// anew when somebody asks.
type window struct {
	mu      sync.Mutex
	outlet  *outlet
	items   []item
	changed time.Time
	missed  int32 // articles that left unseen since the last response
	asked   bool  // a 200 response was given before

	newest int32 // version that came in last; -1 before

	shelved bool // in the shelf's queue
	used    bool // since the queue was last looked at
	texts   int  // bytes of the articles that are held
	booked  int  // bytes of texts and document, as the shelf counts them
	doc     *document

	bad *badState // of a bad server
}

type item struct {
	*article      // nil where it was dropped
	version, base int32
	served        bool // in some version
}

// document is one state of a feed.
type document struct {
	body   []byte
	packed []byte // gzip, made when first asked for
}

// put adds an article, or replaces its earlier version where it stands, and
// drops the oldest items beyond size.
func (w *window) put(a *article, version, base int32, at time.Time, size int, l *Ledger) {
	if version != base {
		for i := range w.items {
			if it := &w.items[i]; it.base == base {
				l.rolled(it.version, at)
				w.texts += a.size() - it.size()
				it.article, it.version = a, version
				w.doc, w.changed, w.newest = nil, at, version
				return
			}
		}
		l.rolled(version, at) // the article has left the feed: nobody gets to see this
		return
	}
	if len(w.items) >= size && cap(w.items) == len(w.items) { // room for a few, not for twice as many
		grown := make([]item, len(w.items), size+1+size/4)
		copy(grown, w.items)
		w.items = grown
	}
	w.items = append(w.items, item{article: a, version: version, base: base})
	w.texts += a.size()
	w.doc, w.changed, w.newest = nil, at, version
	for len(w.items) > size {
		out := &w.items[0]
		l.rolled(out.version, at)
		if !out.served {
			w.missed++
		}
		w.texts -= out.size()
		w.items[0] = item{}
		w.items = w.items[1:]
	}
}

// etag tells the window's states apart without rendering them: every change
// brings a new version in, or a new moment.
func (w *window) etag() string {
	return fmt.Sprintf("%016x", mix(w.outlet.bodySeed, uint64(w.newest), uint64(w.changed.UnixNano())))
}

// modified is the value of Last-Modified. A second is its unit: the second
// after the change is claimed, and only once it has come, so that a feed which
// changes twice in one second never answers 304 wrongly.
func (w *window) modified() time.Time {
	return w.changed.UTC().Truncate(time.Second).Add(time.Second)
}

// current returns the feed's document, rendering it where items changed. All
// articles are there.
func (w *window) current(feedURL string) *document {
	if w.doc == nil {
		var b bytes.Buffer
		w.render(&b, feedURL)
		w.doc = &document{body: b.Bytes()}
	}
	return w.doc
}

func (d *document) gzipped() []byte {
	if d.packed == nil {
		d.packed = pack(d.body)
	}
	return d.packed
}

var packers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

func pack(body []byte) []byte {
	var b bytes.Buffer
	z := packers.Get().(*gzip.Writer)
	defer packers.Put(z)
	z.Reset(&b)
	z.Write(body) // into memory: cannot fail
	z.Close()
	return b.Bytes()
}

// hand notes that the window as it is goes out whole.
func (w *window) hand(at time.Time, l *Ledger) {
	l.served(w.outlet.number, w.items, int(w.missed), !w.asked, at)
	w.missed, w.asked = 0, true
	for i := range w.items {
		w.items[i].served = true
	}
}
