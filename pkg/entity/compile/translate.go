package main

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/dateline/dateline/pkg/entity"
)

var tongues = []string{"de", "fr", "es", "it", "pt", "nl", "ru", "ar"}

// countryNames takes the countries' names in other languages from CLDR, as
// golang.org/x/text carries it.
func (c *compiler) countryNames() error {
	for _, code := range tongues {
		names := display.Regions(language.MustParse(code))
		for _, r := range c.list {
			if r.kind != entity.LOC || !c.isCountry(r) {
				continue
			}
			reg, err := language.ParseRegion(strings.ToUpper(r.country))
			if err != nil {
				continue
			}
			n := names.Name(reg)
			n, _, _ = strings.Cut(n, " (")
			n = strings.TrimSpace(n)
			if ambiguousAbroad[code+" "+n] || n == "" || strings.ContainsAny(n, "()") {
				continue
			}
			r.alias("@" + code + " " + n)
		}
	}
	return nil
}

// ambiguousAbroad are names of countries that mean something else more often.
var ambiguousAbroad = map[string]bool{"ar مالي": true, "es Granada": true, "de Jersey": true, "nl Jersey": true, "fr Jersey": true}

//go:embed translations.tsv
var translationsTSV string

// translations takes the hand-written list: an entity id, then its names in
// the order of tongues, variants parted by ";", "-" where the English name or
// the name of CLDR serves.
func (c *compiler) translations() error {
	plain := map[string]*row{}
	for _, r := range c.list {
		plain[fold(r.id)] = r
	}
	var missing []string
	for i, line := range strings.Split(translationsTSV, "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		f := strings.Split(line, "\t")
		r := plain[f[0]]
		if r == nil {
			missing = append(missing, f[0])
			continue
		}
		if len(f) != 1+len(tongues) {
			return fmt.Errorf("translations.tsv:%d: %d fields", i+1, len(f))
		}
		for k, code := range tongues {
			for _, a := range strings.Split(f[k+1], ";") {
				if a != "-" && a != "" {
					r.alias("@" + code + " " + a)
				}
			}
		}
	}
	if missing != nil {
		return fmt.Errorf("translations.tsv: no entities %q", missing)
	}
	return nil
}

// scripts writes prominent people in Cyrillic and Arabic letters, by the
// spellings that name parts have there.
func (c *compiler) scripts() error {
	cyrillic, arabic := map[string][]string{}, map[string][]string{}
	if err := c.lines("person-variants.txt.gz", func(s string) error {
		left, _, _ := strings.Cut(s, " => ")
		forms := strings.Split(left, ", ")
		var latin, cyr, ara []string
		for _, w := range forms {
			switch {
			case isLatin(w):
				latin = append(latin, w)
			case of(w, unicode.Cyrillic) && !strings.ContainsAny(w, "іїєґўјљњћђџѓќѕѐѝ"):
				cyr = append(cyr, w)
			case of(w, unicode.Arabic):
				ara = append(ara, w)
			}
		}
		for _, w := range latin {
			cyrillic[w] = append(cyrillic[w], cyr...)
			arabic[w] = append(arabic[w], ara...)
		}
		return nil
	}); err != nil {
		return err
	}
	for _, r := range c.list {
		if r.kind != entity.PER || r.rank < 60_000 {
			continue
		}
		f := strings.Fields(strings.ToLower(fold(r.name)))
		if len(f) < 2 {
			continue
		}
		first, last := f[0], f[len(f)-1]
		alone := r.aliases["!"+r.name[strings.LastIndexByte(r.name, ' ')+1:]]
		for code, forms := range map[string]map[string][]string{"ru": cyrillic, "ar": arabic} {
			a, b := unique(forms[first]), unique(forms[last])
			if len(a) == 0 || len(b) == 0 || len(a) > 8 || len(b) > 6 {
				continue
			}
			for _, x := range a {
				for _, y := range b {
					r.alias("@" + code + " " + title(x) + " " + title(y))
				}
			}
			if alone {
				for _, y := range b {
					if len([]rune(y)) > 4 {
						r.alias("@" + code + " " + title(y))
					}
				}
			}
		}
	}
	return nil
}

func of(s string, script *unicode.RangeTable) bool {
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.Is(script, r) {
			return false
		}
	}
	return s != "" && !strings.ContainsAny(s, " -")
}

func unique(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
