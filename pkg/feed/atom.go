package feed

import (
	"bytes"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/mmcdole/gofeed/atom"
)

func parseAtom(b []byte, s *survey, o Options) (*Feed, error) {
	p := atom.Parser{}
	a, err := p.Parse(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	f := &Feed{Format: FormatAtom, Version: a.Version, Title: a.Title, Description: a.Subtitle, Language: first(s.head.lang, a.Language)}
	document := baseOf(o.BaseURL)
	f.SelfLink = document.resolve(atomHref(a.Links, "self"))
	base := document.with(s.head.base)
	f.SelfLink = base.resolve(f.SelfLink)
	f.NextLink = base.resolve(atomHref(a.Links, "next"))
	f.Link = base.resolve(atomHref(a.Links, "alternate"))
	base = base.or(f.Link).or(f.SelfLink)
	f.UpdatePeriod = updatePeriod(a.Extensions)
	for _, l := range a.Links {
		if u := cleanURL(l.Href); strings.EqualFold(l.Rel, "hub") && isWeb(u) && len(f.Hubs) < maxHubs {
			f.Hubs = append(f.Hubs, u)
		}
	}
	author := persons(a.Authors)
	f.Items = make([]Item, len(a.Entries))
	var dates dateLog
	aligned := len(s.items) == len(a.Entries)
	for i, e := range a.Entries {
		var at tagAttrs
		if aligned {
			at = s.items[i]
		}
		atomItem(&f.Items[i], e, at, base.with(at.base), o, &dates)
		if a.Version == "0.3" && e.Content != nil {
			if c := f.Items[i].Content; unbase64(c) != c {
				f.Items[i].Content = o.fragment(unbase64(c), base, f.Items[i].Link())
			}
		}
		if f.Items[i].Author == "" {
			f.Items[i].Author = author
		}
	}
	dates.settle(f.Language)
	return f, nil
}

func atomItem(out *Item, e *atom.Entry, at tagAttrs, base linkBase, o Options, dates *dateLog) {
	out.GUID = strings.TrimSpace(e.ID)
	out.URL = base.resolve(atomHref(e.Links, "alternate"))
	if out.URL == "" && e.Content != nil && !isMedia(e.Content.Type) {
		out.URL = base.resolve(e.Content.Src)
	}
	if out.URL == "" && isWeb(out.GUID) {
		out.GUIDIsPermalink = true
		out.URL = cleanURL(out.GUID)
	}
	out.OriginalURL = webLink(extValue(e.Extensions, "feedburner", "origLink"))
	if out.URL == "" || out.OriginalURL == out.URL {
		out.URL, out.OriginalURL = first(out.URL, out.OriginalURL), ""
	}
	out.Title = first(e.Title, extValue(e.Extensions, "dc", "title"), mediaText(e.Extensions, "title"))
	out.Author = first(persons(e.Authors), strings.Join(labels(extValues(e.Extensions, "dc", "creator")), ", "), mediaText(e.Extensions, "credit"))
	dates.read(&out.Published, e.Published, extValue(e.Extensions, "dc", "date"), extValue(e.Extensions, "dcterms", "issued"), extValue(e.Extensions, "atom03", "issued"))
	dates.read(&out.Updated, e.Updated, extValue(e.Extensions, "dcterms", "modified"))
	summary := first(e.Summary, mediaText(e.Extensions, "description"))
	out.Summary = o.fragment(summary, at.within(base, "summary"), out.Link())
	if e.Content != nil && !isMedia(e.Content.Type) {
		out.Content = o.fragment(e.Content.Value, at.within(base, "content"), out.Link())
	}
	out.Language = first(at.lang, extValue(e.Extensions, "dc", "language"))
	out.Image = base.resolve(atomImage(e))
	var cats []string
	for _, c := range e.Categories {
		cats = append(cats, first(c.Label, c.Term))
	}
	out.Categories = labels(append(cats, extValues(e.Extensions, "dc", "subject")...))
	if s := e.Source; s != nil {
		out.SourceTitle = s.Title
		out.SourceURL = first(base.resolve(first(atomHref(s.Links, "alternate"), atomHref(s.Links, "self"))), webLink(s.ID))
		if out.Author == "" {
			out.Author = persons(s.Authors)
		}
	} else if len(e.Extensions) > 0 {
		out.SourceURL, out.SourceTitle = named(e.Extensions, base)
	}
}

// unbase64 decodes content of Atom 0.3 in mode="base64", which gofeed hands on
// as it is where its type is text. Text has blanks, its encoding has none.
func unbase64(s string) string {
	if len(s) < 8 || strings.ContainsAny(s, " <&") {
		return s
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
	if err != nil || !utf8.Valid(b) || !bytes.ContainsAny(b, " <") {
		return s
	}
	return string(b)
}

// atomHref gives the first link of a relation: one that says it is a web page
// before one that says nothing, and that before other types (RFC 4287, section
// 4.2.7.2).
func atomHref(links []*atom.Link, rel string) string {
	var untyped, other string
	for _, l := range links {
		if !strings.EqualFold(strings.TrimPrefix(l.Rel, "http://www.iana.org/assignments/relation/"), rel) || strings.TrimSpace(l.Href) == "" {
			continue
		}
		switch {
		case strings.Contains(l.Type, "html"):
			return l.Href
		case l.Type == "":
			untyped = first(untyped, l.Href)
		default:
			other = first(other, l.Href)
		}
	}
	return first(untyped, other)
}

func atomImage(e *atom.Entry) string {
	for _, m := range append(e.Extensions["media"]["content"], mediaGroup(e.Extensions, "content")...) {
		if m.Attrs["medium"] == "image" || strings.HasPrefix(m.Attrs["type"], "image/") {
			return m.Attrs["url"]
		}
	}
	for _, m := range append(e.Extensions["media"]["thumbnail"], mediaGroup(e.Extensions, "thumbnail")...) {
		if u := m.Attrs["url"]; u != "" {
			return u
		}
	}
	for _, l := range e.Links {
		if strings.EqualFold(l.Rel, "enclosure") && strings.HasPrefix(l.Type, "image/") {
			return l.Href
		}
	}
	return ""
}

func isMedia(contentType string) bool {
	t := strings.ToLower(contentType)
	return strings.HasPrefix(t, "image/") || strings.HasPrefix(t, "audio/") || strings.HasPrefix(t, "video/") || t == "application/octet-stream"
}

func persons(list []*atom.Person) string {
	var names []string
	for _, p := range list {
		names = append(names, first(p.Name, p.Email))
	}
	return strings.Join(labels(names), ", ")
}
