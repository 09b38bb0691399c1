package text

import (
	"html"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	// DefaultMax is the longest text FromHTML gives when none is asked for.
	DefaultMax = 1 << 20
	// MaxTitle is the longest text that Plain gives, in bytes.
	MaxTitle = 2 << 10

	inputFloor = 64 << 10 // bytes of markup always read
	inputRatio = 16       // bytes of markup read for each byte asked for
	maxPasses  = 4        // how often over a text may have been encoded
	maxDepth   = 256      // open elements remembered within a dropped one
)

// FromHTML turns the HTML of a feed, or plain text, into clean plain text of
// at most max bytes (DefaultMax if max < 1), reading at most 16 max + 64 KiB.
//
// Paragraphs are parted by one blank line, list items and table rows stand on
// lines of their own, table cells are parted by " | ". Scripts, styles,
// comments, hidden elements, embedded objects, form controls and navigation
// are gone, the text of links and captions stays, alternative texts of images
// go. Entities are decoded, however often they were encoded. White space is
// folded; control and zero-width characters, soft hyphens and direction marks
// are gone; invalid UTF-8 becomes U+FFFD; the text is in NFC. Line ends in the
// input count only where it has no block markup of its own.
//
// What it gives it gives again: FromHTML(FromHTML(s, n), n) == FromHTML(s, n).
func FromHTML(s string, max int) string {
	if max < 1 {
		max = DefaultMax
	}
	if limit := inputFloor + inputRatio*max; len(s) > limit {
		s = s[:runeStart(s, limit)]
	}
	folded := false
	for range maxPasses {
		fold := !folded && hasBlock(s)
		folded = folded || fold
		out, settled := onePass(s, !fold)
		if settled || out == s {
			return cut(out, max)
		}
		s = out
	}
	// Markup within markup beyond all reason: what begins it goes.
	for range maxPasses {
		out, settled := onePass(unmark.Replace(s), true)
		if s = out; settled {
			break
		}
	}
	return cut(s, max)
}

var unmark = strings.NewReplacer("<", "", "&", "")

// Plain gives markup or text as one line of at most MaxTitle bytes, for titles
// and names.
func Plain(s string) string {
	s = FromHTML(s, MaxTitle)
	if strings.IndexByte(s, '\n') < 0 {
		return s
	}
	return strings.Join(strings.Fields(s), " ")
}

// onePass takes one layer of markup and entities off. settled means that
// another pass would change nothing.
func onePass(s string, keepLines bool) (out string, settled bool) {
	p := stripper{keepLines: keepLines}
	p.out = make([]byte, 0, len(s))
	p.run(s)
	out = string(p.out)
	settled = norm.NFC.IsNormalString(out)
	if !settled {
		out = norm.NFC.String(out)
	}
	return out, settled && !mayBeMarkup(out)
}

// mayBeMarkup reports whether another layer of markup or entities may show.
func mayBeMarkup(s string) bool {
	for i := strings.IndexByte(s, '&'); i >= 0 && i+1 < len(s); {
		if isASCIILetter(s[i+1]) || s[i+1] == '#' {
			return true
		}
		k := strings.IndexByte(s[i+1:], '&')
		if k < 0 {
			break
		}
		i += 1 + k
	}
	for i := strings.IndexByte(s, '<'); i >= 0 && i+1 < len(s); {
		if c := s[i+1]; isASCIILetter(c) || c == '/' || c == '!' || c == '?' {
			return true
		}
		k := strings.IndexByte(s[i+1:], '<')
		if k < 0 {
			break
		}
		i += 1 + k
	}
	return false
}

// stripper walks over markup and writes the text. It is no HTML parser: it
// builds no tree, so nothing nests, and it takes "<" for text where no known
// element begins, which a browser does not.
type stripper struct {
	cleaner
	keepLines bool
	pre       int
	cdata     bool
	dropped   []string // open elements within a dropped one, itself first
}

func (p *stripper) run(s string) {
	for i := 0; i < len(s); {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 {
			p.text(s[i:])
			return
		}
		j += i
		t, next, ok := readTag(s, j)
		switch {
		case ok:
			p.text(s[i:j])
			i = p.tag(&t, s, next)
		default:
			if next = skipDeclaration(s, j); next > 0 {
				p.text(s[i:j])
				p.cdata = p.cdata || strings.HasPrefix(s[j:], "<![")
				i = next
				continue
			}
			p.text(s[i : j+1])
			i = j + 1
		}
	}
}

// skipDeclaration gives the offset behind the comment, CDATA mark, document
// type or processing instruction at s[i], 0 where there is none.
func skipDeclaration(s string, i int) int {
	t := s[i:]
	end := ">"
	switch {
	case strings.HasPrefix(t, "<!--"):
		if strings.HasPrefix(t, "<!-->") {
			return i + len("<!-->")
		}
		end = "-->"
	case hasPrefixFold(t, "<![cdata["):
		return i + len("<![cdata[")
	case strings.HasPrefix(t, "<![") && len(t) > 3 && isASCIILetter(t[3]): // <![if …]>
	case hasPrefixFold(t, "<!doctype"):
	case len(t) > 2 && t[1] == '?' && isASCIILetter(t[2]):
	default:
		return 0
	}
	k := strings.Index(t, end)
	if k < 0 {
		return len(s)
	}
	return i + k + len(end)
}

func (p *stripper) text(s string) {
	if len(p.dropped) > 0 || s == "" {
		return
	}
	if p.cdata {
		s = strings.ReplaceAll(s, "]]>", "")
	}
	if strings.IndexByte(s, '&') >= 0 {
		s = html.UnescapeString(collapseAmp(s))
	}
	p.write(s, p.keepLines || p.pre > 0)
}

// collapseAmp turns "&amp;amp;…amp;" into "&amp;": ampersands encoded any
// number of times cost one pass.
func collapseAmp(s string) string {
	const twice, rest = "&amp;amp;", "amp;"
	i := strings.Index(s, twice)
	if i < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i >= 0 {
		b = append(b, s[:i+len("&amp;")]...)
		s = s[i+len("&amp;"):]
		for strings.HasPrefix(s, rest) {
			s = s[len(rest):]
		}
		i = strings.Index(s, twice)
	}
	return string(append(b, s...))
}

// tag handles one tag and gives the offset at which to go on.
func (p *stripper) tag(t *tag, s string, next int) int {
	if len(p.dropped) > 0 && !p.within(t) {
		return p.skipRaw(t, s, next)
	}
	switch {
	case !t.end && t.class&void == 0 && !(t.self && t.class&raw == 0 && t.class&drop != 0) && (t.class&drop != 0 || t.hidden()):
		p.dropped = append(p.dropped[:0], t.name)
		p.separate(t)
		return p.skipRaw(t, s, next)
	case t.class&quote != 0:
		p.write(`"`, false)
	}
	if t.class&pre != 0 {
		if t.end {
			p.pre = max(p.pre-1, 0)
		} else {
			p.pre++
		}
	}
	p.separate(t)
	return next
}

func (p *stripper) separate(t *tag) {
	switch {
	case t.class&block != 0:
		p.breakAt(paraGap)
	case t.class&line != 0:
		p.breakAt(lineGap)
	case t.class&cell != 0:
		p.breakAt(cellGap)
	case t.class&lineBr != 0:
		p.lineEnd()
	}
}

// within follows the elements inside a dropped one; it reports whether the tag
// t ends the drop and has to be handled itself.
func (p *stripper) within(t *tag) (outside bool) {
	if !t.end {
		if len(p.dropped) == 1 && p.dropped[0] == "p" && t.class&block != 0 {
			p.dropped = p.dropped[:0] // a block ends a paragraph
			return true
		}
		if t.class&void == 0 && !t.self && len(p.dropped) < maxDepth {
			p.dropped = append(p.dropped, t.name)
		}
		return false
	}
	for i := len(p.dropped) - 1; i >= 0; i-- {
		if p.dropped[i] == t.name {
			p.dropped = p.dropped[:i]
			return false
		}
	}
	if t.class&(block|line|cell) != 0 {
		p.dropped = p.dropped[:0] // the parent ends
		return true
	}
	return false
}

// skipRaw leaps over the content of an element whose content is no markup.
func (p *stripper) skipRaw(t *tag, s string, next int) int {
	if t.end || t.class&raw == 0 {
		return next
	}
	for i := next; i < len(s); {
		j := strings.Index(s[i:], "</")
		if j < 0 {
			break
		}
		i += j + 2
		if hasPrefixFold(s[i:], t.name) {
			return i - 2
		}
	}
	return len(s)
}

// hasBlock reports whether the markup of s has a structure of its own, so that
// line ends mean nothing.
func hasBlock(s string) bool {
	for i := 0; i < len(s); {
		j := strings.IndexByte(s[i:], '<')
		if j < 0 {
			return false
		}
		i += j
		t, next, ok := readTag(s, i)
		switch {
		case ok && t.class&(block|line|cell|lineBr) != 0:
			return true
		case ok:
			i = next
		default:
			if next = skipDeclaration(s, i); next > 0 {
				i = next
			} else {
				i++
			}
		}
	}
	return false
}

// cut shortens a clean text to max bytes, at a space where one is near.
func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	end := runeStart(s, max)
	if near := strings.LastIndexAny(s[:end], " \n"); near >= 0 && near > end-64 {
		end = near
	}
	return strings.TrimRight(s[:end], " \n")
}

// runeStart gives the largest offset up to i at which a character starts.
func runeStart(s string, i int) int {
	for k := 0; k < utf8.UTFMax && i > 0 && !utf8.RuneStart(s[i]); k++ {
		i--
	}
	return i
}

// hasPrefixFold compares ASCII letters without case; prefix is lower-case.
func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}
