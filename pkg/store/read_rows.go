package store

import (
	"bufio"
	"io"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// JSONRows writes one object a line, keyed by column; integers of 64 bits and
// more, and times, are strings.
func JSONRows(w io.Writer) RowWriter { return &jsonRows{w: bufio.NewWriter(w)} }

type jsonRows struct {
	w     *bufio.Writer
	names [][]byte
	types []sqlType
	line  []byte
}

func (j *jsonRows) Columns(cols []Column) error {
	for _, c := range cols {
		j.names = append(j.names, append(appendJSONString(nil, c.Name), ':'))
		j.types = append(j.types, parseType(c.Type))
	}
	return nil
}

func (j *jsonRows) Row(values []any) error {
	b := append(j.line[:0], '{')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, j.names[i]...)
		b = format{json: true}.append(b, v, j.types[i], false)
	}
	j.line = append(b, '}', '\n')
	_, err := j.w.Write(j.line)
	return err
}

func (j *jsonRows) Close() error { return j.w.Flush() }

// Bounds of a table: rows that are looked at for the widths, and cells of the
// terminal that one value may take.
const (
	measuredRows = 500
	widestCell   = 100
)

// TableRows writes an aligned table for people: long values are cut with an
// ellipsis, and what could steer a terminal is shown as text.
func TableRows(w io.Writer) RowWriter { return &tableRows{w: bufio.NewWriter(w)} }

type tableRows struct {
	w       *bufio.Writer
	types   []sqlType
	right   []bool
	widths  []int
	held    [][]string // until the widths are known
	started bool
}

func (t *tableRows) Columns(cols []Column) error {
	var head []string
	for _, c := range cols {
		kind := parseType(c.Type)
		name := kind.bare().name
		t.types = append(t.types, kind)
		t.right = append(t.right, strings.HasPrefix(name, "UInt") || strings.HasPrefix(name, "Int") && !strings.HasPrefix(name, "Interval") ||
			strings.HasPrefix(name, "Float") || strings.HasPrefix(name, "Decimal"))
		head = append(head, cell(c.Name))
	}
	t.widths = make([]int, len(cols))
	t.hold(head)
	return nil
}

func (t *tableRows) hold(row []string) {
	for i, c := range row {
		t.widths[i] = max(t.widths[i], cells(c))
	}
	t.held = append(t.held, row)
}

func (t *tableRows) Row(values []any) error {
	row := make([]string, len(values))
	for i, v := range values {
		row[i] = cell(string(format{}.append(nil, v, t.types[i], false)))
	}
	if t.started {
		return t.write(row)
	}
	t.hold(row)
	if len(t.held) > measuredRows {
		return t.start()
	}
	return nil
}

// start writes the header and what was held.
func (t *tableRows) start() error {
	t.started = true
	for i, row := range t.held {
		if err := t.write(row); err != nil {
			return err
		}
		if i == 0 {
			rule := make([]string, len(t.widths))
			for k, n := range t.widths {
				rule[k] = strings.Repeat("-", n)
			}
			if err := t.write(rule); err != nil {
				return err
			}
		}
	}
	t.held = nil
	return nil
}

func (t *tableRows) write(row []string) error {
	var sb strings.Builder
	for i, c := range row {
		if i > 0 {
			sb.WriteString("  ")
		}
		pad := strings.Repeat(" ", max(0, t.widths[i]-cells(c)))
		if t.right[i] {
			sb.WriteString(pad + c)
		} else {
			sb.WriteString(c + pad)
		}
	}
	_, err := t.w.WriteString(strings.TrimRight(sb.String(), " ") + "\n")
	return err
}

func (t *tableRows) Close() error {
	if !t.started && len(t.held) > 0 {
		if err := t.start(); err != nil {
			return err
		}
	}
	return t.w.Flush()
}

// cell makes one line of a value that a terminal can show.
func cell(s string) string {
	var sb strings.Builder
	n := 0
	for _, r := range s {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			r = ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar:
			r = '?'
		}
		if n += cells(string(r)); n > widestCell {
			sb.WriteString("…")
			break
		}
		sb.WriteRune(r)
	}
	return sb.String()
}

// cells counts the columns of a terminal that a text takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case width.LookupRune(r).Kind() == width.EastAsianWide || width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}
