package feed

import "strings"

// tidy makes a fragment of HTML inert and its links absolute: scripts, styles,
// frames, plug-ins, forms, comments, event handlers and addresses with code in
// them go, control characters too. What stays, stays byte by byte: nothing is
// parsed into a tree and written again, and a fragment without such things is
// given back as it came. Tags are read as the tokenizer of HTML Living
// Standard, section 13.2.5, reads them; every element that would make a
// browser read on in another way is among those that go.
//
// Relative links are those of an xml:base, else of the item's own page, else
// of the document.
func tidy(s string, base linkBase, page string) string {
	s = withoutControls(s)
	i := strings.IndexByte(s, '<')
	if i < 0 {
		return s
	}
	w := tidyWriter{src: s, base: base, page: page, commentEnd: finder{mark: "-->"}, tagEnd: finder{mark: ">"}}
	for i < len(s) {
		i = w.markup(i)
		next := strings.IndexByte(s[i:], '<')
		if next < 0 {
			break
		}
		i += next
	}
	return w.result()
}

// tidyWriter copies src with changes; up to the first of them it copies
// nothing.
type tidyWriter struct {
	src    string
	base   linkBase
	page   string // takes the place of base, once a link asks for it
	out    []byte
	copied int // src up to here is in out, or was left out
	grown  int // bytes that absolute links have added
	signs  int // tags that were none
	values []tidyValue

	commentEnd, tagEnd finder
}

// maxGrown bounds what absolute links add to a fragment, in bytes: a long base
// and many short links would make gigabytes of it.
const maxGrown = 256 << 10

// replace puts text in the place of src[from:to].
func (w *tidyWriter) replace(from, to int, text string) {
	if w.out == nil {
		w.out = make([]byte, 0, len(w.src)+len(w.src)/8)
	}
	w.out = append(w.out, w.src[w.copied:from]...)
	if text == "" && len(w.out) > 0 && w.out[len(w.out)-1] == '<' {
		text = " " // lest what follows becomes a tag: <<style></style>script>
	}
	w.out = append(w.out, text...)
	w.copied = to
}

func (w *tidyWriter) result() string {
	if w.out == nil {
		return w.src
	}
	return string(append(w.out, w.src[w.copied:]...))
}

// markup handles the < at i and gives the offset behind what it begins.
func (w *tidyWriter) markup(i int) int {
	s := w.src[i:]
	if len(s) < 2 {
		return len(w.src)
	}
	c := s[1]
	switch {
	case c == '!' || c == '?':
		n := 2
		if strings.HasPrefix(s, "<!--") {
			if end := w.commentEnd.in(w.src, i+2); end >= 0 {
				n = end + 3 - i
			}
		} else if strings.HasPrefix(s, "<![CDATA[") {
			n = len("<![CDATA[")
		} else if end := w.tagEnd.in(w.src, i); end >= 0 {
			n = end + 1 - i
		}
		w.replace(i, i+n, "")
		return i + n
	case c == '/' && (len(s) == 2 || !isLetter(s[2])):
		n := 2
		if end := w.tagEnd.in(w.src, i); end >= 0 {
			n = end + 1 - i
		}
		w.replace(i, i+n, "")
		return i + n
	case c == '/':
		n := nameLen(s[2:])
		end := w.attributes(i + 2 + n)
		if end == 0 {
			end = len(w.src)
		}
		if unsafeElement(s[2:2+n]) != harmless || end == len(w.src) && w.src[end-1] != '>' {
			w.replace(i, end, "")
		}
		return end
	case !isLetter(c):
		return i + 1
	}
	n := nameLen(s[1:])
	name := s[1 : 1+n]
	end := w.attributes(i + 1 + n)
	if end == 0 {
		return w.endless(i, name)
	}
	switch unsafeElement(name) {
	case harmless:
		for _, v := range w.values {
			w.grown += max(0, len(v.text)-(v.to-v.from))
			w.replace(v.from, v.to, v.text)
		}
	case dropTag:
		w.replace(i, end, "")
	case dropElement:
		if w.src[end-2] != '/' || isRaw(name) {
			end = closing(w.src, end, name)
		}
		w.replace(i, end, "")
	}
	return end
}

// endless handles the tag at i, which does not end: text was cut within it, or
// a sign was not escaped, "<freezing".
func (w *tidyWriter) endless(i int, name string) int {
	if _, known := htmlTags[strings.ToLower(name)]; known || unsafeElement(name) != harmless || w.signs == maxSigns {
		w.replace(i, len(w.src), "")
		return len(w.src)
	}
	w.signs++
	w.replace(i, i+1, "&lt;")
	return i + 1
}

// maxSigns is how many times a tag may turn out to be none: each costs a look
// at all that follows.
const maxSigns = 16

// closing gives the offset behind the end tag of a raw element, or of the text
// where it has none.
func closing(s string, from int, name string) int {
	for {
		i := strings.Index(s[from:], "</")
		if i < 0 {
			return len(s)
		}
		from += i + 2
		if len(s)-from >= len(name) && strings.EqualFold(s[from:from+len(name)], name) {
			if end := strings.IndexByte(s[from:], '>'); end >= 0 {
				return from + end + 1
			}
			return len(s)
		}
	}
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func nameLen(s string) int {
	n := 0
	for n < len(s) && s[n] > ' ' && s[n] != '/' && s[n] != '>' {
		n++
	}
	return n
}

const (
	harmless    = iota
	dropTag     // its content stays
	dropElement // with its content
)

// unsafeElement says what becomes of an element.
func unsafeElement(name string) int {
	if len(name) < 3 || len(name) > 9 {
		if len(name) > 9 && strings.IndexByte(name, '<') >= 0 || len(name) == 0 {
			return dropTag
		}
		return harmless
	}
	switch name[0] | 0x20 {
	case 's', 'i', 'n', 't', 'x', 'o', 'e', 'a', 'b', 'm', 'l', 'f', 'p', 'k':
	default:
		return harmless
	}
	switch strings.ToLower(name) {
	case "script", "style", "iframe", "noscript", "noembed", "noframes", "template", "xmp":
		return dropElement
	case "object", "embed", "applet", "base", "meta", "link", "frame", "frameset", "form", "textarea", "title", "plaintext", "svg", "math", "keygen":
		return dropTag
	}
	return harmless
}

// isRaw tells the elements whose content a browser reads up to the end tag
// even if the start tag ends in a slash.
func isRaw(name string) bool { return !strings.EqualFold(name, "template") }

// withoutControls drops the control characters that text has no use for.
func withoutControls(s string) string {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
			return strings.Map(func(r rune) rune {
				if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
					return -1
				}
				return r
			}, s)
		}
	}
	return s
}

// tidyValue is a change within a tag.
type tidyValue struct {
	from, to int
	text     string
}

// attributes reads the attributes of a tag from behind its name on, notes in
// values what must change, and gives the offset behind the tag; 0 where it
// does not end.
func (w *tidyWriter) attributes(i int) int {
	s := w.src
	w.values = w.values[:0]
	for i < len(s) {
		c := s[i]
		if c == '>' {
			return i + 1
		}
		if c <= ' ' || c == '/' {
			i++
			continue
		}
		start := i
		for i++; i < len(s) && s[i] > ' ' && s[i] != '/' && s[i] != '>' && s[i] != '='; i++ {
		}
		name := s[start:i]
		j := i
		for j < len(s) && s[j] <= ' ' {
			j++
		}
		value := ""
		if j < len(s) && s[j] == '=' {
			for j++; j < len(s) && s[j] <= ' '; j++ {
			}
			if j == len(s) {
				return 0
			}
			if q := s[j]; q == '"' || q == '\'' {
				end := strings.IndexByte(s[j+1:], q)
				if end < 0 {
					return 0
				}
				value = s[j+1 : j+1+end]
				i = j + end + 2
			} else {
				end := j
				for end < len(s) && s[end] > ' ' && s[end] != '>' {
					end++
				}
				value = s[j:end]
				i = end
			}
		}
		if text, change := w.attribute(name, value); change {
			w.values = append(w.values, tidyValue{start, i, text})
		}
	}
	return 0
}
