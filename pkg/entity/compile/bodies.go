package main

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dateline/dateline/pkg/entity"
)

func (c *compiler) parties() error {
	generic := regexp.MustCompile(`(?i)^(?:the )?(?:national|people'?s?|democratic|social|socialist|liberal|labou?r|conservative|green|republican|united|unity|independent|progressive|christian|popular|freedom|justice|new|union|alliance|front|center|centre|reform|communist|patriotic|action|movement|party|coalition|and|of|for|-|democrats?|democracy|republic|development|progress|workers'?|citizens?)(?:[ /-](?:national|people'?s?|democratic|social|socialist|liberal|labou?r|conservative|green|republican|united|unity|independent|progressive|christian|popular|freedom|justice|new|union|alliance|front|center|centre|reform|communist|patriotic|action|movement|party|coalition|and|of|for|democrats?|democracy|republic|development|progress|workers'?|citizens?))*$`)
	return c.table("parties.tsv.gz", func(m map[string]string) {
		name := clean(parens.ReplaceAllString(m["name"], ""))
		name, _, _ = strings.Cut(name, "/")
		name, _, _ = strings.Cut(name, " - ")
		name = strings.TrimSpace(name)
		words := strings.Fields(name)
		if len(words) < 2 || len(words) > 9 || strings.ContainsAny(name, ";:\"[]") || strings.Contains(name, "note") || strings.Contains(strings.ToLower(name), "independents") {
			return
		}
		iso := c.iso[m["country"]]
		id := entity.ID(entity.ORG, name)
		if old := c.byID[id]; old != nil && old.country != iso {
			if old.rank > 10_000 {
				return // the well-known body of this name keeps it
			}
			old.country = "" // parties of one name in several countries: the id is the name's
			return
		}
		if generic.MatchString(name) {
			// Found through its head word; listed so that one country's party has a row.
			if len(words) < 3 {
				return
			}
		}
		r := c.add(entity.ORG, id, name, iso, 8000)
		if c.allCommon(name) && !headed.MatchString(name) {
			r.flag("w") // "New Hope"
		}
		if a := m["abbreviation"]; len(a) >= 4 && len(a) <= 10 && single(a) && a == strings.ToUpper(a) && !c.risky(a) && !c.personal(a) {
			r.alias("=" + a)
		} else if len(a) >= 2 && len(a) <= 10 && single(a) {
			r.alias("~=" + a)
		}
	})
}

// headed names say that they are bodies.
var headed = regexp.MustCompile(`(?i)\b(?:party|movement|front|union|alliance|coalition|congress|league|democrats|bloc|assembly|association|council)\b`)

// ofac takes the groups that news writes about: entities of the terrorism
// programmes, and persons by their full names.
func (c *compiler) ofac() error {
	type one struct {
		uid, kind, name, programs string
		aka                       []string
	}
	var all []*one
	byUID := map[string]*one{}
	err := c.table("ofac.tsv.gz", func(m map[string]string) {
		o := byUID[m["uid"]]
		if m["kind"] == "primary" {
			o = &one{uid: m["uid"], kind: m["type"], name: m["name"], programs: m["programs"]}
			byUID[m["uid"]] = o
			all = append(all, o)
		} else if o != nil && m["kind"] == "aka" {
			o.aka = append(o.aka, m["name"])
		}
	})
	if err != nil {
		return err
	}
	for _, o := range all {
		terror := strings.Contains(o.programs, "SDGT") || strings.Contains(o.programs, "FTO")
		switch {
		case o.kind == "individual":
			name, ok := recasePerson(o.name)
			if !ok {
				continue
			}
			r := c.known(entity.PER, "", name)
			if r == nil {
				r = c.add(entity.PER, c.homonym(name, "ofac"), name, programCountry(o.programs), 3000)
			}
			r.ref("ofac", o.uid)
			if c.common(name) && r.rank <= 3000 {
				r.flag("n")
			}
			for _, a := range o.aka {
				if n, ok := recasePerson(a); ok {
					r.alias(n)
				}
			}
		case terror && len(strings.Fields(o.name)) >= 2:
			name := recaseBody(o.name)
			if name == "" || c.byID[entity.ID(entity.ORG, name)] == nil && entity.ID(entity.ORG, name) == "" {
				continue
			}
			r := c.group(name, 3000)
			r.ref("ofac", o.uid)
			for _, a := range o.aka {
				if n := recaseBody(a); len(strings.Fields(n)) >= 2 && !c.allCommon(n) {
					r.alias(n)
				}
			}
		}
	}
	return nil
}

// allCommon says whether every word of a name is an ordinary one: "The Base".
func (c *compiler) allCommon(s string) bool {
	for _, w := range strings.Fields(s) {
		if !c.risky(w) {
			return false
		}
	}
	return true
}

func recasePerson(s string) (string, bool) {
	last, first, ok := strings.Cut(s, ", ")
	if !ok || strings.ContainsAny(first, ",(0123456789") || len(strings.Fields(first)) > 3 {
		return "", false
	}
	first = strings.TrimPrefix(strings.TrimPrefix(first, "Dr. "), "Haji ")
	var b []string
	for _, w := range strings.Fields(last) {
		b = append(b, recase(w))
	}
	name := first + " " + strings.Join(b, " ")
	return name, len(strings.Fields(name)) >= 2
}

func recaseBody(s string) string {
	s = parens.ReplaceAllString(s, "")
	s = strings.Trim(s, " '\"")
	if strings.ContainsAny(s, ",;\"") || len(strings.Fields(s)) > 7 {
		return ""
	}
	f := strings.Fields(s)
	for i, w := range f {
		switch strings.ToLower(w) {
		case "of", "the", "for", "and", "in":
			if i > 0 {
				f[i] = strings.ToLower(w)
				continue
			}
		}
		f[i] = recase(w)
	}
	return strings.Join(f, " ")
}

// recase turns AL-ASSAD into al-Assad and O'BRIEN into O'Brien.
func recase(w string) string {
	parts := strings.Split(w, "-")
	for i, p := range parts {
		low := strings.ToLower(p)
		if i == 0 && len(parts) > 1 && (low == "al" || low == "el" || low == "ul") {
			parts[i] = low
			continue
		}
		up := true
		parts[i] = strings.Map(func(r rune) rune {
			out := unicode.ToLower(r)
			if up {
				out = unicode.ToUpper(r)
			}
			up = r == '\'' && len(p) > 3 && utf8.RuneCountInString(p[:strings.IndexByte(p, '\'')+1]) == 2
			return out
		}, p)
	}
	return strings.Join(parts, "-")
}

// Acronyms that mean too much else.
var badAcronym = map[string]bool{"CAN": true, "GUAM": true, "ALBA": true, "PACT": true, "Entente": true, "Quad": true, "CERN": false, "SICA": true}

func (c *compiler) acronyms() error {
	taken := map[string]bool{}
	for _, r := range c.list {
		if r.kind == entity.ORG {
			taken[r.name] = true
			for a := range r.aliases {
				taken[strings.TrimLeft(a, "=!~")] = true
			}
		}
	}
	return c.table("intl-org-acronyms.tsv.gz", func(m map[string]string) {
		a := m["acronym"]
		if taken[a] || badAcronym[a] || len(a) < 4 || strings.Contains(a, "G-") {
			return
		}
		if single(a) && a == strings.ToUpper(a) {
			c.add(entity.ORG, "", a, "", 10_000, "="+a)
		} else if !single(a) {
			c.add(entity.ORG, "", a, "", 10_000)
		}
	})
}

var (
	corpEnd = regexp.MustCompile(`(?i)(?:,? (?:inc|corp|corporation|company|co|ltd|limited|plc|n\.?v|s\.?a|ag|holdings?|group|incorporated|llc|l\.p|lp|trust|the|s\.e|se|a/s|asa|and company|\(the\))\.?)+$`)
	funds   = regexp.MustCompile(`(?i)\b(?:acquisition|etf|fund|trust|capital corp|bancorp|bancshares|spac|merger|therapeutics|pharma|biosciences|holdings? (?:i|ii|iii|iv|v))\b`)
)

func (c *compiler) companies() error {
	return c.table("companies.tsv.gz", func(m map[string]string) {
		full := clean(parens.ReplaceAllString(m["name"], ""))
		if strings.Contains(full, " - ") || m["list"] == "nasdaq" && funds.MatchString(full) {
			return
		}
		name := strings.TrimSpace(corpEnd.ReplaceAllString(full, ""))
		if name == "" || strings.ContainsAny(name, "()%$") {
			return
		}
		if c.byID[entity.ID(entity.ORG, name)] == nil {
			// "Ford Motor" and the like are listed by hand under another name.
			if r := c.known(entity.ORG, "us", name, "!"+name, "="+name); r != nil {
				r.alias(full)
				return
			}
		}
		rank, listed := 15_000, m["list"] == "sp500"
		if !listed {
			rank = 6000
		}
		r := c.add(entity.ORG, "", name, "us", rank)
		if full != name {
			r.alias(full)
		}
		r.ref("ticker", m["ticker"])
		if len(strings.Fields(name)) == 1 && r.rank <= 15_000 {
			switch {
			case c.risky(name) || c.personal(name) || c.byID[entity.ID(entity.LOC, name)] != nil:
				r.flag("w") // the bare name explains, the full one finds
			case name == strings.ToUpper(name) && len(name) <= 5:
				r.flag("w")
				if listed {
					r.alias("=" + name)
				}
			case listed || utf8.RuneCountInString(name) >= 6:
				r.alias("!" + name)
			}
		} else if c.allCommon(name) && r.rank <= 15_000 && !listed {
			r.flag("w")
		}
	})
}

func (c *compiler) media() error {
	return c.table("media.tsv.gz", func(m map[string]string) {
		name := clean(m["name"])
		if len(name) < 3 || strings.ContainsAny(name, "|–:()»,·?!&") || strings.Contains(name, " - ") || strings.Contains(name, "Podcast") || len(strings.Fields(name)) > 4 {
			return
		}
		bare := strings.TrimPrefix(name, "The ")
		if single(bare) && (c.risky(bare) || c.personal(bare) || strings.Contains(bare, ".")) || c.allCommon(bare) && m["list"] != "fundus" ||
			c.byID[entity.ID(entity.LOC, bare)] != nil || c.words[strings.ToLower(bare)]&demonym != 0 {
			return
		}
		r := c.known(entity.ORG, strings.ToLower(m["country"]), name, bare)
		if r == nil {
			r = c.add(entity.ORG, "", name, strings.ToLower(m["country"]), 4000)
		}
		r.flag("m")
	})
}
