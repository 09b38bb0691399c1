package text

import "strings"

// escape normalises percent-encoding (RFC 3986, 6.2.2): upper-case digits,
// unreserved characters plain, everything that is no URL character encoded.
func escape(s string) string {
	clean := true
	for i := 0; i < len(s) && clean; i++ {
		clean = s[i] != '%' && urlByte(s[i])
	}
	if clean {
		return s
	}
	const hex = "0123456789ABCDEF"
	b := make([]byte, 0, len(s)+16)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			if isASCIILetter(c) || isDigit(c) || c == '-' || c == '.' || c == '_' || c == '~' {
				b = append(b, c)
			} else {
				b = append(b, '%', hex[c>>4], hex[c&15])
			}
		case c != '%' && urlByte(c):
			b = append(b, c)
		default:
			b = append(b, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(b)
}

// fixPercent encodes percent signs that begin no escape, and spaces.
func fixPercent(s string) string {
	if strings.IndexByte(s, '%') < 0 && strings.IndexByte(s, ' ') < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '%' && (i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2])):
			b.WriteString("%25")
		case s[i] == ' ':
			b.WriteString("%20")
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// urlByte reports whether a byte may stand in a path or query as it is.
func urlByte(c byte) bool {
	return isASCIILetter(c) || isDigit(c) || strings.IndexByte("-._~!$&'()*+,;=:@/?", c) >= 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f' }

func unhex(c byte) byte {
	if isDigit(c) {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}
