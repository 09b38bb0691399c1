package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// column is a name and a type as the migrations have them, so that an insert
// needs no DESCRIBE.
type column struct{ name, kind string }
type columns []column

// Batch is rows for one table, each caused by the message at one offset.
type Batch struct {
	Table string
	cols  columns
	rows  []int // indices that off and row take
	off   func(int) uint64
	row   func(int) []any
	// merges: rows of entities of which some may merge or split.
	merges bool
}

func newBatch(table string, cols columns, n int, off func(int) uint64, row func(int) []any) Batch {
	b := Batch{Table: table, cols: cols, rows: make([]int, n), off: off, row: row}
	for i := range b.rows {
		b.rows[i] = i
	}
	return b
}

// Len is the number of rows.
func (b Batch) Len() int { return len(b.rows) }

// Columns are the names of the values that Each gives.
func (b Batch) Columns() []string {
	names := make([]string, len(b.cols))
	for i, c := range b.cols {
		names[i] = c.name
	}
	return names
}

// Each calls f for every row, with the offset that it comes from and with its
// values as ClickHouse gets them.
func (b Batch) Each(f func(off uint64, values []any)) {
	for _, i := range b.rows {
		f(b.off(i), b.row(i))
	}
}

// Offsets gives the number of rows by offset.
func (b Batch) Offsets() map[uint64]int {
	out := map[uint64]int{}
	for _, i := range b.rows {
		out[b.off(i)]++
	}
	return out
}

// Only gives the rows whose offsets are kept.
func (b Batch) Only(keep func(off uint64) bool) Batch {
	var rows []int
	for _, i := range b.rows {
		if keep(b.off(i)) {
			rows = append(rows, i)
		}
	}
	b.rows = rows
	return b
}

// Insert sends a batch as one block under a deduplication token; an empty one
// is not sent. The error is a data error (IsData) or worth another try, under
// the same token. Merges and splits of entities are in force when it returns.
func (s *Store) Insert(ctx context.Context, token string, b Batch) error {
	if err := s.send(ctx, b.Table, token, b); err != nil || !b.merges {
		return err
	}
	return s.ResolveMerges(ctx)
}

// Probe tells whether the table would take the rows, without storing them.
func (s *Store) Probe(ctx context.Context, b Batch) error {
	probe := fmt.Sprintf("%s_probe_%016x", b.Table, rand.Uint64())
	drop := "DROP TABLE IF EXISTS " + probe + ""
	for _, q := range []string{drop, "CREATE TABLE " + probe + " AS " + b.Table + " ENGINE = Null"} {
		if err := s.conn.Exec(ctx, q); err != nil {
			return fmt.Errorf("probe rows for %s: %w", b.Table, err)
		}
	}
	defer func() { _ = s.conn.Exec(context.WithoutCancel(ctx), drop) }()
	return s.send(ctx, probe, "", b)
}

func (s *Store) send(ctx context.Context, table, token string, b Batch) error {
	if b.Len() == 0 {
		return nil
	}
	types := make([]clickhouse.ColumnNameAndType, len(b.cols))
	for i, c := range b.cols {
		types[i] = clickhouse.ColumnNameAndType{Name: c.name, Type: c.kind}
	}
	settings := clickhouse.Settings{"async_insert": 0}
	if token != "" {
		settings["insert_deduplicate"] = 1
		settings["insert_deduplication_token"] = token
		// What a materialized view missed, because the server died between the
		// table and it, comes to it with the repeat.
		settings["deduplicate_blocks_in_dependent_materialized_views"] = 1
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	ctx = clickhouse.Context(ctx, clickhouse.WithColumnNamesAndTypes(types), clickhouse.WithSettings(settings))
	batch, err := s.conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+strings.Join(b.Columns(), ", ")+")")
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	defer batch.Close()
	for _, i := range b.rows {
		if err := batch.Append(b.row(i)...); err != nil {
			return fmt.Errorf("insert into %s, offset %d: %w: %w", table, b.off(i), ErrRow, err)
		}
	}
	if err := batch.Send(); err != nil {
		return fmt.Errorf("insert %d rows into %s: %w", b.Len(), table, err)
	}
	return nil
}
