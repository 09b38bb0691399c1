// Package intake takes articles that do not come from a feed: files of JSON
// lines with their own dates. They go the same way as all others, with the
// same ids, marked backlog: they are history for baselines, never an alert.
package intake

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/dateline/dateline/pkg/bus"
	"github.com/dateline/dateline/pkg/feed"
	"github.com/dateline/dateline/pkg/news"
	"github.com/dateline/dateline/pkg/text"
)

// Bounds of what one line may bring.
const (
	MaxLine = 8 << 20   // bytes; a longer line is broken
	MaxText = 600 << 10 // bytes of text kept of one article
)

// Publisher stores messages, all or with an error.
type Publisher interface {
	Publish(ctx context.Context, msgs ...bus.Message) error
}

// Result says what became of a file.
type Result struct {
	Lines     int // that were not blank
	Published int
	Broken    int
}

// Importer reads files of articles.
type Importer struct {
	Out    Publisher
	Now    func() time.Time
	Report func(file string, line int, err error) // is told of each broken line; may be nil
}

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

// Import reads one file of JSON lines, gzipped or not, and publishes what it
// holds. A broken line is reported and passed over. The error is that of the
// reader or the publisher; what was published before it stands.
func (im *Importer) Import(ctx context.Context, file string, r io.Reader) (Result, error) {
	var res Result
	in, err := open(r)
	if err != nil {
		return res, fmt.Errorf("%s: %w", file, err)
	}
	var batch []bus.Message
	size := 0
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := im.Out.Publish(ctx, batch...); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		res.Published += len(batch)
		batch, size = batch[:0], 0
		return nil
	}
	for no := 1; ; no++ {
		line, err := readLine(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, errLong) {
			err = errors.Join(fmt.Errorf("%s: line %d: %w", file, no, err), flush())
			return res, err
		}
		if no == 1 {
			line = bytes.TrimPrefix(line, []byte("\ufeff"))
		}
		if err == nil && len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		res.Lines++
		var a *news.Article
		if err == nil {
			a, err = im.article(line)
		}
		if err != nil {
			res.Broken++
			if im.Report != nil {
				im.Report(file, no, err)
			}
			continue
		}
		m := bus.Message{
			Topic: news.TopicArticles, Key: []byte(a.ID.String()), Value: a.EncodeFit(), Time: a.SeenAt,
			Headers: map[string]string{"stage": "intake", "trace": a.ID.String()},
		}
		batch, size = append(batch, m), size+len(m.Value)
		if len(batch) >= 500 || size >= 4<<20 {
			if err := flush(); err != nil {
				return res, err
			}
		}
	}
	err = flush()
	return res, err
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
		return fmt.Errorf("%q is a %s, want %s", kind.Field, kind.Value, wanted(kind.Type))
	case errors.As(err, &kind):
		return fmt.Errorf("a %s, want an object in braces", kind.Value)
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
		return nil, fmt.Errorf("url %q is not absolute", link)
	}
	canonical, err := text.CanonicalURL(link, nil)
	if err != nil {
		return nil, fmt.Errorf("url %q: %w", link, err)
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

// open unpacks gzip, told by its first bytes.
func open(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		return bufio.NewReaderSize(z, 1<<20), nil
	}
	return in, nil
}

var errLong = fmt.Errorf("line is longer than %d MB", MaxLine>>20)

// readLine reads one line of any length, and keeps at most MaxLine of it.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > MaxLine {
			long, line = true, line[:0]
		} else if !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil, errors.Is(err, io.EOF) && (len(line) > 0 || long):
			if long {
				return nil, errLong
			}
			return line, nil
		}
		return nil, err
	}
}
