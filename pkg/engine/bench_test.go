package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func BenchmarkPointSelect(b *testing.B) {
	w, _, e := newClient(b)
	w.must("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a")
	w.must("INSERT INTO t SELECT number, toString(number) FROM numbers(1000000)")
	for _, user := range []string{"writer", "reader"} {
		cred := e.Writer
		if user == "reader" {
			cred = e.Reader
		}
		conn := open(b, e.SQL, e.Database, cred, clickhouse.CompressionNone)
		b.Run(user, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				var s string
				if err := conn.QueryRow(b.Context(), fmt.Sprintf("SELECT s FROM t WHERE a = %d", i*7919%1000000)).Scan(&s); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "selects/s")
		})
	}
}

func BenchmarkInsert(b *testing.B) {
	w, _, e := newClient(b)
	conn := open(b, e.SQL, e.Database, e.Writer, clickhouse.CompressionLZ4)
	text := strings.Repeat("lorem ipsum ", 8)
	for _, rows := range []int{1000, 100_000} {
		w.must("CREATE OR REPLACE TABLE t (a UInt64, s String, t String) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 1000")
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				ctx := clickhouse.Context(b.Context(), clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": fmt.Sprint(b.N, i)}),
					clickhouse.WithColumnNamesAndTypes([]clickhouse.ColumnNameAndType{{Name: "a", Type: "UInt64"}, {Name: "s", Type: "String"}, {Name: "t", Type: "String"}}))
				batch, err := conn.PrepareBatch(ctx, "INSERT INTO t (a, s, t)")
				if err != nil {
					b.Fatal(err)
				}
				for r := range rows {
					if err := batch.Append(uint64(r), "source", text); err != nil {
						b.Fatal(err)
					}
				}
				if err := batch.Send(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "inserts/s")
			b.ReportMetric(float64(b.N*rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
