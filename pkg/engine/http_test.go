package engine_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/dateline/dateline/pkg/engine"
	"github.com/dateline/dateline/pkg/engine/enginetest"
)

// client sends raw requests, as curl would.
type client struct {
	t    testing.TB
	base string
	cred engine.Credentials
	db   string
}

func newClient(t testing.TB) (writer, reader client, e *enginetest.Engines) {
	t.Helper()
	e = enginetest.StartClickHouse(t)
	base := "http://" + e.SQL + "/"
	return client{t, base, e.Writer, e.Database}, client{t, base, e.Reader, e.Database}, e
}

type answer struct {
	status int
	header http.Header
	body   string
}

// do sends query in the URL where body is not nil, else as the body. args are URL parameters "k=v".
func (c client) do(query string, body io.Reader, args ...string) answer {
	c.t.Helper()
	v := url.Values{"database": {c.db}}
	for _, a := range args {
		k, val, _ := strings.Cut(a, "=")
		v.Set(k, val)
	}
	if body == nil {
		body = strings.NewReader(query)
	} else if query != "" {
		v.Set("query", query)
	}
	req, err := http.NewRequest(http.MethodPost, c.base+"?"+v.Encode(), body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.SetBasicAuth(c.cred.User, c.cred.Password)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return send(c.t, req)
}

var plainTransport = &http.Client{Transport: &http.Transport{DisableCompression: true}}

func send(t testing.TB, req *http.Request) answer {
	t.Helper()
	resp, err := plainTransport.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(b)}
}

// must answers the body of a request that succeeds.
func (c client) must(query string, args ...string) string {
	c.t.Helper()
	a := c.do(query, nil, args...)
	if a.status != http.StatusOK {
		c.t.Fatalf("%s: %d %s", query, a.status, a.body)
	}
	return a.body
}

func TestStatements(t *testing.T) {
	w, _, _ := newClient(t)
	f := func(query, want string, args ...string) {
		t.Helper()
		if got := w.must(query, args...); got != want {
			t.Errorf("%s %v:\ngot  %q\nwant %q", query, args, got, want)
		}
	}
	f("SELECT 1", "1\n")
	f("select 1 ;; ", "1\n")
	f("/* a */ -- b\n( SELECT 1 ) -- c", "1\n")
	f("SELECT 1 AS a FORMAT CSVWithNames", "\"a\"\n1\n")
	f("SELECT 1 AS a format JSONEachRow settings max_threads = 1;", "{\"a\":1}\n")
	f("SELECT 1 AS a", "{\"a\":1}\n", "default_format=JSONEachRow")
	f("SELECT 'FORMAT Null', 1 AS `FORMAT`", "FORMAT Null\t1\n")
	f("FROM numbers(2) SELECT number", "0\n1\n")
	f("SELECT number FROM numbers(5) WHERE number > 10", "")
	f("SELECT number AS n FROM numbers(5) WHERE n > 10 FORMAT CSVWithNames", "\"n\"\n")
	f("(SELECT 1) UNION ALL (SELECT 2) -- c\nFORMAT CSV", "1\n2\n")
	f("SELECT 1 AS a SETTINGS max_threads = 1 FORMAT JSONCompactEachRow SETTINGS max_block_size = 10", "[1]\n")
	f("SHOW TABLES", "")
	if got := w.must("SELECT number FROM numbers(300000) FORMAT JSON"); strings.Count(got, "\"meta\"") != 1 || !strings.Contains(got, "\"rows\": 300000,") {
		t.Errorf("JSON in pieces: %d bytes, %q", len(got), got[max(0, len(got)-200):])
	}
	f("SELECT {a:UInt8} + 1, {s:String}, {l:Array(String)}", "8\tx\\ty\t['a','b']\n", "param_a=7", `param_s=x\ty`, "param_l=['a','b']")
	f("SELECT count() FROM {t:Identifier}", "1\n", "param_t=one", "database=system")
	f("SELECT getSetting('max_threads')", "1\n", "max_threads=1")
	f("SELECT currentDatabase()", "system\n", "database=system")
	f("SELECT timezone(), toDateTime(0)", "UTC\t1970-01-01 00:00:00\n")
	f("SELECT timezone(), toDateTime(0)", "Asia/Tokyo\t1970-01-01 09:00:00\n", "session_timezone=Asia/Tokyo")
	f("CREATE TABLE t (a UInt32, s String DEFAULT 'none') ENGINE = MergeTree ORDER BY a", "")
	f("DESCRIBE t", "a\tUInt32\t\t\t\t\t\ns\tString\tDEFAULT\t\\'none\\'\t\t\t\n")
	f("EXISTS t", "1\n")
	f("SELECT toUInt64(9007199254740993) AS id FORMAT JSONEachRow", "{\"id\":9007199254740993}\n")
	f("SELECT toUInt64(9007199254740993) AS id FORMAT JSONEachRow", "{\"id\":\"9007199254740993\"}\n", "output_format_json_quote_64bit_integers=1")
	f("SELECT count(), sum(length(s)) FROM (SELECT toString(number) AS s FROM numbers(1000000))", "1000000\t5888890\n")
}

func TestInsert(t *testing.T) {
	w, _, _ := newClient(t)
	w.must("CREATE TABLE t (a UInt32, s String DEFAULT 'none', m UInt8 MATERIALIZED a % 2) ENGINE = MergeTree ORDER BY a")
	f := func(query, body, want string, args ...string) {
		t.Helper()
		var r io.Reader
		if body != "" {
			r = strings.NewReader(body)
		}
		if a := w.do(query, r, args...); a.status != http.StatusOK {
			t.Errorf("%s: %s", query, a.body)
		}
		if got := w.must("SELECT * FROM t ORDER BY a FORMAT CSV"); got != want {
			t.Errorf("%s %q:\ngot  %q\nwant %q", query, body, got, want)
		}
		w.must("TRUNCATE TABLE t")
	}
	f("INSERT INTO t VALUES (1, 'a'), (2, 'b');", "", "1,\"a\"\n2,\"b\"\n")
	f("insert into t (a) values", "(1)(2)", "1,\"none\"\n2,\"none\"\n")
	f("INSERT INTO t FORMAT JSONEachRow\n{\"s\":\"x\\ny;\",\"a\":1}\n\n{\"a\":2}", "", "1,\"x\ny;\"\n2,\"none\"\n")
	f("INSERT INTO t FORMAT JSONEachRow", "{\"a\":1}\n{\"a\":2}\n", "1,\"none\"\n2,\"none\"\n")
	f("INSERT /* FORMAT Null */ INTO `t` (a, s) FORMAT CSV", "1,x\n2,\"y\"\n", "1,\"x\"\n2,\"y\"\n")
	f("INSERT INTO t (s, a) SETTINGS async_insert = 0 FORMAT TabSeparated", "x\t1\n", "1,\"x\"\n")
	f("INSERT INTO TABLE t FORMAT TSV\n3\tz\n", "", "3,\"z\"\n")
	f("INSERT INTO t (a)", "(7)", "7,\"none\"\n")
	f("INSERT INTO t (a)", "7\n", "7,\"none\"\n", "default_format=TSV")
	f("INSERT INTO t SELECT number, 'q' FROM numbers(2)", "", "0,\"q\"\n1,\"q\"\n")
	f("INSERT INTO t (a) (SELECT 5)", "", "5,\"none\"\n")
	f("INSERT INTO t WITH 4 AS x SELECT x, 'w'", "", "4,\"w\"\n")
	f("INSERT INTO t FORMAT CSV\n", "", "")

	big := strings.Repeat("1,\"0123456789012345678901234567890123456789\"\n", 1_000_000) // goes to disk
	if a := w.do("INSERT INTO t FORMAT CSV", strings.NewReader(big)); a.status != http.StatusOK {
		t.Fatal(a.body)
	} else if s := a.header.Get("X-ClickHouse-Summary"); !strings.Contains(s, `"written_rows":"1000000"`) {
		t.Errorf("summary %s", s)
	}
	if got := w.must("SELECT count() FROM t"); got != "1000000\n" {
		t.Errorf("rows: %s", got)
	}
}

func TestErrors(t *testing.T) {
	w, r, _ := newClient(t)
	f := func(c client, query string, status, code int, word string, args ...string) {
		t.Helper()
		a := c.do(query, nil, args...)
		if a.status != status || a.header.Get("X-ClickHouse-Exception-Code") != fmt.Sprint(code) || !strings.Contains(a.body, word) {
			t.Errorf("%s: %d %s %s", query, a.status, a.header.Get("X-ClickHouse-Exception-Code"), a.body)
		}
		if !strings.HasPrefix(a.body, fmt.Sprintf("Code: %d. DB::Exception: ", code)) {
			t.Errorf("%s: not in ClickHouse's form: %s", query, a.body)
		}
	}
	f(w, "SELEKT 1", 400, 62, "SYNTAX_ERROR")
	f(w, "", 400, 62, "Empty query")
	f(w, "-- only a comment", 400, 62, "Empty query")
	f(w, "SELECT 1; SELECT 2", 400, 62, "Multi-statements")
	f(w, "SELECT * FROM nowhere", 404, 60, "UNKNOWN_TABLE")
	f(w, "SELECT 1", 404, 81, "UNKNOWN_DATABASE", "database=nowhere")
	f(w, "SELECT nofunction(1)", 404, 46, "UNKNOWN_FUNCTION")
	f(w, "SELECT 1", 404, 115, "UNKNOWN_SETTING", "no_such_setting=1")
	f(w, "SELECT 1", 404, 115, "UNKNOWN_SETTING", "a;b=1")
	f(w, "SELECT 1", 501, 48, "session_id", "session_id=x")
	f(w, "SELECT 1", 404, 73, "UNKNOWN_FORMAT", "default_format=Nope")
	f(w, "SELECT 1", 404, 73, "UNKNOWN_FORMAT", "default_format=CSV INTO")
	f(w, "SELECT 1 FORMAT Nope", 404, 73, "UNKNOWN_FORMAT")
	f(w, "SELECT {x:UInt8}", 400, 456, "UNKNOWN_QUERY_PARAMETER")
	f(w, "SELECT 1 INTO OUTFILE '/tmp/x'", 501, 48, "INTO OUTFILE")
	f(w, "INSERT INTO t", 404, 60, "UNKNOWN_TABLE")
	f(w, "INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV", 501, 48, "INFILE")
	f(w, "INSERT INTO t SELECT * FROM input('a UInt8') FORMAT CSV", 501, 48, "input()")
	f(w, "SELECT count() FROM numbers(100000000000)", 408, 159, "TIMEOUT_EXCEEDED", "max_execution_time=0.2")
	f(w, "SELECT groupArray(number) FROM numbers(100000000)", 500, 241, "MEMORY_LIMIT", "max_memory_usage=10000000")
	f(w, "SELECT groupArray(number) FROM numbers(100000000)", 500, 241, "MEMORY_LIMIT", "max_memory_usage_for_user=10000000")
	f(w, "SELECT throwIf(number = 3) FROM numbers(10)", 500, 395, "throwIf")
	f(w, "SELECT 1 /*"+strings.Repeat("x", 1<<20)+"*/", 400, 62, "Max query size")
	f(client{t, w.base, engine.Credentials{User: "dateline", Password: "wrong"}, ""}, "SELECT 1", 403, 516, "AUTHENTICATION_FAILED")
	f(client{t, w.base, engine.Credentials{User: "default"}, ""}, "SELECT 1", 403, 516, "AUTHENTICATION_FAILED")
	f(client{t, w.base, engine.Credentials{}, ""}, "SELECT 1", 401, 194, "REQUIRED_PASSWORD")
	f(r, "INSERT INTO t VALUES (1)", 403, 164, "READONLY")

	get, _ := http.NewRequest(http.MethodGet, w.base+"?query="+url.QueryEscape("CREATE DATABASE viaget"), nil)
	get.SetBasicAuth(w.cred.User, w.cred.Password)
	if a := send(t, get); a.status == http.StatusOK || !strings.Contains(a.body, "READONLY") {
		t.Errorf("GET writes: %d %s", a.status, a.body)
	}
	cross, _ := http.NewRequest(http.MethodPost, w.base, strings.NewReader("SELECT 1"))
	cross.SetBasicAuth(w.cred.User, w.cred.Password)
	cross.Header.Set("Sec-Fetch-Site", "cross-site")
	if a := send(t, cross); a.status != http.StatusForbidden {
		t.Errorf("another site's request: %d %s", a.status, a.body)
	}

	// Nothing that one request sets is there for the next.
	w.must("SET max_threads = 1")
	w.must("CREATE TEMPORARY TABLE tmp (a UInt8)")
	if got := w.must("SELECT getSetting('max_block_size')", "max_block_size=77"); got != "77\n" {
		t.Error(got)
	}
	if got := w.must("SELECT getSetting('max_block_size') = 77, getSetting('max_threads') = 1"); got != "0\t0\n" {
		t.Error("settings leak:", got)
	}
	f(w, "SELECT * FROM tmp", 404, 60, "UNKNOWN_TABLE")
}

func TestAuthentication(t *testing.T) {
	w, _, e := newClient(t)
	f := func(prepare func(*http.Request)) {
		t.Helper()
		req, _ := http.NewRequest(http.MethodGet, w.base+"?query=SELECT+1", nil)
		prepare(req)
		if a := send(t, req); a.body != "1\n" {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	f(func(r *http.Request) { r.SetBasicAuth(e.Reader.User, e.Reader.Password) })
	f(func(r *http.Request) {
		r.Header.Set("X-ClickHouse-User", e.Reader.User)
		r.Header.Set("X-ClickHouse-Key", e.Reader.Password)
	})
	f(func(r *http.Request) { r.URL.RawQuery += "&user=" + e.Reader.User + "&password=" + e.Reader.Password })

	req, _ := http.NewRequest(http.MethodGet, w.base+"?query=SELECT+1", nil)
	if a := send(t, req); a.header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
	for path, status := range map[string]int{"ping": 200, "": 200, "nothing": 404} {
		resp, err := http.Get(w.base + path)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != status || status == 200 && string(b) != "Ok.\n" {
			t.Errorf("/%s: %d %s", path, resp.StatusCode, b)
		}
	}
}

func TestHeaders(t *testing.T) {
	w, _, _ := newClient(t)
	a := w.do("SELECT 1 AS x FORMAT JSON", nil, "query_id=abc")
	for k, want := range map[string]string{
		"Content-Type": "application/json; charset=UTF-8", "X-ClickHouse-Format": "JSON", "X-ClickHouse-Query-Id": "abc",
		"X-ClickHouse-Server-Display-Name": "dateline", "Content-Length": fmt.Sprint(len(a.body)),
	} {
		if got := a.header.Get(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	if s := a.header.Get("X-ClickHouse-Summary"); !strings.Contains(s, `"read_rows":"1"`) {
		t.Errorf("summary %s", s)
	}
}

func TestContentEncoding(t *testing.T) {
	w, _, _ := newClient(t)
	query := "SELECT number FROM numbers(300000)"
	want := w.must(query)
	decode := map[string]func(io.Reader) (io.Reader, error){
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	}
	for accept, name := range map[string]string{"gzip": "gzip", "deflate, gzip, br, zstd": "zstd", "gzip, zstd;q=0": "gzip", "identity": ""} {
		req, _ := http.NewRequest(http.MethodPost, w.base, strings.NewReader(query))
		req.SetBasicAuth(w.cred.User, w.cred.Password)
		req.Header.Set("Accept-Encoding", accept)
		a := send(t, req)
		if got := a.header.Get("Content-Encoding"); got != name {
			t.Errorf("%s: %q", accept, got)
			continue
		}
		body := a.body
		if d := decode[name]; d != nil {
			r, err := d(strings.NewReader(a.body))
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			body = string(b)
		}
		if body != want {
			t.Errorf("%s: %d bytes, want %d", accept, len(body), len(want))
		}
	}

	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	io.WriteString(z, "SELECT 'zipped'")
	z.Close()
	req, _ := http.NewRequest(http.MethodPost, w.base, &zipped)
	req.SetBasicAuth(w.cred.User, w.cred.Password)
	req.Header.Set("Content-Encoding", "gzip")
	if a := send(t, req); a.body != "zipped\n" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
