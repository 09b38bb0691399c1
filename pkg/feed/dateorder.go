package feed

import (
	"strings"
	"time"
)

// dateLog reads the dates of one feed, and keeps those whose day and month
// could be either until the others, or the feed's language, tell.
type dateLog struct {
	order   dateOrder // of the dates that tell; orderEither where they disagree
	pending []pendingDate
}

type pendingDate struct {
	at  *time.Time
	raw string
}

// maxPending bounds how many dates wait.
const maxPending = 10_000

// read sets at to the first of values that is a date.
func (l *dateLog) read(at *time.Time, values ...string) {
	for _, v := range values {
		if v == "" {
			continue
		}
		t, ok, seen := readDate(v, orderUnknown)
		switch {
		case seen == dayFirst || seen == monthFirst:
			if l.order == orderUnknown {
				l.order = seen
			} else if l.order != seen {
				l.order = orderEither
			}
		case seen == orderEither && len(l.pending) < maxPending:
			l.pending = append(l.pending, pendingDate{at, v})
		}
		if ok || seen == orderEither {
			*at = t
			return
		}
	}
}

// settle reads the dates that waited. Without a date that tells the order, the
// language does: month first in American English, day first wherever the
// language is not English or the country not America.
func (l *dateLog) settle(language string) {
	if len(l.pending) == 0 {
		return
	}
	order := l.order
	if order == orderUnknown {
		language = strings.ToLower(strings.ReplaceAll(language, "_", "-"))
		switch {
		case language == "" || language == "en":
		case language == "en-us" || language == "en-ph":
			order = monthFirst
		default:
			order = dayFirst
		}
	}
	if order == orderUnknown || order == orderEither {
		return
	}
	for _, p := range l.pending {
		*p.at, _, _ = readDate(p.raw, order)
	}
}
