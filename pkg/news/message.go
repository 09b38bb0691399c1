package news

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Version is the message version which this build writes. Readers accept it
// and the one before.
const Version = 1

// ErrNewer marks a message of a later version than this build knows. The
// partition has to stop: the message is good, the reader is old.
var ErrNewer = errors.New("message version is newer than this build")

// ErrForeign marks bytes that are no message of ours: they belong with the
// dead letters.
var ErrForeign = errors.New("not a dateline message")

// Validator is a message that can tell whether it holds what it must.
type Validator interface{ Validate() error }

// Newer returns an error wrapping ErrNewer where b is a message of a later
// version than this build knows, and nil for everything else, be it a message
// or not.
func Newer(b []byte) error {
	if v, ok := leadingVersion(b); ok && v <= Version {
		return nil
	}
	_, err := version(b)
	if errors.Is(err, ErrNewer) {
		return err
	}
	return nil
}

// leadingVersion reads v where it comes first, as it does in all that Encode
// writes.
func leadingVersion(b []byte) (v int, ok bool) {
	rest, ok := bytes.CutPrefix(b, []byte(`{"v":`))
	if !ok || len(rest) < 2 || rest[0] < '0' || rest[0] > '9' || rest[1] != ',' && rest[1] != '}' {
		return 0, false
	}
	return int(rest[0] - '0'), true
}

// version tells which version a message has, and what is wrong with it.
func version(b []byte) (int, error) {
	var head struct {
		V *int `json:"v"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return 0, fmt.Errorf("%w: %v", ErrForeign, err)
	}
	switch {
	case head.V == nil || *head.V < 1:
		return 0, fmt.Errorf("%w: no version", ErrForeign)
	case *head.V > Version:
		return *head.V, fmt.Errorf("%w: v%d, this build reads up to v%d; upgrade it", ErrNewer, *head.V, Version)
	case *head.V < Version-1:
		return *head.V, fmt.Errorf("%w: v%d is no longer read", ErrForeign, *head.V)
	}
	return *head.V, nil
}

// Decode reads one message. Unknown fields are ignored. It returns an error
// wrapping ErrNewer for a later version, and one wrapping ErrForeign for
// everything that is no valid message of this type.
func Decode[T any, P interface {
	*T
	Validator
}](b []byte) (*T, error) {
	// Where the version is known to be fine, one pass over the bytes will do.
	if v, ok := leadingVersion(b); !ok || v < max(1, Version-1) || v > Version {
		if _, err := version(b); err != nil {
			return nil, err
		}
	}
	m := new(T)
	if err := json.Unmarshal(b, m); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrForeign, err)
	}
	if err := P(m).Validate(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrForeign, err)
	}
	return m, nil
}

// Encode writes one message. The types of this package always encode.
func Encode(m any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // articles hold HTML; escaping would double its size
	if err := e.Encode(m); err != nil {
		panic("news: message does not encode: " + err.Error())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// MaxMessage is the size that a message has at most, in bytes: less than the
// 1 MiB that brokers take by default.
const MaxMessage = 900 << 10

// EncodeFit writes an article, and cuts its content and then its summary where
// the message would be larger than MaxMessage.
func (a *Article) EncodeFit() []byte {
	for {
		b := Encode(a)
		switch {
		case len(b) <= MaxMessage:
			return b
		case len(a.Content) > 1000:
			a.Content = strings.ToValidUTF8(a.Content[:len(a.Content)/2], "")
		case len(a.Summary) > 1000:
			a.Summary = strings.ToValidUTF8(a.Summary[:len(a.Summary)/2], "")
		default:
			a.Title, a.Author, a.Section, a.GUID, a.Tags = clip(a.Title), clip(a.Author), clip(a.Section), clip(a.GUID), nil
			return Encode(a)
		}
	}
}

func clip(s string) string {
	const n = 4096
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}

// Validate says what a feed lacks.
func (f *Feed) Validate() error { return need("url", f.URL != "") }

// Validate says what a feed state lacks.
func (f *FeedState) Validate() error {
	if len(f.Seen)%16 != 0 {
		return fmt.Errorf("seen has %d bytes, not a multiple of 16", len(f.Seen))
	}
	return need("url", f.URL != "")
}

// Validate says what an article lacks.
func (a *Article) Validate() error {
	return errors.Join(need("id", a.ID != 0), need("seen_at", !a.SeenAt.IsZero()),
		need("source", a.Source != ""), need("a title or text", a.Title != "" || a.Summary != "" || a.Content != ""))
}

// Validate says what a document lacks.
func (d *Document) Validate() error {
	if len(d.Sketch) > maxSketch {
		return fmt.Errorf("sketch of %d values, at most %d", len(d.Sketch), maxSketch)
	}
	if len(d.Terms) > maxTerms {
		return fmt.Errorf("%d terms, at most %d", len(d.Terms), maxTerms)
	}
	if d.Words < 0 {
		return fmt.Errorf("%d words", d.Words)
	}
	seen := make(map[string]bool, len(d.Mentions))
	for i := range d.Mentions {
		m := &d.Mentions[i]
		if m.EntityID == "" || m.Kind == "" || m.N < 1 {
			return fmt.Errorf("mention %d lacks entity_id, kind or n", i)
		}
		if seen[m.EntityID] {
			return fmt.Errorf("mentions hold %s twice", m.EntityID)
		}
		seen[m.EntityID] = true
	}
	return errors.Join(need("id", d.ID != 0), need("seen_at", !d.SeenAt.IsZero()),
		need("ts", !d.TS.IsZero()), need("source", d.Source != ""))
}

// Validate says what a fetch lacks.
func (f *Fetch) Validate() error {
	return errors.Join(need("feed_url", f.FeedURL != ""), need("at", !f.At.IsZero()))
}

// Validate says what an alert lacks.
func (a *Alert) Validate() error {
	return errors.Join(need("alert_id", a.ID != 0), need("entity_id", a.EntityID != ""),
		need("at", !a.At.IsZero()), need("state", a.State == AlertFiring || a.State == AlertResolved))
}

// Validate says what a piece of knowledge lacks.
func (k *Knowledge) Validate() error {
	return errors.Join(need("type", k.Type != ""), need("name", k.Name != ""))
}

// maxSketch bounds the sketch of a document, in values of 4 bytes.
const maxSketch = 1024

// maxTerms bounds the terms of a document.
const maxTerms = 64

func need(what string, ok bool) error {
	if ok {
		return nil
	}
	return errors.New("no " + what)
}
