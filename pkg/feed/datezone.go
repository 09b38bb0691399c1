package feed

import (
	"strings"
	"time"
)

// zoneOffsets are the names of zones, in seconds east of UTC. Of names with
// several meanings the one that news feeds use is taken (IST India, BST
// Britain, CST and EST America, AST Atlantic).
var zoneOffsets = func() map[string]int {
	m := make(map[string]int)
	for hours, names := range map[float64]string{
		-11: "NUT", -10: "HST HAST TAHT", -9.5: "MART", -9: "AKST HADT HDT GAMT", -8: "PST AKDT",
		-7: "MST PDT", -6: "CST MDT GALT", -5: "EST CDT PET COT", -4: "AST EDT BOT VET CLT GYT PYT AMT",
		-3.5: "NST", -3: "ADT ART BRT CLST UYT PYST GFT WGT SRT", -2.5: "NDT", -2: "FNT BRST UYST WGST", -1: "AZOT CVT EGT",
		0: "UT UTC GMT WET Z EGST AZOST", 1: "BST CET WEST WAT MET MEZ", 2: "CEST EET CAT SAST MEST MESZ HAEC",
		3: "EEST MSK EAT IDT TRT FET", 3.5: "IRST", 4: "MSD GST SAMT AZT GET MUT RET SCT", 4.5: "AFT IRDT",
		5: "PKT UZT YEKT TMT TJT MVT AQTT ORAT", 5.5: "IST SLST", 5.75: "NPT", 6: "OMST ALMT BTT KGT YEKST", 6.5: "MMT",
		7: "ICT WIB KRAT NOVT HOVT OMSST DAVT CXT", 8: "HKT SGT AWST PHT MYT ULAT IRKT WITA BNT CHOT KRAST",
		8.75: "ACWST", 9: "JST KST WIT YAKT TLT AWDT PWT IRKST", 9.5: "ACST", 10: "AEST CHST VLAT PGT CHUT YAKST", 10.5: "ACDT LHST",
		11: "AEDT SBT NCT SAKT MAGT VUT NFT VLAST LHDT", 12: "NZST FJT PETT WAKT TVT MAGST", 12.75: "CHAST",
		13: "NZDT TOT PHOT TKT", 13.75: "CHADT", 14: "LINT",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = int(hours * 3600)
		}
	}
	return m
}()

// zoneRule is a zone whose offset depends on the day.
type zoneRule struct {
	standard int // seconds east of UTC
	saving   uint8
}

// When clocks go forward.
const (
	neverSaves = iota
	savesUS    // 2nd Sunday of March to 1st of November; before 2007, 1st of April to last of October
	savesEU    // last Sundays of March and October (October since 1996), at 01:00 UTC
)

// offset gives the seconds east of UTC at a local time.
func (z *zoneRule) offset(local time.Time) int {
	sunday := func(month time.Month, nth int) time.Time { // nth 0: the last one
		if nth == 0 {
			end := time.Date(local.Year(), month+1, 0, 0, 0, 0, 0, time.UTC)
			return end.AddDate(0, 0, -int(end.Weekday()))
		}
		start := time.Date(local.Year(), month, 1, 0, 0, 0, 0, time.UTC)
		return start.AddDate(0, 0, (7-int(start.Weekday()))%7+7*(nth-1))
	}
	var from, to time.Time
	switch z.saving {
	case savesUS:
		from, to = sunday(time.March, 2).Add(2*time.Hour), sunday(time.November, 1).Add(2*time.Hour)
		if local.Year() < 2007 {
			from, to = sunday(time.April, 1).Add(2*time.Hour), sunday(time.October, 0).Add(2*time.Hour)
		}
	case savesEU:
		at := time.Duration(z.standard)*time.Second + time.Hour
		from, to = sunday(time.March, 0).Add(at), sunday(time.October, 0).Add(at+time.Hour)
	default:
		return z.standard
	}
	if !local.Before(from) && local.Before(to) {
		return z.standard + 3600
	}
	return z.standard
}

// regions are zones by the names of places: the American ones by their short
// names, others as in the IANA database.
var regions = func() map[string]*zoneRule {
	m := make(map[string]*zoneRule)
	for _, z := range []struct {
		hours  float64
		saving uint8
		names  string
	}{
		{-5, savesUS, "et eastern new_york toronto detroit montreal"},
		{-6, savesUS, "ct central chicago winnipeg"},
		{-7, savesUS, "mt mountain denver edmonton"},
		{-8, savesUS, "pt pacific los_angeles vancouver"},
		{-4, savesUS, "at halifax"},
		{0, savesEU, "london dublin lisbon"},
		{1, savesEU, "paris berlin madrid rome amsterdam brussels vienna zurich stockholm oslo copenhagen prague warsaw budapest belgrade zagreb ljubljana bratislava luxembourg"},
		{2, savesEU, "athens helsinki kiev kyiv bucharest sofia riga vilnius tallinn"},
		{-3, neverSaves, "sao_paulo buenos_aires"}, {-5, neverSaves, "bogota lima"}, {-6, neverSaves, "mexico_city"},
		{1, neverSaves, "lagos algiers"}, {2, neverSaves, "johannesburg"}, {3, neverSaves, "moscow istanbul nairobi riyadh baghdad"},
		{4, neverSaves, "dubai"}, {5, neverSaves, "karachi"}, {5.5, neverSaves, "kolkata calcutta"}, {6, neverSaves, "dhaka"},
		{7, neverSaves, "bangkok jakarta ho_chi_minh"}, {8, neverSaves, "singapore shanghai hong_kong taipei manila kuala_lumpur perth"},
		{9, neverSaves, "tokyo seoul"}, {10, neverSaves, "brisbane"},
	} {
		for _, name := range strings.Fields(z.names) {
			m[name] = &zoneRule{int(z.hours * 3600), z.saving}
		}
	}
	return m
}()

// region reads ET, "Eastern Time", "Pacific Daylight Time" and America/New_York
// at the start of word+rest, and gives what follows.
func region(word, rest string) (z *zoneRule, tail string) {
	if city, ok := strings.CutPrefix(rest, "/"); ok {
		n := 0
		for n < len(city) && (isAlnum(city[n]) || city[n] == '_' || city[n] == '-' || city[n] == '/') {
			n++
		}
		name := strings.ToLower(city[:n])
		return regions[name[strings.LastIndexByte(name, '/')+1:]], city[n:]
	}
	lower := strings.ToLower(word)
	z = regions[lower]
	if z == nil || len(word) == 2 && !isUpperASCII(word) || len(word) > 2 && !strings.Contains("eastern central mountain pacific", lower) {
		return nil, rest
	}
	if len(word) == 2 {
		return z, rest
	}
	for _, more := range []string{" standard", " daylight", " time"} {
		if hasFold([]byte(rest), more) {
			if rest = rest[len(more):]; more == " daylight" {
				z = &zoneRule{z.standard + 3600, neverSaves}
			} else if more == " standard" {
				z = &zoneRule{z.standard, neverSaves}
			}
		}
	}
	return z, rest
}
