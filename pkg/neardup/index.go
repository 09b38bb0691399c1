package neardup

import (
	"time"

	"github.com/zeebo/xxh3"
)

// Index is the window of documents that new ones are compared with. It is for
// one goroutine at a time.
//
// Entries stand in a ring in the order in which they were added; seq numbers
// count them and wrap. Each posting list is a chain from the newest entry that
// has a key to the one before: the newest is in a table, the others stand
// beside the entries. Chains end where the ring ends, so that dropping the oldest
// entry leaves nothing behind, and what a chain yields does not depend on what
// the ring held before.
type Index struct {
	cfg    Config
	ring   ring
	newest int64             // largest SeenAt, ms
	ids    map[uint64]uint32 // id -> newest entry
	bodies map[uint64]uint32 // body and language -> newest entry
	titles map[uint64]uint32 // title and language -> newest entry
	spoken map[uint32]uint32 // source -> newest entry whose language is known
	runs   runs              // by 3-word shingle and language

	found found // scratch of candidates
	order []candidate
	rarer []shingle
	roots []rootMask

	query   entry // what Match asks about
	asked   bare
	aligned bare
	other   bare // what it is compared with
	unsure  []unsure
	toRead  []wanted

	touched uint32 // of no meaning: what is about to be needed is read together, so that the reads overlap
}

const (
	postings     = 13 // indexed 3-word shingles of an entry: the smallest ones
	keptTitle    = 8
	keptEntities = 8
)

// entry is one document of the window, without pointers so that the collector
// passes over a million of them.
type entry struct {
	id, copyOf, story uint64
	body, title       uint64 // map keys, language mixed in; 0: none
	seen, ts          int64  // unix ms; ts 0: unknown
	lang, words       uint32
	source            uint32 // 0: unknown
	prevBody          uint32 // the entry before with this body
	prevTitle         uint32
	nTitle, nEntities uint8
	correction        bool // the title says so
	note              Note
	titleTerms        [keptTitle]uint16
	entities          [keptEntities]uint16

	superseded bool // a revision of the same article stands later in the ring
	packed     packed
}

// NewIndex gives an empty index. It panics where cfg is not valid.
func NewIndex(cfg Config) *Index {
	if err := cfg.Validate(); err != nil {
		panic("neardup: " + err.Error())
	}
	return &Index{
		cfg: cfg, ids: map[uint64]uint32{}, bodies: map[uint64]uint32{}, titles: map[uint64]uint32{}, spoken: map[uint32]uint32{},
	}
}

// Len is the number of entries in the window; a revision counts beside the
// text that it supersedes.
func (x *Index) Len() int { return x.ring.len() }

// Add folds one document into the state, with the decision that was made (or
// read back) for it. A known id gets its new text; the one before is not
// matched any more.
func (x *Index) Add(d *Doc, copyOf uint64) {
	seen := d.SeenAt.UnixMilli()
	x.newest = max(x.newest, seen)
	seq, e := x.ring.push()
	e.fill(d, copyOf)
	if old, ok := x.ids[d.ID]; ok {
		x.ring.at(old).superseded = true
	}
	x.ids[d.ID] = seq
	if e.source != 0 && d.Language != "" && d.Language != "und" {
		x.spoken[e.source] = seq
	}
	e.prevBody = chain(x.bodies, e.body, seq)
	e.prevTitle = chain(x.titles, e.title, seq)
	links := x.ring.links(seq)
	for i, key := range e.packed.indexed() {
		l := link(seq, i)
		if links[i] = x.runs.push(key^e.lang, l); links[i] == noLink {
			links[i] = l
		}
	}
	horizon := x.newest - x.cfg.Window.Milliseconds()
	for x.ring.len() > x.cfg.MaxDocs || x.ring.len() > 0 && x.ring.at(x.ring.head).seen < horizon {
		x.drop()
	}
}

// chain makes seq the newest entry of a key, and returns the one before; seq
// itself stands for none.
func chain(m map[uint64]uint32, key uint64, seq uint32) uint32 {
	if key == 0 {
		return seq
	}
	before, ok := m[key]
	m[key] = seq
	if !ok {
		return seq
	}
	return before
}

// drop removes the oldest entry.
func (x *Index) drop() {
	seq := x.ring.head
	e := x.ring.at(seq)
	unlink(x.ids, e.id, seq)
	unlink(x.bodies, e.body, seq)
	unlink(x.titles, e.title, seq)
	if last, ok := x.spoken[e.source]; ok && last == seq {
		delete(x.spoken, e.source)
	}
	for _, key := range e.packed.indexed() {
		x.touched += x.runs.touch(key ^ e.lang)
	}
	for _, key := range e.packed.indexed() {
		x.runs.pop(key ^ e.lang)
	}
	x.ring.pop()
}

func unlink(m map[uint64]uint32, key uint64, seq uint32) {
	if newest, ok := m[key]; ok && newest == seq {
		delete(m, key)
	}
}

// Stored gives what the window holds of an article; ok is false where it holds
// no text of it.
func (x *Index) Stored(id uint64) (s Stored, ok bool) {
	seq, ok := x.ids[id]
	if !ok {
		return s, false
	}
	e := x.ring.at(seq)
	s = Stored{SeenAt: time.UnixMilli(e.seen), CopyOf: e.copyOf, Story: e.story, Words: int(e.words), Note: e.note}
	if e.body != 0 {
		s.BodyHash = e.body ^ uint64(e.lang)
	}
	return s, true
}

// Language gives the hash (xxh3, lower half) of the language of the newest text
// that the window holds of a source, and is known; ok is false where it holds
// none.
func (x *Index) Language(source string) (hash uint32, ok bool) {
	seq, ok := x.spoken[sourceKey(source)]
	if !ok {
		return 0, false
	}
	return x.ring.at(seq).lang, true
}

// sourceKey is 0 for an unknown source.
func sourceKey(source string) uint32 {
	if source == "" {
		return 0
	}
	return max(uint32(xxh3.HashString(source)), 1)
}

func (e *entry) fill(d *Doc, copyOf uint64) {
	*e = entry{
		id: d.ID, copyOf: copyOf, story: d.Story, seen: d.SeenAt.UnixMilli(), ts: millis(d.TS),
		lang: uint32(xxh3.HashString(d.Language)), words: uint32(d.Words), note: d.Note,
	}
	e.body = bodyKey(d, e.lang)
	e.title = titleKey(d, e.lang)
	e.source = sourceKey(d.Source)
	for _, t := range d.Title {
		e.correction = e.correction || corrections.has(t)
	}
	e.packed.pack(d.Sketch)
	terms, entities := titleTerms(d), entitySample(d)
	e.nTitle = uint8(copy(e.titleTerms[:], terms.values()))
	e.nEntities = uint8(copy(e.entities[:], entities.values()))
}

func bodyKey(d *Doc, lang uint32) uint64 {
	if d.BodyHash == 0 {
		return 0
	}
	return nonZero(d.BodyHash ^ uint64(lang))
}

// titleKey needs three words: shorter titles are headings of sections.
func titleKey(d *Doc, lang uint32) uint64 {
	if len(d.Title) < 3 {
		return 0
	}
	h := uint64(lang)
	for _, t := range d.Title {
		h = h*0x9e3779b97f4a7c15 + t
	}
	return nonZero(uint64(mix32(h))<<32 | uint64(mix32(h+1)))
}

func nonZero(h uint64) uint64 { return max(h, 1) }

// millis is 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// set is a small bottom-k sample.
type set struct {
	v [max(keptTitle, keptEntities)]uint16
	n int
}

func (s *set) values() []uint16 { return s.v[:s.n] }

// add keeps the k smallest distinct values, ascending.
func (s *set) add(h uint16, k int) {
	i := s.n
	for i > 0 && s.v[i-1] >= h {
		if s.v[i-1] == h {
			return
		}
		i--
	}
	if i == k {
		return
	}
	s.n = min(s.n+1, k)
	copy(s.v[i+1:s.n], s.v[i:])
	s.v[i] = h
}

func titleTerms(d *Doc) (s set) {
	for _, t := range d.Title {
		s.add(uint16(mix32(t)), keptTitle)
	}
	return s
}

func entitySample(d *Doc) (s set) {
	for _, e := range d.Entities {
		s.add(uint16(xxh3.HashString(e)), keptEntities)
	}
	return s
}
