package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/dateline/dateline/pkg/engine/enginetest"
	"github.com/dateline/dateline/pkg/store"
)

func TestQueryWritesEveryType(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	s := openAs(t, e, e.Writer)
	f := func(sql, json, text string) {
		t.Helper()
		var a, b strings.Builder
		if err := s.Query(t.Context(), "SELECT "+sql+" AS x", store.JSONRows(&a)); err != nil {
			t.Errorf("%s: %v", sql, err)
			return
		}
		if err := s.Query(t.Context(), "SELECT "+sql+" AS x;", store.TableRows(&b)); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
		if got := strings.TrimSuffix(strings.TrimPrefix(a.String(), `{"x":`), "}\n"); got != json {
			t.Errorf("%s as JSON: %s, want %s", sql, got, json)
		}
		lines := strings.Split(b.String(), "\n")
		if len(lines) != 4 || strings.TrimSpace(lines[2]) != text {
			t.Errorf("%s as a table: %q, want %q", sql, b.String(), text)
		}
	}
	f("toUInt8(7)", `7`, `7`)
	f("toInt32(-7)", `-7`, `-7`)
	f("toUInt64(18446744073709551615)", `"18446744073709551615"`, `18446744073709551615`)
	f("toInt64(-1)", `"-1"`, `-1`)
	f("toInt256('-57896044618658097711785492504343953926634992332820282019728')", `"-57896044618658097711785492504343953926634992332820282019728"`, `-57896044618658097711785492504343953926634992332820282019728`)
	f("toUInt128(1)", `"1"`, `1`)
	f("true", `true`, `true`)
	f("1.5", `1.5`, `1.5`)
	f("toFloat32(0.1)", `0.1`, `0.1`)
	f("1e-9", `1e-09`, `1e-09`)
	f("nan", `null`, `nan`)
	f("-inf", `null`, `-inf`)
	f("NULL", `null`, `NULL`)
	f("toNullable('a')", `"a"`, `a`)
	f("CAST(NULL, 'Nullable(UInt64)')", `null`, `NULL`)
	f(`'<a> "b" \\ ü'`, `"<a> \"b\" \\ ü"`, `<a> "b" \ ü`)
	f(`'a\nb\x1b[31m'`, `"a\nb\u001b[31m"`, `a b?[31m`)
	f("toFixedString('abc', 3)", `"abc"`, `abc`)
	f("toLowCardinality('low')", `"low"`, `low`)
	f("CAST('b', 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')", `"b"`, `b`)
	f("toDate('2026-03-01')", `"2026-03-01"`, `2026-03-01`)
	f("toDate32('1950-03-01')", `"1950-03-01"`, `1950-03-01`)
	f("toDateTime('2026-03-01 12:00:00', 'UTC')", `"2026-03-01 12:00:00"`, `2026-03-01 12:00:00`)
	f("toDateTime64('2026-03-01 12:00:00', 0, 'Asia/Tokyo')", `"2026-03-01 12:00:00"`, `2026-03-01 12:00:00`)
	f("toDateTime64('2026-03-01 12:00:00.25', 3, 'UTC')", `"2026-03-01 12:00:00.250"`, `2026-03-01 12:00:00.250`)
	f("[toNullable(toDateTime64('2026-03-01 12:00:00.25', 6, 'UTC')), NULL]", `["2026-03-01 12:00:00.250000",null]`, `['2026-03-01 12:00:00.250000',NULL]`)
	f("toDecimal64(12.34, 4)", `12.34`, `12.34`)
	f("toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0')", `"61f0c404-5cb3-11e7-907b-a6006ad3dba0"`, `61f0c404-5cb3-11e7-907b-a6006ad3dba0`)
	f("toIPv4('10.0.0.1')", `"10.0.0.1"`, `10.0.0.1`)
	f("toIPv6('2001:db8::1')", `"2001:db8::1"`, `2001:db8::1`)
	f("[toUInt64(1), 2]", `["1","2"]`, `[1,2]`)
	f("[['a'], []]", `[["a"],[]]`, `[['a'],[]]`)
	f("CAST([], 'Array(String)')", `[]`, `[]`)
	f(`map('b', toUInt64(2), 'a', 1)`, `{"a":"1","b":"2"}`, `{'a':1,'b':2}`)
	f("map(toDate('2026-03-01'), 1)", `{"2026-03-01":1}`, `{'2026-03-01':1}`)
	f("(1, 'x', toDate('2026-03-01'))", `[1,"x","2026-03-01"]`, `(1,'x','2026-03-01')`)
	f("CAST((1, 'x'), 'Tuple(a UInt64, b Nullable(String))')", `{"a":"1","b":"x"}`, `(1,'x')`)
	f("CAST('{\"a\":{\"b\":1}}', 'JSON')", `{"a":{"b":1}}`, `{"a":{"b":1}}`)
	f("CAST(toUInt64(7), 'Variant(String, UInt64)')", `"7"`, `7`)
	f("CAST((1, 2), 'Point')", `[1,2]`, `(1,2)`)
	f("'李维民'", `"李维民"`, `李维民`)
	f("repeat('x', 200)", `"`+strings.Repeat("x", 200)+`"`, strings.Repeat("x", 100)+"…")
}

func TestQueryTable(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	s := openAs(t, e, e.Reader)
	var sb strings.Builder
	if err := s.Query(t.Context(), "-- widths\nSELECT number * 100 AS n, ['a', 'bcd', '李维'][number + 1] AS word, 1 AS one FROM numbers(3)", store.TableRows(&sb)); err != nil {
		t.Fatal(err)
	}
	want := "  n  word  one\n---  ----  ---\n  0  a       1\n100  bcd     1\n200  李维    1\n"
	if sb.String() != want {
		t.Errorf("got\n%s\nwant\n%s", sb.String(), want)
	}
	sb.Reset()
	if err := s.Query(t.Context(), "SELECT number FROM numbers(700)", store.TableRows(&sb)); err != nil || strings.Count(sb.String(), "\n") != 702 {
		t.Errorf("a long table: %d lines, %v", strings.Count(sb.String(), "\n"), err)
	}
	sb.Reset()
	if err := s.Query(t.Context(), "SELECT 1 AS a WHERE 0", store.TableRows(&sb)); err != nil || sb.String() != "a\n-\n" {
		t.Errorf("an empty result: %q, %v", sb.String(), err)
	}
}

func TestQueryWithoutRowsAndWithErrors(t *testing.T) {
	e := enginetest.StartClickHouse(t)
	w, r := openAs(t, e, e.Writer), openAs(t, e, e.Reader)
	f := func(s *store.Store, sql, want string) {
		t.Helper()
		var sb strings.Builder
		err := s.Query(t.Context(), sql, store.JSONRows(&sb))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", sql, err, want)
		}
	}
	f(w, "CREATE TABLE q (x UInt8) ENGINE = MergeTree ORDER BY x", "")
	f(w, "/* two */ INSERT INTO q SELECT number FROM numbers(3);", "")
	f(r, "(SELECT count() FROM q)", "")
	f(r, "SHOW TABLES", "")
	f(r, "DESCRIBE TABLE q", "")
	f(r, "EXPLAIN SELECT 1", "")
	f(r, " ; ", "empty")
	f(r, "SELECT 1 FORMAT JSON", "leave FORMAT JSON out")
	f(r, "SELECT 1 AS format WHERE 'FORMAT' != 'x'", "")
	f(r, "SELECT nothing FROM q", "nothing")
	f(r, "INSERT INTO q VALUES (1)", "clickhouse (")
	var sb strings.Builder
	if err := r.Query(t.Context(), "SELECT throwIf(number = 200000) FROM numbers(300000)", store.JSONRows(&sb)); err == nil || store.Code(err) == 0 {
		t.Errorf("an error in the middle of a result: %v", err)
	}
	if err := r.Query(t.Context(), "SELECT 1", failing{}); !errors.Is(err, errFull) {
		t.Errorf("a writer that fails: %v", err)
	}
}

var errFull = errors.New("full")

type failing struct{}

func (failing) Columns([]store.Column) error { return nil }
func (failing) Row([]any) error              { return errFull }
func (failing) Close() error                 { return nil }
