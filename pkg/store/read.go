package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// ErrNotFound is the error of a read for something that is not stored.
var ErrNotFound = errors.New("not found")

// Bounds of what a read may ask for.
const (
	MaxRows    = 1000 // rows of a list
	MaxBuckets = 5000 // steps of a series
)

// readTimeout bounds one named query; the server gives up soon after.
const readTimeout = 20 * time.Second

// Statement is a named query with the values of its parameters. What String
// gives is what runs, so a figure can show where it comes from.
type Statement struct {
	Name   string
	Params map[string]any // string, bool, uint32, uint64, []string, []uint64, time.Time
}

// Note is the sentence that explains the query.
func (st Statement) Note() string {
	var words []string
	for line := range strings.Lines(st.file()) {
		text, ok := strings.CutPrefix(line, "--")
		if !ok {
			break
		}
		words = append(words, strings.TrimSpace(text))
	}
	return strings.Join(words, " ")
}

var placeholder = regexp.MustCompile(`\{(\w+):([A-Za-z0-9]+)[^{}]*\}`)

// String is the SQL with the values in place.
func (st Statement) String() string {
	var sb strings.Builder
	for line := range strings.Lines(st.file()) {
		if !strings.HasPrefix(line, "--") {
			sb.WriteString(line)
		}
	}
	sql := placeholder.ReplaceAllStringFunc(sb.String(), func(p string) string {
		m := placeholder.FindStringSubmatch(p)
		v, ok := st.Params[m[1]]
		if !ok {
			panic("store: query " + st.Name + " has no value for " + m[1])
		}
		return literal(v, m[2])
	})
	return strings.TrimSpace(sql)
}

func (st Statement) file() string {
	b, err := queryFiles.ReadFile("queries/" + st.Name + ".sql")
	if err != nil {
		panic("store: no query " + st.Name)
	}
	return string(b)
}

// literal writes a value of the declared type as ClickHouse reads it.
func literal(v any, kind string) string {
	switch v := v.(type) {
	case string:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", "").Replace(v) + "'"
	case time.Time:
		if kind == "DateTime" {
			return "toDateTime('" + v.UTC().Format("2006-01-02 15:04:05") + "', 'UTC')"
		}
		return "toDateTime64('" + v.UTC().Format("2006-01-02 15:04:05.000") + "', 3, 'UTC')"
	case []string:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = literal(x, "String")
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case []uint64:
		parts := make([]string, len(v))
		for i, n := range v {
			parts[i] = strconv.FormatUint(n, 10)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case bool, uint32, uint64:
		return fmt.Sprint(v)
	}
	panic(fmt.Sprintf("store: no literal for %T", v))
}

// read runs a statement and scans each of its rows into a T.
func read[T any](ctx context.Context, s *Store, st Statement, scan func(driver.Rows, *T) error) ([]T, error) {
	ctx, cancel := context.WithTimeout(ctx, min(readTimeout, s.cfg.Timeout))
	defer cancel()
	rows, err := s.conn.Query(ctx, st.String())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", st.Name, err)
	}
	out := []T{}
	err = each(rows, func() error {
		var v T
		err := scan(rows, &v)
		out = append(out, v)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", st.Name, err)
	}
	return out, nil
}

// one is read for a query that gives one row.
func one[T any](ctx context.Context, s *Store, st Statement, scan func(driver.Rows, *T) error) (T, error) {
	rows, err := read(ctx, s, st, scan)
	if err != nil || len(rows) == 0 {
		var none T
		if err == nil {
			err = fmt.Errorf("read %s: %w", st.Name, ErrNotFound)
		}
		return none, err
	}
	return rows[0], nil
}

// IsTimeout tells whether a read was given up because it took too long.
func IsTimeout(err error) bool {
	var ex *clickhouse.Exception
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &ex) && ex.Code == 159
}

// atMost brings the length of a list into its bounds; 0 asks for usual.
func atMost(n, usual int) uint32 {
	if n <= 0 {
		n = usual
	}
	return uint32(min(n, MaxRows))
}
