package text

import (
	"unicode"
	"unicode/utf8"
)

// gap is what stands between two pieces of text; the widest asked for wins.
type gap uint8

const (
	noGap gap = iota
	spaceGap
	cellGap
	lineGap
	paraGap
)

// cleaner writes text with its white space folded, its line structure kept and
// its invisible characters gone. What it wrote it writes again unchanged.
type cleaner struct {
	out   []byte
	gap   gap
	lines int  // line ends since the last text
	cr    bool // the last character was a carriage return
	last  rune // last character written
	marks int  // combining marks in a row
}

// maxMarks bounds the combining marks upon one letter; no orthography stacks
// more than a few.
const maxMarks = 8

func (c *cleaner) breakAt(g gap) { c.gap = max(c.gap, g) }

// lineEnd is one line end; a second one before any text parts paragraphs.
func (c *cleaner) lineEnd() {
	c.lines++
	if c.lines > 1 {
		c.breakAt(paraGap)
	} else {
		c.breakAt(lineGap)
	}
}

func (c *cleaner) flush() {
	g := c.gap
	c.gap, c.lines = noGap, 0
	if g == noGap || len(c.out) == 0 {
		return
	}
	c.marks = 0
	switch g {
	case spaceGap:
		c.out = append(c.out, ' ')
	case cellGap:
		c.out = append(c.out, " | "...)
	case lineGap:
		c.out = append(c.out, '\n')
	case paraGap:
		c.out = append(c.out, "\n\n"...)
	}
	c.last = ' '
}

// write adds text without markup. With keepLines its line ends are structure,
// else they are white space.
func (c *cleaner) write(s string, keepLines bool) {
	for i := 0; i < len(s); {
		b := s[i]
		if b > ' ' && b < 0x7f {
			j := i + 1
			for j < len(s) && s[j] > ' ' && s[j] < 0x7f {
				j++
			}
			c.flush()
			c.out = append(c.out, s[i:j]...)
			c.last, c.marks, c.cr = rune(s[j-1]), 0, false
			i = j
			continue
		}
		if b < utf8.RuneSelf {
			i++
			c.control(b, keepLines)
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		c.cr = false
		c.rune(r, keepLines)
	}
}

func (c *cleaner) control(b byte, keepLines bool) {
	wasCR := c.cr
	c.cr = b == '\r'
	switch b {
	case ' ', '\t', '\v', '\f':
		c.breakAt(spaceGap)
	case '\n', '\r':
		switch {
		case !keepLines:
			c.breakAt(spaceGap)
		case b == '\n' && wasCR: // the second half of one line end
		default:
			c.lineEnd()
		}
	}
}

func (c *cleaner) rune(r rune, keepLines bool) {
	if r < 0xa0 { // C1 controls: what windows-1252 has there, as browsers read them
		if r = windows1252[r-0x80]; r == 0 {
			return
		}
	}
	switch r {
	case 0x00a0, 0x1680, 0x202f, 0x205f, 0x3000:
		c.breakAt(spaceGap)
		return
	case 0x2028, 0x2029:
		if keepLines {
			c.lineEnd()
			if r == 0x2029 {
				c.breakAt(paraGap)
			}
		} else {
			c.breakAt(spaceGap)
		}
		return
	case 0x00ad, 0x034f, 0x061c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180e, 0x3164, 0xfeff, 0xffa0, 0xfffc, 0xe0001:
		return // soft hyphen, fillers, marks without a glyph
	case 0x200c, 0x200d:
		// Joiners shape letters of Arabic and Indic scripts and bind emoji;
		// between Latin letters they are residue of layout.
		if c.gap != noGap || c.last < 0x0600 {
			return
		}
	case utf8.RuneError:
		if c.gap == noGap && c.last == r {
			return
		}
	}
	switch {
	case r >= 0x2000 && r <= 0x200a:
		c.breakAt(spaceGap)
		return
	case r >= 0x200b && r <= 0x206f:
		if r == 0x200b || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2060 {
			return // zero-width space, direction marks, invisible operators
		}
	case r >= 0xe000 && r <= 0xf8ff, r >= 0xf0000, r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef, r >= 0xfff0 && r <= 0xfffb:
		return // private use (icon fonts), non-characters
	}
	if r >= 0x0300 && (r < 0x0370 || r > 0x0482) && (r < 0x3000 || r > 0xa66e) && unicode.Is(unicode.Mn, r) {
		if c.gap == noGap {
			if c.marks++; c.marks > maxMarks {
				return
			}
		}
	} else {
		c.marks = 0
	}
	c.flush()
	c.last = r
	c.out = utf8.AppendRune(c.out, r)
}

// windows1252 gives the characters 0x80 to 0x9f of that code page; 0: none.
var windows1252 = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}
