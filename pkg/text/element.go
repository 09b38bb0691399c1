package text

import "strings"

// class says what an element does to the text around it.
type class uint16

const (
	inline class = 1 << iota // nothing
	block                    // a paragraph of its own
	line                     // a line of its own
	cell                     // a table cell
	lineBr                   // a line break; two of them part paragraphs
	void                     // has no end tag
	drop                     // goes away with all that it holds
	raw                      // holds text up to its own end tag, no markup
	pre                      // keeps its line ends
	quote                    // is shown within quotation marks
)

// elements holds every element name of HTML, past and present. A name that is
// not here is no markup: "I <heart> NY" keeps its heart.
var elements = func() map[string]class {
	m := make(map[string]class, 160)
	for _, row := range []struct {
		class class
		names string
	}{
		{inline, "a abbr acronym applet b basefont bdi bdo big blink body cite code data del dfn em font frameset html i ins kbd label mark marquee meter nobr output picture progress ruby rb rtc s samp slot small span strike strong sub sup time tt u var xml"},
		{inline | void, "area base bgsound col embed frame img input keygen link meta param source spacer track wbr isindex"},
		{block, "address article aside blockquote caption center colgroup details dialog dir div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup legend main menu ol p search section summary table tbody tfoot thead ul"},
		{block | pre, "pre listing"},
		{block | void, "hr"},
		{line, "li dt dd tr"},
		{cell, "td th"},
		{lineBr | void, "br"},
		{quote, "q"},
		{drop, "audio button canvas datalist head map math nav noscript object optgroup option rp rt select svg template video"},
		{drop | raw, "iframe noembed noframes plaintext script style textarea title xmp"},
	} {
		for _, name := range strings.Fields(row.names) {
			m[name] = row.class
		}
	}
	return m
}()

// tag is one start or end tag found in a text.
type tag struct {
	name  string // lower-cased; shares memory with the input where it can
	class class
	end   bool // an end tag
	self  bool // "/>"
	attrs string
}

const maxTagName = 32

// readTag reads the tag which begins at s[i] == '<' and gives the offset
// behind it. ok is false where no markup begins here; a tag that never ends
// takes the rest of the text with it.
func readTag(s string, i int) (t tag, next int, ok bool) {
	j := i + 1
	if j < len(s) && s[j] == '/' {
		t.end = true
		j++
	}
	from := j
	for j < len(s) && j-from <= maxTagName && isNameByte(s[j]) {
		j++
	}
	if j == from || j == len(s) || j-from > maxTagName || !isASCIILetter(s[from]) {
		return t, 0, false
	}
	switch s[j] {
	case ' ', '\t', '\n', '\r', '\f', '/', '>':
	default:
		return t, 0, false
	}
	t.name = lowerASCII(s[from:j])
	if t.class = elements[t.name]; t.class == 0 {
		// Prefixed names (o:p, media:title) and custom elements (amp-img) are
		// markup of which only the content counts.
		k := strings.IndexAny(t.name, ":-")
		if k < 1 || k == len(t.name)-1 {
			return t, 0, false
		}
		t.class = inline
	}
	attrsFrom := j
	for j < len(s) {
		switch s[j] {
		case '>':
			t.attrs = s[attrsFrom:j]
			t.self = strings.HasSuffix(t.attrs, "/")
			return t, j + 1, true
		case '=':
			j++
			for j < len(s) && isSpaceByte(s[j]) {
				j++
			}
			if j < len(s) && (s[j] == '"' || s[j] == '\'') {
				k := strings.IndexByte(s[j+1:], s[j])
				if k < 0 {
					return t, len(s), true
				}
				j += k + 2
			}
		default:
			j++
		}
	}
	return t, len(s), true
}

// hidden reports whether the attributes keep the element from being seen.
func (t *tag) hidden() bool {
	if len(t.attrs) < len(" hidden") {
		return false
	}
	a := t.attrs
	for {
		key, val, rest, ok := nextAttr(a)
		if !ok {
			return false
		}
		a = rest
		switch len(key) {
		case len("hidden"):
			if strings.EqualFold(key, "hidden") && !strings.EqualFold(val, "until-found") {
				return true
			}
		case len("style"):
			if strings.EqualFold(key, "style") && hiddenStyle(val) {
				return true
			}
			if strings.EqualFold(key, "class") && hiddenClass(val) {
				return true
			}
		}
	}
}

func hiddenStyle(style string) bool {
	for len(style) > 0 {
		var decl string
		decl, style, _ = strings.Cut(style, ";")
		prop, val, ok := strings.Cut(decl, ":")
		if !ok {
			continue
		}
		prop = strings.TrimSpace(prop)
		val, _, _ = strings.Cut(val, "!")
		val = strings.TrimSpace(val)
		if strings.EqualFold(prop, "display") && strings.EqualFold(val, "none") ||
			strings.EqualFold(prop, "visibility") && strings.EqualFold(val, "hidden") {
			return true
		}
	}
	return false
}

// hiddenClass knows the class names by which the large frameworks hide a text
// that only screen readers shall speak.
func hiddenClass(names string) bool {
	for name := range strings.FieldsSeq(names) {
		switch name {
		case "screen-reader-text", "screen-reader-only", "sr-only", "visually-hidden", "visuallyhidden", "element-invisible":
			return true
		}
	}
	return false
}

// nextAttr takes one attribute off the front of a tag's attributes.
func nextAttr(a string) (key, val, rest string, ok bool) {
	i := 0
	for i < len(a) && (isSpaceByte(a[i]) || a[i] == '/' || a[i] == '=') {
		i++
	}
	if i == len(a) {
		return "", "", "", false
	}
	from := i
	for i < len(a) && a[i] != '=' && a[i] != '/' && !isSpaceByte(a[i]) {
		i++
	}
	key = a[from:i]
	j := i
	for j < len(a) && isSpaceByte(a[j]) {
		j++
	}
	if j == len(a) || a[j] != '=' {
		return key, "", a[i:], true
	}
	for j++; j < len(a) && isSpaceByte(a[j]); {
		j++
	}
	if j < len(a) && (a[j] == '"' || a[j] == '\'') {
		q := a[j]
		k := strings.IndexByte(a[j+1:], q)
		if k < 0 {
			return key, a[j+1:], "", true
		}
		return key, a[j+1 : j+1+k], a[j+k+2:], true
	}
	from = j
	for j < len(a) && !isSpaceByte(a[j]) {
		j++
	}
	return key, a[from:j], a[j:], true
}

func isSpaceByte(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'
}

func isASCIILetter(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }

func isNameByte(c byte) bool {
	return isASCIILetter(c) || '0' <= c && c <= '9' || c == ':' || c == '-' || c == '_'
}

// lowerASCII lowers A-Z and allocates only where there is something to lower.
func lowerASCII(s string) string {
	for i := 0; i < len(s); i++ {
		if 'A' <= s[i] && s[i] <= 'Z' {
			return strings.ToLower(s)
		}
	}
	return s
}
