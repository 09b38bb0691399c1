package judge

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/zeebo/xxh3"
)

// window holds the latest stored revision of each article of the stream's
// suffix, aged as the indices are.
type window struct {
	span   int64 // ms
	limit  int
	newest int64
	queue  []stored // from start on
	start  int
	byID   map[uint64]int // id -> position of its newest entry, counted from the first ever
	popped int
}

type stored struct {
	id     uint64
	seen   int64
	body   uint64
	copyOf uint64
	story  uint64
	words  int32
	sim    float32
	rev    uint16
	rank   int8
}

func newWindow(span time.Duration, limit int) window {
	return window{span: span.Milliseconds(), limit: limit, byID: map[uint64]int{}}
}

func (w *window) len() int { return len(w.queue) - w.start }

func (w *window) get(id uint64) (*Known, bool) {
	pos, ok := w.byID[id]
	if !ok {
		return nil, false
	}
	s := &w.queue[w.start+pos-w.popped]
	return &Known{
		Revision: s.rev, BodyHash: s.body, Words: int(s.words), TextRank: int(s.rank), SeenAt: time.UnixMilli(s.seen),
		CopyOf: s.copyOf, Story: s.story, Similarity: s.sim,
	}, true
}

func (w *window) add(id uint64, k Known) {
	seen := k.SeenAt.UnixMilli()
	w.newest = max(w.newest, seen)
	w.byID[id] = w.popped + w.len()
	w.queue = append(w.queue, stored{
		id: id, seen: seen, body: k.BodyHash, copyOf: k.CopyOf, story: k.Story, words: int32(k.Words),
		sim: k.Similarity, rev: k.Revision, rank: int8(k.TextRank),
	})
	for w.len() > w.limit || w.len() > 0 && w.queue[w.start].seen < w.newest-w.span {
		id := w.queue[w.start].id
		if w.byID[id] == w.popped {
			delete(w.byID, id)
		}
		w.start++
		w.popped++
	}
	// Moving the rest forward once half is gone costs one copy for each entry.
	if w.start > 1024 && w.start > len(w.queue)/2 {
		n := copy(w.queue, w.queue[w.start:])
		w.queue, w.start = w.queue[:n], 0
	}
}

func (w *window) digest() uint64 {
	var h xxh3.Hasher
	b := binary.LittleEndian.AppendUint64(nil, uint64(w.newest))
	_, _ = h.Write(b)
	for i := range w.queue[w.start:] {
		s := &w.queue[w.start+i]
		b = b[:0]
		for _, v := range []uint64{s.id, uint64(s.seen), s.body, s.copyOf, s.story, uint64(uint32(s.words)),
			uint64(math.Float32bits(s.sim)), uint64(s.rev)<<8 | uint64(uint8(s.rank))} {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
		_, _ = h.Write(b)
	}
	return h.Sum64()
}
