package ner

import "math/bits"

// Odd constants with well-spread bits.
const (
	k0 = 0x9e3779b97f4a7c15
	k1 = 0xbf58476d1ce4e5b9
	k2 = 0x94d049bb133111eb
)

// hashBytes hashes s: the same on every machine, since models store it.
func hashBytes[T string | []byte](s T) uint64 {
	h := uint64(len(s)) * k0
	for len(s) >= 8 {
		v := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
		h = mix(h, v)
		s = s[8:]
	}
	var v uint64
	for i := range len(s) {
		v |= uint64(s[i]) << (8 * i)
	}
	return mix(h, v)
}

// mix joins two hashes; the order counts.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^k1, b^k0)
	return hi ^ lo ^ bits.RotateLeft64(a, 29)
}

// The keys of features: a template's number and what fills it. Numbers are part
// of the model's format: never use one again for something else.
func f1(template uint64, a uint64) uint64       { return mix(template*k2, a) }
func f2(template uint64, a, b uint64) uint64    { return mix(f1(template, a), b) }
func f3(template uint64, a, b, c uint64) uint64 { return mix(f2(template, a, b), c) }
