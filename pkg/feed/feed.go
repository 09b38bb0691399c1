// Package feed turns the bytes of a feed into its items.
//
// RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed and (news) sitemaps come
// in, in any charset, gzipped or not; a Feed with plain titles, absolute links and dates in
// UTC comes out. Bytes are surveyed before they reach a parser, so that time
// and memory stay in proportion to their number; a damaged document gives the
// items that are whole. Nothing here touches network, disk or clock: the same
// bytes and options always give the same Feed.
//
// Summary and Content stay HTML as published, but inert: without scripts,
// styles, frames, forms and event handlers, and with absolute links.
package feed

import (
	"bytes"
	"fmt"
	"time"
)

// Options say what is known about a document and how much of it is read. Zero
// values stand for the defaults.
type Options struct {
	BaseURL     string // address of the document, for relative links
	ContentType string // Content-Type header, for its charset
	MaxBytes    int    // size of the document, before and after conversion to UTF-8; default 64 MiB
	MaxItems    int    // further items are dropped with a warning; default 100,000
	MaxDepth    int    // nesting of elements; default 256
	MaxText     int    // bytes of one summary or content, the rest is cut; default 1 MiB
}

// Formats.
const (
	FormatRSS     = "rss"
	FormatRDF     = "rdf"
	FormatAtom    = "atom"
	FormatJSON    = "json"
	FormatSitemap = "sitemap"
)

// Feed is one document.
type Feed struct {
	Format      string // one of the Format constants
	Version     string // as declared, empty where it is not
	Title       string // plain text
	Link        string // home page
	SelfLink    string
	NextLink    string // next page of a paged feed (RFC 5005)
	Language    string
	Description string

	TTL          time.Duration  // how long the publisher asks to wait; 0: says nothing
	UpdatePeriod time.Duration  // sy:updatePeriod / sy:updateFrequency; 0: says nothing
	SkipHours    []int          // hours of the day, 0-23 UTC, without news
	SkipDays     []time.Weekday // days without news
	Hubs         []string       // WebSub hubs
	Sitemaps     []string       // of a sitemap index: the sitemaps it lists

	Items    []Item   // in document order
	Salvaged bool     // the document was damaged; Items are those that could be read
	Warnings []string // what was repaired or left out, for people
}

// Item is one entry.
type Item struct {
	GUID            string
	GUIDIsPermalink bool
	URL             string    // link, else permalink GUID; absolute where a base is known
	OriginalURL     string    // the publisher's own address, where URL leads there by way of another (feedburner:origLink)
	Title           string    // plain text on one line
	TitleFromURL    bool      // the document has no title for it: Title was made of the words in its address
	Author          string    // names, joined by commas
	Published       time.Time // UTC, zero where there is none or it is not understood
	Updated         time.Time // as Published
	Summary         string    // HTML as published, made inert
	Content         string    // HTML as published, made inert
	Language        string    // the item's own, else the feed's; as declared
	Image           string
	Categories      []string
	SourceURL       string // publisher, where an aggregator names it
	SourceTitle     string
	Salvaged        bool // read from a damaged document
}

// Link gives the address by which the item is known: the publisher's own where
// the feed names it beside a redirecting link.
func (it *Item) Link() string { return first(it.OriginalURL, it.URL) }

// Parse reads one document. The error belongs to one of the classes that
// Class tells apart; a feed without items is no error.
func Parse(b []byte, o Options) (*Feed, error) {
	o = o.withDefaults()
	if len(b) > o.MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are read; ask the publisher for a shorter feed or raise the limit", ErrTooLarge, len(b), o.MaxBytes)
	}
	b, warning, err := inflate(b, o.MaxBytes)
	if err != nil {
		return nil, err
	}
	text, warnings := toUTF8(b, o.ContentType)
	if warning != "" {
		warnings = append(warnings, warning)
	}
	if len(text) > o.MaxBytes {
		return nil, fmt.Errorf("%w: %d bytes once converted to UTF-8, at most %d are read", ErrTooLarge, len(text), o.MaxBytes)
	}
	text = trimJunk(text)
	if len(text) == 0 {
		return nil, fmt.Errorf("%w: the document has no content; the server may be failing, try again later", ErrEmpty)
	}
	var f *Feed
	if text[0] == '{' || text[0] == '[' {
		f, err = parseJSON(text, o)
	} else if at := headlessJSON(text); at >= 0 {
		f, err = parseJSON(append([]byte("{"), text[at:]...), o)
		if err == nil {
			f.Salvaged = true
			f.warn("damaged: the first brace is missing")
		}
	} else if list, ok := parseTextSitemap(text); ok {
		f = list
	} else {
		f, err = parseXML(text, o)
	}
	if err != nil {
		return nil, err
	}
	f.Warnings = append(warnings, f.Warnings...)
	f.finish(o)
	return f, nil
}

// fragment gives HTML in the form in which it leaves the package.
func (o Options) fragment(s string, base linkBase, page string) string {
	if s == "" {
		return ""
	}
	return tidy(cut(s, o.MaxText), base, page)
}

func (o Options) withDefaults() Options {
	def := func(n *int, d int) {
		if *n <= 0 {
			*n = d
		}
	}
	def(&o.MaxBytes, 64<<20)
	def(&o.MaxItems, 100_000)
	def(&o.MaxDepth, 256)
	def(&o.MaxText, 1<<20)
	return o
}

// trimJunk drops white space, control bytes and byte order marks before the
// document and white space after it.
func trimJunk(b []byte) []byte {
	for len(b) > 0 {
		switch {
		case b[0] <= ' ':
			b = b[1:]
		case bytes.HasPrefix(b, bomUTF8):
			b = b[len(bomUTF8):]
		default:
			return bytes.TrimRight(b, " \t\r\n\x00")
		}
	}
	return nil
}

// finish brings what all formats share into its final form.
func (f *Feed) finish(o Options) {
	if n := len(f.Items); n > o.MaxItems {
		f.Items = f.Items[:o.MaxItems]
		f.warn("%d items, the first %d were read", n, o.MaxItems)
	}
	f.Title = cut(plainLine(f.Title), maxTitle)
	f.Description = cut(plainLine(f.Description), maxTitle)
	f.Language = cut(foldSpace(f.Language), maxLabel)
	f.Link = safeLink(f.Link)
	for i := range f.Items {
		it := &f.Items[i]
		it.GUID = cut(withoutControls(it.GUID), maxURL)
		it.URL, it.OriginalURL, it.SourceURL = safeLink(it.URL), safeLink(it.OriginalURL), safeLink(it.SourceURL)
		if it.Image = safeLink(it.Image); hasScheme(it.Image) && !isWeb(it.Image) {
			it.Image = ""
		}
		it.Title = cut(plainLine(it.Title), maxTitle)
		it.Author = cut(plainLine(it.Author), maxTitle)
		it.SourceTitle = cut(plainLine(it.SourceTitle), maxTitle)
		if it.Language = cut(foldSpace(it.Language), maxLabel); it.Language == "" {
			it.Language = f.Language
		}
		it.Salvaged = f.Salvaged
	}
}

const (
	maxTitle = 4 << 10
	maxURL   = 8 << 10
)

const maxWarnings = 16

func (f *Feed) warn(format string, args ...any) {
	if len(f.Warnings) < maxWarnings {
		f.Warnings = append(f.Warnings, fmt.Sprintf(format, args...))
	}
}
