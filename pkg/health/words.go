package health

import (
	"math"
	"strconv"
	"time"
)

// Rhythm says how often something new comes, in the unit that people would
// take; rate is in items an hour.
func Rhythm(rate float64) string {
	switch {
	case !(rate > 0):
		return "unknown"
	case rate >= 1.95:
		return decimal(rate) + " an hour"
	case rate*24 >= 1.95:
		return decimal(rate*24) + " a day"
	case rate*24*7 >= 1.95:
		return decimal(rate*24*7) + " a week"
	}
	days := 1 / (rate * 24)
	if days > 400 {
		return "less than 1 a year"
	}
	return "1 in " + decimal(days) + " days"
}

func decimal(f float64) string {
	if f >= 10 {
		return strconv.FormatFloat(math.Round(f), 'f', 0, 64)
	}
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// Span writes a length of time in one unit: 40 s, 4 min, 3 h, 12 d.
func Span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < 100*time.Minute:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 48*time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/(24*time.Hour))) + " d"
}

// Ago says how long before now t was; never for the zero time.
func Ago(now, t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return Span(now.Sub(t)) + " ago"
}

// Next says when a feed is polled next.
func Next(now, t time.Time) string {
	switch {
	case t.IsZero():
		return "soon"
	case t.Before(now):
		return "now"
	}
	return "in " + Span(t.Sub(now))
}

// Cut shortens a text to n characters by leaving out its middle.
func Cut(s string, n int) string {
	r := []rune(s)
	if len(r) <= n || n < 5 {
		return s
	}
	head := (n - 1) / 2
	return string(r[:head]) + "…" + string(r[len(r)-(n-1-head):])
}
