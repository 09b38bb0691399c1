package feed

import (
	"bytes"
	"fmt"
	"math"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

var bomUTF8 = []byte("\xef\xbb\xbf")

// toUTF8 gives the document in UTF-8 without its XML declaration. The byte
// order mark decides, then the bytes themselves: what is valid UTF-8 with
// anything beyond ASCII in it is UTF-8, whatever the labels say. Else the XML
// declaration goes before the HTTP header, which is often a server's default.
// A label that the bytes contradict is not believed: then they are read in the
// charset in which they are likeliest text. Bytes that remain wrong in a UTF-8
// document are read as windows-1252, one by one.
func toUTF8(b []byte, contentType string) (out []byte, warnings []string) {
	b, wide, err := fromWide(b)
	if err != nil {
		warnings = append(warnings, err.Error())
	}
	decl, declared := declaration(b)
	rest := b[decl:]
	if wide {
		return rest, warnings
	}
	if isASCII(rest) {
		if bytes.Contains(rest, []byte("\x1b$")) { // another script in ASCII bytes
			rest, _ = decode(lookup("iso-2022-jp"), rest)
		}
		return rest, warnings
	}
	bom := bytes.HasPrefix(b, bomUTF8)
	header := headerCharset(contentType)
	sure, valid, invalid := weigh(rest)
	if invalid == 0 && (bom || sure || !wideScript(first(declared, header)) || utf8Likelier(rest, first(declared, header))) {
		return rest, warnings
	}
	if bom || invalid > 0 && (valid > invalid || valid > 0 && repairLikelier(rest)) {
		return repairUTF8(rest), append(warnings, fmt.Sprintf("%d stray bytes in UTF-8 were read as windows-1252", invalid))
	}
	for _, label := range []string{declared, header} {
		enc := lookup(label)
		if enc == nil || invalid > 0 && isUTF8(label) {
			continue
		}
		if text, bad := decode(enc, rest); bad*50 <= len(text) && believable(rest, label) {
			return text, warnings
		}
	}
	label, text := guessCharset(rest)
	return text, append(warnings, fmt.Sprintf("the charset is not as declared (%s); it was read as %s", first(declared, header, "nothing"), label))
}

// believable tells whether b may be in the charset that its label says: not
// where it is clearly text of some language in another one.
func believable(b []byte, label string) bool {
	best, declared, n := judge(b, label)
	return math.IsInf(float64(declared.score), -1) || best.score-declared.score < max(12, 0.3*float32(n))
}

// utf8Likelier tells whether b, which is valid UTF-8, is likelier to be that
// than what its label says: two characters of GBK can look like UTF-8.
func utf8Likelier(b []byte, label string) bool {
	sample := foreignWords(b)
	var text []rune
	if enc := lookup(label); enc != nil {
		t, _ := decode(enc, sample)
		text = []rune(string(t))
	}
	return likelihood([]rune(string(sample))) > likelihood(text)
}

// repairLikelier tells whether b is likelier UTF-8 with some stray bytes than
// text in another charset.
func repairLikelier(b []byte) bool {
	best, _, _ := judge(b, "")
	return likelihood([]rune(string(repairUTF8(foreignWords(b))))) > best.score-languageBonus
}

// fromWide converts UTF-16 and UTF-32, known by their mark or by the zero
// bytes among the first tags.
func fromWide(b []byte) (text []byte, wide bool, err error) {
	var enc encoding.Encoding
	p := append(bytes.Clone(b[:min(len(b), 4)]), 1, 1, 1, 1)
	even, odd, n := zeros(b)
	switch {
	case p[0] == 0xff && p[1] == 0xfe && p[2] == 0 && p[3] == 0, p[0] == '<' && p[1] == 0 && p[2] == 0 && p[3] == 0:
		enc = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case p[0] == 0 && p[1] == 0 && p[2] == 0xfe && p[3] == 0xff, p[0] == 0 && p[1] == 0 && p[2] == 0 && p[3] == '<':
		enc = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	case p[0] == 0xff && p[1] == 0xfe && (odd > 0 || !bytes.ContainsAny(b[:n], "<{")), 4*odd > n && 4*odd > 8*even:
		enc = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case p[0] == 0xfe && p[1] == 0xff && (even > 0 || !bytes.ContainsAny(b[:n], "<{")), 4*even > n && 4*even > 8*odd:
		enc = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	default:
		return b, false, nil
	}
	if len(b)%2 == 1 && bytes.HasSuffix(b, []byte("\n")) {
		b = b[:len(b)-1] // a line break that was added to wide text
	}
	text, derr := enc.NewDecoder().Bytes(b)
	if derr != nil {
		err = fmt.Errorf("wide characters are cut: %w", derr)
	}
	return bytes.TrimPrefix(text, bomUTF8), true, err
}

// zeros counts the zero bytes at even and odd places of the beginning of b:
// every other byte of markup in UTF-16 is zero.
func zeros(b []byte) (even, odd, n int) {
	n = min(len(b), 128)
	for i, c := range b[:n] {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	return even, odd, n
}

var declPattern = regexp.MustCompile(`^<\?xml[^>]{0,200}?(?:encoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)\s*["'][^>]{0,100}?)?\?>`)

// declaration gives the length of the XML declaration, with what blank stands
// before it, and the charset that it names.
func declaration(b []byte) (n int, label string) {
	start := 0
	for start < len(b) && (b[start] <= ' ' || bytes.HasPrefix(b[start:], bomUTF8)) {
		start++
		if b[start-1] == bomUTF8[0] {
			start += 2
		}
	}
	head := b[start:min(len(b), start+400)]
	if m := declPattern.FindSubmatch(head); m != nil {
		return start + len(m[0]), string(m[1])
	}
	return 0, ""
}

func headerCharset(contentType string) string {
	if contentType == "" {
		return ""
	}
	if _, p, err := mime.ParseMediaType(contentType); err == nil {
		return p["charset"]
	}
	_, label, _ := strings.Cut(strings.ToLower(contentType), "charset=")
	label, _, _ = strings.Cut(label, ";")
	return strings.Trim(label, ` "'`)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}

// weigh counts the characters of several bytes that are valid UTF-8 and the
// bytes that are not; sure: there is one of three bytes or more, which the
// legacy charsets of the Far East hardly ever imitate.
func weigh(b []byte) (sure bool, valid, invalid int) {
	if utf8.Valid(b) {
		for i := 0; i < len(b); i++ {
			if b[i] >= 0xe0 {
				return true, 1, 0
			}
		}
		return false, 1, 0
	}
	for len(b) > 0 {
		if b[0] < 0x80 {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			invalid++
		} else {
			valid++
			sure = sure || n > 2
		}
		b = b[n:]
	}
	return sure, valid, invalid
}

// repairUTF8 reads each byte that is no UTF-8 as windows-1252.
func repairUTF8(b []byte) []byte {
	out := make([]byte, 0, len(b)+64)
	for len(b) > 0 {
		i := 0
		for i < len(b) && b[i] < 0x80 {
			i++
		}
		out = append(out, b[:i]...)
		if b = b[i:]; len(b) == 0 {
			break
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(b[0])
		}
		out = utf8.AppendRune(out, r)
		b = b[n:]
	}
	return out
}

func lookup(label string) encoding.Encoding {
	if label == "" {
		return nil
	}
	enc, err := htmlindex.Get(label)
	if err != nil {
		return nil
	}
	if name, _ := htmlindex.Name(enc); strings.HasPrefix(name, "utf-16") || name == "replacement" {
		return nil // the zero bytes would have told
	}
	return enc
}

func isUTF8(label string) bool {
	enc, err := htmlindex.Get(label)
	return err == nil && enc == unicode.UTF8
}

// wideScript tells the charsets of scripts whose characters take three bytes
// in UTF-8.
func wideScript(label string) bool {
	enc := lookup(label)
	if enc == nil {
		return false
	}
	switch name, _ := htmlindex.Name(enc); name {
	case "gbk", "gb18030", "big5", "euc-kr", "euc-jp", "shift_jis":
		return true
	}
	return false
}

// decode converts b and counts the characters that it could not read.
func decode(enc encoding.Encoding, b []byte) (text []byte, bad int) {
	text, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return text, len(b)
	}
	return text, bytes.Count(text, []byte("\uFFFD"))
}
