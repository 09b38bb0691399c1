package intake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

// Bounds, in bytes, of what is kept of one article; what is longer is cut.
const (
	MaxText  = 600 << 10
	maxTitle = 8 << 10
	maxName  = 2 << 10
	maxTag   = 200
	maxTags  = 64 // of them, in number
)

// LiveFor is how old, by its own date, an article may be that is pushed as
// news. It leaves room for a day of delay and for dates that give a day
// without its zone. Older ones are history, as an import is: what a scraper
// catches up on must not look like a spike of today.
const LiveFor = 48 * time.Hour

// record is one article as others write it. Keys are told apart by case, as
// the schema does; those that are not here are passed over, and null is none.
type record struct {
	URL, ID                  string
	Title, Text, HTML        string
	Summary                  string
	Published, Date, Updated date // the first of them that is there counts
	Source, Via              string
	Author, Language         string
	Section                  string
	Tags                     []string
	Backlog                  bool

	badID error // counts only where the id does
}

// parse reads one record.
func parse(line []byte) (*record, error) {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		return nil, explain(err)
	}
	const aString, aDate = "a string", "a string or a number"
	var rec record
	for _, field := range []struct {
		key  string
		to   any
		want string
	}{
		{"url", &rec.URL, aString}, {"title", &rec.Title, aString}, {"text", &rec.Text, aString}, {"html", &rec.HTML, aString},
		{"summary", &rec.Summary, aString}, {"published", &rec.Published, aDate}, {"date", &rec.Date, aDate}, {"updated", &rec.Updated, aDate},
		{"source", &rec.Source, aString}, {"via", &rec.Via, aString}, {"author", &rec.Author, aString}, {"language", &rec.Language, aString},
		{"section", &rec.Section, aString}, {"tags", &rec.Tags, "a list of nothing but strings"}, {"backlog", &rec.Backlog, "true or false"},
	} {
		v, ok := raw[field.key]
		if !ok {
			continue
		}
		if err := json.Unmarshal(v, field.to); err != nil {
			return nil, fmt.Errorf("%q is %s, want %s", field.key, typeOf(v), field.want)
		}
	}
	rec.ID, rec.badID = readID(raw["id"])
	return &rec, nil
}

// readID takes a string or a whole number.
func readID(v json.RawMessage) (id string, err error) {
	switch {
	case len(v) == 0 || v[0] == 'n':
	case v[0] == '"':
		err = json.Unmarshal(v, &id)
	case v[0] >= '0' && v[0] <= '9' && !bytes.ContainsAny(v, ".eE"):
		id = string(v)
	default:
		err = fmt.Errorf(`"id" is %s, want a string`, typeOf(v))
	}
	return strings.TrimSpace(id), err
}

// explain puts what is wrong with a line into words for who wrote it.
func explain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fmt.Errorf("of type %s, want an object in braces", kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON: %w, after %d bytes", err, syntax.Offset)
	}
	return err
}

// typeOf names the type of a JSON value, by its first byte.
func typeOf(v json.RawMessage) string {
	switch v[0] {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	}
	return "a number"
}

// date is a string in any form that feed.ParseDate reads, or Unix seconds or
// milliseconds.
type date string

// UnmarshalJSON takes strings, numbers and null.
func (d *date) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case bytes.Equal(b, []byte("null")):
	case b[0] == '"':
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
	case b[0] == '-' || b[0] >= '0' && b[0] <= '9':
		s = string(b)
		if f, err := strconv.ParseFloat(s, 64); err == nil && f < 1e13 && strings.ContainsAny(s, "eE") {
			s = strconv.FormatFloat(f, 'f', -1, 64)
		}
	default:
		return errors.New("neither a string nor a number")
	}
	*d = date(strings.TrimSpace(s))
	return nil
}

// read gives the time in UTC; it is zero where there is none.
func (d date) read() (time.Time, error) {
	if d == "" {
		return time.Time{}, nil
	}
	t, ok := feed.ParseDate(string(d))
	if t = t.UTC(); !ok || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, fmt.Errorf("date %.100q is in no known form; write it as 2006-01-02T15:04:05Z", string(d))
	}
	return t, nil
}

// article makes the article of a record. SeenAt and Backlog are left to stamp.
func (r *record) article() (*news.Article, error) {
	when := cmp.Or(r.Published, r.Date, r.Updated)
	a := &news.Article{
		V: news.Version, GUID: cut(r.ID, maxName), Tags: tags(r.Tags), Title: cut(r.Title, maxTitle), Author: cut(r.Author, maxName),
		Language: cut(r.Language, maxTag), Section: cut(r.Section, maxName), Summary: cut(r.Summary, MaxText), Backlog: r.Backlog,
	}
	if err := r.identify(a, string(when)); err != nil {
		return nil, err
	}
	if via := site(r.Via); via != "" && via != a.Source {
		a.Via = via
	}
	if blank(r.Title) && blank(r.Text) && blank(r.HTML) && blank(r.Summary) {
		return nil, errors.New(`neither "title" nor "text"`)
	}
	var err error
	if a.Published, err = when.read(); err != nil {
		return nil, err
	}
	switch a.Content, a.TextFrom = r.Text, news.FromImport; {
	case !blank(r.Text):
	case !blank(r.HTML):
		a.Content = r.HTML
	case !blank(r.Summary):
		a.Content, a.TextFrom = "", news.FromTeaser
	default:
		a.Content, a.TextFrom = "", news.FromTitle
	}
	a.Content = cut(a.Content, MaxText)
	return a, nil
}

// identify gives an article its id, its address and its source: the address
// tells articles apart, as it does in a feed, and the writer's own id where
// there is none or where it leads to a home page.
func (r *record) identify(a *news.Article, when string) error {
	link, publisher := strings.TrimSpace(r.URL), site(r.Source)
	switch {
	case link == "" && r.badID != nil:
		return r.badID
	case link == "" && r.ID == "":
		return errors.New(`no "url", and no "id" in its place`)
	case link == "" && publisher == "":
		return fmt.Errorf(`without a "url" the "source" has to be the publisher's domain, as agency.example; it is %.100q`, r.Source)
	case link == "":
		a.Source = publisher
		a.Canonical = "push:" + publisher + "/" + url.PathEscape(r.ID)
		a.ID = news.ID(text.ID(a.Canonical))
		a.Canonical = cut(a.Canonical, maxName)
		return nil
	}
	canonical, err := text.CanonicalURL(link, nil)
	if err != nil {
		return fmt.Errorf("url %.200q: %w", link, cmp.Or(errors.Unwrap(err), err))
	}
	a.URL, a.Canonical, a.Source = link, canonical, text.Source(link)
	if publisher != "" && publisher != a.Source {
		a.Source, a.Via = publisher, a.Source
	}
	key := canonical
	switch {
	case text.Usable(canonical):
	case r.badID != nil:
		return r.badID
	case r.ID != "":
		key = canonical + "\n" + r.ID
	default:
		// A home page is not an article: the date and the title tell them apart.
		key = canonical + "\n" + when + "\n" + r.Title
	}
	a.ID = news.ID(text.ID(key))
	return nil
}

// stamp says when an article was seen, and whether it is news or history.
func stamp(a *news.Article, now time.Time, history bool) {
	a.SeenAt = now.UTC().Truncate(time.Millisecond)
	a.Backlog = a.Backlog || history || !a.Published.IsZero() && a.Published.Before(now.Add(-LiveFor))
}

// site is the publisher where "source" gives one by its domain or address; what
// else stands there is a name, for people.
func site(source string) string {
	source = strings.TrimSpace(source)
	if strings.Contains(source, "://") || strings.Contains(source, ".") && source == strings.ToLower(source) && !strings.ContainsAny(source, " \t/@") {
		return text.Source(source)
	}
	return ""
}

func tags(in []string) (out []string) {
	for _, t := range in {
		if t = strings.TrimSpace(t); t != "" && len(out) < maxTags {
			out = append(out, cut(t, maxTag))
		}
	}
	return out
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
