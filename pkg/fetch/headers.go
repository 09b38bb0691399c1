package fetch

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longest bounds how long an answer may call itself fresh, longestPause for how
// long a server may ask to be left alone: some ask for years, by mistake.
const (
	longest      = 7 * 24 * time.Hour
	longestPause = 24 * time.Hour
)

// maxAge gives how long an answer is fresh (RFC 9111, section 4.2.1): max-age,
// else Expires. 0 where it must be asked again, or nothing is said.
func maxAge(h http.Header, now time.Time) time.Duration {
	age := time.Duration(-1)
	for _, line := range h["Cache-Control"] {
		for d := range strings.SplitSeq(line, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(d), "=")
			switch {
			case strings.EqualFold(name, "no-cache"), strings.EqualFold(name, "no-store"):
				return 0
			case strings.EqualFold(name, "max-age"):
				if s, err := strconv.ParseInt(strings.Trim(value, `"`), 10, 64); err == nil && s >= 0 {
					age = seconds(s)
				}
			}
		}
	}
	if age < 0 {
		if t, err := http.ParseTime(h.Get("Expires")); err == nil {
			at := now
			if d, err := http.ParseTime(h.Get("Date")); err == nil {
				at = d
			}
			age = t.Sub(at)
		}
	} else if v := h.Get("Age"); v != "" {
		if s, err := strconv.ParseInt(v, 10, 64); err == nil && s > 0 {
			age -= seconds(s)
		}
	}
	return max(0, min(age, longest))
}

// retryAfter reads seconds or a date (RFC 9110, section 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		if !(s > 0) {
			return 0
		}
		return min(seconds(int64(min(s, 1e9))), longestPause)
	}
	t, err := http.ParseTime(v)
	if err != nil {
		return 0
	}
	return max(0, min(t.Sub(now), longestPause))
}

func seconds(s int64) time.Duration {
	if s > int64(longest/time.Second) {
		return longest
	}
	return time.Duration(s) * time.Second
}
