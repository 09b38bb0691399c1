package rhythm

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// The binary form, little endian: its version; at and last (4 bytes each); lag in
// steps of two seconds (2); sums as 24-bit floats, other numbers, hours and days
// as 16-bit ones; shares as bytes; phases as bytes on a logarithmic scale.
//
// A feed's state is written and read at each poll, and most polls change its
// sums by less than such a float can show. So what is cut off is rounded at
// random, up as often as it should be: over many polls nothing is lost (stochastic
// rounding: Forsythe 1950). The dice depend on the contents alone, and what can
// be shown exactly stays as it is.
const (
	formVersion = 1
	formSums    = 8
	formNumbers = 4
	formShares  = 3
	formLength  = 1 + 4 + 4 + 2 + 3*formSums + 2*(formNumbers+24+7) + formShares + 12
	formMost    = 1e9  // no number of a rhythm is greater
	phaseScale  = 24.0 // steps of a phase for each doubling
)

var errForm = errors.New("not the binary form of a rhythm")

func (r *Rhythm) sums() [formSums]*float32 {
	l := &r.level
	return [...]*float32{&l.batches, &l.hours, &l.midN, &l.midE, &l.fastN, &l.fastE, &r.square, &r.mean}
}

func (r *Rhythm) numbers() [formNumbers]*float32 {
	return [...]*float32{&r.items, &r.batches, &r.usual, &r.longest}
}

func (r *Rhythm) shares() [formShares]*float32 {
	return [...]*float32{&r.level.wMid, &r.level.wFast, &r.trust}
}

// AppendBinary appends the binary form, 120 bytes; nothing for the zero value.
// What is read from it again differs by 0.4 % at most, phases and shares by 3 %.
func (r *Rhythm) AppendBinary(b []byte) ([]byte, error) {
	if r.at == 0 {
		return b, nil
	}
	d := dice(uint64(r.at)<<16 ^ uint64(math.Float32bits(r.level.hours)))
	b = append(b, formVersion)
	b = binary.LittleEndian.AppendUint32(b, uint32(r.at))
	b = binary.LittleEndian.AppendUint32(b, uint32(r.last))
	b = binary.LittleEndian.AppendUint16(b, uint16(int16(d.round(float64(r.lag)/2))))
	for _, f := range r.sums() {
		b = d.append(b, *f, 3)
	}
	for _, f := range r.numbers() {
		b = d.append(b, *f, 2)
	}
	for _, f := range r.shape.hour {
		b = d.append(b, f, 2)
	}
	for _, f := range r.shape.day {
		b = d.append(b, f, 2)
	}
	for _, f := range r.shares() {
		b = append(b, byte(d.round(255*min(max(float64(*f), 0), 1))))
	}
	for _, f := range r.shape.phase {
		b = append(b, d.phase(float64(f)))
	}
	return b, nil
}

// UnmarshalBinary reads the binary form. Nothing at all is the zero value; bytes
// that are something else, or of another version, give it too, with an error.
func (r *Rhythm) UnmarshalBinary(b []byte) error {
	*r = Rhythm{}
	switch {
	case len(b) == 0:
		return nil
	case b[0] != formVersion:
		return fmt.Errorf("%w: version %d is unknown", errForm, b[0])
	case len(b) != formLength:
		return errForm
	}
	var n Rhythm
	n.at = int64(binary.LittleEndian.Uint32(b[1:]))
	n.last = int64(binary.LittleEndian.Uint32(b[5:]))
	n.lag = 2 * float32(int16(binary.LittleEndian.Uint16(b[9:])))
	b = b[11:]
	ok := sane(n.at) && n.last <= n.at && n.lag >= -maxLag && n.lag <= maxLag
	read := func(f *float32, bytes int) {
		bits := uint32(0)
		for i := range bytes {
			bits |= uint32(b[i]) << (8 * i)
		}
		*f = math.Float32frombits(bits << (31 - 8*bytes))
		ok = ok && *f >= 0 && *f <= formMost
		b = b[bytes:]
	}
	for _, f := range n.sums() {
		read(f, 3)
	}
	for _, f := range n.numbers() {
		read(f, 2)
	}
	for i := range n.shape.hour {
		read(&n.shape.hour[i], 2)
	}
	for i := range n.shape.day {
		read(&n.shape.day[i], 2)
	}
	for _, f := range n.shares() {
		*f = float32(b[0]) / 255
		b = b[1:]
	}
	for i := range n.shape.phase {
		n.shape.phase[i] = float32(phaseOf(b[i]))
	}
	if !ok || n.level.wMid+n.level.wFast > 1.01 {
		return errForm
	}
	*r = n
	return nil
}

// phaseOf is the count that a byte stands for.
func phaseOf(b byte) float64 { return math.Exp2(float64(b)/phaseScale) - 1 }

// dice is a small generator of random bits (splitmix64: Steele, Lea and Flood 2014).
type dice uint64

func (d *dice) bits() uint64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// round rounds to one of the two nearest integers, to the nearer one more often;
// what is an integer but for the error of a float32 stays.
func (d *dice) round(f float64) float64 {
	if n := math.Round(f); math.Abs(f-n) < 1e-3 {
		return n
	}
	return math.Floor(f + float64(d.bits()>>11)/(1<<53))
}

// append appends the upper bytes of a positive float32 without its sign, eight
// bits of them exponent.
func (d *dice) append(b []byte, f float32, bytes int) []byte {
	bits := uint32(0)
	if f > 0 {
		cut := 31 - 8*bytes
		bits = (math.Float32bits(min(f, formMost/2)) + uint32(d.bits())&(1<<cut-1)) >> cut
	}
	for i := range bytes {
		b = append(b, byte(bits>>(8*i)))
	}
	return b
}

// phase is the byte for a count, one of the two nearest.
func (d *dice) phase(f float64) byte {
	lo := byte(min(max(math.Floor(phaseScale*math.Log2(1+f)+1e-3), 0), 255))
	if lo == 255 {
		return lo
	}
	a, b := phaseOf(lo), phaseOf(lo+1)
	if x := (f - a) / (b - a); x > 1e-3 && float64(d.bits()>>11)/(1<<53) < x {
		return lo + 1
	}
	return lo
}
