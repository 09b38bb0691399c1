package ner

import "math/bits"

// gazClass says which lists of names hold a word or phrase.
type gazClass uint16

// The lists. Their numbers are part of the model's format.
const (
	gazCountry gazClass = 1 << iota
	gazRegion           // state, province
	gazCity             // of 200,000 people and more, or a capital
	gazTown             // smaller ones
	gazGiven
	gazSurname
	gazPerson // full name
	gazParty
	gazCompany
	gazMedia
	gazBody     // organisation between states, committee, sanctioned body
	gazPeople   // "French", "Germans"
	gazForm     // "Inc", "GmbH"
	gazNamePart // some part of a person's name, in any of its spellings
	gazRare     // a given name or surname of few people
	gazMore     // no list: longer phrases begin with this one
)

const gazLists = 15

// noCluster marks a word without a vector.
const noCluster = 0xffff

// lexEntry is what the lexicon says of a word or phrase.
type lexEntry struct {
	key  uint32 // of the phrase's hash, see short
	gaz  gazClass
	clus [3]uint16
	used bool
	top  uint8 // the 8 bits above key
}

// lexicon maps phrases of folded words to their lists and clusters: open
// addressing over a hash of which the high bits choose the slot.
type lexicon struct {
	slots []lexEntry
	shift uint
	n     int
}

func newLexicon(n int) *lexicon {
	size := max(bits.Len(uint(n+n/3)), 4)
	return &lexicon{slots: make([]lexEntry, 1<<size), shift: uint(64 - size)}
}

// short is what is kept of a hash: 40 bits, so that one in some hundred thousand
// words finds what stands for another.
func short(h uint64) uint64 { return h >> 24 }

// get returns the entry of a phrase, or nil.
func (l *lexicon) get(h uint64) *lexEntry {
	for i := h >> l.shift; ; i = (i + 1) & uint64(len(l.slots)-1) {
		e := &l.slots[i]
		if !e.used {
			return nil
		}
		if e.key == uint32(short(h)) {
			return e
		}
	}
}

// put returns the entry of a phrase, made where there is none. The caller has
// sized the lexicon for all of them.
func (l *lexicon) put(h uint64) *lexEntry {
	for i := h >> l.shift; ; i = (i + 1) & uint64(len(l.slots)-1) {
		e := &l.slots[i]
		if !e.used {
			*e = lexEntry{key: uint32(short(h)), top: uint8(h >> 56), clus: [3]uint16{noCluster, noCluster, noCluster}, used: true}
			l.n++
			return e
		}
		if e.key == uint32(short(h)) {
			return e
		}
	}
}

// joinWords is the hash of a phrase of which more words are to come.
func joinWords(h, id uint64) uint64 {
	if h == 0 {
		return id
	}
	return mix(h, id)
}

// maxPhrase is the longest phrase of a list in words.
const maxPhrase = 8
