package entity

import (
	_ "embed"
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// tablesZst is written by ./compile, whose comment describes the format.
//
//go:embed data/tables.tsv.zst
var tablesZst []byte

// Entity is one row of the tables.
type Entity struct {
	ID, Name string
	Kind     Kind
	Country  string  // ISO 3166-1 alpha-2, lower case, or empty
	Region   string  // of places in the US, Canada, Australia, the UK: ISO 3166-2, such as "us-tx"; a region's own is its code
	Lat, Lon float32 // degrees; both 0 where unknown
	Refs     string  // outside references, such as "wikidata=Q42,geonames=1"
	Rank     int32   // prominence: the higher wins where an alias is shared
	Media    bool    // an outlet: not counted in credits and datelines

	needs    string // words, parted by |, one of which the document must hold; empty: none
	doubtful bool   // a common name, or a small place: only with evidence
	first    int32  // index of the first alias; those of one entity lie together
}

// Flags of an alias.
const (
	aliasExact    = 1 << iota // only in exactly this case: "US", "WHO", "IS"
	aliasWeak                 // explains a mention that something else found; never finds one
	aliasStrong               // a single word that is a name whatever stands around it
	aliasHome                 // "Senate": only where the entity's own country is at hand
	aliasLanguage             // in another language than English
)

type alias struct {
	entity, next int32 // next alias of the same key, -1 at the end
	text         string
	words        uint8
	flags        uint8
}

// Tables are the compiled alias tables and word lists: immutable, safe for
// concurrent use.
type Tables struct {
	version  string
	entities []Entity
	aliases  []alias
	phrases  phraseTable
	words    *wordTable
	demonyms map[uint64]uint16 // key of "Russian" to the number of its country, see countryNumber
	genders  map[uint64]gender // of given names
	states   map[string]int32  // "us-tx" to the row of Texas
	sounds   map[uint64]int32  // consonants of a transliterated full name to the entity, -1 where several share them
}

type gender uint8

const (
	male gender = 1 + iota
	female
)

// Version names the content of the tables.
func (t *Tables) Version() string { return t.version }

// Len returns the number of entities and of aliases.
func (t *Tables) Len() (entities, aliases int) { return len(t.entities), len(t.aliases) }

// Entity returns the row of a mention's Ref, and nil for -1.
func (t *Tables) Entity(ref int32) *Entity {
	if ref < 0 || int(ref) >= len(t.entities) {
		return nil
	}
	return &t.entities[ref]
}

// Find returns the row of an entity id, or -1: a binary search.
func (t *Tables) Find(id string) int32 {
	kind := kindOfID(id)
	i := sort.Search(len(t.entities), func(i int) bool {
		e := &t.entities[i]
		return e.Kind > kind || e.Kind == kind && e.ID >= id
	})
	if i < len(t.entities) && t.entities[i].ID == id {
		return int32(i)
	}
	return -1
}

func kindOfID(id string) Kind {
	for k := PER; k <= LOC; k++ {
		if strings.HasPrefix(id, idPrefix[k]) {
			return k
		}
	}
	return None
}

// Aliases returns the forms under which the tables know a row, its name first,
// those of other languages last.
func (t *Tables) Aliases(ref int32) []string {
	if ref < 0 || int(ref) >= len(t.entities) {
		return nil
	}
	var own, foreign []string
	for a := t.entities[ref].first; int(a) < len(t.aliases) && t.aliases[a].entity == ref; a++ {
		if t.aliases[a].flags&aliasLanguage != 0 {
			foreign = append(foreign, t.aliases[a].text)
		} else {
			own = append(own, t.aliases[a].text)
		}
	}
	return append(own, foreign...)
}

// Lookup returns the rows that carry a name as an English alias, the most
// prominent first.
func (t *Tables) Lookup(name string) []int32 {
	var out []int32
	s := t.phrases.get(phraseHash(appendNameKeys(nil, name)))
	if s == nil {
		return nil
	}
	for a := s.alias - 1; a >= 0; a = t.aliases[a].next {
		out = append(out, t.aliases[a].entity)
	}
	sort.SliceStable(out, func(i, j int) bool { return t.entities[out[i]].Rank > t.entities[out[j]].Rank })
	return out
}

// Load gives the embedded tables, which all callers share, and makes sure of
// the tagger's model. The first call reads both: some 0.6 s of processor time
// and 90 MB.
func Load() (*Tables, error) {
	if _, err := nameModel(); err != nil {
		return nil, err
	}
	return LoadTables()
}

// LoadTables gives the embedded tables alone, half of that, for callers that
// tag nothing. A Pipeline over them reads the model when it is made.
func LoadTables() (*Tables, error) { return embedded() }

var embedded = sync.OnceValues(load)

func load() (*Tables, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("open the entity tables: %w", err)
	}
	defer dec.Close()
	raw, err := dec.DecodeAll(tablesZst, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack the entity tables: %w", err)
	}
	return parse(string(raw))
}
