package main

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/entity"
)

// common says whether many people bear a name: a usual given name before a
// usual surname.
func (c *compiler) common(name string) bool {
	f := strings.Fields(strings.ToLower(name))
	return len(f) == 2 && c.popular[f[0]]&given != 0 && c.popular[f[1]]&surname != 0
}

// homonym returns the id of a person of little prominence: for a common name
// with a suffix, so that others of this name have the plain one.
func (c *compiler) homonym(name, suffix string) string {
	if suffix == "" || !c.common(name) {
		return ""
	}
	return entity.ID(entity.PER, name) + "-" + suffix
}

// programCountry is the country at which a sanctions programme is aimed.
func programCountry(programs string) string {
	for _, p := range []struct{ mark, iso string }{{"RUSSIA", "ru"}, {"SYRIA", "sy"}, {"IRAN", "ir"}, {"IRGC", "ir"}, {"IFSR", "ir"}, {"IRAQ", "iq"}, {"BELARUS", "by"}, {"BURMA", "mm"},
		{"VENEZUELA", "ve"}, {"DPRK", "kp"}, {"DRCONGO", "cd"}, {"CUBA", "cu"}, {"NICARAGUA", "ni"}, {"UKRAINE", "ua"}, {"SUDAN", "sd"}, {"ZIMBABWE", "zw"}, {"SOMALIA", "so"}, {"LIBYA", "ly"}, {"YEMEN", "ye"}, {"LEBANON", "lb"}, {"MALI", "ml"}} {
		if strings.Contains(programs, p.mark) {
			return p.iso
		}
	}
	return ""
}

var nick = regexp.MustCompile(`\s*["“][^"”]*["”]|\s*\([^)]*\)`)

// surnameOf finds the surname of an official: the words in capitals of the
// source's text. family is "" where there are none.
func surnameOf(raw, name string) string {
	upper := map[string]bool{}
	for _, w := range strings.FieldsFunc(raw, func(r rune) bool { return r == ' ' || r == ',' || r == '(' || r == ')' }) {
		if i := strings.LastIndexByte(w, '-'); i >= 0 && strings.HasPrefix(strings.ToLower(w), "al-") {
			if x := w[i+1:]; x == strings.ToUpper(x) && len(x) > 2 {
				upper[strings.ToLower(w)] = true
			}
		}
		if utf8.RuneCountInString(w) > 1 && w == strings.ToUpper(w) && !strings.HasSuffix(w, ".") {
			upper[strings.ToLower(w)] = true
		}
	}
	var out []string
	for _, w := range strings.Fields(name) {
		if upper[strings.ToLower(w)] {
			out = append(out, w)
		}
	}
	return strings.Join(out, " ")
}

// westernName drops middle names: first word and surname, where the surname
// ends the name.
func westernName(name, family string) string {
	f := strings.Fields(name)
	if family == "" || len(f) < 3 || !strings.HasSuffix(name, " "+family) {
		return name
	}
	if len(f)-len(strings.Fields(family)) < 2 {
		return name
	}
	return f[0] + " " + family
}

var honorific = regexp.MustCompile(`^(?:(?:Sir|Dame|Dr|Gen|Lt|Col|Maj|Brig|Capt|Rear|Adm|Affairs|Commission|President|Chairman|Chancellor|People's|Assembly|Prince|Sheikh|Shaikh|King|Queen|Sayyid|Minister|Deputy|Prime|Council|Head|Acting|Interim|State|Supreme|Fmr|Ret|Governor|General|Justice|Amir|Sultan|Ratu|Tuimalealiifano|Dato|Tan|Sri|Al-Haj|Alhaj)\.?\s+)+`)

func (c *compiler) officials() error {
	variants, err := c.nameVariants()
	if err != nil {
		return err
	}
	return c.table("officials.tsv.gz", func(m map[string]string) {
		full := honorific.ReplaceAllString(clean(nick.ReplaceAllString(m["name"], "")), "")
		full = strings.TrimSuffix(strings.TrimSuffix(full, ","), ".")
		full, _, _ = strings.Cut(full, ",")
		if len(strings.Fields(full)) < 2 || strings.ContainsAny(full, ";:0123456789/[]") || strings.Contains(full, " and ") || strings.Contains(full, " of ") {
			return
		}
		family := surnameOf(m["raw"], full)
		name := westernName(full, family)
		rank := 30_000
		if m["last_seen"] >= "2026" {
			rank = 35_000
		}
		iso := c.iso[m["country"]]
		// A hand-written row may know the person under another spelling.
		r := c.known(entity.PER, iso, full, name)
		if r == nil {
			r = c.add(entity.PER, "", name, iso, rank)
		}
		r.alias(full)
		r.alias(name)
		if family != "" && family != name {
			r.alias("~" + family)
		}
		first, rest, ok := strings.Cut(name, " ")
		if !ok {
			return
		}
		for _, v := range variants[strings.ToLower(first)] {
			r.alias(title(v) + " " + rest)
		}
	})
}

// known finds a row by any of its names: the highest rank of the same country.
func (c *compiler) known(kind entity.Kind, country string, names ...string) *row {
	for _, n := range names {
		if r := c.byID[entity.ID(kind, n)]; r != nil {
			return r
		}
	}
	for _, r := range c.list {
		if r.kind != kind || r.rank < 50_000 || r.country != country && r.country != "" {
			continue
		}
		for _, n := range names {
			if r.aliases[n] {
				return r
			}
		}
	}
	return nil
}

func title(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}

// nameVariants maps a given name to its other spellings in Latin letters, as
// far as they are close: transliterations, not translations.
func (c *compiler) nameVariants() (map[string][]string, error) {
	out := map[string][]string{}
	err := c.lines("person-variants.txt.gz", func(s string) error {
		left, _, _ := strings.Cut(s, " => ")
		forms := strings.Split(left, ", ")
		cyrillicOrArabic := false
		var latin []string
		for _, w := range forms {
			if isLatin(w) {
				if c.words[w]&given != 0 {
					latin = append(latin, w)
				}
			} else {
				r, _ := utf8.DecodeRuneInString(w)
				cyrillicOrArabic = cyrillicOrArabic || unicode.In(r, unicode.Cyrillic, unicode.Arabic)
			}
		}
		if !cyrillicOrArabic || len(latin) < 2 || len(latin) > 30 {
			return nil
		}
		for _, a := range latin {
			for _, b := range latin {
				if a != b && skeleton(a) == skeleton(b) {
					out[a] = append(out[a], b)
				}
			}
		}
		return nil
	})
	return out, err
}

// skeleton drops what transliterations disagree about.
func skeleton(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		ch := s[i]
		switch ch {
		case 'a', 'e', 'i', 'o', 'u', 'y', 'j', 'h', '\'', 'w':
			continue
		case 'c', 'q':
			ch = 'k'
		case 'z':
			ch = 's'
		}
		if len(b) == 0 || b[len(b)-1] != ch {
			b = append(b, ch)
		}
	}
	return string(b)
}

// rareSurnames makes the surname of a well-known person mean that person where
// few bear it.
func (c *compiler) rareSurnames() error {
	by := map[string][]*row{}
	for _, r := range c.list {
		if f := strings.Fields(r.name); r.kind == entity.PER && r.rank >= 20_000 && len(f) >= 2 {
			by[f[len(f)-1]] = append(by[f[len(f)-1]], r)
		}
	}
	for last, rows := range by {
		if len(rows) == 1 && rows[0].rank >= 60_000 && len(last) >= 6 && single(last) && isLatin(last) && !c.risky(last) && c.popular[strings.ToLower(last)] == 0 && c.byID[entity.ID(entity.LOC, last)] == nil {
			rows[0].alias("!" + last)
		}
	}
	return nil
}

// modern says whether a member of Congress first sat in about 1999 or later.
// Ids were first given in the order of names, then as members came: these are
// the numbers, by letter, at which the second run begins.
func modern(id string) bool {
	if len(id) != 7 {
		return false
	}
	begins := map[byte]string{'A': "000355", 'B': "001221", 'C': "001035", 'D': "000590", 'E': "000282", 'F': "000435", 'G': "000541", 'H': "001025", 'I': "000054", 'J': "000281", 'K': "000355", 'L': "000545",
		'M': "001132", 'N': "000179", 'O': "000160", 'P': "000580", 'Q': "000023", 'R': "000570", 'S': "001138", 'T': "000460", 'U': "000038", 'V': "000125", 'W': "000784", 'Y': "000062", 'Z': "000017"}
	from, ok := begins[id[0]]
	return ok && id[1:] >= from
}

// congress takes the members who sit, those of some twenty years, and the
// presidents and their deputies. A surname that few bear means its member.
func (c *compiler) congress() error {
	defer func() {
		for last, rows := range c.bearers {
			if len(rows) == 1 && rows[0].rank >= 20_000 {
				rows[0].alias("!" + last)
			}
		}
	}()
	return c.table("congress.tsv.gz", func(m map[string]string) {
		c.caps["bioguide:"+m["first"]+" "+m["last"]] = &row{id: m["id"]}
		exec := strings.Contains(m["office"], "prez")
		rank := 25_000
		switch {
		case exec:
			rank = 26_000
		case m["current"] == "1":
		case modern(m["id"]):
			rank = 20_000
		default:
			return
		}
		first := m["first"]
		if m["nickname"] != "" {
			first, _, _ = strings.Cut(m["nickname"], " ")
		}
		name := first + " " + m["last"]
		full := m["official_full"]
		wiki := strings.TrimSpace(parens.ReplaceAllString(m["wikipedia_title"], ""))
		pick := name
		if wiki != "" && !strings.HasSuffix(wiki, " I") {
			pick = wiki
		}
		if name == "George Bush" {
			return
		}
		r := c.known(entity.PER, "us", pick, name)
		if r == nil {
			r = c.add(entity.PER, "", pick, "us", rank)
			if rank == 20_000 && c.common(pick) {
				r.flag("n")
			}
			if last := m["last"]; len(last) >= 6 && single(last) && !c.risky(last) && c.popular[strings.ToLower(last)]&surname == 0 && c.byID[entity.ID(entity.LOC, last)] == nil {
				c.bearers[last] = append(c.bearers[last], r)
			}
		}
		r.alias(name)
		r.alias(full)
		if m["middle"] != "" {
			r.alias(m["first"] + " " + m["middle"][:1] + ". " + m["last"])
			r.alias(m["first"] + " " + m["middle"] + " " + m["last"])
		}
		if !exec || m["start"] > "1930" {
			r.alias("~" + m["last"])
		}
		r.ref("bioguide", m["id"])
	})
}

func (c *compiler) politicians() error {
	iso := func(s string) string {
		switch s {
		case "UK":
			return "gb"
		case "United States of America":
			return "us"
		}
		return c.iso[s]
	}
	return c.table("politicians.tsv.gz", func(m map[string]string) {
		name := clean(m["name"])
		if len(strings.Fields(name)) < 2 || !isLatin(name) || strings.ContainsAny(name, ",(0123456789") {
			return
		}
		k := iso(m["country"])
		r := c.known(entity.PER, k, name)
		if r == nil {
			r = c.add(entity.PER, c.homonym(name, k), name, k, 5000)
			if c.common(name) {
				r.flag("n")
			}
		} else if r.country != k && r.rank <= 5000 {
			r.country, r.refs = "", map[string]string{} // two persons of one name: the id is the name's
			r.flag("n")
			return
		}
		r.ref("wikidata", m["wikidata"])
		if b := c.caps["bioguide:"+name]; b != nil && k == "us" {
			r.ref("bioguide", b.id)
		}
		for _, a := range strings.Split(m["latin_aliases"], "|") {
			last := name[strings.LastIndexByte(name, ' ')+1:]
			if len(strings.Fields(a)) >= 2 && strings.HasSuffix(a, " "+last) && !strings.ContainsAny(a, ",(") {
				r.alias(a)
			}
		}
		for _, a := range strings.Split(m["other_script_aliases"], "|") {
			if r.rank > 5000 && len(strings.Fields(a)) >= 2 && !strings.ContainsAny(a, ",(") {
				r.alias(a)
			}
		}
	})
}
