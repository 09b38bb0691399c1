package newsroom

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding/charmap"
)

// What kinds make of the list of items, newest first.

func (c *call) churnGUIDs(list []listed) []listed {
	for i := range list {
		list[i].guid = fmt.Sprintf("%016x", c.r.next())
	}
	return list
}

func (c *call) shuffle(list []listed) []listed {
	for i := len(list) - 1; i > 0; i-- {
		j := c.r.intn(i + 1)
		list[i], list[j] = list[j], list[i]
	}
	return list
}

func (c *call) turnRound(list []listed) []listed {
	slices.Reverse(list)
	return list
}

// pin keeps the first article that was ever asked for on top.
func (c *call) pin(list []listed) []listed {
	b := c.w.bad
	if b.pinned == nil {
		if len(list) == 0 {
			return list
		}
		first := list[len(list)-1]
		b.pinned = &first
	}
	list = slices.DeleteFunc(list, func(it listed) bool { return it.version == b.pinned.version })
	return append([]listed{*b.pinned}, list...)
}

func (c *call) double(list []listed) []listed {
	twice := make([]listed, 0, 2*len(list))
	for _, it := range list {
		twice = append(twice, it, it)
	}
	return twice
}

func (c *call) track(list []listed) []listed {
	for i := range list {
		it := &list[i]
		it.link += fmt.Sprintf("?utm_source=section-%d&utm_medium=rss&fbclid=%08x", c.side, c.o.bodySeed>>32)
		it.guid = fmt.Sprintf("%s in section %d", it.guid, c.side)
	}
	return list
}

func (c *call) date(list []listed) []listed {
	for i := range list {
		it := &list[i]
		switch c.o.kind.Name {
		case "future":
			it.date = it.published.AddDate(2, 0, 0).Format(time.RFC1123Z)
		case "epoch":
			it.date = time.Unix(0, 0).UTC().Format(time.RFC1123Z)
		case "year-zero":
			it.date = "Sat, 01 Jan 0000 00:00:00 +0000"
		case "no-dates":
			it.date = ""
		case "zoneless":
			it.date = it.published.UTC().Format("2006-01-02 15:04:05")
		}
	}
	return list
}

// What kinds make of the document.

// recode leaves the declaration as it is.
func (c *call) recode(body []byte, list []listed) []byte {
	c.mark(list, nil)
	var out bytes.Buffer
	for _, r := range string(body) {
		if b, ok := charmap.Windows1252.EncodeRune(r); ok {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "&#%d;", r)
		}
	}
	return out.Bytes()
}

// accent gives a text signs that are not ASCII.
func accent(a *article) {
	a.title = "Exposé: “" + a.title + "” — naïve"
	signs := strings.NewReplacer("'", "’", " the ", " thé ")
	a.teaser = signs.Replace(a.teaser)
	for i, p := range a.paragraphs {
		a.paragraphs[i] = signs.Replace(p)
	}
}

func (c *call) truncate(body []byte, list []listed) []byte {
	cut := len(body)
	if c.odd() && len(list) > 0 {
		cut = c.r.between(list[0].from, len(body)-1)
	}
	c.mark(list, func(it *listed) bool { return it.to <= cut })
	return body[:cut]
}

func (c *call) hitByte(body []byte, list []listed) []byte {
	hit := -1
	if c.odd() && len(list) > 0 {
		hit = c.r.intn(len(list))
		it := &list[hit]
		body[c.r.between(it.from+len("<item>"), it.to-len("</item>\n")-1)] = []byte{0x92, 0x00, 0x1b, 0xff}[c.r.intn(4)]
	}
	c.mark(list, func(it *listed) bool { return hit < 0 || it != &list[hit] })
	return body
}

func (c *call) laugh(body []byte, list []listed) []byte {
	c.mark(list, nothing)
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE rss [\n<!ENTITY ha0 \"ha \">\n")
	for i := 1; i < 10; i++ {
		fmt.Fprintf(&b, "<!ENTITY ha%d \"%s\">\n", i, strings.Repeat(fmt.Sprintf("&ha%d;", i-1), 10))
	}
	b.WriteString("]>\n")
	_, rest, _ := bytes.Cut(body, []byte("\n"))
	b.Write(bytes.Replace(rest, []byte("<title>"), []byte("<title>&ha9;"), 1))
	return b.Bytes()
}

func (c *call) nest(body []byte, list []listed) []byte {
	c.mark(list, nothing)
	const depth = 10_000
	var b bytes.Buffer
	head, rest, _ := bytes.Cut(body, []byte("<item>"))
	b.Write(head)
	for i := range depth {
		fmt.Fprintf(&b, "<n%d:x xmlns:n%d=\"urn:press:%d\">", i, i, i)
	}
	for i := depth - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "</n%d:x>", i)
	}
	b.WriteString("<item>")
	b.Write(rest)
	return b.Bytes()
}
