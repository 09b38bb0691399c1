package feed

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// line is the form in which an item is printed. Its fields and their order are
// a contract with the scripts that read them.
type line struct {
	GUID       string   `json:"guid"`
	URL        string   `json:"url"`
	Title      string   `json:"title"`
	Author     string   `json:"author"`
	Published  *string  `json:"published"`
	Updated    *string  `json:"updated"`
	Summary    string   `json:"summary"`
	Text       string   `json:"text"`
	Language   string   `json:"language"`
	Image      string   `json:"image"`
	Categories []string `json:"categories"`
	Salvaged   bool     `json:"salvaged"`
}

// WriteJSONLines prints the items of a feed, one JSON object a line in
// document order: guid, url, title, author, published, updated, summary, text,
// language, image, categories, salvaged. Times are RFC 3339 in UTC or null;
// title, summary and text are plain text, text being that of the content or,
// without one, of the summary.
func WriteJSONLines(w io.Writer, f *Feed) error {
	buf := bufio.NewWriter(w)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	for i := range f.Items {
		it := &f.Items[i]
		l := line{
			GUID: it.GUID, URL: it.URL, Title: it.Title, Author: it.Author,
			Published: stamp(it.Published), Updated: stamp(it.Updated),
			Summary: plainText(it.Summary), Text: plainText(first(it.Content, it.Summary)),
			Language: it.Language, Image: it.Image, Categories: it.Categories, Salvaged: it.Salvaged,
		}
		if it.TitleFromURL {
			l.Title = "" // the document has none
		}
		if l.Categories == nil {
			l.Categories = []string{}
		}
		if err := enc.Encode(l); err != nil {
			return fmt.Errorf("write item %d: %w", i+1, err)
		}
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write items: %w", err)
	}
	return nil
}

func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Format(time.RFC3339)
	return &s
}

// plainText gives the text of an HTML fragment on one line, without scripts
// and styles.
func plainText(s string) string {
	z := html.NewTokenizer(strings.NewReader(s))
	z.SetMaxBuf(1 << 20)
	var out []byte
	hidden := 0
	for {
		switch z.Next() {
		case html.ErrorToken:
			return foldSpace(string(out))
		case html.TextToken:
			if hidden == 0 {
				out = append(out, z.Text()...)
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch t := string(name); t {
			case "script", "style", "noscript", "template":
				hidden ^= 1
			default:
				if block, known := htmlTags[t]; block || !known {
					out = append(out, ' ')
				}
			}
		}
	}
}
