package ner

import "math/bits"

// Numbers of templates, part of the model's format. Those of single words come
// five times, for the word two before to two after.
const (
	tWord = iota
	tForm
	tShape
	tTail
	tCluster // and the next two
	_
	_
	tGazMask
	tClusterShape
	tPrefix // and the next four
	_
	_
	_
	_
	tSuffix // and the next four
	_
	_
	_
	_
	tGazBit
	tGazShape
	tLength
	tGazCluster

	perOffset = 32
)

// features appends the features that hang on one word alone, as seen from a token
// at a distance: offset 0 to 4 is the word two before to two after it.
func (w *word) features(dst []uint64, f *form, formHash uint64, offset uint64) []uint64 {
	t := offset * perOffset
	dst = append(dst, f1(t+tWord, w.id), f1(t+tShape, w.shape),
		f1(t+tCluster, w.clus[0]), f1(t+tCluster+1, w.clus[1]), f1(t+tCluster+2, w.clus[2]))
	gaz := w.gaz &^ gazMore
	if gaz != 0 {
		dst = append(dst, f1(t+tGazMask, uint64(gaz)))
	}
	switch offset {
	case 1, 3:
		dst = append(dst, f1(t+tTail, w.tail), f2(t+tClusterShape, w.clus[1], w.shape))
	case 2:
		dst = append(dst, f1(t+tForm, formHash), f2(t+tClusterShape, w.clus[1], w.shape), f2(t+tLength, uint64(min(w.runes, 12)), w.shape))
		n := len(f.ends) - 1
		for k := 1; k <= min(n, 5); k++ {
			dst = append(dst, f1(t+tPrefix+uint64(k-1), f.prefix(k)), f1(t+tSuffix+uint64(k-1), f.suffix(k)))
		}
		for g := gaz; g != 0; g &= g - 1 {
			b := uint64(bits.TrailingZeros16(uint16(g)))
			dst = append(dst, f1(t+tGazBit, b), f2(t+tGazShape, b, w.shape), f2(t+tGazCluster, b, w.clus[0]))
		}
	}
	return dst
}
