package watch

import "strings"

// manner says which forms of a word are looked for beside itself.
type manner uint8

const (
	asWritten manner = iota
	inflected        // endings and prefixes that names take in the script
	plural           // those, and the English plural
)

// forms gives the forms of a folded word, itself left out. They are those that
// its letters alone tell: nothing is looked up, and a word that is no name gets
// the same. Sources: the declension tables of the languages' school grammars.
func forms(w string, m manner, last bool) []string {
	if m == asWritten || w == "" {
		return nil
	}
	var out []string
	add := func(stem string, endings ...string) {
		for _, e := range endings {
			if f := stem + e; f != w {
				out = append(out, f)
			}
		}
	}
	r := []rune(w)[0]
	switch {
	case w == "&":
		return []string{"and"}
	case w == "and":
		return []string{"&"}
	case r >= 'a' && r <= 'z':
		if m == plural && last && len(w) > 1 {
			switch {
			case hasAnySuffix(w, "s", "x", "z", "ch", "sh"):
				add(w, "es")
			case strings.HasSuffix(w, "y") && len(w) > 2 && !strings.ContainsRune("aeiou", rune(w[len(w)-2])):
				add(w, "s")
				add(w[:len(w)-1], "ies")
			default:
				add(w, "s")
			}
		}
	case r >= 0x400 && r <= 0x4ff:
		cyrillic(w, add)
	case r >= 0x620 && r <= 0x6d3:
		if stem, ok := strings.CutPrefix(w, "ال"); ok {
			for _, p := range []string{"و", "ب", "ف", "ك", "وب", "وك", "فب"} {
				add(p, w)
			}
			add("لل", stem)
			add("ولل", stem)
		} else {
			for _, p := range []string{"و", "ب", "ف", "ك", "ل", "وب", "ول", "وك", "فب"} {
				add(p, w)
			}
		}
	case r >= 0x5d0 && r <= 0x5ea:
		for _, p := range []string{"ה", "ו", "ב", "ל", "מ", "ש", "כ", "וב", "ול", "ומ", "שב", "של", "וה", "שה", "מה"} {
			add(p, w)
		}
	case hangul(r):
		if last {
			add(w, "은", "는", "이", "가", "을", "를", "의", "에", "에서", "에게", "와", "과", "도", "로", "으로", "만", "까지", "부터", "보다", "처럼", "나", "이나", "라고", "이라고", "측", "측은", "씨", "씨는", "씨가")
		}
	}
	return out
}

func hasAnySuffix(s string, list ...string) bool {
	for _, x := range list {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}

// cyrillic declines a name in Russian, and near enough in Ukrainian and
// Bulgarian: nouns of the three declensions, surnames in -ов and -ин, names
// that are adjectives.
func cyrillic(w string, add func(string, ...string)) {
	rs := []rune(w)
	if len(rs) < 2 {
		return
	}
	end, stem := rs[len(rs)-1], string(rs[:len(rs)-1])
	two, stem2 := string(rs[len(rs)-2:]), string(rs[:len(rs)-2])
	switch two {
	case "ий", "ый", "ой":
		if len(rs) > 3 {
			add(stem2, "ого", "его", "ому", "ему", "им", "ым", "ом", "ем")
			add(stem, "я", "ю", "ем", "и") // Сергий, Дмитрий
			return
		}
	case "ая", "яя":
		add(stem2, "ой", "ую", "ей", "юю", "ою")
		return
	}
	switch end {
	case 'а':
		add(stem, "ы", "и", "е", "у", "ой", "ою", "ей")
	case 'я':
		add(stem, "и", "е", "ю", "ей", "ею", "ёй", "й")
	case 'й':
		add(stem, "я", "ю", "ем", "е", "и")
	case 'ь':
		add(stem, "я", "ю", "ем", "е", "и", "ью", "ей")
	case 'о':
		add(stem, "а", "у", "ом", "е")
	case 'е', 'и', 'у', 'ы', 'э', 'ю', 'і', 'ї', 'є':
	default:
		add(w, "а", "у", "ом", "ем", "ым", "е", "ы", "и", "ов", "ой", "ам", "ами", "ах")
	}
}
