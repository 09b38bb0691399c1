package engine

import "strings"

// tokenKind tells the little of SQL's lexis that routing a statement needs.
type tokenKind uint8

const (
	word    tokenKind = iota // bare identifier or keyword
	quoted                   // `identifier` or "identifier"
	literal                  // 'string', number, $tag$heredoc$tag$
	symbol                   // one other character
)

// token is text[start:end]; depth counts the parentheses and brackets around it.
type token struct {
	kind       tokenKind
	text       string
	start, end int
	depth      int
}

// is compares a bare word, whatever its case.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

// name is what an identifier stands for, without its quotes.
func (t token) name() string {
	if t.kind != quoted {
		return t.text
	}
	q := t.text[:1]
	s := strings.TrimSuffix(t.text[1:], q)
	s = strings.ReplaceAll(s, q+q, q)
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// lexer walks over a statement; comments and blanks between tokens are skipped.
type lexer struct {
	sql   string
	pos   int
	depth int
	// odd is set by what ClickHouse may read in another way than this lexer: a character beyond
	// ASCII or a dollar sign outside quotes, a comment opened within a comment.
	odd bool
}

func (l *lexer) next() (token, bool) {
	l.skip()
	if l.pos >= len(l.sql) {
		return token{}, false
	}
	start, c := l.pos, l.sql[l.pos]
	t := token{start: start, depth: l.depth, kind: symbol}
	switch {
	case isWordStart(c):
		t.kind = word
		for l.pos < len(l.sql) && (isWordStart(l.sql[l.pos]) || isDigit(l.sql[l.pos])) {
			l.pos++
		}
	case isDigit(c):
		t.kind = literal
		for l.pos < len(l.sql) && (isWordStart(l.sql[l.pos]) || isDigit(l.sql[l.pos])) {
			l.pos++
		}
	case c == '\'':
		t.kind = literal
		l.quote(c)
	case c == '`' || c == '"':
		t.kind = quoted
		l.quote(c)
	case c == '$' && l.heredoc():
		l.odd = true
		t.kind = literal
	default:
		l.pos++
		l.odd = l.odd || c >= 0x80 || c == '$'
		switch c {
		case '(', '[', '{':
			l.depth++
		case ')', ']', '}':
			l.depth = max(l.depth-1, 0)
			t.depth = l.depth
		}
	}
	t.end = l.pos
	t.text = l.sql[start:l.pos]
	return t, true
}

// skip passes blanks and comments: -- …, # …, #! …, and /* … */, which may nest.
func (l *lexer) skip() {
	for l.pos < len(l.sql) {
		rest := l.sql[l.pos:]
		switch {
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "# "), strings.HasPrefix(rest, "#!"):
			if i := strings.IndexByte(rest, '\n'); i >= 0 {
				l.pos += i + 1
			} else {
				l.pos = len(l.sql)
			}
		case strings.HasPrefix(rest, "/*"):
			l.comment()
		case rest[0] == ' ' || rest[0] >= '\t' && rest[0] <= '\r' || rest[0] == 0:
			l.pos++
		case strings.HasPrefix(rest, "\u00a0"), strings.HasPrefix(rest, "\ufeff"):
			l.pos += len("\u00a0")
			if rest[0] == 0xef {
				l.pos++
			}
		default:
			return
		}
	}
}

// comment passes a comment with those in it.
func (l *lexer) comment() {
	for open := 0; ; {
		rest := l.sql[l.pos:]
		i, j := strings.Index(rest, "/*"), strings.Index(rest, "*/")
		switch {
		case i >= 0 && (j < 0 || i < j):
			open++
			l.pos += i + 2
		case j >= 0:
			open--
			l.pos += j + 2
		default:
			l.pos = len(l.sql)
			return
		}
		if open == 0 {
			return
		}
		l.odd = l.odd || open > 1
	}
}

// quote passes a quoted run; a backslash and a doubled quote escape.
func (l *lexer) quote(q byte) {
	for l.pos++; l.pos < len(l.sql); l.pos++ {
		switch l.sql[l.pos] {
		case '\\':
			l.pos++
		case q:
			if l.pos+1 < len(l.sql) && l.sql[l.pos+1] == q {
				l.pos++
				continue
			}
			l.pos++
			return
		}
	}
	l.pos = min(l.pos, len(l.sql))
}

// heredoc passes $tag$ … $tag$.
func (l *lexer) heredoc() bool {
	rest := l.sql[l.pos:]
	n := strings.IndexByte(rest[1:], '$')
	if n < 0 {
		return false
	}
	tag := rest[:n+2]
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		return false
	}
	l.pos += 2*len(tag) + end
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
