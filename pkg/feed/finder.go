package feed

import (
	"bytes"
	"strings"
)

// finder looks for one mark again and again, and remembers where the next one
// is: marks that are far away, or missing, are searched for once.
type finder struct {
	mark string
	next int // offset, -1 where there is none
	used bool
}

// after gives the offset of the first mark from pos on, -1 where there is
// none. pos must not go back.
func (f *finder) after(b []byte, pos int) int {
	if f.known(pos) {
		return f.next
	}
	f.note(pos, bytes.Index(b[min(pos, len(b)):], []byte(f.mark)))
	return f.next
}

// in is after for text.
func (f *finder) in(s string, pos int) int {
	if f.known(pos) {
		return f.next
	}
	f.note(pos, strings.Index(s[min(pos, len(s)):], f.mark))
	return f.next
}

func (f *finder) known(pos int) bool { return f.used && (f.next < 0 || f.next >= pos) }

func (f *finder) note(pos, distance int) {
	f.used, f.next = true, -1
	if distance >= 0 {
		f.next = pos + distance
	}
}
