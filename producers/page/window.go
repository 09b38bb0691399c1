package page

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/dateline/dateline/pkg/news"
)

// window is what is known of one partition: which articles before the reader's
// place still wait for their pages. The group's offset stands at the first of
// them; which ones behind it are pending goes into its metadata, so that a
// restart fetches no page again but those that were in hand.
type window struct {
	ctx     context.Context // of the generation
	read    int64           // the next offset
	last    uint64          // fingerprint of the message before read
	order   []place         // ascending; some are done
	pending map[int64]*task
	latest  map[news.ID]*task // the newest pending version of each article
	bytes   int
	busy    int  // tasks under way
	closed  bool // takes nothing back
	changed chan struct{}
}

// place is where a message stands that was taken.
type place struct {
	offset int64
	before uint64 // fingerprint of the message before it
}

func newWindow(ctx context.Context, from int64) *window {
	return &window{ctx: ctx, read: from, pending: map[int64]*task{}, latest: map[news.ID]*task{}, changed: make(chan struct{}, 1)}
}

// pass notes that a message was read; t is nil where its page is not wanted.
func (w *window) pass(offset int64, fingerprint uint64, t *task) {
	if t != nil {
		w.order = append(w.order, place{offset, w.last})
		w.pending[offset], w.latest[t.id] = t, t
		w.bytes += t.bytes
	}
	w.read, w.last = offset+1, fingerprint
}

// done notes that a task has ended for good.
func (w *window) done(t *task) {
	if w.pending[t.offset] != t {
		return
	}
	delete(w.pending, t.offset)
	if w.latest[t.id] == t {
		delete(w.latest, t.id)
	}
	w.bytes -= t.bytes
	if len(w.order) > 2*len(w.pending)+64 {
		kept := w.order[:0]
		for _, p := range w.order {
			if w.pending[p.offset] != nil {
				kept = append(kept, p)
			}
		}
		w.order = kept
	}
	w.signal()
}

func (w *window) signal() {
	select {
	case w.changed <- struct{}{}:
	default:
	}
}

// maxMark bounds the metadata of an offset, in bytes: brokers take 4,096.
const maxMark = 4000

// mark gives the offset to commit and its metadata.
func (w *window) mark() (offset int64, metadata string) {
	offset, tail := w.read, w.read
	fingerprint := w.last
	var deltas []byte
	room := base64.RawStdEncoding.DecodedLen(maxMark - 64)
	var at int64
	first := true
	for _, p := range w.order {
		if w.pending[p.offset] == nil {
			continue
		}
		if first {
			offset, fingerprint, at, first = p.offset, p.before, p.offset, false
			continue
		}
		if len(deltas)+binary.MaxVarintLen64 > room {
			tail = p.offset
			break
		}
		deltas = binary.AppendUvarint(deltas, uint64(p.offset-at))
		at = p.offset
	}
	return offset, fmt.Sprintf("v1:%016x:%d:%s", fingerprint, tail, base64.RawStdEncoding.EncodeToString(deltas))
}

// marked is what a mark says.
type marked struct {
	fingerprint uint64
	tail        int64          // from here on nothing is known
	pending     map[int64]bool // before it
}

// readMark reads the metadata of an offset; ok is false where it says nothing.
func readMark(offset int64, metadata string) (m marked, ok bool) {
	parts := strings.Split(metadata, ":")
	if len(parts) != 4 || parts[0] != "v1" {
		return m, false
	}
	if _, err := fmt.Sscanf(parts[1]+" "+parts[2], "%x %d", &m.fingerprint, &m.tail); err != nil {
		return m, false
	}
	deltas, err := base64.RawStdEncoding.DecodeString(parts[3])
	if err != nil {
		return m, false
	}
	m.pending = map[int64]bool{offset: true}
	for at := offset; len(deltas) > 0; {
		d, n := binary.Uvarint(deltas)
		if n <= 0 {
			return m, false
		}
		at += int64(d)
		m.pending[at], deltas = true, deltas[n:]
	}
	return m, true
}

// wants tells whether an offset is to be looked at again.
func (m marked) wants(offset int64) bool {
	return m.pending == nil || offset >= m.tail || m.pending[offset]
}
