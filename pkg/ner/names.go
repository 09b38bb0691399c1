package ner

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/dateline/dateline/pkg/text"
)

// phrases are lists of names in the making.
type phrases struct {
	lists map[uint64]gazClass
	vocab *vocabulary
	toks  []text.Token
}

// add enters a phrase, and that its beginnings lead on.
func (p *phrases) add(s string, class gazClass) {
	s = strings.TrimSpace(s)
	p.toks = text.AppendTokens(p.toks[:0], s)
	if n := len(p.toks); n == 0 || n > maxPhrase || len(s) < 2 {
		return
	}
	h := uint64(0)
	for i, t := range p.toks {
		h = joinWords(h, p.vocab.get(s[t.Start:t.End], modeMixed).id)
		if i < len(p.toks)-1 {
			p.lists[h] |= gazMore
		}
	}
	p.lists[h] |= class
}

// readNames reads the lists of names in a folder.
func readNames(dir fs.FS, p *phrases) error {
	steps := []struct {
		file string
		row  func(f map[string]string)
	}{
		{"cities.tsv.gz", p.city}, {"companies.tsv.gz", p.company}, {"congress.tsv.gz", p.congress}, {"congress-committees.tsv.gz", p.committee},
		{"intl-org-acronyms.tsv.gz", func(f map[string]string) { p.add(f["acronym"], gazBody) }},
		{"media.tsv.gz", func(f map[string]string) { p.add(f["name"], gazMedia) }},
		{"ofac.tsv.gz", p.sanctioned}, {"officials.tsv.gz", func(f map[string]string) { p.person(f["name"]) }},
		{"parties.tsv.gz", p.party}, {"politicians.tsv.gz", p.politician},
		{"popular-forenames.tsv.gz", func(f map[string]string) { p.add(f["romanized_name"], gazGiven) }},
		{"popular-surnames.tsv.gz", func(f map[string]string) { p.add(f["romanized_name"], gazSurname) }},
		{"us-census-1990.tsv.gz", p.census},
	}
	for _, s := range steps {
		if err := eachRow(dir, s.file, s.row); err != nil {
			return err
		}
	}
	for _, s := range []struct {
		file string
		line func(string) error
	}{
		{"given-names.txt.gz", func(s string) error { p.add(s, gazGiven); return nil }},
		{"surnames.txt.gz", func(s string) error { p.add(s, gazRare); return nil }},
		{"person-variants.txt.gz", p.variants},
		{"countries.jsonl.gz", p.country},
		{"territories.jsonl.gz", p.territory},
	} {
		if err := eachLine(dir, s.file, s.line); err != nil {
			return err
		}
	}
	return p.forms(dir)
}

func open(dir fs.FS, name string, f func(io.Reader) error) error {
	in, err := dir.Open(name)
	if err != nil {
		return fmt.Errorf("open list of names: %w", err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	if err := f(z); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func eachLine(dir fs.FS, name string, f func(string) error) error {
	return open(dir, name, func(r io.Reader) error {
		sc := bufio.NewScanner(r)
		sc.Buffer(nil, 1<<24)
		for sc.Scan() {
			if err := f(sc.Text()); err != nil {
				return err
			}
		}
		return sc.Err()
	})
}

// eachRow calls f with each row of a table as a map by the names of its columns.
func eachRow(dir fs.FS, name string, f func(map[string]string)) error {
	return open(dir, name, func(r io.Reader) error {
		c := csv.NewReader(r)
		c.Comma, c.LazyQuotes, c.FieldsPerRecord, c.ReuseRecord = '\t', true, -1, true
		c.Comment = 0
		var head []string
		row := map[string]string{}
		for {
			rec, err := c.Read()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if head == nil {
				head = append(head, rec...)
				continue
			}
			clear(row)
			for i, v := range rec {
				if i < len(head) {
					row[head[i]] = v
				}
			}
			f(row)
		}
	})
}

func (p *phrases) city(f map[string]string) {
	n, _ := strconv.Atoi(f["population"])
	class := gazTown
	if n >= 200_000 {
		class = gazCity
	}
	p.add(f["name"], class)
	for a := range strings.SplitSeq(f["aliases"], "|") {
		if len(a) > 4 && n >= 200_000 {
			p.add(a, class)
		}
	}
}

var shareWords = regexp.MustCompile(`(?i)\s*[,-]?\s*\b(class [a-z]\b.*|common (stock|shares?).*|ordinary shares?.*|american depositary.*|warrants?.*|units?\b.*|rights?\b.*|etf\b.*|trust preferred.*|depositary.*|series [a-z]\b.*)$`)

func (p *phrases) company(f map[string]string) {
	name := shareWords.ReplaceAllString(f["name"], "")
	p.add(name, gazCompany)
	if i := strings.LastIndexByte(name, ' '); i > 0 {
		switch strings.Trim(strings.ToLower(name[i+1:]), ".,") {
		case "inc", "corp", "corporation", "ltd", "limited", "plc", "co", "company", "holdings", "group", "n.v", "s.a", "lp", "llc":
			p.add(strings.TrimRight(name[:i], " ,"), gazCompany)
		}
	}
}

func (p *phrases) congress(f map[string]string) {
	p.person(f["first"] + " " + f["last"])
	p.person(f["official_full"])
	if f["nickname"] != "" {
		p.person(f["nickname"] + " " + f["last"])
	}
}

func (p *phrases) committee(f map[string]string) {
	p.add(f["name"], gazBody)
	if i := strings.Index(f["name"], "Committee on "); i >= 0 {
		p.add(f["name"][i:], gazBody)
		p.add(f["name"][i+len("Committee on "):]+" Committee", gazBody)
	}
}

// person enters a full name and its parts.
func (p *phrases) person(name string) {
	words := strings.Fields(name)
	if len(words) < 2 {
		p.add(name, gazPerson)
		return
	}
	p.add(name, gazPerson)
	for i, w := range words {
		if r := []rune(w); len(r) > 2 && unicode.IsUpper(r[0]) {
			class := gazNamePart
			if i == len(words)-1 {
				class = gazSurname
			}
			p.add(w, class)
		}
	}
}

func (p *phrases) politician(f map[string]string) {
	p.person(f["name"])
	for a := range strings.SplitSeq(f["latin_aliases"], "|") {
		if strings.Contains(a, " ") && !strings.ContainsAny(a, ",(") {
			p.add(a, gazPerson)
		}
	}
}

func (p *phrases) sanctioned(f map[string]string) {
	name := f["name"]
	if f["type"] == "entity" {
		p.add(name, gazBody)
		return
	}
	last, first, ok := strings.Cut(name, ", ")
	if f["type"] != "individual" || !ok {
		return
	}
	p.add(first+" "+last, gazPerson)
	for w := range strings.FieldsSeq(first + " " + last) {
		if len(w) > 3 {
			p.add(w, gazNamePart)
		}
	}
}

func (p *phrases) party(f map[string]string) {
	for n := range strings.SplitSeq(f["name"], "/") {
		p.add(n, gazParty)
	}
	if len(f["abbreviation"]) > 1 {
		p.add(f["abbreviation"], gazParty)
	}
	for l := range strings.SplitSeq(f["leaders"], "|") {
		p.person(l)
	}
}

func (p *phrases) census(f map[string]string) {
	rank, _ := strconv.Atoi(f["rank"])
	switch {
	case f["kind"] != "surname":
		p.add(f["name"], gazGiven)
	case rank <= 15_000:
		p.add(f["name"], gazSurname)
	default:
		p.add(f["name"], gazRare)
	}
}

func (p *phrases) variants(line string) error {
	line, _, _ = strings.Cut(line, "=>")
	for w := range strings.SplitSeq(line, ",") {
		if w = strings.TrimSpace(w); len(w) > 2 && latin(w) {
			p.add(w, gazNamePart)
		}
	}
	return nil
}

func latin(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
			return false
		}
	}
	return true
}

func (p *phrases) country(line string) error {
	var c map[string]any
	if err := json.Unmarshal([]byte(line), &c); err != nil {
		return err
	}
	str := func(k string) string { s, _ := c[k].(string); return s }
	for _, k := range []string{"name", "long", "abbreviation"} {
		for n := range strings.SplitSeq(str(k), " or ") {
			p.add(n, gazCountry)
			if a, b, ok := strings.Cut(n, ", "); ok { // "Korea, South"
				p.add(b+" "+a, gazCountry)
			}
		}
	}
	p.add(str("capital"), gazCity)
	for _, k := range []string{"noun", "adjective"} {
		for n := range strings.FieldsFuncSeq(str(k), func(r rune) bool { return strings.ContainsRune(",;/", r) }) {
			n, _, _ = strings.Cut(strings.TrimSpace(n), " (")
			word, plural, _ := strings.Cut(n, "(")
			if f := strings.Fields(word); len(f) == 0 || len(f) > 2 || !unicode.IsUpper([]rune(f[0])[0]) {
				continue
			}
			p.add(word, gazPeople)
			if plural != "" {
				p.add(word+strings.TrimSuffix(plural, ")"), gazPeople)
			}
		}
	}
	if groups, ok := c["terrorist_groups"].([]any); ok {
		for _, g := range groups {
			name, short, _ := strings.Cut(fmt.Sprint(g), " (")
			p.add(name, gazBody)
			p.add(strings.TrimSuffix(short, ")"), gazBody)
		}
	}
	for l := range strings.SplitSeq(str("parties"), "\n") {
		name, short, _ := strings.Cut(l, " or ")
		name, _, _ = strings.Cut(name, " (")
		p.add(name, gazParty)
		if len(short) > 1 {
			p.add(short, gazParty)
		}
	}
	return nil
}

func (p *phrases) territory(line string) error {
	var t struct {
		Code, Name  string
		NamesStrong []string `json:"names_strong"`
	}
	if err := json.Unmarshal([]byte(line), &t); err != nil {
		return err
	}
	class := gazRegion
	if len(t.Code) == 2 {
		class = gazCountry
	}
	p.add(t.Name, class)
	for _, n := range t.NamesStrong {
		if latin(n) && !strings.Contains(n, ",") {
			p.add(n, class)
		}
	}
	return nil
}

func (p *phrases) forms(dir fs.FS) error {
	return open(dir, "org-types.json.gz", func(r io.Reader) error {
		var t struct {
			Types []struct {
				Display string
				Aliases []string
			}
		}
		if err := json.NewDecoder(r).Decode(&t); err != nil {
			return err
		}
		for _, f := range t.Types {
			p.add(f.Display, gazForm)
			for _, a := range f.Aliases {
				if latin(a) && unicode.IsUpper([]rune(a + " ")[0]) {
					p.add(a, gazForm)
				}
			}
		}
		return nil
	})
}
