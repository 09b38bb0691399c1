package engine_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const secret = "top-secret-content"

// TestReaderRefused tries to get at files, other hosts, settings and other people's statements.
func TestReaderRefused(t *testing.T) {
	w, r, _ := newClient(t)
	path := filepath.Join(t.TempDir(), "secret")
	out := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(path, []byte(secret), 0o644); err != nil {
		t.Fatal(err)
	}
	w.must("CREATE TABLE t (a UInt32, s String) ENGINE = MergeTree ORDER BY a")
	w.must("INSERT INTO t VALUES (1, '" + path + "')")
	if got := w.must("SELECT file('" + path + "')"); !strings.Contains(got, secret) {
		t.Fatalf("the library reads no file here, so this test shows nothing: %s", got)
	}
	for _, query := range strings.Split(strings.TrimSpace(`
SELECT file('PATH')
SELECT FILE('PATH')
SELECT `+"`file`"+`('PATH')
SELECT "file"('PATH')
SELECT "fi\x6ce"('PATH')
SELECT file /* c */ ('PATH')
SELECT file -- c
 ('PATH')
SELECT 1 /* /* */ , file('PATH') /* */ */
SELECT length(file('PATH'))
SELECT (SELECT file('PATH'))
SELECT * FROM (SELECT file('PATH'))
WITH x AS (SELECT file('PATH')) SELECT * FROM x
WITH file('PATH') AS x SELECT x
WITH (x) -> file(x) AS f SELECT f('PATH')
WITH x -> file(x) AS length SELECT length('PATH')
SELECT arrayMap(x -> file(x), ['PATH'])
SELECT * FROM view(SELECT file('PATH'))
SELECT * FROM file('PATH', 'LineAsString')
SELECT * FROM FILE('PATH', 'LineAsString')
SELECT * FROM file('PATH', 'LineAsString') AS file
SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')
SELECT * FROM s3('http://127.0.0.1:1/x', 'LineAsString')
SELECT * FROM remote('127.0.0.1:1', system.one)
SELECT * FROM remoteSecure('127.0.0.1:1', system.one)
SELECT * FROM cluster('default', system.one)
SELECT * FROM executable('cat PATH', 'LineAsString', 's String')
SELECT * FROM sqlite('PATH', 't')
SELECT * FROM merge('system', 'users')
SELECT * FROM loop(file('PATH', 'LineAsString'))
SELECT * FROM input('a String') FORMAT CSV
SELECT COLUMNS('s') APPLY(file) FROM t
SELECT COLUMNS('s') APPLY file FROM t
SELECT * APPLY(x -> file(x)) FROM t
SELECT s APPLY(`+"`file`"+`) FROM t
SELECT * EXCEPT(a) APPLY file FROM t
SELECT * REPLACE(file(s) AS s) FROM t
SELECT count() OVER w FROM t WINDOW w AS (ORDER BY file(s))
SELECT count() OVER (PARTITION BY file(s)) FROM t
SELECT 1 FROM t ORDER BY file(s)
SELECT 1 FROM t LIMIT length(file('PATH'))
SELECT 1 FROM t LIMIT 1 BY file(s)
SELECT 1 FROM t GROUP BY GROUPING SETS ((file(s)))
SELECT 1 FROM t ARRAY JOIN [file(s)] AS z
SELECT 1 FROM t JOIN t AS u ON file(t.s) = u.s
SELECT sumIf(a, file(s) = '') FROM t
SELECT sum(a) FILTER (WHERE file(s) = '') FROM t
SELECT a FROM t ORDER BY a WITH FILL FROM length(file('PATH')) INTERPOLATE (s AS file(s))
SELECT CASE WHEN file('PATH') = '' THEN 1 END
SELECT file('PATH')::String, CAST(file('PATH') AS String), INTERVAL length(file('PATH')) DAY
SELECT * FROM values('s String', file('PATH'))
SELECT * FROM numbers(length(file('PATH')))
SELECT arrayReduce('sum', [length(file('PATH'))])
SELECT quantile(length(file('PATH')))(a) FROM t
SELECT a IN (SELECT file('PATH')) FROM t
SELECT 1 UNION ALL SELECT file('PATH')
(SELECT file('PATH'))
FROM t SELECT file(s)
SHOW TABLES WHERE file('PATH') != ''
SHOW TABLES LIKE 'x' LIMIT length(file('PATH'))
SHOW COLUMNS FROM t WHERE file('PATH') != ''
DESCRIBE TABLE file('PATH', 'LineAsString')
DESCRIBE (SELECT file('PATH'))
EXPLAIN SELECT file('PATH')
EXPLAIN SYNTAX SELECT file('PATH')
EXPLAIN QUERY TREE SELECT file('PATH')
EXPLAIN ESTIMATE SELECT * FROM t WHERE s = file('PATH')
EXPLAIN AST SELECT file('PATH')
SELECT 1; SELECT file('PATH')
SELECT 1 INTO OUTFILE 'OUT'
SELECT 1 INTO/**/OUTFILE 'OUT'
SELECT 1 INTO`+"\u2003"+`OUTFILE 'OUT'
SELECT ‘ ' ’ INTO OUTFILE 'OUT' --'
SELECT 1 FORMAT TSV INTO OUTFILE 'OUT'
SELECT $ ' $ INTO OUTFILE 'OUT' --'
SELECT getSetting('readonly') SETTINGS readonly = 0
SELECT 1 SETTINGS max_execution_time = 0
SELECT 1 FORMAT TSV SETTINGS max_memory_usage = 0
SELECT * FROM t SETTINGS format_template_row = 'PATH' FORMAT Template
SET readonly = 0
SET max_threads = 1
USE system
CREATE TABLE x (a UInt8) ENGINE = Memory
CREATE FUNCTION f AS x -> file(x)
CREATE USER x
INSERT INTO t VALUES (2, '')
INSERT INTO FUNCTION file('OUT') SELECT 1
INSERT INTO t SELECT 2, ''
ALTER TABLE t DELETE WHERE 1
TRUNCATE TABLE t
DROP TABLE t
OPTIMIZE TABLE t
RENAME TABLE t TO u
DETACH TABLE t
KILL QUERY WHERE 1
SYSTEM SHUTDOWN
GRANT ALL ON *.* TO x
BACKUP TABLE t TO Disk('x', 'y')
CHECK TABLE t
SELECT * FROM system.users
SELECT * FROM `+"`system`.`users`"+`
SELECT * FROM "system".users
SELECT * FROM system . /**/ processes
SELECT 1 IN system.named_collections
SELECT 1 IN (system.processes)
SELECT * FROM {t:Identifier}.processes
DESCRIBE system.users
EXISTS system.users
SHOW CREATE TABLE system.users
SHOW PROCESSLIST
SHOW USERS
SHOW GRANTS
SHOW ACCESS
SHOW CREATE USER default
SHOW CREATE default
SELECT dictGet('d', 'a', 1)
SELECT joinGet('t', 's', 1)
SELECT sleep(1)
SELECT sleepEachRow(1)
SELECT getMacro('x')
SELECT hasColumnInTable('127.0.0.1:1', 'default', 't', 'a')
SELECT filesystemAvailable()
SELECT addressToLine(1)
SELECT catboostEvaluate('PATH', 1)
SELECT no_such_function(1)`), "\n") {
		if strings.HasPrefix(query, " ") {
			continue // second line of the one above
		}
		if strings.HasSuffix(query, "-- c") {
			query += "\n ('PATH')"
		}
		query = strings.NewReplacer("PATH", path, "OUT", out).Replace(query)
		a := r.do(query, nil, "param_t=system")
		if a.status == http.StatusOK || strings.Contains(a.body, secret) {
			t.Errorf("went through: %s\n%d %s", query, a.status, a.body)
		}
		if a.status == http.StatusInternalServerError {
			t.Errorf("%s: %s", query, a.body)
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%s wrote a file", query)
		}
	}
	for _, args := range [][]string{
		{"readonly=0", "allow_ddl=1"}, {"format_template_row=" + path}, {"format_schema=" + path}, {"user_files_path=/"}, {"input_format_allow_errors_num=1"},
	} {
		if a := r.do("SELECT 1 FORMAT Template", nil, args...); a.status == http.StatusOK {
			t.Errorf("%v went through: %s", args, a.body)
		}
	}
	if a := r.do("SELECT count() FROM users", nil, "database=system"); a.status != http.StatusForbidden {
		t.Errorf("database=system: %d %s", a.status, a.body)
	}
	if a := r.do("SELECT getSetting('max_execution_time')", nil, "max_execution_time=0"); a.body != "60\n" {
		t.Errorf("the time limit can be lifted: %s", a.body)
	}
	if got := w.must("SELECT * FROM t"); got != "1\t"+path+"\n" {
		t.Errorf("the table was changed: %s", got)
	}
}

// TestReaderAllowed runs what an analyst writes.
func TestReaderAllowed(t *testing.T) {
	w, r, _ := newClient(t)
	w.must("CREATE TABLE t (a UInt32, s String, ts DateTime, m Map(String, UInt8)) ENGINE = MergeTree ORDER BY a")
	w.must("INSERT INTO t VALUES (1, 'x y', '2026-01-02 03:04:05', {'k': 1})")
	w.must("CREATE VIEW top AS SELECT a FROM t WHERE s LIKE {word:String}")
	for _, query := range strings.Split(`SELECT * FROM t
SELECT * FROM top(word = 'x%')
SELECT * FROM DB.top(word = 'x%')
SELECT * FROM DB.t AS u WHERE u.a BETWEEN 1 AND 2 LIMIT 1 BY a LIMIT 10 OFFSET 0
SELECT toStartOfHour(ts) AS h, count() AS n, uniq(s), uniqExactIf(s, a > 0), quantiles(0.5, 0.9)(a), topK(3)(s), argMax(s, ts) FROM t GROUP BY h ORDER BY h WITH FILL STEP toIntervalHour(1)
SELECT sumMerge(x), count() FILTER (WHERE a < 5), avgOrNull(a), groupArrayDistinct(s) FROM (SELECT sumState(a) AS x, a, s FROM t GROUP BY a, s) GROUP BY ()
SELECT a, lagInFrame(a) OVER (PARTITION BY s ORDER BY ts ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), row_number() OVER w FROM t WINDOW w AS (ORDER BY a)
SELECT CASE WHEN a = 1 THEN 'one' ELSE 'many' END, if(a > 1, 2, 3), multiIf(a = 1, 1, a = 2, 2, 3), a = 1 ? 1 : 2, coalesce(NULL, 1), NOT a FROM t
SELECT m['k'], mapKeys(m), (a, s).1, [1, 2][1], arrayMap((x, y) -> x + y, [1], [2]), arrayJoin([1, 2]) FROM t
SELECT CAST(a AS String), a::Nullable(Decimal(10, 2)), toDateTime64(ts, 3), DATE '2026-01-01', ts + INTERVAL 1 DAY, EXTRACT(YEAR FROM ts), dateDiff('day', ts, now()) FROM t
SELECT JSONExtractString('{"a":"b"}', 'a'), extract(s, '\\w+'), match(s, 'x'), splitByChar(' ', s), lower(s), substring(s, 1, 2), trim(BOTH ' ' FROM s), position('a' IN 'ba'), domain('http://a.b/c'), cityHash64(s) FROM t
SELECT * EXCEPT (s) REPLACE (a + 1 AS a), COLUMNS('a') APPLY(max) FROM t GROUP BY ALL
SELECT * APPLY(x -> toString(x)) FROM t
SELECT number FROM numbers(10) WHERE number IN (SELECT a FROM t) AND EXISTS(SELECT 1) UNION ALL SELECT * FROM generateSeries(1, 3) UNION DISTINCT SELECT * FROM values('x UInt8', 1, 2)
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r
SELECT t1.a FROM t AS t1 LEFT JOIN t AS t2 USING (a) ASOF JOIN (SELECT a, ts FROM t) AS t3 ON t1.a = t3.a AND t1.ts >= t3.ts
SELECT {x:UInt8}, {l:Array(String)}
WITH c AS MATERIALIZED (SELECT 1 AS x) SELECT untuple((x, 2)), grouping(x) FROM c GROUP BY x
SELECT name FROM system.tables WHERE database = currentDatabase()
SELECT name, type FROM "system"."columns" WHERE table = 't'
SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES
SHOW TABLES
SHOW CREATE TABLE t
SHOW DATABASES
SHOW FULL COLUMNS FROM t
DESC t
DESCRIBE TABLE (SELECT 1)
EXISTS TABLE t
EXPLAIN SELECT * FROM t WHERE a = 1
EXPLAIN PIPELINE SELECT count() FROM t
EXPLAIN indexes = 1 SELECT * FROM t WHERE a = 1
EXPLAIN SYNTAX SELECT 1 + 1
EXPLAIN AST SELECT 1
SELECT 'file(1)', 1 AS "file (1)", 'INTO OUTFILE' -- file('x')
SELECT 'ünïcödé', 1 AS `+"`größe`"+` /* ünï */
SELECT version(), timezone(), currentUser(), hostName(), 1 SETTINGS_x
SELECT 1 FORMAT JSON
SELECT 1 FORMAT CSVWithNames;`, "\n") {
		query = strings.ReplaceAll(query, "DB", w.db)
		if a := r.do(query, nil, "param_x=1", "param_l=['a']"); a.status != http.StatusOK {
			t.Errorf("%s: %s", query, a.body)
		}
	}
	f := func(query, want string, args ...string) {
		t.Helper()
		if got := r.must(query, args...); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	f("SELECT toUInt64(9007199254740993) AS id FORMAT JSONEachRow", "{\"id\":\"9007199254740993\"}\n")
	f("SELECT toUInt64(1) AS id FORMAT JSONEachRow", "{\"id\":1}\n", "output_format_json_quote_64bit_integers=0")
	f("SELECT getSetting('max_execution_time')", "5\n", "max_execution_time=5", "readonly=2")
}
