package page

import (
	"bytes"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// toUTF8 decodes a page. A byte order mark goes before everything; bytes that
// are UTF-8 throughout are UTF-8, whatever is declared, unless that is one of
// the charsets which are written in ASCII; else the Content-Type counts, then
// the page's own declaration.
func toUTF8(b []byte, contentType string) []byte {
	enc, name, certain := charset.DetermineEncoding(b, contentType)
	ascii := name == "iso-2022-jp" || name == "utf-16le" || name == "utf-16be"
	if !ascii && utf8.Valid(b) || name == "utf-8" || enc == nil {
		return bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
	}
	if !certain && name == "windows-1252" && mostlyUTF8(b) {
		return b
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil {
		return b
	}
	return out
}

// mostlyUTF8 tells a UTF-8 page with a few damaged characters from one in
// another charset.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		b = b[n:]
	}
	return good > 10*bad
}
