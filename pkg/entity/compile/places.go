package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/dateline/dateline/pkg/entity"
)

//go:embed curated.tsv
var curatedTSV string

func (c *compiler) curated() error {
	kinds := map[string]entity.Kind{"PER": entity.PER, "ORG": entity.ORG, "LOC": entity.LOC, "MEDIA": entity.ORG}
	for i, line := range strings.Split(curatedTSV, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) < 4 || kinds[f[0]] == entity.None {
			return fmt.Errorf("curated.tsv:%d: %q", i+1, line)
		}
		rank, err := strconv.Atoi(f[2])
		if err != nil {
			return fmt.Errorf("curated.tsv:%d: %w", i+1, err)
		}
		name := f[3]
		r := c.add(kinds[f[0]], "", name, f[1], rank*1000)
		if f[0] == "MEDIA" {
			r.flags = "m"
		}
		if len(f) > 4 {
			for _, a := range strings.Split(f[4], ";") {
				if needs, ok := strings.CutPrefix(a, "?"); ok {
					r.needs = needs
					continue
				}
				r.alias(a)
			}
		}
		if r.kind == entity.LOC {
			c.caps[r.name] = r
		}
	}
	return nil
}

type country struct {
	Code, Name, Long, Abbreviation, Former, Capital, Noun, Adjective, Dependency string
	LocalShort                                                                   string   `json:"local_short"`
	TerroristGroups                                                              []string `json:"terrorist_groups"`
}

type territory struct {
	Code, Name string
	IsCountry  bool     `json:"is_country"`
	Strong     []string `json:"names_strong"`
	QID        string   `json:"qid"`
}

var (
	parens  = regexp.MustCompile(`\s*[\(\[][^)\]]*[\)\]]`)
	acroRE  = regexp.MustCompile(`\(([A-Z][A-Za-z-]{1,9})\)`)
	splitRE = regexp.MustCompile(`\s*[;/]\s*|,\s*`)
	nounRE  = regexp.MustCompile(`\p{Lu}[\p{L}'-]{2,}`)
)

func (c *compiler) readTerritories() ([]territory, error) {
	var out []territory
	err := c.lines("territories.jsonl.gz", func(s string) error {
		var t territory
		if err := json.Unmarshal([]byte(s), &t); err != nil {
			return err
		}
		out = append(out, t)
		return nil
	})
	return out, err
}

// notDemonym are words of the source's demonyms that name no country.
var notDemonym = wordsOf("island islander islands new south north sri saint lankan leonean rican salvadoran none note the and people singular plural korean koreans congolese guinean dominican polynesian african republic citizen citizens")

// Forms of countries that mean something else more often.
var badCountryForm = map[string]bool{"none": true, "CAR": true, "Island": true, "GEO": true, "Quito": true, "New Kingdom": true,
	"Jordan River": true, "note": true, "MAR": true, "Gaza": true, "Holland": true, "Korea": true, "America": true, "Dominican": true, "Ivory Coast": true,
	"Sandwich Islands": true, "Chosen": true, "Islas": true, "Kingdom of Hungary": true, "Turks": true, "The Hague": true, "Indies": true, "Congo": true}

func (c *compiler) countries() error {
	terr, err := c.readTerritories()
	if err != nil {
		return err
	}
	c.iso = map[string]string{}
	c.caps["country:ps"] = c.byID["loc/palestine"]
	for _, t := range terr {
		if len(t.Code) == 2 {
			c.iso[t.Name] = t.Code
			for _, s := range t.Strong {
				c.iso[s] = t.Code
			}
		}
	}
	for long, short := range map[string]string{"Burma": "mm", "Congo, Democratic Republic of the": "cd", "Congo, Republic of the": "cg", "Cote d'Ivoire": "ci",
		"Bahamas, The": "bs", "Gambia, The": "gm", "Korea, North": "kp", "Korea, South": "kr", "Turkey (Turkiye)": "tr", "Holy See (Vatican City)": "va",
		"North Macedonia": "mk", "Czechia": "cz", "Turkey": "tr", "Timor-Leste": "tl", "Micronesia, Federated States of": "fm", "West Bank": "ps", "Gaza Strip": "ps",
		"Kosovo": "xk", "Cabo Verde": "cv", "Eswatini": "sz", "South Korea": "kr", "North Korea": "kp", "Congo": "cg", "Republic of the Congo": "cg"} {
		if c.iso[long] == "" {
			c.iso[long] = short
		}
	}
	rename := map[string]string{"Burma": "Myanmar", "Czechia": "Czech Republic", "Turkey (Turkiye)": "Turkey", "Holy See (Vatican City)": "Vatican", "Cote d'Ivoire": "Ivory Coast"}
	return c.lines("countries.jsonl.gz", func(s string) error {
		var k country
		if err := json.Unmarshal([]byte(s), &k); err != nil {
			return err
		}
		name := k.Name
		iso := c.iso[name]
		if n := rename[name]; n != "" {
			name = n
		}
		if before, after, ok := strings.Cut(name, ", "); ok {
			name = strings.TrimSpace(after + " " + before)
		}
		r := c.add(entity.LOC, "", name, iso, 50_000)
		if r.country == "" {
			r.country = iso
		}
		switch name {
		case "Jordan", "Chad", "Georgia", "Turkey", "Guinea", "Jersey", "Niger", "Mali", "Oman", "Togo", "Palau", "Nauru":
			// Also persons, words or states: context decides.
		default:
			if single(name) {
				r.alias("!" + name)
			}
		}
		for _, form := range append(splitRE.Split(parens.ReplaceAllString(k.Former, ""), -1), parens.ReplaceAllString(k.Long, ""), parens.ReplaceAllString(k.LocalShort, "")) {
			form, _, _ = strings.Cut(form, ";")
			form = strings.TrimSpace(form)
			if len(form) < 4 || badCountryForm[form] || single(form) && (c.risky(form) || c.personal(form)) || form[0] >= 'a' && form[0] <= 'z' {
				continue
			}
			r.alias(form)
		}
		if a := k.Abbreviation; len(a) >= 3 && len(a) <= 6 && !badCountryForm[a] && !c.risky(a) {
			r.alias("=" + a)
		}
		c.caps[name] = r
		if iso != "" && c.caps["country:"+iso] == nil {
			c.caps["country:"+iso] = r
		}
		capital, _, _ := strings.Cut(parens.ReplaceAllString(k.Capital, ""), ";")
		for _, p := range strings.Split(capital, ",") {
			if p = strings.TrimSpace(p); p != "" {
				c.caps["capital:"+iso+":"+p] = r
			}
		}
		adjective, _, _ := strings.Cut(strings.ReplaceAll(k.Adjective, " or ", ","), ";")
		if k.Dependency == "" && iso != "" {
			for _, w := range nounRE.FindAllString(strings.ReplaceAll(strings.ReplaceAll(k.Noun, "(s)", "s")+" "+adjective, "(men)", ""), -1) {
				if low := strings.ToLower(w); c.iso[w] == "" && w != name && !notDemonym[low] && c.demonyms[low] == "" {
					c.demonyms[low] = iso
					c.demonyms[strings.TrimSuffix(low, "s")] = iso
				}
			}
		}
		for _, w := range nounRE.FindAllString(strings.ReplaceAll(k.Noun+" "+k.Adjective, "(s)", "s"), -1) {
			if w != "Island" && w != "Islander" && c.iso[w] == "" && w != name {
				c.words[strings.ToLower(w)] |= demonym
				c.words[strings.ToLower(strings.TrimSuffix(w, "s"))] |= demonym
			}
		}
		for _, g := range k.TerroristGroups {
			full := strings.TrimSpace(parens.ReplaceAllString(g, ""))
			full, _, _ = strings.Cut(full, " – ")
			full, _, _ = strings.Cut(full, "/")
			if len(full) < 6 || strings.Contains(full, " in ") || strings.Contains(full, ":") {
				continue
			}
			full = strings.ReplaceAll(full, "’", "'")
			o := c.group(full, 40_000)
			if m := acroRE.FindStringSubmatch(g); m != nil && o != nil && len(m[1]) >= 3 && !strings.Contains(full, "/") {
				o.alias("=" + m[1])
			}
		}
		return nil
	})
}

// group finds an armed group under its folded name, or adds it.
func (c *compiler) group(name string, rank int) *row {
	switch strings.ToLower(name) {
	case "al-qa'ida":
		name = "al-Qaeda"
	case "hizballah":
		name = "Hezbollah"
	case "islamic revolutionary guard corps":
		name = "Islamic Revolutionary Guard Corps"
	case "islamic state of iraq and ash-sham":
		name = "Islamic State"
	}
	return c.add(entity.ORG, "", name, "", rank)
}

func (c *compiler) territories() error {
	terr, err := c.readTerritories()
	if err != nil {
		return err
	}
	for _, t := range terr {
		name := strings.TrimSpace(parens.ReplaceAllString(t.Name, ""))
		if len(name) < 4 || strings.ContainsAny(name, ",:") || !isLatin(name) {
			continue
		}
		iso, _, sub := strings.Cut(t.Code, "-")
		var r *row
		switch {
		case !sub:
			r = c.add(entity.LOC, "", name, iso, 45_000)
			r.ref("wikidata", t.QID)
			for _, s := range t.Strong {
				if isLatin(s) && len(s) > 4 && s != "Island" && s != strings.ToUpper(s) && !strings.ContainsAny(s, ",(") && !badCountryForm[s] && !(single(s) && (c.risky(s) || c.personal(s))) &&
					s != "West Bank" && !strings.HasPrefix(s, "Palestin") {
					r.alias(s)
				}
			}
		case single(name) && c.risky(name):
			continue
		case iso != "us" && single(name) && (c.risky(fold(name)) || c.personal(fold(name))):
			continue
		default:
			id := entity.ID(entity.LOC, name)
			rank := 20_000
			if iso == "us" {
				rank = 48_000
			}
			if t.Code == "us-ny" {
				id = "loc/new-york-state"
			} else if t.Code == "us-wa" {
				id = "loc/washington-state"
			} else if old := c.byID[id]; old != nil && old.country != iso {
				id += "-" + iso
			}
			if t.Code == "us-ny" || t.Code == "us-wa" {
				c.byID[id].region = t.Code
				c.byID[id].ref("wikidata", t.QID)
				continue
			}
			r = c.add(entity.LOC, id, name, iso, rank)
			if r.country == iso {
				r.region = t.Code
			}
			r.ref("wikidata", t.QID)
			if iso == "us" && single(name) && name != "Georgia" && name != "Virginia" {
				r.alias("!" + name)
			}
		}
	}
	return nil
}

func (c *compiler) cities() error {
	return c.table("cities.tsv.gz", func(m map[string]string) {
		pop, _ := strconv.Atoi(m["population"])
		name, iso := m["name"], strings.ToLower(m["country_code"])
		country := c.caps["capital:"+iso+":"+name]
		lat, _ := strconv.ParseFloat(m["lat"], 64)
		lon, _ := strconv.ParseFloat(m["lon"], 64)
		if country != nil && country.lat == 0 && country.lon == 0 {
			country.lat, country.lon = lat, lon
		}
		// at places a row and says that this line of the source is taken.
		at := func(r *row) {
			c.caps["taken:"+m["geonameid"]] = r
			if r.lat == 0 && r.lon == 0 {
				r.lat, r.lon = lat, lon
			}
			r.ref("geonames", m["geonameid"])
			if r.region == "" {
				r.region = region(iso, m["admin1"])
			}
		}
		c.weigh(iso, region(iso, m["admin1"]), lat, lon)
		special := map[string]string{"New York City": "loc/new-york", "Washington": "loc/washington-dc", "Washington, D.C.": "loc/washington-dc"}
		if id := special[name]; id != "" && iso == "us" {
			if r := c.byID[id]; r != nil {
				at(r)
			}
			return
		}
		if pop < 100_000 && country == nil {
			if r := c.caps[name]; r != nil && r.country == iso {
				at(r)
			}
			return
		}
		if short := strings.TrimSuffix(name, " City"); c.byID[entity.ID(entity.LOC, short)] == nil {
			name = short
		}
		if single(name) && c.risky(name) && country == nil || len(name) < 3 {
			return
		}
		if plainName := fold(name); single(name) && country == nil && (c.risky(plainName) || c.words[plainName]&given != 0 && pop < 1_000_000 && !english[iso] ||
			c.words[plainName]&surname != 0 && pop < 400_000 && !english[iso]) {
			return
		}
		id := entity.ID(entity.LOC, name)
		old := c.byID[id]
		if old != nil && (old.country != iso || old.lat != 0) {
			if old.country == iso {
				if old.rank >= 40_000 || iso == "us" {
					id += "-city"
				} else {
					return // two large places of one name in a country
				}
			} else if pop < 500_000 && country == nil {
				return
			} else {
				id += "-" + iso
			}
			if c.byID[id] != nil {
				return
			}
		}
		rank := min(39_000, 1000+pop/500)
		if country != nil && pop >= 200_000 {
			rank = max(rank, 40_000)
		}
		r := c.add(entity.LOC, id, name, iso, rank)
		at(r)
		r.alias(m["name"])
		r.alias(shortCity[m["name"]])
		common := map[string]bool{"Charlotte": true, "Jackson": true, "Lincoln": true, "Victoria": true, "Valencia": true, "Santiago": true, "Kingston": true, "Stanley": true,
			"Adelaide": true, "Santa Ana": true, "Sale": true, "Orlando": true, "Florence": true, "Male": true, "Washington": true, "Bo": true, "Can": true}
		if single(name) && !common[name] && (country != nil && (pop >= 100_000 || !c.personal(name)) || pop >= 900_000 || !c.personal(name) && pop >= 100_000) {
			r.alias("!" + name)
		}
		if pop < 1_000_000 && country == nil {
			return
		}
		for _, a := range strings.Split(m["aliases"], "|") {
			if len(a) >= 5 && isLatin(a) && single(a) && !c.risky(a) && !c.personal(a) && a[0] < 0xE0 && !strings.ContainsAny(a, "'ʻ`’") && c.words[strings.ToLower(a)]&demonym == 0 &&
				c.byID[entity.ID(entity.LOC, a)] == nil && entity.ID(entity.LOC, a) != id && exonym[a] {
				r.alias(a)
			}
		}
	})
}

// shortCity has what papers call cities whose full name they do not use.
var shortCity = map[string]string{"Frankfurt am Main": "Frankfurt", "Genève": "Geneva", "Kraków": "Krakow", "The Hague": "Hague", "Köln": "Cologne", "Sevilla": "Seville", "Torino": "Turin", "Napoli": "Naples", "Nürnberg": "Nuremberg", "Ho Chi Minh City": "Saigon",
	"Newcastle upon Tyne": "Newcastle", "Stoke-on-Trent": "Stoke", "Bengaluru": "Bangalore", "Guangzhou": "Canton", "Kolkata": "Calcutta", "Chennai": "Madras", "Mumbai": "Bombay", "Göteborg": "Gothenburg", "Antwerpen": "Antwerp", "Gent": "Ghent", "Kharkiv": "Kharkov", "Lviv": "Lvov", "Odesa": "Odessa", "St. Louis": "Saint Louis", "Saint Paul": "St. Paul", "Saint Petersburg": "St. Petersburg"}

// english are the countries whose smaller places English news names.
var english = map[string]bool{"us": true, "gb": true, "ca": true, "au": true, "ie": true, "nz": true}

// fold lowers a name and drops its diacritics.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(s))
}

// exonym lists the foreign names of large cities that readers of European
// languages meet; the source's aliases hold too many chance spellings.
var exonym = wordsOf(`Peking Pékin Pechino Pekín Pequim Moskau Moscou Mosca Moscú Moscova Moskwa Londres Londra Londen Parigi París Berlino Berlín Rom Roma
 Mailand Milán Milano Napoli Neapel Nápoles Turin Torino Firenze Florenz Venezia Venedig Venise Wien Vienne Viena Varsovie Warschau Warszawa Varsovia Prag Praga Praha
 Bruxelles Brüssel Brussel Bruselas Bruxelas Lissabon Lisbonne Lisboa Lisbona Athen Athènes Atenas Atene Kopenhagen Copenhague København Bukarest Bucarest Bucureşti
 Kairo Caire Bagdad Damas Damasco Damaskus Teheran Téhéran Teherán Jérusalem Alep Aleppo Alepo Mossoul Mossul Kapstadt Genf Genève Ginebra Ginevra Zürich
 Tokio Séoul Seúl Singapur Singapour Nueva Delhi Kalkutta Bombay Madras Calcutta Calcuttà Rangoon Saigon Canton Nanking Tiflis Alger Algier Argel Tunesien Tripolis
 Havanna Habana Havane Mexiko Köln Cologne Colonia München Munich Monaco Múnich Nürnberg Nuremberg Sevilla Séville Siviglia Marsiglia Marsella Lyone Bogota Kiew Kiev Kijów Lemberg Lvov`)

func wordsOf(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}
