package entity

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"

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
	Lat, Lon float32 // degrees; both 0 where unknown
	Refs     string  // outside references, such as "wikidata=Q42,geonames=1"
	Rank     int32   // prominence: the higher wins where an alias is shared
	Media    bool    // an outlet: not counted in credits and datelines
}

// Flags of an alias.
const (
	aliasExact  = 1 << iota // only in exactly this case: "US", "WHO", "IS"
	aliasWeak               // explains a mention that something else found; never finds one
	aliasStrong             // a single word that is a name whatever stands around it
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
}

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

// Load reads the embedded tables: well under a second, some 60 MB.
func Load() (*Tables, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, fmt.Errorf("open the entity tables: %w", err)
	}
	defer dec.Close()
	raw, err := dec.DecodeAll(tablesZst, nil)
	if err != nil {
		return nil, fmt.Errorf("unpack the entity tables: %w", err)
	}
	return Read(strings.NewReader(string(raw)))
}

// Read reads tables in the form that ./compile writes.
func Read(r io.Reader) (*Tables, error) {
	b := builder{t: &Tables{}}
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 1<<16), 1<<22)
	for line := 1; sc.Scan(); line++ {
		if err := b.line(sc.Text()); err != nil {
			return nil, fmt.Errorf("entity tables, line %d: %w", line, err)
		}
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("read the entity tables: %w", err)
	}
	return b.finish()
}

type builder struct {
	t     *Tables
	lexer lexer
	toks  []token
}

var kindOf = map[string]Kind{"PER": PER, "ORG": ORG, "LOC": LOC}

func (b *builder) line(s string) error {
	f := strings.Split(s, "\t")
	switch f[0] {
	case "V":
		if len(f) != 4 {
			return fmt.Errorf("version line with %d fields", len(f))
		}
		n, err := strconv.Atoi(f[2])
		if err != nil {
			return fmt.Errorf("number of words: %w", err)
		}
		m, err := strconv.Atoi(f[3])
		if err != nil {
			return fmt.Errorf("number of aliases: %w", err)
		}
		b.t.version = f[1]
		b.t.words = newWordTable(n + 4096)
		b.lexer.words = b.t.words
		b.t.phrases = newPhraseTable(3 * m)
		for _, c := range closed {
			for _, w := range strings.Fields(c.words) {
				b.t.words.add(foldKey(w), c.class)
			}
		}
	case "W":
		if len(f) != 3 || b.t.words == nil {
			return fmt.Errorf("word line with %d fields, or before the version", len(f))
		}
		bits, err := strconv.ParseUint(f[1], 36, 32)
		if err != nil {
			return fmt.Errorf("word class: %w", err)
		}
		for _, w := range strings.Split(f[2], " ") {
			b.t.words.add(foldKey(w), wordClass(bits))
		}
	case "E":
		return b.entity(f)
	default:
		return fmt.Errorf("unknown record %q", f[0])
	}
	return nil
}

// entity reads E kind id name country lat lon refs rank flags alias…
func (b *builder) entity(f []string) error {
	if len(f) < 10 || b.t.words == nil {
		return fmt.Errorf("entity line with %d fields, or before the version", len(f))
	}
	e := Entity{Kind: kindOf[f[1]], ID: f[2], Name: f[3], Country: f[4], Refs: f[7], Media: f[9] == "m"}
	name := e.Name
	if f[9] == "w" {
		name = "~" + name
	} else if n := len(name); n <= 6 && name == strings.ToUpper(name) && !strings.Contains(name, " ") {
		name = "=" + name
	}
	if e.Kind == None {
		return fmt.Errorf("kind %q", f[1])
	}
	if e.ID == "" {
		e.ID = ID(e.Kind, e.Name)
	}
	lat, err1 := strconv.ParseFloat(zero(f[5]), 32)
	lon, err2 := strconv.ParseFloat(zero(f[6]), 32)
	rank, err3 := strconv.Atoi(f[8])
	if err1 != nil || err2 != nil || err3 != nil {
		return fmt.Errorf("latitude, longitude or rank: %q %q %q", f[5], f[6], f[8])
	}
	e.Lat, e.Lon, e.Rank = float32(lat), float32(lon), int32(rank)
	ref := int32(len(b.t.entities))
	b.t.entities = append(b.t.entities, e)
	b.alias(ref, name)
	for _, a := range f[10:] {
		b.alias(ref, a)
	}
	return nil
}

func zero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

// alias adds one written form, after its flags: = exact, ~ weak, ! strong.
func (b *builder) alias(ref int32, s string) {
	var flags uint8
	for s != "" {
		switch s[0] {
		case '=':
			flags |= aliasExact
		case '~':
			flags |= aliasWeak
		case '!':
			flags |= aliasStrong
		default:
			goto body
		}
		s = s[1:]
	}
body:
	b.toks = b.lexer.lex(b.toks[:0], s)
	h, n := uint64(0), 0
	for i := range b.toks {
		if skipped(&b.toks[i]) {
			continue
		}
		h = join(h, phraseKey(&b.toks[i]))
		n++
		b.t.phrases.slot(h)
	}
	if n == 0 || n > maxPhrase {
		return
	}
	p := b.t.phrases.slot(h)
	b.t.aliases = append(b.t.aliases, alias{entity: ref, next: p.alias - 1, text: s, words: uint8(n), flags: flags})
	p.alias = int32(len(b.t.aliases))
	// Every shorter beginning leads on.
	h = 0
	for i, k := 0, 0; k < n-1; i++ {
		if skipped(&b.toks[i]) {
			continue
		}
		k++
		h = join(h, phraseKey(&b.toks[i]))
		b.t.phrases.slot(h).more = true
	}
}

func (b *builder) finish() (*Tables, error) {
	if b.t.words == nil || len(b.t.entities) == 0 {
		return nil, fmt.Errorf("entity tables: no version or no entities")
	}
	return b.t, nil
}

// maxPhrase is the longest alias in words.
const maxPhrase = 12

// skipped says which tokens do not count within a phrase: "al-Qaeda" and "al
// Qaeda" are one.
func skipped(t *token) bool { return t.punct == '-' || t.punct == '\'' && !t.is(possessive) }

// phraseKey is the key under which a token stands in a phrase.
func phraseKey(t *token) uint64 {
	switch {
	case t.is(possessive):
		return 's'
	case t.punct != 0:
		return uint64(t.punct)
	}
	return t.key
}

// phraseTable maps phrase keys to aliases: open addressing.
type phraseTable struct {
	slots []phraseSlot
	used  int
}

type phraseSlot struct {
	key   uint64
	alias int32 // 1 + index of the first alias that ends here, 0: none
	more  bool  // longer phrases begin with this one
}

func newPhraseTable(n int) phraseTable {
	size := 1024
	for size < n+n/2 {
		size *= 2
	}
	return phraseTable{slots: make([]phraseSlot, size)}
}

func (p *phraseTable) get(k uint64) *phraseSlot {
	mask := uint64(len(p.slots) - 1)
	for i := spread(k) & mask; ; i = (i + 1) & mask {
		s := &p.slots[i]
		if s.key == k {
			return s
		}
		if s.key == 0 {
			return nil
		}
	}
}

// slot returns the slot of a key, made where there is none.
func (p *phraseTable) slot(k uint64) *phraseSlot {
	if p.used*4 >= len(p.slots)*3 {
		old := p.slots
		p.slots = make([]phraseSlot, 2*len(old))
		p.used = 0
		for _, s := range old {
			if s.key != 0 {
				*p.slot(s.key) = s
			}
		}
	}
	mask := uint64(len(p.slots) - 1)
	for i := spread(k) & mask; ; i = (i + 1) & mask {
		s := &p.slots[i]
		if s.key == k {
			return s
		}
		if s.key == 0 {
			s.key = k
			p.used++
			return s
		}
	}
}
