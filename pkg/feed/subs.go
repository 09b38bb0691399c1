package feed

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Outline is one subscription of an OPML file or a list.
type Outline struct {
	URL     string
	Title   string
	SiteURL string
	Tags    []string // folders from the outside in, then categories; each once
}

// maxSubscriptions bounds the size of a list of feeds, in bytes.
const maxSubscriptions = 256 << 20

// ReadSubscriptions reads feeds to follow from OPML or from a plain list,
// whichever it is.
func ReadSubscriptions(r io.Reader) ([]Outline, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxSubscriptions+1))
	if err != nil {
		return nil, fmt.Errorf("read subscriptions: %w", err)
	}
	if len(b) > maxSubscriptions {
		return nil, fmt.Errorf("%w: subscriptions of more than %d bytes", ErrTooLarge, maxSubscriptions)
	}
	text, _ := toUTF8(b, "")
	text = trimJunk(text)
	if len(text) > 0 && text[0] == '<' {
		return ReadOPML(bytes.NewReader(text))
	}
	return ReadList(bytes.NewReader(text))
}

// ReadOPML reads the outlines of an OPML 1.0 or 2.0 document that carry a
// feed. Folders become tags, and so do categories. Each feed comes once, with
// the tags of all its places.
func ReadOPML(r io.Reader) ([]Outline, error) {
	d := xml.NewDecoder(r)
	d.Strict = false
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var out collector
	var folders []string
	opml := false
	for {
		t, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read OPML after %d feeds: %w", len(out.list), err)
		}
		switch e := t.(type) {
		case xml.StartElement:
			if e.Name.Local == "opml" {
				opml = true
			}
			if e.Name.Local != "outline" {
				continue
			}
			if len(folders) >= 64 {
				return nil, fmt.Errorf("read OPML: %w: folders more than 64 deep", ErrBomb)
			}
			o := outlineOf(e, folders)
			name := ""
			if o.URL != "" {
				out.add(o)
			} else {
				name = o.Title
			}
			folders = append(folders, name)
		case xml.EndElement:
			if e.Name.Local == "outline" && len(folders) > 0 {
				folders = folders[:len(folders)-1]
			}
		}
	}
	if !opml {
		return nil, fmt.Errorf("%w: no opml element; give OPML or a list of addresses, one a line", ErrNotFeed)
	}
	return out.list, nil
}

func outlineOf(e xml.StartElement, folders []string) Outline {
	var o Outline
	var text string
	for _, a := range e.Attr {
		switch strings.ToLower(a.Name.Local) {
		case "xmlurl":
			o.URL = cleanURL(a.Value)
		case "title":
			o.Title = plainLine(a.Value)
		case "text":
			text = plainLine(a.Value)
		case "htmlurl":
			o.SiteURL = cleanURL(a.Value)
		case "category":
			for _, c := range strings.Split(a.Value, ",") {
				o.Tags = append(o.Tags, strings.Trim(c, " /"))
			}
		}
	}
	o.Title = first(o.Title, text)
	o.Tags = labels(append(slices.Clone(folders), o.Tags...))
	return o
}

// ReadList reads one address a line. What follows it, parted by blanks, are
// tags; a # starts a comment.
func ReadList(r io.Reader) ([]Outline, error) {
	var out collector
	s := bufio.NewScanner(r)
	s.Buffer(make([]byte, 64<<10), 1<<20)
	for n := 1; s.Scan(); n++ {
		fields := strings.Fields(strings.TrimPrefix(s.Text(), "\ufeff"))
		for i, f := range fields {
			if strings.HasPrefix(f, "#") {
				fields = fields[:i]
				break
			}
		}
		if len(fields) == 0 {
			continue
		}
		if !isWeb(fields[0]) {
			return nil, fmt.Errorf("line %d: %.80q is no http or https address", n, fields[0])
		}
		var tags []string
		for _, f := range fields[1:] {
			tags = append(tags, strings.Trim(f, ","))
		}
		out.add(Outline{URL: fields[0], Tags: labels(tags)})
	}
	if err := s.Err(); err != nil {
		return nil, fmt.Errorf("read list: %w", err)
	}
	return out.list, nil
}

// collector keeps each feed once, with all its tags.
type collector struct {
	list []Outline
	at   map[string]int
}

func (c *collector) add(o Outline) {
	if c.at == nil {
		c.at = make(map[string]int)
	}
	i, ok := c.at[o.URL]
	if !ok {
		c.at[o.URL] = len(c.list)
		c.list = append(c.list, o)
		return
	}
	have := &c.list[i]
	have.Tags = labels(append(have.Tags, o.Tags...))
	have.Title, have.SiteURL = first(have.Title, o.Title), first(have.SiteURL, o.SiteURL)
}

type opmlOutline struct {
	Text     string        `xml:"text,attr"`
	Title    string        `xml:"title,attr,omitempty"`
	Type     string        `xml:"type,attr,omitempty"`
	URL      string        `xml:"xmlUrl,attr,omitempty"`
	SiteURL  string        `xml:"htmlUrl,attr,omitempty"`
	Category string        `xml:"category,attr,omitempty"`
	Children []opmlOutline `xml:"outline"`
}

// WriteOPML writes OPML 2.0: a folder for the first tag of each feed, further
// tags as its categories, in the order of the list.
func WriteOPML(w io.Writer, title string, list []Outline) error {
	var body []opmlOutline
	folder := make(map[string]int)
	for _, o := range list {
		x := opmlOutline{Text: first(o.Title, o.URL), Title: o.Title, Type: "rss", URL: o.URL, SiteURL: o.SiteURL}
		if len(o.Tags) == 0 {
			body = append(body, x)
			continue
		}
		x.Category = strings.Join(o.Tags[1:], ",")
		i, ok := folder[o.Tags[0]]
		if !ok {
			i = len(body)
			folder[o.Tags[0]] = i
			body = append(body, opmlOutline{Text: o.Tags[0]})
		}
		body[i].Children = append(body[i].Children, x)
	}
	doc := struct {
		XMLName xml.Name      `xml:"opml"`
		Version string        `xml:"version,attr"`
		Title   string        `xml:"head>title"`
		Body    []opmlOutline `xml:"body>outline"`
	}{Version: "2.0", Title: title, Body: body}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write OPML: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return fmt.Errorf("write OPML: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write OPML: %w", err)
	}
	return nil
}
