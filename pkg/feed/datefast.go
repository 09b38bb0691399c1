package feed

import (
	"strings"
	"time"
	"unicode"
)

// rfc3339 reads the commonest form quickly.
func rfc3339(s string) (time.Time, bool) {
	if len(s) < 20 || s[4] != '-' || s[10] != 'T' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}, false
	}
	return t.UTC(), true
}

// rfc822 reads the commonest form of RSS quickly: Mon, 02 Jan 2006 15:04:05
// with GMT or an offset behind it.
func rfc822(s string) (t time.Time, ok bool) {
	if len(s) < 29 || len(s) > 31 || s[3] != ',' || s[4] != ' ' || s[7] != ' ' || s[11] != ' ' || s[16] != ' ' || s[19] != ':' || s[22] != ':' || s[25] != ' ' {
		return t, false
	}
	number := func(from, to int) int {
		n := 0
		for _, c := range []byte(s[from:to]) {
			if c < '0' || c > '9' {
				return -1
			}
			n = 10*n + int(c-'0')
		}
		return n
	}
	offset := 0
	switch zone := s[26:]; {
	case zone == "GMT" || zone == "UTC":
	case len(zone) == 5 && (zone[0] == '+' || zone[0] == '-'):
		h, m := number(27, 29), number(29, 31)
		if h < 0 || h > 14 || m < 0 || m > 59 {
			return t, false
		}
		if offset = h*3600 + m*60; zone[0] == '-' {
			offset = -offset
		}
	default:
		return t, false
	}
	month := strings.Index("JanFebMarAprMayJunJulAugSepOctNovDec", s[8:11])
	day, year, hour, minute, second := number(5, 7), number(12, 16), number(17, 19), number(20, 22), number(23, 25)
	if month%3 != 0 || day < 1 || day > 28 || year < 1000 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 {
		return t, false // among them days that not every month has
	}
	return time.Date(year, time.Month(month/3+1), day, hour, minute, second-offset, 0, time.UTC), true
}

// asciiDigits replaces the digits of other scripts.
func asciiDigits(s string) string {
	ascii := true
	for i := 0; i < len(s) && ascii; i++ {
		ascii = s[i] < 0x80
	}
	if ascii {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.Is(unicode.Nd, r) {
			return r
		}
		n := rune(0) // digits stand in runs of ten, zero first
		for unicode.Is(unicode.Nd, r-n-1) {
			n++
		}
		return '0' + n%10
	}, s)
}

const maxDate = 128
