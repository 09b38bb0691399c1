package feed

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ParseDate reads a date in the forms that feeds carry: RFC 822 and its
// variants, ISO 8601 (calendar, ordinal, basic), asctime, RFC 850, forms with
// am and pm, month names in many languages and digits of many scripts, Chinese,
// Japanese, Korean and Vietnamese units, Unix seconds. It gives UTC. A date
// without a zone is taken for UTC, and so is one with a zone of unknown name
// (RFC 5322, section 4.3); one without a time for midnight.
//
// What it is not sure of it does not read: days and months that could be
// either, days that the month does not have, the years 0 and 1, which stand
// for none.
func ParseDate(s string) (time.Time, bool) {
	t, ok, _ := readDate(s, orderUnknown)
	return t, ok
}

// readDate reads a date whose numbers stand in the given order, where they
// alone do not tell; seen is the order that they do tell, or orderEither. In
// UTC the year has four digits and is not 0 or 1.
func readDate(s string, order dateOrder) (t time.Time, ok bool, seen dateOrder) {
	t, ok, seen = readForm(s, order)
	if y := t.UTC().Year(); y < 2 || y > 9999 {
		return time.Time{}, false, seen
	}
	return t, ok, seen
}

func readForm(s string, order dateOrder) (t time.Time, ok bool, seen dateOrder) {
	if len(s) > maxDate {
		return time.Time{}, false, orderUnknown
	}
	s = strings.TrimSpace(s)
	if t, ok := rfc3339(s); ok {
		return t, true, orderUnknown
	}
	if t, ok := rfc822(s); ok {
		return t, true, orderUnknown
	}
	if inner, ok := strings.CutPrefix(s, "/Date("); ok { // of .NET, in milliseconds
		s, _, _ = strings.Cut(inner, ")")
		s = strings.TrimRight(strings.SplitN(s, "+", 2)[0], " ")
	}
	d := dateReader{order: order}
	for s = asciiDigits(s); s != ""; {
		if s, ok = d.token(s); !ok {
			return time.Time{}, false, orderUnknown
		}
	}
	t, ok = d.time()
	return t, ok, d.seen
}

// dateOrder tells 31/12 from 12/31.
type dateOrder uint8

const (
	orderUnknown dateOrder = iota
	dayFirst
	monthFirst
	orderEither // the numbers fit both
)

// dateReader collects the parts of a date, in whatever order they come.
type dateReader struct {
	nums   []dateNum // numbers that are day, month or year
	month  time.Month
	year   int // of 4 digits or by its unit
	day    int
	yday   int // day of the year
	hasY   bool
	hour   int
	min    int
	sec    int
	nsec   int
	hasT   bool
	pm, am bool
	offset int // seconds east
	zoned  bool
	named  bool // by a name, to which a number may be added: GMT+1
	unix   bool
	epoch  int64
	sep    byte // between the numbers of the date

	region    *zoneRule // of a zone whose offset depends on the day
	week      int       // ISO week
	thai      bool      // years may count from the Buddha
	monthNext bool      // the next number is a month
	maybeDay  bool      // what was read as a month may be a day of the week
	words     int       // unknown words before the date
	order     dateOrder // what the numbers do not tell
	seen      dateOrder
}

type dateNum struct {
	value, digits int
}

// token reads one part from the front of s.
func (d *dateReader) token(s string) (rest string, ok bool) {
	c := s[0]
	switch {
	case c >= '0' && c <= '9':
		return d.number(s)
	case c == '+' || c == '-' || strings.HasPrefix(s, "\u2212"):
		return d.sign(s)
	case c == '(' || c == '[' && d.hasT:
		end := strings.IndexAny(s, ")]")
		if end < 0 {
			return "", true
		}
		return s[end+1:], true
	case c == ':' && d.words > 0 && !d.hasY && len(d.nums) == 0:
		return s[1:], true
	case c == ' ' || c == ',' || c == '\t' || c == '\n' || c == '\r' || c == '.' || c == '/' || c == '|' || c == ';' || c == '\'' || c == '"' || c == ')':
		return s[1:], true
	}
	r, n := utf8.DecodeRuneInString(s)
	if unicode.IsLetter(r) {
		return d.word(s)
	}
	if unicode.IsSpace(r) || r == '\u200e' || r == '\u200f' || r == '年' || r == '·' || r == '،' {
		return s[n:], true
	}
	return "", false
}

// digits gives the run of digits at the start of s.
func digits(s string) string {
	i := 0
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return s[:i]
}

// number reads a time of day, a part of the date, or a date without dividers.
func (d *dateReader) number(s string) (string, bool) {
	run := digits(s)
	rest := s[len(run):]
	if len(run) <= 2 && !d.hasT && len(rest) > 1 && rest[0] == ':' && rest[1] >= '0' && rest[1] <= '9' {
		return d.clock(s)
	}
	if len(run) > 14 {
		return "", false
	}
	n, err := strconv.ParseInt(run, 10, 64)
	if err != nil {
		return "", false
	}
	r, size := utf8.DecodeRuneInString(rest)
	after := strings.TrimLeft(rest, " ")
	switch {
	case d.monthNext && len(run) <= 2:
		d.monthNext = false
		d.month = time.Month(n)
		return rest, n >= 1 && n <= 12
	case r == '年' || r == '년':
		d.year, d.hasY = int(n), true
		return rest[size:], true
	case r == '月' || r == '월':
		d.month = time.Month(n)
		return rest[size:], n >= 1 && n <= 12
	case r == '日' || r == '일' || r == '号':
		d.day = int(n)
		return rest[size:], true
	case (r == '時' || r == '时' || r == '点' || r == '시') && len(run) <= 2 && !d.hasT:
		d.hour, d.hasT = int(n), true
		return rest[size:], true
	case (r == '分' || r == '분') && d.hasT:
		d.min = int(n)
		return rest[size:], true
	case (r == '秒' || r == '초') && d.hasT:
		d.sec = int(n)
		return rest[size:], true
	case len(run) <= 2 && !d.hasT && meridiem(after) != 0 && n >= 1 && n <= 12:
		d.hour, d.hasT = int(n), true // 3 pm
		return rest, true
	case len(run) <= 2 && !d.hasT && (r == 'h' || r == 'H') && len(digits(rest[1:])) <= 2:
		m := digits(rest[1:]) // 15h30
		d.hour, d.hasT = int(n), true
		d.min, _ = strconv.Atoi(m)
		return rest[1+len(m):], true
	}
	switch len(run) {
	case 14, 12, 8: // 20061102150405, 200611021504, 20061102
		if d.hasY || d.month != 0 || len(d.nums) > 0 {
			break
		}
		part := func(from, to int) int { v, _ := strconv.Atoi(run[from:to]); return v }
		d.year, d.month, d.day, d.hasY = part(0, 4), time.Month(part(4, 6)), part(6, 8), true
		if len(run) > 8 {
			d.hour, d.min, d.hasT = part(8, 10), part(10, 12), true
		}
		if len(run) == 14 {
			d.sec = part(12, 14)
		}
		return rest, d.month >= 1 && d.month <= 12
	case 10, 13:
		if d.hasY || d.month != 0 || len(d.nums) > 0 || rest != "" && rest[0] != '.' {
			return "", false
		}
		if len(run) == 13 {
			n /= 1000
		}
		d.unix, d.epoch = true, n
		return "", true
	case 6, 4:
		if d.dated() && !d.hasT && d.sep != '/' && d.sep != '.' {
			d.hour, d.hasT = int(n)/100, true // basic ISO: T1504, T150405
			d.min = int(n) % 100
			if len(run) == 6 {
				d.hour, d.min, d.sec = int(n)/10000, int(n)/100%100, int(n)%100
			}
			return rest, true
		}
		if len(run) == 4 && !d.hasY {
			d.year, d.hasY = int(n), true
			d.noteSep(rest)
			if d.month == 0 && len(d.nums) == 0 {
				d.nums = append(d.nums, dateNum{-1, 4}) // the year came first
			}
			return rest, true
		}
		return "", false
	case 7: // 2006306: year and day of the year
		if !d.hasY && d.month == 0 && len(d.nums) == 0 {
			d.year, d.hasY, d.yday = int(n/1000), true, int(n%1000)
			return rest, d.yday >= 1 && d.yday <= 366
		}
		return "", false
	case 3:
		if d.month != 0 && !d.hasY && n >= 100 && n < 200 { // 102 for 2002: a year since 1900
			d.year, d.hasY = 1900+int(n), true
			return rest, true
		}
		if d.hasY && d.month == 0 && len(d.nums) == 1 && n >= 1 && n <= 366 {
			d.yday = int(n)
			return rest, true
		}
		return "", false
	case 1, 2:
		if strings.HasPrefix(rest, "st") || strings.HasPrefix(rest, "nd") || strings.HasPrefix(rest, "rd") || strings.HasPrefix(rest, "th") {
			rest = rest[2:]
		}
		d.nums = append(d.nums, dateNum{int(n), len(run)})
		d.noteSep(rest)
		return rest, len(d.nums) <= 4
	}
	return "", false
}

func (d *dateReader) noteSep(rest string) {
	if d.sep == 0 && rest != "" && (rest[0] == '/' || rest[0] == '.' || rest[0] == '-') {
		d.sep = rest[0]
	}
}

// dated tells whether a whole date has been read.
func (d *dateReader) dated() bool {
	return d.hasY && (d.day > 0 || d.yday > 0 || len(d.nums) >= 3 || d.month > 0 && len(d.nums) >= 1)
}

// clock reads 15:04, 15:04:05, 15:04:05.678 and 15:04:05,678.
func (d *dateReader) clock(s string) (string, bool) {
	field := func() (int, bool) {
		run := digits(s)
		if len(run) == 0 || len(run) > 2 {
			return 0, false
		}
		s = s[len(run):]
		n, _ := strconv.Atoi(run)
		return n, true
	}
	var ok bool
	d.hasT = true
	d.hour, _ = field()
	s = s[1:]
	if d.min, ok = field(); !ok {
		return "", false
	}
	if len(s) > 1 && s[0] == ':' && s[1] >= '0' && s[1] <= '9' {
		s = s[1:]
		if d.sec, ok = field(); !ok {
			return "", false
		}
		if len(s) > 1 && (s[0] == '.' || s[0] == ',' || s[0] == ':') && s[1] >= '0' && s[1] <= '9' {
			frac := digits(s[1:])
			s = s[1+len(frac):]
			frac = (frac + "000000000")[:9]
			d.nsec, _ = strconv.Atoi(frac)
		}
	}
	if strings.HasPrefix(s, ":") { // 15:04:05:-0700
		s = s[1:]
	}
	return s, true
}

// sign reads an offset from UTC, or a hyphen between the parts of a date.
func (d *dateReader) sign(s string) (string, bool) {
	negative := s[0] != '+'
	body := strings.TrimPrefix(strings.TrimLeft(s, "+-"), "\u2212")
	if !d.hasT || d.zoned && !d.named || body == "" || body[0] < '0' || body[0] > '9' {
		if s[0] == '+' && !d.hasT && d.dated() && len(digits(body)) >= 2 {
			return d.offsetOf(body, false) // 2006-01-02+01:00
		}
		return body, s[0] != '+' || body == ""
	}
	if len(d.nums) == 0 && d.month == 0 && d.day == 0 && d.yday == 0 && !d.hasY {
		return body, negative // 15:04-02.01.2006
	}
	return d.offsetOf(body, negative)
}

// offsetOf reads 07, 7, 0700, 700, 07:00, 07:00:00 and 0700 followed by more.
func (d *dateReader) offsetOf(s string, negative bool) (string, bool) {
	run := digits(s)
	s = s[len(run):]
	n, err := strconv.Atoi(run)
	if err != nil || len(run) > 4 {
		return "", false
	}
	h, m := n, 0
	if len(run) > 2 {
		h, m = n/100, n%100
	} else if len(s) > 2 && s[0] == ':' {
		mm := digits(s[1:])
		if len(mm) != 2 {
			return "", false
		}
		m, _ = strconv.Atoi(mm)
		s = s[3:]
		if strings.HasPrefix(s, ":00") {
			s = s[3:]
		}
	}
	if h > 15 || m > 59 || h == 15 && m > 0 {
		return "", false
	}
	off := h*3600 + m*60
	if negative {
		off = -off
	}
	if d.named && d.offset != 0 && d.offset != off {
		return "", false // EST+0100: which of the two?
	}
	d.offset, d.zoned, d.named = off, true, false
	return s, true
}
