package story

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/zeebo/xxh3"
)

const (
	maxKeys     = 9 // terms of an entry by which it is found: its heaviest ones
	maxEntities = 11
)

// Index is the window of originals. It is for one goroutine at a time.
//
// Document frequencies are counted in a table of fixed size, in which terms
// may fall together; so are the newest entries that have a term among their
// keys, and each entry leads to the one before.
type Index struct {
	cfg    Config
	ring   ring
	newest int64 // largest SeenAt, ms
	slots  []slot
	shift  uint              // of the hash that gives a slot
	docs   map[uint32]uint32 // language -> entries of the window
	ids    map[uint64]uint32 // article -> newest entry
	last   map[uint64]uint32 // story -> newest entry

	places [MaxTerms]uint16 // scratch of Add
	query  entry            // scratch of Assign, up to round
	gauge  gauge
	weighs weighed
	other  weighed
	rarer  []key
	order  []candidate
	tried  []uint64
	found  [2 * maxWalk]place
	round  uint32
}

// slot is a cell of the table of terms.
type slot struct {
	n    uint32 // entries of the window with the term
	last uint32 // newest entry with the term among its keys; may have left the window, 0: none yet
}

// entry is one original, without pointers so that the collector passes over
// them. It has 256 bytes, and the first 64 are what the walk along the entries
// with one key reads.
type entry struct {
	prev      [maxKeys]uint32 // the entry before with the key; its own: none
	tags      [maxKeys]uint16 // of the keys
	nKeys     uint8
	nTerms    uint8
	nEntities uint8
	ts        uint32 // unix s; 0: unknown

	before    uint32 // the entry before of the same story; its own: none
	source    uint32 // 0: unknown
	id, story uint64 // id 0: a revision of the article stands later in the ring
	seen      int64  // unix ms
	lang      uint32
	terms     [MaxTerms]uint32
	entities  [maxEntities]uint32 // hashes
}

// NewIndex gives an empty index. It panics where cfg is not valid.
func NewIndex(cfg Config) *Index {
	if err := cfg.Validate(); err != nil {
		panic("story: " + err.Error())
	}
	size := min(max(bits.Len(uint(4*cfg.MaxDocs-1)), 10), 22)
	return &Index{
		cfg: cfg, ring: ring{head: 1, next: 1}, slots: make([]slot, 1<<size), shift: 32 - uint(size),
		docs: map[uint32]uint32{}, ids: map[uint64]uint32{}, last: map[uint64]uint32{},
	}
}

// Len is the number of originals in the window; a revision counts beside the
// text that it supersedes.
func (x *Index) Len() int { return x.ring.len() }

// Add folds an original into the state, with the story that was decided (or
// read back) for it. A revision of a known article takes the place of its
// earlier text.
func (x *Index) Add(d *Doc, storyID uint64) {
	seq, e := x.ring.push()
	e.fill(d)
	e.story, e.before = storyID, seq
	if old, ok := x.ids[e.id]; ok {
		x.ring.at(old).id = 0
	}
	x.ids[e.id] = seq
	if before, ok := x.last[storyID]; ok {
		e.before = before
	}
	x.last[storyID] = seq
	x.docs[e.lang]++
	for _, t := range e.terms[:e.nTerms] {
		x.slot(t>>8, e.lang).n++
	}
	for _, h := range e.entities[:e.nEntities] {
		x.slot(h, e.lang).n++
	}
	for _, k := range e.heaviest(&x.places) {
		h := e.terms[k] >> 8
		s := x.slot(h, e.lang)
		e.tags[e.nKeys], e.prev[e.nKeys] = tag(h), s.last
		s.last = seq
		e.nKeys++
	}
	x.Advance(d.SeenAt)
}

// Advance ages the window up to seenAt. The index sees originals alone; who
// folds the whole stream calls it for everything else, so that the window ends
// where that of the stream does.
func (x *Index) Advance(seenAt time.Time) {
	x.newest = max(x.newest, seenAt.UnixMilli())
	horizon := x.newest - x.cfg.Window.Milliseconds()
	for x.Len() > 0 && (x.Len() > x.cfg.MaxDocs || x.ring.at(x.ring.head).seen < horizon) {
		x.drop()
	}
}

func (x *Index) drop() {
	seq := x.ring.head
	e := x.ring.at(seq)
	if newest, ok := x.ids[e.id]; ok && newest == seq {
		delete(x.ids, e.id)
	}
	if x.last[e.story] == seq {
		delete(x.last, e.story)
	}
	if x.docs[e.lang]--; x.docs[e.lang] == 0 {
		delete(x.docs, e.lang)
	}
	for _, t := range e.terms[:e.nTerms] {
		x.slot(t>>8, e.lang).n--
	}
	for _, h := range e.entities[:e.nEntities] {
		x.slot(h, e.lang).n--
	}
	x.ring.pop()
}

// slot is the cell of a term of a language.
func (x *Index) slot(hash, lang uint32) *slot {
	return &x.slots[(hash*0x9e3779b1^lang)*0x85ebca6b>>x.shift]
}

// tag tells the keys of an entry apart. Where one is taken for another, other
// candidates show, and that is all.
func tag(hash uint32) uint16 { return uint16(hash) }

// key gives the place of a key of e, or -1.
func (e *entry) key(tag uint16) int { return slices.Index(e.tags[:e.nKeys], tag) }

// heaviest gives the places of the terms by which an entry is found.
func (e *entry) heaviest(dst *[MaxTerms]uint16) []uint16 {
	places := dst[:e.nTerms]
	for i := range places {
		places[i] = uint16(maxWeight-e.terms[i]&maxWeight)<<8 | uint16(i)
	}
	slices.Sort(places)
	places = places[:min(len(places), maxKeys)]
	for i := range places {
		places[i] &= 0xff
	}
	return places
}

func (e *entry) fill(d *Doc) {
	*e = entry{id: d.ID, seen: d.SeenAt.UnixMilli(), lang: uint32(xxh3.HashString(d.Language))}
	if d.Source != "" {
		e.source = max(uint32(xxh3.HashString(d.Source)), 1)
	}
	if !d.TS.IsZero() {
		e.ts = uint32(min(max(d.TS.Unix(), 1), math.MaxUint32))
	}
	if len(d.Terms) > 0 && d.Terms.Validate() == nil {
		e.nTerms = uint8(copy(e.terms[:], d.Terms))
	} else {
		e.nTerms = uint8(len(titleTerms(e.terms[:0], d.Title)))
	}
	for _, id := range d.Entities {
		h := uint32(xxh3.HashString(id))
		if e.nEntities == maxEntities {
			break
		}
		if !slices.Contains(e.entities[:e.nEntities], h) {
			e.entities[e.nEntities] = h
			e.nEntities++
		}
	}
	slices.Sort(e.entities[:e.nEntities])
}

// apart is the distance in analysis time; 0 where one is unknown.
func (e *entry) apart(c *entry) time.Duration {
	if e.ts == 0 || c.ts == 0 {
		return 0
	}
	return (time.Duration(int64(e.ts)-int64(c.ts)) * time.Second).Abs()
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
	for seq := x.ring.head; seq != x.ring.next; seq++ {
		e := x.ring.at(seq)
		put(e.id, e.story, uint64(e.seen), uint64(e.ts), uint64(e.lang), uint64(e.source), uint64(x.docs[e.lang]), x.back(seq, e.before))
		for _, t := range e.terms[:e.nTerms] {
			put(uint64(t), uint64(x.slot(t>>8, e.lang).n))
		}
		for _, h := range e.entities[:e.nEntities] {
			put(uint64(h), uint64(x.slot(h, e.lang).n))
		}
		for i, t := range e.tags[:e.nKeys] {
			put(uint64(t), x.back(seq, e.prev[i]))
		}
		_, _ = h.Write(b)
		b = b[:0]
	}
	return h.Sum64()
}

// back is how far an entry leads back, 0 where that has left the window.
func (x *Index) back(seq, before uint32) uint64 {
	if !x.ring.has(before) {
		return 0
	}
	return uint64(seq - before)
}
