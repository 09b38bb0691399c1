package engine

import (
	"errors"
	"fmt"
	"strings"
)

// statement is what the endpoint has to know of a statement before it can run it.
type statement struct {
	sql      string // without data, trailing semicolons and comments
	verb     string // first keyword in upper case, past opening parentheses
	format   string // of an explicit FORMAT clause, else empty
	formatAt int    // where that clause starts in sql
	insert   *insertion
	tokens   []token
	odd      bool // see lexer
}

// insertion is an INSERT whose rows follow the statement.
type insertion struct {
	target   string // "INSERT INTO t (a, b)"
	settings string // "SETTINGS a = 1", or empty
	format   string // input format, empty where the statement names none
	dataAt   int    // where the rows start in the text that was parsed
}

var (
	errEmptyStatement = errors.New("Empty query")
	errMultiple       = errors.New("Multi-statements are not allowed")
)

// unsupported is a statement that ClickHouse's own HTTP interface takes, or a client, but not this one.
type unsupported struct{ what string }

func (e *unsupported) Error() string { return e.what + " is not supported over this endpoint" }

// parseStatement looks at the start of a request's text: all of it, unless rows follow an INSERT.
func parseStatement(text string) (*statement, error) {
	s := &statement{}
	l := lexer{sql: text}
	for {
		t, ok := l.next()
		s.odd = l.odd
		if !ok {
			break
		}
		if t.kind == symbol && t.text == ";" && t.depth == 0 {
			for {
				t, ok := l.next()
				s.odd = l.odd
				if !ok {
					return s.finish(text)
				}
				if t.text != ";" {
					return nil, errMultiple
				}
			}
		}
		s.tokens = append(s.tokens, t)
		if s.verb == "" && t.text != "(" {
			s.verb = strings.ToUpper(t.text)
		}
		if s.verb == "INSERT" && len(s.tokens) > 2 {
			ins, err := s.insertData(text)
			if err != nil {
				return nil, err
			}
			if ins != nil {
				s.insert = ins
				s.sql = strings.TrimSpace(text[:ins.dataAt])
				return s, nil
			}
		}
	}
	return s.finish(text)
}

func (s *statement) finish(text string) (*statement, error) {
	if len(s.tokens) == 0 {
		return nil, errEmptyStatement
	}
	s.sql = text[s.tokens[0].start:s.tokens[len(s.tokens)-1].end]
	for i, t := range s.tokens[1:] {
		if t.is("OUTFILE") && s.tokens[i].is("INTO") {
			return nil, &unsupported{"INTO OUTFILE"}
		}
	}
	if s.verb == "INSERT" {
		return s.finishInsert(text)
	}
	s.findFormat()
	return s, nil
}

// findFormat finds "FORMAT name" at the end, where only SETTINGS may follow.
func (s *statement) findFormat() {
	for i := len(s.tokens) - 2; i > 0; i-- {
		if t := s.tokens[i]; t.depth == 0 && t.is("FORMAT") && s.tokens[i+1].kind == word {
			if i+2 == len(s.tokens) || s.tokens[i+2].is("SETTINGS") {
				s.format, s.formatAt = s.tokens[i+1].text, t.start-s.tokens[0].start
				return
			}
		}
	}
}

// parseRequest looks at a request whose query parameter and body start are given; text is both,
// parted by a line feed. An INSERT in the parameter that names no source of its rows has them in
// the body, unless the body goes on with the statement.
func parseRequest(query, body string) (st *statement, text string, err error) {
	if query == "" {
		st, err = parseStatement(body)
		return st, body, err
	}
	text = query + "\n" + body
	if st, err = parseStatement(query); err == nil && st.insert != nil && st.insert.format == "" && !continues(body) {
		st.insert.dataAt = len(query) + 1
		return st, text, nil
	}
	st, err = parseStatement(text)
	return st, text, err
}

// continues tells whether text goes on with an INSERT.
func continues(text string) bool {
	l := lexer{sql: text[:min(len(text), 4096)]}
	t, _ := l.next()
	for _, k := range []string{"VALUES", "FORMAT", "SELECT", "WITH", "SETTINGS", "FROM", "PARTITION"} {
		if t.is(k) {
			return true
		}
	}
	return false
}

// insertData decides, at the newest token of an INSERT, whether rows follow it.
func (s *statement) insertData(text string) (*insertion, error) {
	i := len(s.tokens) - 1
	t := s.tokens[i]
	if t.depth != 0 || s.selects() {
		return nil, nil
	}
	switch {
	case t.is("INFILE") && s.tokens[i-1].is("FROM"):
		return nil, &unsupported{"FROM INFILE"}
	case t.is("VALUES"):
		return s.insertion(text, i, "Values", t.end), nil
	case t.kind == word && s.tokens[i-1].is("FORMAT") && i > 3:
		at := t.end
		for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\f') {
			at++
		}
		if at < len(text) && text[at] == ';' {
			at++
		}
		if at < len(text) && text[at] == '\r' {
			at++
		}
		if at < len(text) && text[at] == '\n' {
			at++
		}
		return s.insertion(text, i-1, t.text, at), nil
	}
	return nil, nil
}

// selects tells whether an INSERT takes its rows from a query.
func (s *statement) selects() bool {
	for i, t := range s.tokens[1:] {
		if t.depth == 0 && (t.is("SELECT") || t.is("WITH") || t.is("WATCH")) ||
			t.depth == 1 && (t.is("SELECT") || t.is("WITH")) && s.tokens[i].text == "(" {
			return true
		}
	}
	return false
}

// insertion cuts the statement at its token i, where the rows' form is named.
func (s *statement) insertion(text string, i int, format string, dataAt int) *insertion {
	end := s.tokens[i].start
	ins := &insertion{format: format, dataAt: dataAt}
	for k, t := range s.tokens[:i] {
		if k > 2 && t.depth == 0 && t.is("SETTINGS") {
			ins.settings = strings.TrimSpace(text[t.start:end])
			end = t.start
			break
		}
	}
	ins.target = strings.TrimSpace(text[s.tokens[0].start:end])
	return ins
}

// finishInsert handles an INSERT that ends without naming where its rows come from: they follow in
// the format that the request names. clickhouse-go and others send such.
func (s *statement) finishInsert(text string) (*statement, error) {
	if s.selects() {
		for i, t := range s.tokens {
			if t.is("input") && i > 0 && s.tokens[i-1].is("FROM") && i+1 < len(s.tokens) && s.tokens[i+1].text == "(" {
				return nil, &unsupported{"INSERT … SELECT … FROM input()"}
			}
		}
		return s, nil
	}
	if len(s.tokens) < 3 {
		return nil, fmt.Errorf("Syntax error: INSERT without a table")
	}
	last := s.tokens[len(s.tokens)-1]
	s.tokens = append(s.tokens, token{kind: symbol, start: last.end, end: last.end})
	s.insert = s.insertion(text, len(s.tokens)-1, "", len(text))
	return s, nil
}
