package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Column is one column of a result.
type Column struct {
	Name string
	Type string // as ClickHouse writes it
}

// RowWriter takes a result as it comes. Columns is called once, before the
// first row; the values of a row are what the driver scans, see Format. Close
// is called after the last row of a result that came to its end.
type RowWriter interface {
	Columns([]Column) error
	Row(values []any) error
	Close() error
}

// Query runs any statement that a user wrote and streams its result. A
// statement without a result calls nothing but Close.
func (s *Store) Query(ctx context.Context, sql string, w RowWriter) error {
	sql = strings.TrimRight(strings.TrimSpace(sql), "; \t\r\n")
	if sql == "" {
		return errors.New("the statement is empty")
	}
	if m := formatClause.FindStringSubmatch(sql); m != nil {
		return fmt.Errorf("leave FORMAT %s out: --json gives one object a line, and a table comes without it", m[1])
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	defer cancel()
	if !givesRows(sql) {
		if err := s.conn.Exec(ctx, sql); err != nil {
			return plainError(err)
		}
		return w.Close()
	}
	rows, err := s.conn.Query(ctx, sql)
	if err != nil {
		return plainError(err)
	}
	defer rows.Close()
	types := rows.ColumnTypes()
	cols := make([]Column, len(types))
	for i, t := range types {
		cols[i] = Column{t.Name(), t.DatabaseTypeName()}
	}
	if len(cols) == 0 && rows.Err() == nil {
		cols = s.describe(ctx, sql)
	}
	if len(cols) > 0 {
		if err := w.Columns(cols); err != nil {
			return err
		}
	}
	for rows.Next() {
		targets, values := make([]any, len(types)), make([]any, len(types))
		for i, t := range types {
			targets[i] = reflect.New(t.ScanType()).Interface()
		}
		if err := rows.Scan(targets...); err != nil {
			return fmt.Errorf("read the result: %w", err)
		}
		for i := range targets {
			values[i] = reflect.ValueOf(targets[i]).Elem().Interface()
		}
		if err := w.Row(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return plainError(err)
	}
	return w.Close()
}

// describe asks for the columns of a result that came without any, as an empty
// one does over HTTP. What cannot be described has none.
func (s *Store) describe(ctx context.Context, sql string) []Column {
	rows, err := s.conn.Query(ctx, "DESCRIBE TABLE ("+sql+"\n)")
	if err != nil {
		return nil
	}
	var cols []Column
	texts := make([]string, len(rows.Columns())) // name, type, and more that differs by version
	into := make([]any, len(texts))
	for i := range texts {
		into[i] = &texts[i]
	}
	err = each(rows, func() error {
		if err := rows.Scan(into...); err != nil || len(texts) < 2 {
			return err
		}
		cols = append(cols, Column{texts[0], texts[1]})
		return nil
	})
	if err != nil {
		return nil
	}
	return cols
}

var (
	formatClause = regexp.MustCompile(`(?i)[\s)]FORMAT\s+([A-Za-z][A-Za-z0-9]*)$`)
	comment      = regexp.MustCompile(`(?s)^(?:\s+|--[^\n]*(?:\n|$)|#![^\n]*(?:\n|$)|/\*.*?\*/|\()+`)
)

// givesRows tells whether a statement is one that answers with rows.
func givesRows(sql string) bool {
	word, _, _ := strings.Cut(strings.ToUpper(comment.ReplaceAllString(sql, "")), "(")
	fields := strings.Fields(word)
	if len(fields) == 0 {
		return strings.HasPrefix(strings.TrimSpace(sql), "(")
	}
	switch fields[0] {
	case "SELECT", "WITH", "FROM", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK", "VALUES":
		return true
	}
	return false
}

// plainError keeps what ClickHouse says and drops what the driver puts around
// it.
func plainError(err error) error {
	var ex *clickhouse.Exception
	if errors.As(err, &ex) {
		return fmt.Errorf("clickhouse (%d): %w", ex.Code, ex)
	}
	return err
}
