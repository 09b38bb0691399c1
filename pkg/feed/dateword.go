package feed

import (
	"strconv"
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
	kind := 0
	switch s[0] {
	case 'a', 'A':
		kind = -1
	case 'p', 'P':
		kind = 1
	default:
		return 0
	}
	if s[1]|0x20 == 'm' && (len(s) == 2 || !isAlnum(s[2])) || s[1] == '.' && len(s) > 2 && s[2]|0x20 == 'm' {
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
	if s[0] >= utf8.RuneSelf || d.hasT {
		for _, h := range halves {
			if (d.hasT || !h.after) && strings.HasPrefix(s, h.mark) {
				d.am, d.pm = !h.pm, h.pm
				return s[len(h.mark):], true
			}
		}
	}
	word := nextWord(s)
	rest := s[len(word):]
	lower := strings.ToLower(word)
	if lower == "w" && d.hasY && d.month == 0 && d.week == 0 {
		return d.isoWeek(rest)
	}
	if (lower == "t" || lower == "z") && d.hasY {
		if lower == "z" {
			d.offset, d.zoned, d.named = 0, true, true
		}
		return rest, true
	}
	m, ok := monthNames[lower]
	if !ok && rest != "" && (rest[0] == ' ' || rest[0] == '.') {
		// Names of two words, and Thai abbreviations: ก.ย.
		if next := nextWord(rest[1:]); next != "" {
			key := lower + strings.ReplaceAll(rest[:1], " ", "_") + strings.ToLower(next)
			if m, ok = monthNames[key]; ok {
				rest = rest[1+len(next):]
			}
		}
	}
	if ok && (d.month == 0 || d.maybeDay) {
		d.month = m
		d.maybeDay = isWeekday(lower) && len(d.nums) == 0 && !d.hasY // mar: March, or martes
		d.thai = lower >= "\u0e00" && lower < "\u0e80"
		if len(d.nums) == 1 && d.nums[0].value < 0 {
			d.nums = d.nums[:0]
		}
		return strings.TrimPrefix(rest, "."), true
	}
	if fillers[lower] {
		return rest, true
	}
	if lower == "tháng" || lower == "thg" {
		d.monthNext = true
		return rest, true
	}
	if d.hasT && !d.zoned {
		if r, tail := region(word, rest); r != nil {
			d.region, d.zoned = r, true
			return tail, true
		}
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
	if isWeekday(lower) {
		return strings.TrimPrefix(rest, "."), true
	}
	if d.hasT && !d.zoned && len(word) <= 5 && isUpperASCII(word) { // a zone that nobody knows
		d.zoned, d.named = true, true
		return rest, true
	}
	if d.words < 3 && !d.hasT && !d.hasY && d.month == 0 && len(d.nums) == 0 { // a day of the week, or "Posted:"
		d.words++
		return strings.TrimPrefix(rest, "."), true
	}
	return "", false
}

// nextWord gives the letters at the start of s.
func nextWord(s string) string {
	for i, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) {
			return s[:i]
		}
	}
	return s
}

func isUpperASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < 'A' || s[i] > 'Z' {
			return false
		}
	}
	return true
}

// isoWeek reads the week, and the day in it, of 2006-W44-4.
func (d *dateReader) isoWeek(s string) (string, bool) {
	run := digits(s)
	if len(run) != 2 && len(run) != 3 {
		return "", false
	}
	s = s[len(run):]
	d.week, _ = strconv.Atoi(run[:2])
	day := run[2:]
	if day == "" && len(s) > 1 && s[0] == '-' && len(digits(s[1:])) == 1 {
		day, s = s[1:2], s[2:]
	}
	weekday := 1
	if day != "" {
		weekday = int(day[0] - '0')
	}
	if d.week < 1 || d.week > 53 || weekday < 1 || weekday > 7 {
		return "", false
	}
	// The week with the year's first Thursday is its first (ISO 8601).
	fourth := time.Date(d.year, 1, 4, 0, 0, 0, 0, time.UTC)
	monday := fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
	at := monday.AddDate(0, 0, 7*(d.week-1)+weekday-1)
	if year, week := at.ISOWeek(); year != d.year || week != d.week {
		return "", false
	}
	d.year, d.month, d.day = at.Year(), at.Month(), at.Day()
	d.nums = d.nums[:0]
	return s, true
}

// halves are marks of the two halves of the day; after: they mean it only
// behind the hour.
var halves = []struct {
	mark      string
	pm, after bool
}{
	{"午前", false, false}, {"上午", false, false}, {"凌晨", false, false}, {"早上", false, false}, {"오전", false, false},
	{"午後", true, false}, {"下午", true, false}, {"晚上", true, false}, {"오후", true, false},
	{"صباحا", false, true}, {"مساء", true, true}, {"ص", false, true}, {"م", true, true},
	{"π.μ", false, true}, {"μ.μ", true, true}, {"πμ", false, true}, {"μμ", true, true},
	{"पूर्वाह्न", false, true}, {"अपराह्न", true, true},
	{"a. m", false, true}, {"p. m", true, true}, {"a.\u00a0m", false, true}, {"p.\u00a0m", true, true},
}

// fillers are words without meaning of their own in a date.
var fillers = set("at um uhr de del d of the le à a las los den der am م o godz kl klo om г г. года р в о с alle ore du the dne di " +
	"hrs hr hours horas h час ч klo kello kl. время ngày năm lúc el la às na da dnia saat v ob ที่ พ.ศ เวลา น và المصادف الموافق في ل á")

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
	if d.hour > 24 || d.min > 59 || d.sec > 60 || d.hour == 24 && (d.min > 0 || d.sec > 0) || d.year < 2 || d.year > 9999 {
		return none, false
	}
	if d.yday > 0 {
		t := time.Date(d.year, 1, d.yday, d.hour, d.min, d.sec, d.nsec, time.UTC)
		return t.Add(-time.Duration(d.offset) * time.Second), t.Year() == d.year || d.hour == 24
	}
	if d.thai && d.year >= 2400 && d.year < 2700 {
		d.year -= 543
	}
	last := time.Date(d.year, d.month+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if d.month < 1 || d.month > 12 || d.day < 1 || d.day > last {
		return none, false
	}
	t := time.Date(d.year, d.month, d.day, d.hour, d.min, d.sec, d.nsec, time.UTC)
	if d.region != nil {
		d.offset = d.region.offset(t)
	}
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
	if d.words > 0 && len(d.nums) < 1 && d.day == 0 && d.yday == 0 { // "Season 2006"
		return false
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
// either could be the month, unless the order is known from elsewhere.
func (d *dateReader) dayAndMonth(a, b int) bool {
	switch {
	case a > 12:
		d.seen = dayFirst
	case b > 12:
		d.seen = monthFirst
	case a == b || d.sep == '.':
		d.day, d.month = a, time.Month(b)
		return true
	default:
		d.seen = orderEither
	}
	order := d.seen
	if order == orderEither {
		if order = d.order; order == orderUnknown && (d.am || d.pm) {
			order = monthFirst
		}
	}
	switch order {
	case dayFirst:
		d.day, d.month = a, time.Month(b)
	case monthFirst:
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
