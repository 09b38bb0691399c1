package ner

import (
	"unicode"
	"unicode/utf8"
)

// word is what a model knows of one written form: computed once, then kept.
type word struct {
	id    uint64    // of the folded form
	shape uint64    // of its capitals, digits and signs
	tail  uint64    // of its last three letters
	clus  [3]uint64 // clusters, coarse to fine
	gaz   gazClass  // lists that hold the form by itself
	more  bool      // longer phrases of the lists begin with it
	class uint8     // for transitions
	runes uint8     // length, at most 255
	capital, upper, alpha,
	anyUpper, particle, opener bool
	first   byte    // lower-case ASCII of the first letter, else 0
	letters [6]byte // of a form in capitals of at most six
	number  int32
	static  [5]lanes
}

// The classes of words by which transitions differ.
const (
	classCapital = iota
	classUpper
	classLower
	classNumber
	classHyphen
	classSign
	classes
)

// Modes of a sentence, where case says less than it does elsewhere.
const (
	modeMixed    = iota
	modeCapitals // all letters are capitals
	modeSmall    // no letter is one
	modeTitle    // nearly all long words begin with one
)

// form collects what the features need of a written form, before hashing.
type form struct {
	folded []byte
	shape  [24]byte
	nShape int
	ends   []int // offsets of the runes of folded, and its length
}

const maxForm = 96 // bytes of a form that are looked at

// read fills a form and the plain facts of a word from its text. In sentences
// of capitals the shape of letters says nothing and is left out.
func (f *form) read(w *word, s string, mode uint8) {
	if len(s) > maxForm {
		n := maxForm
		for n > 0 && !utf8.RuneStart(s[n]) {
			n--
		}
		s = s[:n]
	}
	f.folded, f.ends, f.nShape = f.folded[:0], f.ends[:0], 0
	letters, ups, digits, lows := 0, 0, 0, 0
	var lastShape byte
	rep := 0
	for i, r := range s {
		var c byte
		low := r
		switch {
		case 'a' <= r && r <= 'z':
			c = 'x'
			letters++
			lows++
		case 'A' <= r && r <= 'Z':
			c = 'X'
			letters++
			ups++
			low = r | 0x20
		case '0' <= r && r <= '9':
			c = 'd'
			digits++
		case r < utf8.RuneSelf:
			c = byte(r)
		case unicode.IsUpper(r):
			c = 'X'
			letters++
			ups++
			low = unicode.ToLower(r)
		case unicode.IsLetter(r):
			c = 'x'
			letters++
			lows++
		case unicode.IsDigit(r):
			c = 'd'
			digits++
		default:
			c, low = '.', plainSign(r)
			if low < utf8.RuneSelf {
				c = byte(low)
			}
		}
		if i == 0 {
			w.capital = c == 'X'
			if 'a' <= low && low <= 'z' {
				w.first = byte(low)
			}
		}
		f.ends = append(f.ends, len(f.folded))
		f.folded = utf8.AppendRune(f.folded, low)
		if c == lastShape {
			rep++
		} else {
			lastShape, rep = c, 0
		}
		if rep < 2 && f.nShape < len(f.shape) {
			f.shape[f.nShape] = c
			f.nShape++
		}
	}
	w.runes = uint8(min(len(f.ends), 255))
	f.ends = append(f.ends, len(f.folded))
	f.normalise()
	w.alpha = letters > 0
	w.anyUpper = ups > 0
	w.upper = ups > 1 && lows == 0
	if w.upper && w.runes <= 6 {
		copy(w.letters[:], f.folded)
	}
	switch {
	case w.upper:
		w.class = classUpper
	case w.capital:
		w.class = classCapital
	case letters > 0 && ups > 0:
		w.class = classCapital
	case letters > 0:
		w.class = classLower
	case digits > 0:
		w.class = classNumber
	case len(s) > 0 && f.folded[0] == '-':
		w.class = classHyphen
	default:
		w.class = classSign
	}
	if mode == modeCapitals || mode == modeTitle {
		for i := range f.nShape {
			if f.shape[i] == 'X' || f.shape[i] == 'x' {
				f.shape[i] = 'c' + mode
			}
		}
		if mode == modeTitle && !w.anyUpper && w.alpha {
			f.shape[0], f.nShape = 'x', 1
		}
	}
}

// normalise writes quotation marks and brackets one way, whatever the corpus.
func (f *form) normalise() {
	set := func(s string) {
		f.folded = append(f.folded[:0], s...)
		f.ends = f.ends[:0]
		for i := range len(s) + 1 {
			f.ends = append(f.ends, i)
		}
		f.nShape = copy(f.shape[:], s)
	}
	switch string(f.folded) {
	case "``", "''", "“", "”":
		set(`"`)
	case "--", "---":
		set("-")
	case "-lrb-", "[", "{":
		set("(")
	case "-rrb-", "]", "}":
		set(")")
	case "`":
		set("'")
	}
}

// plainSign maps typographic marks to ASCII.
func plainSign(r rune) rune {
	switch r {
	case '“', '”', '„', '«', '»', '‟':
		return '"'
	case '‘', '’', '‚', 'ʼ', '`', '´':
		return '\''
	case '–', '—', '―', '‒', '‑', '‐', '−':
		return '-'
	}
	return r
}

// suffix hashes the last n runes of the folded form.
func (f *form) suffix(n int) uint64 { return hashBytes(f.folded[f.ends[len(f.ends)-1-n]:]) }

// prefix hashes the first n runes of the folded form.
func (f *form) prefix(n int) uint64 { return hashBytes(f.folded[:f.ends[n]]) }

// particles may open a name in small letters; openers begin sentences and are
// no part of the name behind them.
var (
	particles = wordIDs("van von der den de del della di da dos du la le el al ul bin ibn bint abu ben ter ten af av und zu d' al- el-")
	openers   = wordIDs("the a an in on at for from by with to of and but or nor as if when while after before since until because although though however " +
		"this that these those it its he she they we you i his her their our my your there here what who why how which mr mrs ms dr")
)

func wordIDs(s string) map[uint64]bool {
	m := map[uint64]bool{}
	for i := 0; i < len(s); {
		j := i
		for j < len(s) && s[j] != ' ' {
			j++
		}
		m[hashBytes(s[i:j])] = true
		i = j + 1
	}
	return m
}
