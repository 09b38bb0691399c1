package ner

// docWord is what a page says of a word, written large or small.
type docWord struct {
	id       uint64
	epoch    uint32
	small    uint16 // times in small letters
	middle   uint16 // times large elsewhere than at the head of a sentence
	n        uint8  // of the places kept
	at       [maxPlaces]int32
	from, to int32 // tokens of the longest run of capitals that it is part of; none where equal

	longFrom, longTo int32 // tokens of what it is short for; none where equal
}

// maxPlaces is how many places of a word are kept.
const maxPlaces = 5

// docTable maps the words of a page to what it says of them.
type docTable struct {
	slots []docWord
	epoch uint32
}

func (t *docTable) begin() {
	if t.slots == nil {
		t.slots = make([]docWord, 2*maxPage)
	}
	t.epoch++
	if t.epoch == 0 {
		clear(t.slots)
		t.epoch = 1
	}
}

// get returns the entry of a word, made where there is none.
func (t *docTable) get(id uint64) *docWord {
	for i := id; ; i++ {
		d := &t.slots[i&(2*maxPage-1)]
		if d.epoch != t.epoch {
			*d = docWord{id: id, epoch: t.epoch}
			return d
		}
		if d.id == id {
			return d
		}
	}
}

// note enters the words of a sentence. Headings tell nothing: everything is
// written large there.
func (p *page) note(s sentence) {
	if s.mode == modeCapitals || s.mode == modeTitle {
		return
	}
	for i := s.from; i < s.to; i++ {
		w := p.words[i]
		if !w.alpha || w.runes < 2 {
			continue
		}
		d := p.docs.get(w.id)
		if !w.anyUpper {
			d.small++
			continue
		}
		if i > s.from && !(i == s.from+1 && !p.words[s.from].alpha) {
			d.middle++
		}
		if d.n < maxPlaces {
			d.at[d.n] = i
			d.n++
		}
		if r := p.run[i]; r.to-r.from > 1 && int32(r.to-r.from) > d.to-d.from {
			d.from, d.to = s.from+int32(r.from), s.from+int32(r.to)
		}
	}
}

// acronyms finds what a sentence introduces in brackets: "Northern Grain Board
// (NGB)".
func (p *page) acronyms(s sentence) {
	for i := s.from + 3; i < s.to; i++ {
		w := p.words[i]
		if w.class != classUpper || w.runes < 2 || w.runes > 6 || p.words[i-1].id != bracket {
			continue
		}
		from := p.spelt(s, i)
		if from < 0 {
			continue
		}
		d := p.docs.get(w.id)
		d.longFrom, d.longTo = from, i-1
		for k := from; k < i-1; k++ {
			p.long[k] = 2
		}
		p.long[i-2], p.long[from] = 3, 1
	}
}

var bracket = hashBytes("(")

// spelt returns the first of the words before the bracket at i-1 whose initials
// are the letters of token i, or -1. Small words may be left out.
func (p *page) spelt(s sentence, i int32) int32 {
	w := p.words[i]
	k := i - 2
	for n := int(w.runes) - 1; n >= 0; n-- {
		for k >= s.from && !p.words[k].anyUpper && p.words[k].first != w.letters[n] && p.words[k].opener {
			k--
		}
		if k < s.from || p.words[k].first == 0 || p.words[k].first != w.letters[n] {
			return -1
		}
		k--
	}
	return k + 1
}
