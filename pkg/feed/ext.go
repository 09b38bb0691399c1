package feed

import (
	"strings"
	"time"

	ext "github.com/mmcdole/gofeed/extensions"
)

func extValue(e ext.Extensions, prefix, name string) string {
	for _, x := range e[prefix][name] {
		if x.Value != "" {
			return x.Value
		}
	}
	return ""
}

func extValues(e ext.Extensions, prefix, name string) []string {
	var out []string
	for _, x := range e[prefix][name] {
		if x.Value != "" {
			out = append(out, x.Value)
		}
	}
	return out
}

// mediaText gives the text of a Media RSS element of the item, its group or
// one of its contents.
func mediaText(e ext.Extensions, name string) string {
	m := e["media"]
	if len(m) == 0 {
		return ""
	}
	for _, list := range [...][]ext.Extension{m[name], mediaGroup(e, name)} {
		for _, x := range list {
			if x.Value != "" {
				return x.Value
			}
		}
	}
	for _, list := range [...][]ext.Extension{m["content"], mediaGroup(e, "content")} {
		for _, c := range list {
			for _, x := range c.Children[name] {
				if x.Value != "" {
					return x.Value
				}
			}
		}
	}
	return ""
}

// named gives the publisher that an item of an aggregator names in an element
// of another format than its own: atom:source, dc:source, news:Source.
func named(e ext.Extensions, base linkBase) (url, title string) {
	for _, x := range e["atom"]["source"] {
		for _, t := range x.Children["title"] {
			title = first(title, t.Value)
		}
		for _, l := range x.Children["link"] {
			if rel := l.Attrs["rel"]; url == "" || rel == "" || rel == "alternate" {
				url = first(webLink(base.resolve(l.Attrs["href"])), url)
			}
		}
		for _, id := range x.Children["id"] {
			url = first(url, webLink(id.Value))
		}
	}
	dc := extValue(e, "dc", "source")
	if u := webLink(dc); u != "" {
		return first(url, u), title
	}
	return url, first(title, dc, extValue(e, "News", "Source"), extValue(e, "news", "source"))
}

func extChild(e ext.Extensions, prefix, name, child string) string {
	for _, x := range e[prefix][name] {
		for _, c := range x.Children[child] {
			if c.Value != "" {
				return c.Value
			}
		}
	}
	return ""
}

// linkSet are the atom:link elements of a channel or an item.
type linkSet []ext.Extension

func atomLinks(e ext.Extensions) linkSet {
	if len(e) == 0 {
		return nil
	}
	if l := e["atom"]["link"]; len(l) > 0 {
		return l
	}
	if l := e["atom10"]["link"]; len(l) > 0 {
		return l
	}
	return e["atom03"]["link"]
}

// href gives the address of the first link with this relation.
func (l linkSet) href(rel string) string {
	for _, x := range l {
		r := x.Attrs["rel"]
		if r == "" {
			r = "alternate"
		}
		if strings.EqualFold(r, rel) && x.Attrs["href"] != "" {
			return x.Attrs["href"]
		}
	}
	return ""
}

func (l linkSet) hubs() []string {
	var out []string
	for _, x := range l {
		if u := cleanURL(x.Attrs["href"]); strings.EqualFold(x.Attrs["rel"], "hub") && isWeb(u) && len(out) < maxHubs {
			out = append(out, u)
		}
	}
	return out
}

const (
	maxHubs   = 8
	maxLabels = 64
	maxLabel  = 256
)

// labels cleans categories and names: plain text, no blanks, no repeats.
func labels(raw []string) []string {
	var out []string
next:
	for _, s := range raw {
		s = cut(plainLine(s), maxLabel)
		if s == "" {
			continue
		}
		for _, have := range out {
			if have == s {
				continue next
			}
		}
		if out = append(out, s); len(out) == maxLabels {
			break
		}
	}
	return out
}

// date reads the first of values that is a date.
func date(values ...string) time.Time {
	for _, v := range values {
		if v == "" {
			continue
		}
		if t, ok := ParseDate(v); ok {
			return t
		}
	}
	return time.Time{}
}
