package feed

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// meridiem tells whether s begins with am (-1) or pm (1).
func meridiem(s string) int {
	if len(s) < 2 {
		return 0
	}
	word := strings.ToLower(s[:min(len(s), 4)])
	kind := map[byte]int{'a': -1, 'p': 1}[word[0]]
	switch {
	case word[1] == 'm' && (len(word) == 2 || !isAlnum(word[2])):
		return kind
	case strings.HasPrefix(word[1:], ".m"):
		return kind
	}
	return 0
}

// word reads a name: of a month, a weekday, a zone, or half of the day.
func (d *dateReader) word(s string) (string, bool) {
	if m := meridiem(s); m != 0 && d.hasT {
		d.am, d.pm = m < 0, m > 0
		s = s[1:]
		return strings.TrimLeft(strings.TrimPrefix(s, "."), "mM"), true
	}
	for _, h := range halves {
		if strings.HasPrefix(s, h.mark) {
			d.am, d.pm = !h.pm, h.pm
			return s[len(h.mark):], true
		}
	}
	i := 0
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		if !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r) {
			break
		}
		i += n
	}
	word, rest := s[:i], s[i:]
	lower := strings.ToLower(word)
	if (lower == "t" || lower == "z") && d.hasY {
		if lower == "z" {
			d.offset, d.zoned, d.named = 0, true, true
		}
		return rest, true
	}
	if m, ok := monthNames[lower]; ok && d.month == 0 {
		d.month = m
		if len(d.nums) == 1 && d.nums[0].value < 0 {
			d.nums = d.nums[:0]
		}
		return strings.TrimPrefix(rest, "."), true
	}
	if fillers[lower] {
		return rest, true
	}
	if isWeekday(lower) {
		return strings.TrimPrefix(rest, "."), true
	}
	if off, ok := zoneOffsets[strings.ToUpper(word)]; ok && (d.hasT || d.dated()) {
		if d.zoned && d.offset != off && !(d.named && d.offset == 0) {
			// -0700 PDT: the number is what counts; but a name after another
			// name is a contradiction.
			return rest, !d.named
		}
		if !d.zoned {
			d.offset, d.zoned, d.named = off, true, true
		}
		return rest, true
	}
	return "", false
}

// halves are marks of the two halves of the day that come before the hour.
var halves = []struct {
	mark string
	pm   bool
}{{"午前", false}, {"上午", false}, {"오전", false}, {"午後", true}, {"下午", true}, {"오후", true}}

// fillers are words without meaning of their own in a date.
var fillers = set("at um uhr de del d of the le à a las los den der am o godz kl klo om г г. года в")

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// time puts the parts together.
func (d *dateReader) time() (time.Time, bool) {
	var none time.Time
	if d.unix {
		t := time.Unix(d.epoch, 0).UTC()
		return t, t.Year() >= 1971
	}
	if !d.arrange() {
		return none, false
	}
	if d.pm || d.am {
		if d.hour < 1 || d.hour > 12 {
			if !(d.pm && d.hour > 12) { // 15:04 PM says it twice
				return none, false
			}
		} else {
			d.hour %= 12
			if d.pm {
				d.hour += 12
			}
		}
	}
	if d.hour > 24 || d.min > 59 || d.sec > 60 || d.hour == 24 && (d.min > 0 || d.sec > 0) || d.year < 1 || d.year > 9999 {
		return none, false
	}
	if d.yday > 0 {
		t := time.Date(d.year, 1, d.yday, d.hour, d.min, d.sec, d.nsec, time.UTC)
		return t.Add(-time.Duration(d.offset) * time.Second), t.Year() == d.year || d.hour == 24
	}
	last := time.Date(d.year, d.month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > last {
		return none, false
	}
	t := time.Date(d.year, d.month, d.day, d.hour, d.min, d.sec, d.nsec, time.UTC)
	return t.Add(-time.Duration(d.offset) * time.Second), true
}

// arrange says which of the bare numbers is day, month and year.
func (d *dateReader) arrange() bool {
	yearFirst := false
	if len(d.nums) > 0 && d.nums[0].value < 0 {
		yearFirst = true
		d.nums = d.nums[1:]
	}
	take := func(i int) int {
		v := d.nums[i].value
		d.nums = append(d.nums[:i:i], d.nums[i+1:]...)
		return v
	}
	if d.yday > 0 || d.day > 0 && d.month > 0 && d.hasY {
		return len(d.nums) == 0
	}
	switch {
	case d.month > 0 && d.hasY && len(d.nums) == 0: // May 2006
		d.day = 1
		return d.day > 0
	case d.month > 0 && len(d.nums) >= 1:
		d.day = take(0)
		if !d.hasY && len(d.nums) == 1 {
			if d.day > 31 || d.day == 0 { // 06 May 02: year, month, day
				return false
			}
			d.year, d.hasY = century(d.nums[0].value), d.nums[0].digits == 2
			take(0)
		}
		return d.hasY && len(d.nums) == 0
	case yearFirst && len(d.nums) == 0 && !d.hasT: // 2006
		d.month, d.day = 1, 1
		return true
	case yearFirst && len(d.nums) == 1: // 2006-11
		d.month, d.day = time.Month(take(0)), 1
		return !d.hasT || d.month > 0
	case yearFirst && len(d.nums) == 2: // 2006-11-02
		d.month = time.Month(take(0))
		d.day = take(0)
		return true
	case d.hasY && len(d.nums) == 2:
		a, b := take(0), take(0)
		return d.dayAndMonth(a, b)
	case !d.hasY && len(d.nums) == 3 && d.nums[2].digits == 2:
		a, b := take(0), take(0)
		y := take(0)
		if d.sep == '-' {
			if a > 31 { // 95-11-02
				d.year, d.month, d.day, d.hasY = century(a), time.Month(b), y, true
			}
			return a > 31
		}
		d.year, d.hasY = century(y), true
		return d.dayAndMonth(a, b)
	}
	return false
}

// dayAndMonth tells 31/12 from 12/31. Dots stand between day and month in that
// order, am and pm go with the American one; else both are refused where
// either could be the month.
func (d *dateReader) dayAndMonth(a, b int) bool {
	switch {
	case a == b || a > 12 || d.sep == '.':
		d.day, d.month = a, time.Month(b)
	case b > 12 || d.am || d.pm:
		d.day, d.month = b, time.Month(a)
	default:
		return false
	}
	return true
}

// century completes a year of two digits (POSIX strptime, %y).
func century(y int) int {
	if y >= 69 {
		return 1900 + y
	}
	return 2000 + y
}
