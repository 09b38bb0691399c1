package engine_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"github.com/dateline/dateline/pkg/engine"
)

func open(t testing.TB, addr, db string, cred engine.Credentials, method clickhouse.CompressionMethod) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(&clickhouse.Options{
		Addr: []string{addr}, Protocol: clickhouse.HTTP,
		Auth:        clickhouse.Auth{Username: cred.User, Password: cred.Password, Database: db},
		Compression: &clickhouse.Compression{Method: method},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// clickhouse-go is what dateline uses: every way it compresses, types that need care, parameters,
// large results, errors.
func TestClickHouseGo(t *testing.T) {
	_, _, e := newClient(t)
	for _, m := range []struct {
		name   string
		method clickhouse.CompressionMethod
	}{
		{"none", clickhouse.CompressionNone}, {"lz4", clickhouse.CompressionLZ4}, {"zstd", clickhouse.CompressionZSTD},
		{"gzip", clickhouse.CompressionGZIP}, {"deflate", clickhouse.CompressionDeflate}, {"br", clickhouse.CompressionBrotli},
	} {
		t.Run(m.name, func(t *testing.T) {
			ctx := t.Context()
			w := open(t, e.SQL, e.Database, e.Writer, m.method)
			r := open(t, e.SQL, e.Database, e.Reader, m.method)
			if err := w.Ping(ctx); err != nil {
				t.Fatal(err)
			}
			if err := w.Exec(ctx, `CREATE OR REPLACE TABLE t (ts DateTime64(3), s LowCardinality(String), a Array(String), n UInt64, m Map(String, UInt8),
				o Nullable(Float64), c UInt8 DEFAULT 7, x UInt64 MATERIALIZED n + 1) ENGINE = MergeTree PARTITION BY toYYYYMM(ts) ORDER BY (s, n)`); err != nil {
				t.Fatal(err)
			}
			const rows = 15_000
			b, err := w.PrepareBatch(ctx, "INSERT INTO t (ts, s, a, n, m, o)")
			if err != nil {
				t.Fatal(err)
			}
			base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			for i := range rows {
				o := float64(i)
				if err := b.Append(base.Add(time.Duration(i)*time.Second), fmt.Sprint("s", i%10), []string{"a\n'b", "ü"}, uint64(i), map[string]uint8{"k": uint8(i)}, &o); err != nil {
					t.Fatal(err)
				}
			}
			if err := b.Send(); err != nil {
				t.Fatal(err)
			}
			for _, conn := range []driver.Conn{w, r} {
				var n, sum uint64
				if err := conn.QueryRow(ctx, "SELECT count(), sum(x) FROM t WHERE s IN ? AND c = {c:UInt8}", []string{"s1", "s2"}, clickhouse.Named("c", 7)).Scan(&n, &sum); err == nil {
					t.Error("mixed binds should fail in the client")
				}
				if err := conn.QueryRow(ctx, "SELECT count(), sum(x) FROM t WHERE s = {s:String} AND c = {c:UInt8}", clickhouse.Named("s", "s1"), clickhouse.Named("c", "7")).Scan(&n, &sum); err != nil || n != rows/10 {
					t.Errorf("%d rows, %v", n, err)
				}
				res, err := conn.Query(ctx, "SELECT ts, s, a, n, m, o FROM t ORDER BY n")
				if err != nil {
					t.Fatal(err)
				}
				seen := 0
				for ; res.Next(); seen++ {
					var (
						ts time.Time
						s  string
						a  []string
						id uint64
						mm map[string]uint8
						o  *float64
					)
					if err := res.Scan(&ts, &s, &a, &id, &mm, &o); err != nil {
						t.Fatal(err)
					}
					if id != uint64(seen) || a[0] != "a\n'b" || mm["k"] != uint8(seen) || *o != float64(seen) {
						t.Fatalf("row %d: %v %v %v %v", seen, id, a, mm, *o)
					}
				}
				if err := res.Err(); err != nil || seen != rows {
					t.Fatalf("%d rows, %v", seen, err)
				}
				res.Close()
				if err := conn.QueryRow(ctx, "SELECT count() FROM t WHERE n > 1000000000").Scan(&n); err != nil || n != 0 {
					t.Error(n, err)
				}
				if res, err = conn.Query(ctx, "SELECT n FROM t WHERE n > 1000000000"); err != nil || res.Next() || res.Err() != nil {
					t.Error("empty result:", err, res.Err())
				}
				if err := conn.Exec(ctx, "SELECT * FROM nowhere"); err == nil || !strings.Contains(err.Error(), "UNKNOWN_TABLE") {
					t.Error(err)
				}
				// The first megabyte has been sent by then.
				res, err = conn.Query(ctx, "SELECT number, throwIf(number = 300000, 'midway') FROM numbers(600000)")
				if err == nil {
					for res.Next() {
					}
					err = res.Err()
				}
				if err == nil || !strings.Contains(err.Error(), "midway") {
					t.Errorf("error midway: %v", err)
				}
			}
			if err := r.Exec(ctx, "INSERT INTO t (n) SELECT 1"); err == nil {
				t.Error("the reader writes")
			}
		})
	}
}
