package web

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/health"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/store"
)

//go:embed templates/*.html
var templateFiles embed.FS

// page gives the template of one address and what goes into it.
type page func(*http.Request) (name string, data any, err error)

// frame is what every page has around its own data.
type frame struct {
	Now     time.Time
	Path    string
	Charts  bool // the script was bundled
	Version string
	Status  int
	Data    any
}

func (s *Server) html(f page) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		fr := frame{Now: s.deps.Now().UTC(), Path: r.URL.Path, Charts: s.files.url("app.js") != "", Version: s.deps.Version, Status: http.StatusOK}
		name, data, err := f(r)
		var to redirect
		if errors.As(err, &to) {
			http.Redirect(w, r, string(to), http.StatusFound)
			return
		}
		fr.Data = data
		if err != nil {
			var message string
			fr.Status, message = s.explain(r, err)
			name, fr.Data = "error.html", message
		}
		var body bytes.Buffer
		if err := s.pages[name].ExecuteTemplate(&body, "frame", fr); err != nil {
			s.deps.Log.Error("a page could not be written", "path", r.URL.Path, "error", err)
			http.Error(w, "this page could not be written", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(fr.Status)
		_, _ = w.Write(body.Bytes())
	}
}

// redirect is the address to go to instead.
type redirect string

func (r redirect) Error() string { return "moved to " + string(r) }

func parsePages(a assets) map[string]*template.Template {
	funcs := template.FuncMap{
		"asset": a.url, "num": num, "one": one, "count": count, "second": second, "pct": pct, "ago": ago, "stamp": stamp, "clock": clock, "iso": iso, "entity": entityPath, "about": aboutPath,
		"hex": func(id news.ID) string { return id.String() }, "link": safeLink, "source": source, "brief": brief,
		"kind": kindName, "pvalue": pvalue, "decimal": decimal, "lag": lag, "last": last[store.ArticleText], "list": func(v ...any) []any { return v }, "dict": dict,
		"paragraphs": paragraphs, "since": health.Ago, "next": health.Next, "rhythm": func(rate float32) string { return health.Rhythm(float64(rate)) }, "bytes": bytesOf,
		"bytes32": func(n uint32) string { return bytesOf(uint64(n)) }, "add": func(a, b int) int { return a + b }, "before": func(i int) int { return max(0, i-1) },
		"feed": func(address string) string { return "/feed?" + url.Values{"url": {address}}.Encode() }, "meaning": func(state string) string { s, _ := health.Find(state); return s.Meaning },
		"because":  because,
		"troubled": func(state string) bool { s, _ := health.Find(state); return s.Trouble },
	}
	base := template.Must(template.New("").Funcs(funcs).ParseFS(templateFiles, "templates/frame.html", "templates/parts.html"))
	out := map[string]*template.Template{}
	for _, name := range []string{"home.html", "entity.html", "story.html", "article.html", "alerts.html", "feeds.html", "feed.html", "search.html", "error.html"} {
		out[name] = template.Must(template.Must(base.Clone()).ParseFS(templateFiles, "templates/"+name))
	}
	return out
}

// num groups the digits of a count.
func num(n any) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// one picks the word for a number of things.
func one(n any, single, several string) string {
	if fmt.Sprint(n) == "1" {
		return single
	}
	return several
}

func count(n any, single, several string) string { return num(n) + " " + one(n, single, several) }

// pct writes a share, with as many digits as it takes to tell it from zero.
func pct(f float64) string {
	p := f * 100
	switch {
	case p == 0 || p >= 99.95:
		return strconv.FormatFloat(p, 'f', 0, 64) + " %"
	case p >= 0.1:
		return strconv.FormatFloat(p, 'f', 1, 64) + " %"
	}
	return strconv.FormatFloat(p, 'g', 1, 64) + " %"
}

func decimal(f float64) string {
	if f >= 100 || f == math.Trunc(f) {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', 1, 64)
}

func pvalue(p float64) string { return strconv.FormatFloat(p, 'g', 2, 64) }

// lag writes milliseconds as people say them.
func lag(ms float64) string {
	if ms < 1000 {
		return strconv.FormatFloat(ms, 'f', 0, 64) + " ms"
	}
	return ago(time.Time{}.Add(time.Duration(ms)*time.Millisecond), time.Time{})
}

// bytesOf writes a number of bytes as people say it.
func bytesOf(n uint64) string {
	f := float64(n)
	for _, unit := range []string{"B", "kB", "MB", "GB"} {
		if f < 1000 {
			return decimal(math.Round(f*10)/10) + " " + unit
		}
		f /= 1000
	}
	return decimal(f) + " TB"
}

// ago writes how long before now t was.
func ago(now, t time.Time) string {
	d := now.Sub(t)
	switch {
	case d < 0:
		return "now"
	case d < time.Minute:
		return strconv.Itoa(int(d/time.Second)) + " s"
	case d < time.Hour:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	case d < 2*day:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	}
	return strconv.Itoa(int(d/day)) + " d"
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 Jan 2006 15:04")
}

func second(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04:05") }

func clock(now, t time.Time) string {
	if now.Sub(t) < 20*time.Hour {
		return t.UTC().Format("15:04:05")
	}
	return t.UTC().Format("2 Jan 15:04")
}

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// entityPath is the page of an entity.
func entityPath(id string) string {
	parts := strings.Split(id, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "/entity/" + strings.Join(parts, "/")
}

// aboutPath is the page of what an alert is about: of an entity, or where the
// alert is about the intake, of a feed, of a source's feeds, or of all of them.
func aboutPath(rule, id string) string {
	if rule != "intake" {
		return entityPath(id)
	}
	kind, name, _ := strings.Cut(id, "/")
	switch kind {
	case "feed":
		return "/feed?url=" + url.QueryEscape(name)
	case "source":
		return "/feeds?q=" + url.QueryEscape(name)
	}
	return "/feeds"
}

// safeLink gives an address that may be linked to: http and https, nothing
// else; empty otherwise.
func safeLink(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return raw
}

func kindName(kind string) string {
	switch kind {
	case news.PER:
		return "person"
	case news.ORG:
		return "organisation"
	case news.LOC:
		return "place"
	case news.TOPIC:
		return "topic"
	}
	return strings.ToLower(kind)
}

func last[T any](list []T) T { return list[len(list)-1] }

// paragraphs splits a text at its line breaks.
func paragraphs(text string) []string {
	const shown = 20_000 // bytes of one article
	if len(text) > shown {
		text = strings.ToValidUTF8(text[:shown], "") + " …"
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
}

// origin is what the "source" of a figure shows.
type origin struct {
	What string
	Note string
	SQL  string
}

func source(what string, st store.Statement) origin { return origin{what, st.Note(), st.String()} }

// dict passes several values to a template, by name.
func dict(pairs ...any) map[string]any {
	m := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1]
	}
	return m
}
