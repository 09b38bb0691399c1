package story

import (
	"encoding/binary"
	"math"
	"strings"
	"time"

	"github.com/zeebo/xxh3"
)

const (
	maxEntities = 24
	maxTitle    = 12
	maxFeatures = maxEntities + maxTitle
	maxHops     = 48   // newest originals looked at for each feature
	prior       = 1000 // originals assumed before the window has filled: keeps the first ones from all looking rare
)

// Index is the window of originals. It is for one goroutine at a time.
type Index struct {
	cfg      Config
	entries  []entry // a ring: entry seq stands at seq modulo its length, a power of two
	head     uint32  // oldest
	next     uint32
	newest   int64 // largest SeenAt, ms
	features map[uint32]posting
	ids      map[uint64]uint32 // article -> newest entry

	found map[uint32]int // scratch: entry -> place in order
	order []candidate
}

type posting struct {
	last uint32 // newest entry with the feature
	n    uint32 // entries of the window with it
}

// entry is one original.
type entry struct {
	id, story uint64
	seen, ts  int64 // unix ms; ts 0: unknown
	lang      uint32
	entities  uint8 // of the features; words of the title follow
	n         uint8
	feature   [maxFeatures]uint32 // hashes
	weight    [maxFeatures]float32
	prev      [maxFeatures]uint32 // the entry before with the feature; its own: none
}

// NewIndex gives an empty index. It panics where cfg is not valid.
func NewIndex(cfg Config) *Index {
	if err := cfg.Validate(); err != nil {
		panic("story: " + err.Error())
	}
	return &Index{
		cfg: cfg, entries: make([]entry, 64), features: map[uint32]posting{}, ids: map[uint64]uint32{}, found: map[uint32]int{},
	}
}

// Len is the number of originals in the window.
func (x *Index) Len() int { return int(x.next - x.head) }

// Add folds an original into the state, with the story that was decided (or
// read back) for it. A revision of a known article takes the place of its
// earlier text.
func (x *Index) Add(d *Doc, storyID uint64) {
	if x.Len() == len(x.entries) {
		x.grow()
	}
	seq := x.next
	x.next++
	e := x.at(seq)
	*e = newEntry(d)
	e.story = storyID
	if old, ok := x.ids[e.id]; ok {
		x.at(old).id = 0
	}
	x.ids[e.id] = seq
	for i, f := range e.feature[:e.n] {
		p, ok := x.features[f]
		e.prev[i] = seq
		if ok {
			e.prev[i] = p.last
		}
		x.features[f] = posting{last: seq, n: p.n + 1}
	}
	x.Advance(d.SeenAt)
}

// Advance ages the window up to seenAt. The index sees originals alone; who
// folds the whole stream calls it for everything else, so that the window ends
// where that of the stream does.
func (x *Index) Advance(seenAt time.Time) {
	x.newest = max(x.newest, seenAt.UnixMilli())
	horizon := x.newest - x.cfg.Window.Milliseconds()
	for x.Len() > 0 && (x.Len() > x.cfg.MaxDocs || x.at(x.head).seen < horizon) {
		x.drop()
	}
}

func (x *Index) drop() {
	e := x.at(x.head)
	if seq, ok := x.ids[e.id]; ok && seq == x.head {
		delete(x.ids, e.id)
	}
	for _, f := range e.feature[:e.n] {
		p := x.features[f]
		if p.n--; p.n == 0 {
			delete(x.features, f)
		} else {
			x.features[f] = p
		}
	}
	x.head++
}

func (x *Index) at(seq uint32) *entry { return &x.entries[seq&uint32(len(x.entries)-1)] }

// grow doubles the ring.
func (x *Index) grow() {
	old := x.entries
	x.entries = make([]entry, 2*len(old))
	for seq := x.head; seq != x.next; seq++ {
		*x.at(seq) = old[seq&uint32(len(old)-1)]
	}
}

func (x *Index) has(seq uint32) bool { return seq-x.head < x.next-x.head }

func newEntry(d *Doc) entry {
	e := entry{id: d.ID, seen: d.SeenAt.UnixMilli(), lang: uint32(xxh3.HashString(d.Language))}
	if !d.TS.IsZero() {
		e.ts = d.TS.UnixMilli()
	}
	for _, id := range d.Entities {
		if e.n == maxEntities {
			break
		}
		e.add(uint32(xxh3.HashString(id)), entityWeight(id))
	}
	e.entities = e.n
	for _, t := range d.Title {
		if e.n == e.entities+maxTitle {
			break
		}
		e.add(uint32(t>>32)^uint32(t)^e.lang, titleWeight)
	}
	return e
}

// add appends a feature unless the entry has it.
func (e *entry) add(f uint32, weight float32) {
	for _, g := range e.feature[:e.n] {
		if f == g {
			return
		}
	}
	e.feature[e.n], e.weight[e.n] = f, weight
	e.n++
}

const titleWeight = .7

// entityWeight is lower for places: much happens in one country.
func entityWeight(id string) float32 {
	if strings.HasPrefix(id, "loc/") {
		return .5
	}
	return 1
}

func (e *entry) apart(c *entry) time.Duration {
	if e.ts == 0 || c.ts == 0 {
		return 0
	}
	return (time.Duration(e.ts-c.ts) * time.Millisecond).Abs()
}

// Digest is a hash of the whole state: equal digests, equal answers.
func (x *Index) Digest() uint64 {
	var h xxh3.Hasher
	var b []byte
	put := func(vs ...uint64) {
		for _, v := range vs {
			b = binary.LittleEndian.AppendUint64(b, v)
		}
	}
	put(uint64(x.Len()), uint64(x.newest))
	for seq := x.head; seq != x.next; seq++ {
		e := x.at(seq)
		put(e.id, e.story, uint64(e.seen), uint64(e.ts), uint64(e.lang), uint64(e.entities))
		for i, f := range e.feature[:e.n] {
			back := uint64(0)
			if x.has(e.prev[i]) {
				back = uint64(seq - e.prev[i])
			}
			put(uint64(f), uint64(math.Float32bits(e.weight[i])), back, uint64(x.features[f].n))
		}
		_, _ = h.Write(b)
		b = b[:0]
	}
	return h.Sum64()
}
