package entity

import (
	"fmt"
	"strconv"
	"strings"
)

// parse reads tables whose strings go on pointing into raw.
func parse(raw string) (*Tables, error) {
	b := builder{t: &Tables{demonyms: map[uint64]uint16{}, genders: map[uint64]gender{}, sounds: map[uint64]int32{}, states: map[string]int32{}}}
	line := 0
	for s := range strings.SplitSeq(raw, "\n") {
		line++
		if s == "" {
			continue
		}
		if err := b.line(s); err != nil {
			return nil, fmt.Errorf("entity tables, line %d: %w", line, err)
		}
	}
	if b.t.words == nil || len(b.t.entities) == 0 {
		return nil, fmt.Errorf("entity tables: no version or no entities")
	}
	return b.t, nil
}

type builder struct {
	t    *Tables
	f    []string
	keys []uint64
}

var kindOf = map[string]Kind{"PER": PER, "ORG": ORG, "LOC": LOC}

func (b *builder) line(s string) error {
	b.f = b.f[:0]
	for cell := range strings.SplitSeq(s, "\t") {
		b.f = append(b.f, cell)
	}
	f := b.f
	if f[0] != "V" && b.t.words == nil {
		return fmt.Errorf("record %q before the version", f[0])
	}
	switch f[0] {
	case "V":
		return b.header(f)
	case "W":
		if len(f) != 3 {
			return fmt.Errorf("word line with %d fields", len(f))
		}
		bits, err := strconv.ParseUint(f[1], 36, 32)
		if err != nil {
			return fmt.Errorf("word class: %w", err)
		}
		for w := range strings.SplitSeq(f[2], " ") {
			b.t.words.add(foldKey(w), wordClass(bits))
		}
	case "D":
		if len(f) != 3 || countryNumber(f[1]) == 0 {
			return fmt.Errorf("demonyms of country %q in %d fields", f[1], len(f))
		}
		for w := range strings.SplitSeq(f[2], " ") {
			b.t.demonyms[foldKey(w)] = countryNumber(f[1])
		}
	case "N":
		if len(f) != 3 || f[1] != "m" && f[1] != "f" {
			return fmt.Errorf("given names of gender %q in %d fields", f[1], len(f))
		}
		g := male
		if f[1] == "f" {
			g = female
		}
		for w := range strings.SplitSeq(f[2], " ") {
			b.t.genders[foldKey(w)] = g
		}
	case "E":
		return b.entity(f)
	default:
		return fmt.Errorf("unknown record %q", f[0])
	}
	return nil
}

// header reads V version words aliases entities.
func (b *builder) header(f []string) error {
	if len(f) != 5 {
		return fmt.Errorf("version line with %d fields", len(f))
	}
	var n [3]int
	for i := range n {
		var err error
		if n[i], err = strconv.Atoi(f[i+2]); err != nil || n[i] < 0 || n[i] > 1<<22 {
			return fmt.Errorf("number %d of the version line: %q", i+1, f[i+2])
		}
	}
	b.t.version = f[1]
	b.t.words = newWordTable(n[0] + 4096)
	b.t.aliases = make([]alias, 0, n[1])
	b.t.entities = make([]Entity, 0, n[2])
	b.t.phrases = newPhraseTable(n[1] + n[1]/2)
	for _, c := range closed {
		for _, w := range strings.Fields(c.words) {
			b.t.words.add(foldKey(w), c.class)
		}
	}
	return nil
}

// entity reads E kind id name country lat lon refs rank flags alias…
func (b *builder) entity(f []string) error {
	if len(f) < 10 {
		return fmt.Errorf("entity line with %d fields", len(f))
	}
	flags := f[9]
	e := Entity{Kind: kindOf[f[1]], ID: f[2], Name: f[3], Country: f[4], Refs: f[7], first: int32(len(b.t.aliases)),
		Media: strings.Contains(flags, "m"), doubtful: strings.Contains(flags, "n")}
	if len(f[4]) > 2 {
		e.Country, e.Region = f[4][:2], f[4]
	}
	name := e.Name
	if strings.Contains(flags, "w") {
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
	if ownState(&e) {
		b.t.states[e.Region] = ref
	}
	b.alias(ref, name)
	if bare, ok := strings.CutSuffix(e.Name, "'s"); ok && e.Kind == ORG {
		b.alias(ref, bare+"s") // many write it so
	}
	for _, a := range f[10:] {
		if a != "" && a[0] == '?' {
			b.t.entities[ref].needs = a[1:]
			continue
		}
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

// alias adds one written form, after its marks: = exact, ~ weak, ! strong, ^
// home; "@ru " opens one in another language.
func (b *builder) alias(ref int32, s string) {
	var flags uint8
	h, in := uint64(0), English
	for s != "" {
		switch s[0] {
		case '=':
			flags |= aliasExact
		case '~':
			flags |= aliasWeak
		case '!':
			flags |= aliasStrong
		case '^':
			flags |= aliasHome
		case '@':
			code, rest, _ := strings.Cut(s[1:], " ")
			if in = languageOf(code); in == English {
				return
			}
			flags |= aliasLanguage
			h, s = in.seed(), " "+rest
		default:
			goto body
		}
		s = s[1:]
	}
body:
	b.keys = in.appendKeys(b.keys[:0], s)
	n := len(b.keys)
	if n == 0 || n > maxPhrase {
		return
	}
	// Every shorter beginning leads on, for the names that other languages look for.
	e := &b.t.entities[ref]
	walked := flags&aliasLanguage != 0 || flags&(aliasWeak|aliasHome) == 0 && !e.doubtful && (e.Kind == PER || e.Rank >= 25_000)
	for _, k := range b.keys[:n-1] {
		h = join(h, k)
		if walked {
			b.t.phrases.slot(h).more = true
		}
	}
	p := b.t.phrases.slot(join(h, b.keys[n-1]))
	b.t.aliases = append(b.t.aliases, alias{entity: ref, next: p.alias - 1, text: s, words: uint8(n), flags: flags})
	p.alias = int32(len(b.t.aliases))
	if e.Kind == PER && in == English && transliterated(e.Country) {
		b.sound(ref, s)
	}
}

// countryNumber numbers two-letter codes from 1 on; 0 is none.
func countryNumber(code string) uint16 {
	if len(code) < 2 || code[0] < 'a' || code[0] > 'z' || code[1] < 'a' || code[1] > 'z' {
		return 0
	}
	return 1 + uint16(code[0]-'a')*26 + uint16(code[1]-'a')
}
