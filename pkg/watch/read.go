package watch

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxLine bounds one line of a file, in bytes.
const maxLine = 1 << 20

// columns are those of a CSV or TSV file, by every name that they may have.
var columns = map[string]string{
	"id": "id", "entity_id": "id", "kind": "kind", "type": "kind", "name": "name", "alias": "aliases", "aliases": "aliases", "near": "near", "not": "not",
	"within": "within", "case": "case", "exact": "exact", "language": "languages", "languages": "languages", "source": "sources", "sources": "sources",
}

// Read reads entries from JSON lines, CSV or TSV, told by the first line. The
// first line of a table names its columns (id, kind, name, aliases, near, not,
// within, case, exact, languages, sources; name alone is needed); a file of one
// column without such a line is a list of names. Several values in one cell
// are parted by |. What cannot be read is told to broken with the number of its
// line; the rest is read. complete fills in what an entry lacks, before it is
// checked; nil: nothing is.
func Read(r io.Reader, complete func(*Entry), broken func(line int, err error)) ([]Entry, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if b, _ := in.Peek(3); bytes.Equal(b, []byte("\ufeff")) {
		in.Discard(3)
	}
	head, err := in.Peek(1 << 12)
	if err != nil && err != io.EOF && !errors.Is(err, bufio.ErrBufferFull) {
		return nil, fmt.Errorf("read: %w", err)
	}
	var out []Entry
	at := map[string]int{}
	take := func(line int, e Entry) {
		if complete != nil {
			complete(&e)
		}
		if err := e.Tidy(); err != nil {
			broken(line, err)
			return
		}
		if i, ok := at[e.ID]; ok {
			broken(line, fmt.Errorf("%s stands in the file already; this line is left out: give its names as aliases of the other", out[i].ID))
			return
		}
		at[e.ID] = len(out)
		out = append(out, e)
	}
	if bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		err = readJSON(in, take, broken)
	} else {
		err = readTable(in, head, take, broken)
	}
	return out, err
}

func readJSON(in *bufio.Reader, take func(int, Entry), broken func(int, error)) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	n := 0
	for lines.Scan() {
		n++
		b := bytes.TrimSpace(lines.Bytes())
		if len(b) == 0 {
			continue
		}
		var e Entry
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			broken(n, fmt.Errorf("no entry: %w", err))
			continue
		}
		take(n, e)
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("line %d: %w (at most %d bytes)", n+1, err, maxLine)
	}
	return nil
}

func readTable(in *bufio.Reader, head []byte, take func(int, Entry), broken func(int, error)) error {
	first, _, _ := bytes.Cut(head, []byte("\n"))
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = -1, true, true
	if bytes.IndexByte(first, '\t') >= 0 {
		r.Comma, r.TrimLeadingSpace = '\t', false
	} else if bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	var named []string
	for row := 0; ; row++ {
		f, err := r.Read()
		line := 0
		if err == nil || errors.Is(err, csv.ErrFieldCount) {
			line, _ = r.FieldPos(0)
		}
		if err == io.EOF {
			return nil
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			broken(bad.Line, bad.Err)
			continue
		}
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if row == 0 {
			if named, err = header(f); err != nil {
				return fmt.Errorf("line %d: %w", line, err)
			}
			if named != nil {
				continue
			}
			named = []string{"name"}
		}
		if len(f) > len(named) && strings.TrimSpace(strings.Join(f[len(named):], "")) != "" {
			broken(line, fmt.Errorf("%d values for %d columns; put a value that holds the separator in quotes, and part several values by |", len(f), len(named)))
			continue
		}
		e, err := fromRow(named, f)
		if err != nil {
			broken(line, err)
			continue
		}
		take(line, e)
	}
}

// header reads the names of columns; none where the line is an entry itself.
func header(f []string) ([]string, error) {
	var out []string
	var unknown []string
	for _, h := range f {
		c := columns[strings.ToLower(strings.TrimSpace(h))]
		if c == "" {
			unknown = append(unknown, h)
		}
		out = append(out, c)
	}
	switch {
	case slices.Contains(out, "name"):
		if len(unknown) > 0 {
			return nil, fmt.Errorf("there is no column %q; there are id, kind, name, aliases, near, not, within, case, exact, languages, sources", unknown)
		}
		return out, nil
	case len(f) == 1:
		return nil, nil
	}
	return nil, fmt.Errorf("the first line has to name the columns, name among them: id, kind, name, aliases, near, not, within, case, exact, languages, sources")
}

func fromRow(named, f []string) (Entry, error) {
	var e Entry
	for i, v := range f {
		if i >= len(named) {
			break
		}
		v = strings.TrimSpace(v)
		switch named[i] {
		case "id":
			e.ID = v
		case "kind":
			e.Kind = v
		case "name":
			e.Name = v
		case "aliases":
			e.Aliases = Split(v)
		case "near":
			e.Near = Split(v)
		case "not":
			e.Not = Split(v)
		case "languages":
			e.Languages = Split(v)
		case "sources":
			e.Sources = Split(v)
		case "case":
			e.Case = v
		case "exact":
			switch strings.ToLower(v) {
			case "", "no", "false", "0":
			case "yes", "true", "1":
				e.Exact = true
			default:
				return e, fmt.Errorf("exact is %q, want yes or no", v)
			}
		case "within":
			if v == "" {
				continue
			}
			n, err := strconv.Atoi(v)
			if err != nil {
				return e, fmt.Errorf("within is %q, want a number of words", v)
			}
			e.Within = n
		}
	}
	return e, nil
}

// Split parts several values in one cell or flag.
func Split(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "|")
}

// Write writes entries as JSON lines, in the form that Read takes.
func Write(w io.Writer, entries []Entry) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for i := range entries {
		if err := enc.Encode(&entries[i]); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	return nil
}
