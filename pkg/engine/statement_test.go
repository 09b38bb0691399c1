package engine

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseRequest(t *testing.T) {
	f := func(query, body, want string) {
		t.Helper()
		st, text, err := parseRequest(query, body)
		got := ""
		switch {
		case err != nil:
			got = "error: " + err.Error()
		case st.insert != nil:
			got = fmt.Sprintf("%s|%s|%s|%s", st.insert.target, st.insert.settings, st.insert.format, text[st.insert.dataAt:])
		default:
			got = fmt.Sprintf("%s|%s|%s", st.verb, st.format, st.sql)
		}
		if got != want {
			t.Errorf("%q %q:\ngot  %s\nwant %s", query, body, got, want)
		}
	}
	f("", "select 1", "SELECT||select 1")
	f("", " -- c\n((select 1) union all select 2);;\n", "SELECT||((select 1) union all select 2)")
	f("", "SELECT ';' -- ;\n FORMAT CSV ; ", "SELECT|CSV|SELECT ';' -- ;\n FORMAT CSV")
	f("", "SELECT 1 FORMAT JSON SETTINGS a = 1", "SELECT|JSON|SELECT 1 FORMAT JSON SETTINGS a = 1")
	f("", "SELECT format AS FORMAT FROM t", "SELECT||SELECT format AS FORMAT FROM t")
	f("", "SELECT * FROM (SELECT 1 FORMAT x)", "SELECT||SELECT * FROM (SELECT 1 FORMAT x)")
	f("SELECT", "1", "SELECT||SELECT\n1")
	f("", "SELECT $t$ ; INSERT $t$", "SELECT||SELECT $t$ ; INSERT $t$")
	f("", "", "error: Empty query")
	f("", "/* unclosed", "error: Empty query")
	f("", "SELECT 1; SELECT 2", "error: Multi-statements are not allowed")
	f("", "SELECT 1 INTO OUTFILE 'x'", "error: INTO OUTFILE is not supported over this endpoint")

	f("", "INSERT INTO t VALUES (1, ';')", "INSERT INTO t||Values| (1, ';')")
	f("", "INSERT INTO t VALUES(1);\n", "INSERT INTO t||Values|(1);\n")
	f("", "insert into `values` (a, `format`) format CSV\n1,2\n", "insert into `values` (a, `format`)||CSV|1,2\n")
	f("", "INSERT INTO d.t FORMAT CSV 1,2", "INSERT INTO d.t||CSV|1,2")
	f("", "INSERT INTO t FORMAT CSV\r\n\n1", "INSERT INTO t||CSV|\n1")
	f("", "INSERT INTO t SETTINGS a=1, b='x' FORMAT Native\n\x00\xff", "INSERT INTO t|SETTINGS a=1, b='x'|Native|\x00\xff")
	f("", "INSERT INTO format FORMAT CSV\n1", "INSERT INTO format||CSV|1")
	f("", "INSERT INTO FUNCTION null('x UInt8') VALUES (1)", "INSERT INTO FUNCTION null('x UInt8')||Values| (1)")
	f("INSERT INTO t (a)", "1\n", "INSERT INTO t (a)|||1\n")
	f("INSERT INTO t (a)", " VALUES (1)", "INSERT INTO t (a)||Values| (1)")
	f("INSERT INTO t VALUES", "(1)", "INSERT INTO t||Values|\n(1)")
	f("", "INSERT INTO t SELECT 1 FORMAT CSV", "INSERT||INSERT INTO t SELECT 1 FORMAT CSV")
	f("", "INSERT INTO t (a) (WITH 1 AS x SELECT x)", "INSERT||INSERT INTO t (a) (WITH 1 AS x SELECT x)")
	f("", "INSERT INTO t FROM INFILE 'x' FORMAT CSV", "error: FROM INFILE is not supported over this endpoint")
	f("", "INSERT INTO", "error: Syntax error: INSERT without a table")
}

func TestTokenName(t *testing.T) {
	f := func(sql, want string) {
		t.Helper()
		l := lexer{sql: sql}
		tok, _ := l.next()
		if got := tok.name(); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	f("abc d", "abc")
	f("`a``b`", "a`b")
	f("\"a\\\"b\"", `a"b`)
	f("`", "")
}

func FuzzParseStatement(f *testing.F) {
	for _, s := range []string{"SELECT 1", "INSERT INTO t (a) FORMAT CSV\n1", "/* /* */ */ SELECT '\\'' FORMAT x SETTINGS y=1;", "$a$ $a$", "INSERT INTO t SETTINGS a=1 VALUES", "`\"'", "--", "\ufeffSELECT\u00a01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := lexer{sql: text}
		for end := 0; ; {
			tok, ok := l.next()
			if !ok {
				break
			}
			if tok.start < end || tok.end <= tok.start || tok.end > len(text) || tok.depth < 0 {
				t.Fatalf("token %+v after %d", tok, end)
			}
			end = tok.end
		}
		st, err := parseStatement(text)
		if err != nil {
			return
		}
		if st.insert != nil && (st.insert.dataAt > len(text) || !strings.Contains(text, st.insert.target)) {
			t.Fatalf("%+v", st.insert)
		}
		if st.format != "" && !strings.HasPrefix(strings.ToUpper(st.sql[st.formatAt:]), "FORMAT") {
			t.Fatalf("%+v", st)
		}
		gate{views: func(string) (bool, error) { return false, nil }}.tokens(st)
	})
}
