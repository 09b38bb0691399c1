package entity

import (
	"strings"
	"unicode/utf8"
)

// transliterated says whether the names of a country's people come to English
// papers by way of another script.
func transliterated(country string) bool {
	return country != "" && strings.Contains("ae af am az bd bg bh by dz eg er et ge gr il in iq ir jo kg kw kz lb lk ly ma md mk mm mn mr mv np om pk ps qa rs ru sa sd so ss sy tj tm tn ua uz ye", country)
}

// soundKey is the key of the consonants of a full name, so that the spellings
// of transliterations meet: Sergei and Sergey, Mohammed and Muhammad, al-Asad
// and Assad. It is 0 for names too short to tell.
func soundKey(s string) uint64 {
	h := uint64(fnvOffset)
	words, sounds := 0, 0
	for at := 0; ; {
		start, end := nextWord(s, at)
		if start == end {
			break
		}
		at = end
		w := s[start:end]
		if article(w) {
			continue
		}
		n := 0
		if h, n = hashSounds(h, w); n == 0 {
			return 0
		}
		words++
		sounds += n
		h = (h ^ ' ') * fnvPrime
	}
	if words < 2 || words > 4 || sounds < 6 {
		return 0
	}
	return h
}

// article says whether a word of a name is one that spellings add or drop.
func article(w string) bool {
	if len(w) > 3 {
		return false
	}
	switch strings.ToLower(w) {
	case "al", "el", "ul", "ad", "as", "ar", "ash", "az", "an", "at", "de":
		return true
	}
	return false
}

// hashSounds adds the consonants of a word to a hash: no doubles, no vowels
// but a first one, and one letter for those which transliterations mix.
func hashSounds(h uint64, w string) (uint64, int) {
	n := 0
	last := byte(0)
	for i := 0; i < len(w); i++ {
		c := w[i]
		if c >= utf8.RuneSelf {
			return h, 0
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			if i > 0 {
				last = 0
				continue
			}
			c = 'a'
		case 'j', 'h', '\'', '-', '.', 'w':
			if i > 0 {
				continue
			}
			if c == 'w' {
				c = 'v'
			}
		case 'c', 'q', 'x':
			c = 'k'
		case 'z':
			c = 's'
		}
		if c == last {
			continue
		}
		last = c
		n++
		h = (h ^ uint64(c)) * fnvPrime
	}
	return h, n
}

// sound adds a person's full name to the table of sounds.
func (b *builder) sound(ref int32, name string) {
	k := soundKey(name)
	if k == 0 {
		return
	}
	// The well-known outweigh those whom hardly anybody names.
	rank := b.t.entities[ref].Rank
	switch old, ok := b.t.sounds[k]; {
	case !ok || old >= 0 && rank >= 60_000 && b.t.entities[old].Rank < 30_000:
		b.t.sounds[k] = ref
	case old >= 0 && old != ref && (rank >= 30_000 || b.t.entities[old].Rank < 60_000):
		b.t.sounds[k] = -1
	}
}

// bySound returns the one transliterated person whose full name sounds like
// this one, or -1.
func (t *Tables) bySound(name string) int32 {
	k := soundKey(name)
	if k == 0 {
		return -1
	}
	if ref, ok := t.sounds[k]; ok {
		return ref
	}
	return -1
}
