package feed

import (
	"bytes"
	stdjson "encoding/json"
	"fmt"
	"html"
	"strconv"
	"strings"

	"github.com/mmcdole/gofeed/json"
)

// parseJSON reads a JSON Feed 1.0 or 1.1. A damaged one gives those of its
// items that are whole objects.
func parseJSON(b []byte, o Options) (*Feed, error) {
	if b[0] == '[' {
		return nil, fmt.Errorf("%w: a JSON array, where a JSON Feed is an object", ErrNotFeed)
	}
	p := json.Parser{}
	j, err := p.Parse(bytes.NewReader(b))
	if err == nil && j.Version != "" && len(j.Items) == 0 && !bytes.Contains(b, []byte(`"items"`)) {
		if j.Items = jsonItems(b[1:]); len(j.Items) > 0 {
			f := mapJSON(j, b, o)
			f.Salvaged = true
			f.warn("damaged JSON: the items go by another name")
			return f, nil
		}
	}
	if err == nil {
		if j.Version == "" && len(j.Items) == 0 {
			return nil, fmt.Errorf("%w: JSON without version and items is no JSON Feed; check the address", ErrNotFeed)
		}
		return mapJSON(j, b, o), nil
	}
	at := bytes.Index(b, []byte(`"items"`))
	switch {
	case at >= 0:
		j = jsonHead(b[:at])
	case bytes.Contains(b[:min(len(b), 1024)], []byte("jsonfeed.org")): // the very word is damaged
		j, at = &json.Feed{}, 1
	default:
		return nil, fmt.Errorf("%w: JSON without items (%v)", ErrNotFeed, err)
	}
	j.Items = jsonItems(b[at:])
	if len(j.Items) == 0 {
		return nil, fmt.Errorf("%w: %v", ErrNoItems, err)
	}
	f := mapJSON(j, nil, o)
	f.Salvaged = true
	f.warn("damaged JSON: %v", err)
	return f, nil
}

// headlessJSON gives the offset of the first member of a JSON Feed whose first
// byte is damaged, -1 where b is none.
func headlessJSON(b []byte) int {
	if !bytes.Contains(b[:min(len(b), 1024)], []byte("jsonfeed.org")) || !bytes.Contains(b, []byte(`"items"`)) {
		return -1
	}
	return bytes.Index(b[:min(len(b), 1024)], []byte(`"version"`))
}

// jsonHead reads what stands before the items, as far as it is whole.
func jsonHead(b []byte) *json.Feed {
	j := &json.Feed{}
	head := append(bytes.TrimRight(bytes.Clone(b), " ,\t\r\n"), '}')
	if stdjson.Unmarshal(head, j) != nil {
		return &json.Feed{}
	}
	return j
}

// jsonItems collects the objects in b that are items. One that is not whole
// costs itself: the search goes on at the next opening brace.
func jsonItems(b []byte) []*json.Item {
	var items []*json.Item
	budget := 16*len(b) + 1<<16 // bytes looked at: objects may nest, and end nowhere
	for pos := 0; budget > 0; {
		open := bytes.IndexByte(b[pos:], '{')
		if open < 0 {
			return items
		}
		pos += open
		end, seen := objectEnd(b[pos:])
		budget -= seen
		it := &json.Item{}
		var own struct {
			ID      stdjson.RawMessage `json:"id"`
			HTML    stdjson.RawMessage `json:"content_html"`
			Text    stdjson.RawMessage `json:"content_text"`
			Title   stdjson.RawMessage `json:"title"`
			Mime    stdjson.RawMessage `json:"mime_type"`
			Version stdjson.RawMessage `json:"version"`
		}
		if end > 0 && stdjson.Unmarshal(b[pos:pos+end], &own) == nil && own.Mime == nil && own.Version == nil &&
			(own.ID != nil || own.HTML != nil || own.Text != nil || own.Title != nil) &&
			looseItem(b[pos:pos+end], it) {
			items = append(items, it)
			pos += end
			continue
		}
		pos++
	}
	return items
}

// looseItem reads one item; where a field has a type of its own making, the
// fields that are text are taken and the others left out.
func looseItem(b []byte, it *json.Item) bool {
	if stdjson.Unmarshal(b, it) == nil {
		return true
	}
	var fields map[string]any
	if stdjson.Unmarshal(b, &fields) != nil {
		return false
	}
	text := func(name string) string {
		switch v := fields[name].(type) {
		case string:
			return v
		case float64:
			return strconv.FormatFloat(v, 'f', -1, 64)
		}
		return ""
	}
	*it = json.Item{
		ID: text("id"), URL: text("url"), ExternalURL: text("external_url"), Title: text("title"),
		ContentHTML: text("content_html"), ContentText: text("content_text"), Summary: text("summary"),
		Image: text("image"), DatePublished: text("date_published"), DateModified: text("date_modified"),
		Language: text("language"),
	}
	if name := text("author"); name != "" {
		it.Author = &json.Author{Name: name}
	}
	return true
}

// objectEnd gives the length of the object at the start of b, 0 where it does
// not end within a megabyte, and how many bytes were looked at.
func objectEnd(b []byte) (end, seen int) {
	depth, quoted := 0, false
	b = b[:min(len(b), 1<<20)]
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case quoted:
			if c == '\\' {
				i++
			} else if c == '"' {
				quoted = false
			} else if c == '\n' {
				return 0, i
			}
		case c == '"':
			quoted = true
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1, i + 1
			}
		}
	}
	return 0, len(b)
}

func mapJSON(j *json.Feed, raw []byte, o Options) *Feed {
	f := &Feed{
		Format: FormatJSON, Version: j.Version, Title: escapeText(j.Title),
		Description: escapeText(j.Description), Language: j.Language,
	}
	document := baseOf(o.BaseURL)
	f.SelfLink = document.resolve(j.FeedURL)
	f.Link, f.NextLink = document.resolve(j.HomePageURL), document.resolve(j.NextURL)
	document = document.or(f.Link).or(f.SelfLink)
	f.Hubs = jsonHubs(raw)
	author := jsonAuthor(j.Author, j.Authors)
	f.Items = make([]Item, 0, len(j.Items))
	for _, it := range j.Items {
		if it == nil {
			continue
		}
		out := Item{
			GUID: strings.TrimSpace(it.ID), URL: document.resolve(first(it.URL, it.ExternalURL)),
			Title: escapeText(it.Title), Author: first(jsonAuthor(it.Author, it.Authors), author),
			Published: date(it.DatePublished), Updated: date(it.DateModified),
			Language: it.Language, Image: document.resolve(first(it.Image, it.BannerImage)), Categories: labels(it.Tags),
		}
		if out.URL == "" && isWeb(out.GUID) {
			out.URL, out.GUIDIsPermalink = out.GUID, true
		}
		if out.Image == "" && it.Attachments != nil {
			for _, a := range *it.Attachments {
				if strings.HasPrefix(a.MimeType, "image/") {
					out.Image = document.resolve(a.URL)
					break
				}
			}
		}
		out.Summary = o.fragment(escapeText(it.Summary), document, out.URL)
		out.Content = o.fragment(first(it.ContentHTML, escapeText(it.ContentText)), document, out.URL)
		f.Items = append(f.Items, out)
	}
	return f
}

// escapeText makes HTML of plain text, which is what JSON Feed holds
// everywhere but in content_html.
func escapeText(s string) string { return html.EscapeString(s) }

func jsonAuthor(one *json.Author, list []*json.Author) string {
	var names []string
	for _, a := range list {
		if a != nil {
			names = append(names, escapeText(a.Name))
		}
	}
	if len(names) == 0 && one != nil {
		names = append(names, escapeText(one.Name))
	}
	return strings.Join(labels(names), ", ")
}

// jsonHubs reads the hubs, which gofeed leaves out.
func jsonHubs(raw []byte) []string {
	if !bytes.Contains(raw, []byte(`"hubs"`)) {
		return nil
	}
	var head struct {
		Hubs []struct {
			URL string `json:"url"`
		} `json:"hubs"`
	}
	if stdjson.Unmarshal(raw, &head) != nil {
		return nil
	}
	var out []string
	for _, h := range head.Hubs {
		if u := cleanURL(h.URL); isWeb(u) && len(out) < maxHubs {
			out = append(out, u)
		}
	}
	return out
}
