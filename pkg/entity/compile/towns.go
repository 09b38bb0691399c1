package main

import (
	"math"
	"strconv"
	"strings"

	"github.com/dateline/dateline/pkg/entity"
)

// Regions of GeoNames whose codes are not those of ISO 3166-2.
var regions = map[string]string{
	"ca01": "ca-ab", "ca02": "ca-bc", "ca03": "ca-mb", "ca04": "ca-nb", "ca05": "ca-nl", "ca07": "ca-ns", "ca08": "ca-on", "ca09": "ca-pe", "ca10": "ca-qc", "ca11": "ca-sk", "ca12": "ca-yt", "ca13": "ca-nt", "ca14": "ca-nu",
	"au01": "au-act", "au02": "au-nsw", "au03": "au-nt", "au04": "au-qld", "au05": "au-sa", "au06": "au-tas", "au07": "au-vic", "au08": "au-wa",
	"gbENG": "gb-eng", "gbSCT": "gb-sct", "gbWLS": "gb-wls", "gbNIR": "gb-nir",
}

// region returns the ISO 3166-2 code of a place in a country whose regions news
// names, or nothing.
func region(iso, admin1 string) string {
	if iso == "us" && len(admin1) == 2 {
		return "us-" + strings.ToLower(admin1)
	}
	return regions[iso+admin1]
}

// centre sums up the towns of a country or region as points on the globe.
type centre struct{ x, y, z float64 }

// weigh adds a town to its country and region.
func (c *compiler) weigh(iso, region string, lat, lon float64) {
	la, lo := lat*math.Pi/180, lon*math.Pi/180
	for _, code := range []string{iso, region} {
		if code == "" {
			continue
		}
		p := c.centres[code]
		if p == nil {
			p = &centre{}
			c.centres[code] = p
		}
		p.x += math.Cos(la) * math.Cos(lo)
		p.y += math.Cos(la) * math.Sin(lo)
		p.z += math.Sin(la)
	}
}

// centre gives countries, states and provinces the middle of their towns: a
// point of their own where people live, unlike a capital's.
func (c *compiler) centre() error {
	for code, name := range map[string]string{"au-nsw": "New South Wales", "au-qld": "Queensland", "au-tas": "Tasmania", "gb-eng": "England", "gb-sct": "Scotland", "gb-wls": "Wales", "gb-nir": "Northern Ireland"} {
		if r := c.byID[entity.ID(entity.LOC, name)]; r != nil {
			r.region = code
		}
	}
	for _, r := range c.list {
		if r.kind != entity.LOC {
			continue
		}
		p := c.centres[r.country]
		switch {
		case r.country == "" || r.refs["geonames"] != "":
			continue
		case r.region != "":
			p = c.centres[r.region]
		case !c.isCountry(r):
			continue
		}
		if p == nil {
			continue
		}
		r.lat = round(math.Atan2(p.z, math.Hypot(p.x, p.y)) * 180 / math.Pi)
		r.lon = round(math.Atan2(p.y, p.x) * 180 / math.Pi)
	}
	return nil
}

func round(x float64) float64 { return math.Round(x*100) / 100 }

func (c *compiler) isCountry(r *row) bool { return c.caps["country:"+r.country] == r }

// towns adds the places that cities leaves out: they find nothing and are
// linked only where the document names their state or country. Their ids say
// where they lie, so that the plain name stays free.
func (c *compiler) towns() error {
	return c.table("cities.tsv.gz", func(m map[string]string) {
		pop, _ := strconv.Atoi(m["population"])
		iso := strings.ToLower(m["country_code"])
		if c.caps["taken:"+m["geonameid"]] != nil || pop < 15_000 && !english[iso] || len(iso) != 2 {
			return
		}
		name := strings.TrimSuffix(m["name"], " City")
		where := region(iso, m["admin1"])
		suffix := where
		if suffix == "" {
			suffix = iso
		}
		id := entity.ID(entity.LOC, name) + "-" + suffix
		if c.byID[id] != nil || len(name) < 3 || !isLatin(name) || strings.ContainsAny(name, "()/") {
			return
		}
		if old := c.byID[entity.ID(entity.LOC, name)]; old != nil && old.country == iso && (old.region == where || old.rank > 40_000) {
			return // a district of it, or the source's second line for it
		}
		r := c.add(entity.LOC, id, name, iso, 200+pop/1000)
		r.lat, _ = strconv.ParseFloat(m["lat"], 64)
		r.lon, _ = strconv.ParseFloat(m["lon"], 64)
		r.region = where
		r.ref("geonames", m["geonameid"])
		r.flag("w")
		r.flag("n")
	})
}
