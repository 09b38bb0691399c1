package entity

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A zone is a stretch of text, in bytes, in which names do not count: by-line,
// credit, dateline, navigation.
type zone struct{ start, end int32 }

// headLines is how many lines at the head of a text may be by-lines, names of
// the paper and the title again.
const headLines = 5

// appendZones finds the zones of a text, in order of their start, line by line.
func appendZones(dst []zone, title, text string) []zone {
	head := 0
	title = strings.TrimSpace(title)
	for at := 0; at < len(text); {
		end := strings.IndexByte(text[at:], '\n')
		if end < 0 {
			end = len(text)
		} else {
			end += at
		}
		line := strings.TrimSpace(text[at:end])
		if line != "" {
			start := at + strings.Index(text[at:end], line)
			if head++; head <= headLines && end < len(text) && (line == title || isByline(line, head)) {
				dst = append(dst, zone{int32(start), int32(start + len(line))})
			} else {
				dst = lineZones(dst, line, int32(start))
			}
		}
		at = end + 1
	}
	dst = relatedZone(dst, text)
	slices.SortStableFunc(dst, func(a, b zone) int { return int(a.start - b.start) })
	return dst
}

// relatedZone finds the headings of other articles below the story: two lines
// and more in Title Case without a full stop, with tags and the like between.
func relatedZone(dst []zone, text string) []zone {
	end, headings, from := len(text), 0, len(text)
	for end > 0 && headings < 30 {
		start := strings.LastIndexByte(text[:end], '\n') + 1
		line := strings.TrimSpace(text[start:end])
		switch {
		case line == "" || isTagList(line):
		case len(line) <= 160 && !endsSentence(line) && titleCase(line):
			headings++
			from = start
		case len(line) <= 60 && !endsSentence(line):
		default:
			start = 0 // the story
		}
		if start == 0 {
			break
		}
		end = start - 1
	}
	if headings < 2 || from == 0 {
		return dst
	}
	return append(dst, zone{int32(from), int32(len(text))})
}

// titleCase says whether a line is written as a heading is, in five words and
// more.
func titleCase(line string) bool {
	words, large := 0, 0
	for w := range strings.FieldsSeq(line) {
		r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "'\"“‘("))
		if len(w) > 3 || unicode.IsUpper(r) {
			words++
			if !unicode.IsLower(r) {
				large++
			}
		}
	}
	return words >= 5 && large*10 >= words*8
}

// isByline knows lines at the head of a text that hold names alone: "Mary
// Hartwell and John Marlow", "Norland Herald", "Mary Hartwell, Senior Editor".
func isByline(line string, nth int) bool {
	if len(line) > 80 || endsSentence(line) && !strings.HasSuffix(line, "Jr.") {
		return false
	}
	words := 0
	for w := range strings.FieldsSeq(line) {
		words++
		r, _ := utf8.DecodeRuneInString(w)
		switch {
		case unicode.IsUpper(r) || r == '@' || r == '|':
		case w == "and" || w == "of" || w == "the" || w == "for" || w == "&" || w == "in" || w == "by" || w == "de" || w == "van" || w == "von" || w == "al":
		default:
			return false
		}
	}
	// Long lines in Title Case are headings; names are short.
	return words <= 8 && (nth > 1 || words <= 6)
}

// Openings of lines that are no part of the story, lower case.
var navigation = []string{
	"share", "read more", "read also", "also read", "read next", "read the full", "see also", "see more", "more:", "more from", "related", "watch:", "watch live", "watch now", "listen", "story continue", "article continue",
	"continue reading", "follow us", "follow @", "follow him", "follow her", "sign up", "sign in", "log in", "subscribe", "advertisement", "click here", "get short url", "copyright",
	"all rights reserved", "tags:", "topics:", "filed under", "comments", "skip to", "photos:", "image copyright", "image caption", "media playback", "story highlights",
	"community standards", "view comments", "leave a comment", "newsletter", "download", "most popular", "most read", "enlarge this image", "toggle caption", "get short url", "watch the", "play video", "view gallery", "view slideshow", "hide caption", "buy photo", "reprints", "support our", "become a member", "already a subscriber", "trending", "recommended", "you may also", "don't miss",
	"correction:", "contact us", "terms of", "privacy policy", "about us", "donate", "email", "print", "photo gallery", "latest news", "breaking news", "top stories", "in this article",
	"the views expressed", "originally published", "this article was", "this story was", "updated", "last updated", "published", "posted",
}

// Openings of lines that name who wrote, lower case.
var authorship = []string{
	"by ", "reporting by", "(reporting by", "editing by", "(editing by", "writing by", "(writing by", "additional reporting", "(additional reporting", "compiled by", "story by",
	"contributing:", "contributors:", "with reporting", "(with reporting", "with additional reporting", "with assistance", "— with assistance", "follow ", "written by", "photograph by", "photographs by", "photo by", "video by", "interview by", "translated by",
}

// Marks of a credit, as written.
var creditMarks = []string{"©", "Getty Images", "AP Photo", "AP Images", "(AP)", "Photo by", "Photo:", "Photo credit", "Photograph:", "Photograph by", "REUTERS/", "/Reuters", "/ Reuters", "/REUTERS", "/AFP", "AFP/", "/AP", "/EPA", " via AP)", " via Reuters)",
	"Image credit", "Image:", "Credit:", "File photo", "Courtesy of", "Shutterstock", "/Getty", "/ Getty", "Picture:", "/TASS", "Sputnik/"}

// lineZones finds the zones of one line, which begins at byte at.
func lineZones(dst []zone, line string, at int32) []zone {
	whole := zone{at, at + int32(len(line))}
	short := len(line) <= 120
	ends := endsSentence(line)
	low := lowerPrefix(line, 24)
	if short && (!ends || len(line) < 40) {
		for _, p := range navigation {
			if strings.HasPrefix(low, p) && wordEnds(low, len(p)) {
				return append(dst, whole)
			}
		}
		if isTagList(line) {
			return append(dst, whole)
		}
	}
	for _, p := range authorship {
		if !strings.HasPrefix(low, p) {
			continue
		}
		if p == "follow " && !strings.Contains(line, "@") && !strings.Contains(line, " on Twitter") && !strings.Contains(line, " on Facebook") {
			continue
		}
		r, _ := utf8.DecodeRuneInString(line[len(p):])
		byline := short && !ends && unicode.IsUpper(r)
		if byline || len(p) > 5 && len(line) < 300 {
			return append(dst, whole)
		}
	}
	if n := dateline(line); n > 0 {
		dst = append(dst, zone{at, at + int32(n)})
	}
	for _, mark := range [...]string{"contributed to this", "contributed reporting", "contributed from", "writers contributed"} {
		if i := strings.Index(line, mark); i >= 0 {
			from := strings.LastIndex(line[:i], ". ") + 1
			if strings.HasPrefix(line, "Associated Press") || len(line) < 300 {
				from = 0
			}
			return append(dst, zone{at + int32(from), whole.end})
		}
	}
	if len(line) <= 400 {
		dst = notices(dst, line, at)
	}
	if who, _, ok := strings.Cut(line, " is a "); ok && len(line) < 700 && len(who) < 40 && isAuthorNote(line) {
		return append(dst, whole) // "Mary Hartwell is a fellow at …"
	}
	if len(line) <= 600 {
		dst = credits(dst, line, at)
	}
	return dst
}

// noticeMarks stand in the sentences that pages put below or into an article.
var noticeMarks = []string{"reCAPTCHA", "rivacy Policy", "rights reserved", "ign up for our", "ign up for the", "nsubscribe", "may earn a"}

// notices finds the sentences of a short line that are no part of the story,
// but notices of the page.
func notices(dst []zone, line string, at int32) []zone {
	for _, mark := range noticeMarks {
		i := strings.Index(line, mark)
		if i < 0 {
			continue
		}
		from, to := max(strings.LastIndex(line[:i], ". "), strings.LastIndex(line[:i], "? "), strings.LastIndex(line[:i], "! "))+1, len(line)
		if k := strings.Index(line[i:], ". "); k >= 0 {
			to = i + k + 1
		}
		if z := (zone{at + int32(from), at + int32(to)}); len(dst) == 0 || dst[len(dst)-1] != z {
			dst = append(dst, z)
		}
	}
	return dst
}

// isAuthorNote knows the note on who wrote an opinion piece.
func isAuthorNote(line string) bool {
	for _, mark := range [...]string{"columnist", "contributor to", "Follow ", "follow him", "follow her", "Follow him", "Follow her", "the author of", "opinions expressed", "views expressed", "this commentary", "E-mail", "Email "} {
		if strings.Contains(line, mark) {
			return true
		}
	}
	return false
}

// credits finds photo credits inside a caption: the bracket around a mark, or
// from the mark's own clause to the end of the line.
func credits(dst []zone, line string, at int32) []zone {
	for _, mark := range creditMarks {
		i := strings.Index(line, mark)
		if i < 0 {
			continue
		}
		from, to := 0, len(line)
		open := strings.LastIndexByte(line[:i+1], '(')
		if open >= 0 && strings.IndexByte(line[open:i], ')') < 0 {
			from = open
			if c := strings.IndexByte(line[i:], ')'); c >= 0 {
				to = i + c + 1
			}
		} else if mark[0] == '/' || strings.HasPrefix(mark, "Getty") {
			// "Jane Hartwell/Reuters": the name before the stroke as well.
			for _, sep := range []string{". ", ") ", " | ", "  "} {
				if k := strings.LastIndex(line[:i], sep); k+len(sep) > from && k >= 0 {
					from = k + len(sep)
				}
			}
			if k := strings.Index(line[:i], "©"); k >= from {
				from = k
			}
			if i-from > 60 {
				from = i
			}
		} else {
			from = i
		}
		dst = append(dst, zone{at + int32(from), at + int32(to)})
	}
	return dst
}

// dateline returns the length of an opening such as "WASHINGTON (AP) —" or
// "(Reuters) -", or 0.
func dateline(line string) int {
	head := validPrefix(line, 80)
	best := -1
	for _, dash := range []string{"—", "–", " - ", "--", ") -", ")-"} {
		if i := strings.Index(head, dash); i > 0 && (best < 0 || i < best) {
			best = i
			if dash[0] == ')' {
				best++
			}
		}
	}
	if best < 3 {
		// "(CNN)The minister …": the agency alone.
		if head[0] == '(' {
			if c := strings.IndexByte(head, ')'); c > 2 && c <= 24 {
				return c + 1
			}
		}
		return 0
	}
	prefix := strings.TrimSpace(head[:best])
	outside, agency := prefix, false
	if o := strings.LastIndexByte(prefix, '('); o >= 0 && strings.HasSuffix(prefix, ")") && len(prefix)-o <= 32 {
		outside, agency = strings.TrimSpace(prefix[:o]), true
	}
	up, low, words := 0, 0, len(strings.Fields(outside))
	for _, r := range outside {
		if unicode.IsUpper(r) {
			up++
		} else if unicode.IsLower(r) {
			low++
		}
	}
	switch {
	case words > 6:
		return 0
	case agency && (outside == "" || up > 0):
		return best
	case up >= 3 && up >= 2*low && words <= 5:
		return best
	}
	return 0
}

// isTagList knows lines like "trade, Jane Hartwell, Norland, ports".
func isTagList(line string) bool {
	if endsSentence(line) || strings.Count(line, ",") < 2 {
		return false
	}
	for item := range strings.SplitSeq(line, ",") {
		f := strings.Fields(item)
		if len(f) == 0 || len(f) > 3 {
			return false
		}
		for _, w := range f {
			switch w {
			case "the", "a", "and", "of", "in", "to", "is", "was", "said", "who", "with":
				return false
			}
		}
	}
	return true
}

func endsSentence(line string) bool {
	line = strings.TrimRight(line, ` "')]”’»`)
	r, _ := utf8.DecodeLastRuneInString(line)
	return r == '.' || r == '!' || r == '?' || r == '…'
}

func lowerPrefix(s string, n int) string { return strings.ToLower(validPrefix(s, n)) }

// wordEnds says whether no word of s goes on at n.
func wordEnds(s string, n int) bool {
	if n >= len(s) || !isWordRune(rune(s[n-1])) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(s[n:])
	return !unicode.IsLetter(r)
}
