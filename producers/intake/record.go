package intake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

// record is one line.
type record struct {
	URL       string   `json:"url"`
	Title     string   `json:"title"`
	Text      string   `json:"text"`
	Summary   string   `json:"summary"`
	Published date     `json:"published"`
	Date      date     `json:"date"` // where there is no published
	Source    string   `json:"source"`
	Author    string   `json:"author"`
	Language  string   `json:"language"`
	Section   string   `json:"section"`
	Tags      []string `json:"tags"`
}

func (im *Importer) article(line []byte) (*news.Article, error) {
	var rec record
	if err := json.Unmarshal(line, &rec); err != nil {
		return nil, explain(err)
	}
	return article(rec.URL, rec, im.Now())
}

// explain puts what is wrong with a line into words for who wrote it.
func explain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%q is of type %s, want %s", kind.Field, kind.Value, wanted(kind.Type))
	case errors.As(err, &kind):
		return fmt.Errorf("of type %s, want an object in braces", kind.Value)
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON: %w, after %d bytes", err, syntax.Offset)
	}
	return err
}

func wanted(t reflect.Type) string {
	if t.Kind() == reflect.Slice {
		return "a list of strings"
	}
	return "a string"
}

// date is a string in any form that feed.ParseDate reads, or Unix seconds.
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
	default:
		return errors.New("a date is neither a string nor a number")
	}
	*d = date(strings.TrimSpace(s))
	return nil
}

// article makes the article of one record.
func article(link string, rec record, now time.Time) (*news.Article, error) {
	link = strings.TrimSpace(link)
	if link == "" {
		return nil, errors.New(`no "url"`)
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("url %.200q is not absolute", link)
	}
	canonical, err := text.CanonicalURL(link, nil)
	if err != nil {
		return nil, fmt.Errorf("url %.200q: %w", link, err)
	}
	if strings.TrimSpace(rec.Title) == "" && strings.TrimSpace(rec.Text) == "" && strings.TrimSpace(rec.Summary) == "" {
		return nil, errors.New(`neither "title" nor "text"`)
	}
	a := &news.Article{
		V: news.Version, URL: link, Canonical: canonical, Source: text.Source(link), Tags: rec.Tags, Title: rec.Title,
		Author: rec.Author, Language: rec.Language, Section: rec.Section, SeenAt: now.UTC().Truncate(time.Millisecond),
		Summary: cut(rec.Summary), Content: cut(rec.Text), TextFrom: news.FromImport, Backlog: true,
	}
	if publisher := site(rec.Source); publisher != "" && publisher != a.Source {
		a.Source, a.Via = publisher, a.Source
	}
	when := string(cmp.Or(rec.Published, rec.Date))
	key := canonical
	if !text.Usable(canonical) {
		// A home page is not an article: the date and the title tell them apart.
		key = canonical + "\n" + when + "\n" + rec.Title
	}
	a.ID = news.ID(text.ID(key))
	if when != "" {
		t, ok := feed.ParseDate(when)
		if !ok {
			return nil, fmt.Errorf("date %.100q is in no known form; write it as 2006-01-02T15:04:05Z", when)
		}
		a.Published = t.UTC()
	}
	return a, nil
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

func cut(s string) string {
	if len(s) <= MaxText {
		return s
	}
	return strings.ToValidUTF8(s[:MaxText], "")
}
