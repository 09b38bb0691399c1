package ner

import "hash/maphash"

// slab is how many words are made at once.
const slab = 256

// vocabulary keeps what is known of the forms seen so far. Words stay where
// they are until reset.
type vocabulary struct {
	m     *Model
	seed  maphash.Seed // texts come from anywhere: nobody can make their words collide
	index []vocabSlot
	slabs [][]word
	n     int
	form  form
	feats []uint64
	bos   *word // stands before a sentence
	eos   *word

	// onWord sees the features of every word made, by offset. Nil: the weights of
	// the model are summed instead.
	onWord func(n int, offset int, feats []uint64)
}

type vocabSlot struct {
	hash uint64
	w    *word
}

func newVocabulary(m *Model, onWord func(int, int, []uint64)) *vocabulary {
	v := &vocabulary{m: m, seed: maphash.MakeSeed(), onWord: onWord}
	v.reset()
	return v
}

// reset forgets all words; the memory is used again.
func (v *vocabulary) reset() {
	if v.index == nil {
		v.index = make([]vocabSlot, 1<<12)
	}
	clear(v.index)
	v.n = 0
	v.bos = v.make("<s>", modeMixed)
	v.eos = v.make("</s>", modeMixed)
}

// get returns the word of a form in a sentence of this mode.
func (v *vocabulary) get(s string, mode uint8) *word {
	if mode == modeSmall {
		mode = modeMixed
	}
	h := maphash.String(v.seed, s) + uint64(mode)*k0
	mask := uint64(len(v.index) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		e := &v.index[i]
		if e.w == nil {
			break
		}
		if e.hash == h {
			return e.w
		}
	}
	w := v.make(s, mode)
	if v.n*2 > len(v.index) {
		old := v.index
		v.index = make([]vocabSlot, 2*len(old))
		mask = uint64(len(v.index) - 1)
		for _, e := range old {
			if e.w != nil {
				v.insert(e)
			}
		}
	}
	v.insert(vocabSlot{h, w})
	return w
}

func (v *vocabulary) insert(e vocabSlot) {
	mask := uint64(len(v.index) - 1)
	i := e.hash & mask
	for v.index[i].w != nil {
		i = (i + 1) & mask
	}
	v.index[i] = e
}

// make works out all that is known of a form.
func (v *vocabulary) make(s string, mode uint8) *word {
	if v.n == len(v.slabs)*slab {
		v.slabs = append(v.slabs, make([]word, slab))
	}
	w := &v.slabs[v.n/slab][v.n%slab]
	*w = word{number: int32(v.n)}
	v.n++
	f := &v.form
	f.read(w, s, mode)
	w.id = hashBytes(f.folded)
	w.shape = hashBytes(f.shape[:f.nShape])
	w.tail = f.suffix(min(3, len(f.ends)-1))
	w.clus = [3]uint64{noCluster, noCluster, noCluster}
	if e := v.m.lex.get(w.id); e != nil {
		w.gaz, w.more = e.gaz, e.gaz&gazMore != 0
		w.clus = [3]uint64{uint64(e.clus[0]), uint64(e.clus[1]), uint64(e.clus[2])}
	}
	w.particle = particles[w.id]
	w.opener = openers[w.id]
	formHash := mix(hashBytes(s), uint64(mode))
	for offset := range w.static {
		v.feats = w.features(v.feats[:0], f, formHash, uint64(offset))
		if v.onWord != nil {
			v.onWord(int(w.number), offset, v.feats)
			continue
		}
		for _, h := range v.feats {
			v.m.add(&w.static[offset], h)
		}
	}
	return w
}
