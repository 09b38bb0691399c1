package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

// errNoPage is the error of an address that leads nowhere.
var errNoPage = errors.New("there is no such page")

// badRequest is an error of the one who asked.
type badRequest struct{ error }

func bad(format string, args ...any) error { return badRequest{fmt.Errorf(format, args...)} }

// params reads the query of a request. The first error is kept, so that
// callers may read everything and check once.
type params struct {
	url.Values
	now time.Time
	err error
}

func (s *Server) params(r *http.Request, known ...string) *params {
	p := &params{Values: r.URL.Query(), now: s.deps.Now().UTC()}
	for name, vs := range p.Values {
		if !slices.Contains(known, name) {
			p.fail("unknown parameter %q; this address takes %s", printable(name), strings.Join(append([]string{"none"}, known...)[min(len(known), 1):], ", "))
		} else if len(vs) > 1 {
			p.fail("parameter %s is given %d times", name, len(vs))
		}
	}
	return p
}

func (p *params) fail(format string, args ...any) {
	if p.err == nil {
		p.err = bad(format, args...)
	}
}

// text reads a string of up to n bytes.
func (p *params) text(name string, n int) string {
	v := p.Get(name)
	if len(v) > n {
		p.fail("%s is longer than %d bytes", name, n)
	}
	return v
}

// number reads a count from 1 to store.MaxRows.
func (p *params) number(name string, usual int) int {
	v := p.Get(name)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > store.MaxRows {
		p.fail("%s is %q, want a number from 1 to %d", name, v, store.MaxRows)
	}
	return n
}

// whole reads a whole number, no lower than its usual value.
func (p *params) whole(name string, usual, most int) int {
	v := p.Get(name)
	if v == "" {
		return usual
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < usual || n > most {
		p.fail("%s is %q, want a number from %d to %d", name, v, usual, most)
		return usual
	}
	return n
}

func (p *params) flag(name string) bool {
	switch v := p.Get(name); v {
	case "", "0", "false":
		return false
	case "1", "true":
		return true
	default:
		p.fail("%s is %q, want 1 or 0", name, v)
		return false
	}
}

func (p *params) oneOf(name string, values ...string) string {
	v := p.Get(name)
	for _, ok := range append(values, "") {
		if v == ok {
			return v
		}
	}
	p.fail("%s is %q, want one of %s", name, v, strings.Join(values, ", "))
	return ""
}

var layouts = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"}

// time reads a time: RFC 3339, or a date with or without a time of day in UTC.
func (p *params) time(name string, usual time.Time) time.Time {
	v := p.Get(name)
	if v == "" {
		return usual
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, v); err == nil && t.Year() >= 1970 && t.Year() <= 2100 {
			return t.UTC()
		}
	}
	p.fail("%s is %q, want a time such as 2026-03-01 or 2026-03-01T12:00:00Z, from 1970 to 2100", name, v)
	return usual
}

// duration reads 90s, 5m, 6h, or whole days: 7d.
func (p *params) duration(name string, usual time.Duration) time.Duration {
	v := p.Get(name)
	if v == "" {
		return usual
	}
	if days, ok := strings.CutSuffix(v, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= 40000 {
			return time.Duration(n) * 24 * time.Hour
		}
	} else if d, err := time.ParseDuration(v); err == nil && d > 0 {
		return d
	}
	p.fail("%s is %q, want a time such as 5m, 6h or 28d", name, v)
	return usual
}

// span is a range of time with the step that charts of it take.
type span struct {
	From, To time.Time
	Step     time.Duration
	Picked   string // range=, where the span is one that ends now
}

const day = 24 * time.Hour

// span reads range, or from and to, and step. A range ends now and starts at a
// whole step.
func (p *params) span(usual time.Duration) span {
	sp := span{To: p.time("to", p.now)}
	length := p.duration("range", usual)
	open := p.Get("from") == "" && p.Get("to") == ""
	if !open && p.Get("range") != "" {
		p.fail("give range, or from and to")
	}
	if length > 40000*day {
		length = usual
	}
	sp.From = p.time("from", sp.To.Add(-length))
	sp.Step = p.duration("step", usualStep(sp.To.Sub(sp.From)))
	if open {
		sp.Picked = brief(length)
		if sp.Step >= time.Second {
			sp.From = sp.From.Truncate(sp.Step)
		}
	}
	if err := (store.SeriesQuery{From: sp.From, To: sp.To, Step: sp.Step}).Validate(); err != nil {
		p.fail("%s", strings.TrimPrefix(err.Error(), "series: "))
	}
	return sp
}

func usualStep(length time.Duration) time.Duration {
	switch {
	case length <= 6*time.Hour:
		return 5 * time.Minute
	case length <= 2*day:
		return time.Hour
	case length <= 10*day:
		return 6 * time.Hour
	case length <= 4000*day:
		return day
	}
	return 30 * day
}

// brief writes a duration the way that duration reads it.
func brief(d time.Duration) string {
	switch {
	case d%day == 0 && d > day:
		return strconv.Itoa(int(d/day)) + "d"
	case d%time.Hour == 0:
		return strconv.Itoa(int(d/time.Hour)) + "h"
	case d%time.Minute == 0:
		return strconv.Itoa(int(d/time.Minute)) + "m"
	}
	return d.String()
}

func pathID(r *http.Request) (news.ID, error) {
	id, err := news.ParseID(r.PathValue("id"))
	if err != nil || id == 0 {
		return 0, bad("%q is no id: want 16 hex digits", printable(r.PathValue("id")))
	}
	return id, nil
}

func pathEntity(r *http.Request) (string, error) {
	id := r.PathValue("id")
	if id == "" || len(id) > 300 {
		return "", bad("want the id of an entity, such as per/vladimir-putin")
	}
	return id, nil
}
