package spike

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// CSVOptions say how RunCSV reads and writes.
type CSVOptions struct {
	Step   time.Duration // of the series; 0: the median distance of its first 16 rows
	Stream bool          // write each row as soon as it is judged
	Config Config
	// Broken is told of each row that is left out, as it comes; where it is
	// nil, the error at the end names the first few.
	Broken func(error)
}

// Summary counts what RunCSV did.
type Summary struct {
	Rows   int // written
	Broken int // left out
	Alerts int
}

const (
	maxLine   = 64 << 10
	maxListed = 5 // broken rows in the final error
)

// RunCSV reads rows timestamp,value and writes them with expected, score and
// alert appended: what was forecast, -log10 of p, and 1 where an alert is
// raised, else 0. Each written row depends on the rows up to it only. Fields
// are echoed byte for byte, further columns too.
//
// A header, recognised by a first row that holds neither a time nor a number,
// is kept; it may name the two columns in any place and case. Timestamps are
// RFC 3339, 2006-01-02 15:04:05 or shorter (taken as UTC), or Unix seconds
// (milliseconds from 1e11 on). Values are numbers, 0 or more. Empty lines are
// passed over. A broken row is left out, the rest comes out, and the error at
// the end is a *BrokenRows. Cancelling stops between rows: a caller that waits
// for input closes it, too.
func RunCSV(ctx context.Context, r io.Reader, w io.Writer, opt CSVOptions) (Summary, error) {
	if opt.Step < 0 || (opt.Step > 0 && opt.Step < time.Second) {
		return Summary{}, fmt.Errorf("step is %v, want 1s or more", opt.Step)
	}
	if err := opt.Config.Validate(); err != nil {
		return Summary{}, err
	}
	run := csvRun{opt: opt, out: bufio.NewWriterSize(w, maxLine), detector: NewDetector(opt.Step, opt.Config), value: 1}
	err := run.all(ctx, bufio.NewReaderSize(r, maxLine))
	if flushErr := run.out.Flush(); err == nil && flushErr != nil {
		err = fmt.Errorf("write rows: %w", flushErr)
	}
	switch {
	case err != nil:
		return run.sum, err
	case run.sum.Broken > 0:
		return run.sum, &BrokenRows{Summary: run.sum, First: run.listed}
	case run.sum.Rows == 0 && !run.begun:
		return run.sum, errors.New("no rows: want CSV with timestamp,value")
	}
	return run.sum, nil
}

// BrokenRows says that rows were left out.
type BrokenRows struct {
	Summary
	First []error // the first few, unless CSVOptions.Broken was told
}

func (e *BrokenRows) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d rows left out; mend or remove them and run again", e.Broken, e.Broken+e.Rows)
	for _, err := range e.First {
		b.WriteString("\n  " + err.Error())
	}
	if more := e.Broken - len(e.First); more > 0 && len(e.First) > 0 {
		fmt.Fprintf(&b, "\n  and %d more", more)
	}
	return b.String()
}

type csvRun struct {
	opt         CSVOptions
	out         *bufio.Writer
	detector    *Detector
	time, value int // columns
	begun       bool
	sum         Summary
	listed      []error
	fields      []string
	num         []byte
}

func (c *csvRun) all(ctx context.Context, in *bufio.Reader) error {
	for line := 1; ; line++ {
		if c.opt.Stream || line%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		text, err := in.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			for errors.Is(err, bufio.ErrBufferFull) {
				_, err = in.ReadSlice('\n')
			}
			c.broken(line, fmt.Errorf("longer than %d bytes: is this CSV with timestamp,value?", maxLine))
			text = nil
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("read line %d: %w", line, err)
		}
		if werr := c.line(line, text); werr != nil {
			return fmt.Errorf("write line %d: %w", line, werr)
		}
		if err == io.EOF {
			return nil
		}
	}
}

// line handles one line; its error is one of writing.
func (c *csvRun) line(number int, text []byte) error {
	row, end := bytes.TrimSuffix(text, []byte("\n")), "\n"
	if bytes.HasSuffix(row, []byte("\r")) {
		row, end = row[:len(row)-1], "\r\n"
	}
	if len(bytes.TrimSpace(row)) == 0 {
		return nil
	}
	first := !c.begun
	c.begun = true
	c.split(strings.TrimPrefix(string(row), "\ufeff"))
	if first && c.header() {
		return c.write(row, ",expected,score,alert", end)
	}
	at, value, err := c.parse()
	if err != nil {
		c.broken(number, err)
		return nil
	}
	res := c.detector.Observe(at, value)
	alert := ",0"
	if res.Alert {
		alert = ",1"
		c.sum.Alerts++
	}
	c.sum.Rows++
	c.num = strconv.AppendFloat(append(c.num[:0], ','), res.Expected, 'f', 4, 64)
	c.num = strconv.AppendFloat(append(c.num, ','), res.Score, 'f', 4, 64)
	return c.write(row, string(append(c.num, alert...)), end)
}

func (c *csvRun) write(row []byte, more, end string) error {
	c.out.Write(row)
	c.out.WriteString(more)
	_, err := c.out.WriteString(end) // a bufio.Writer keeps its first error
	if c.opt.Stream && err == nil {
		err = c.out.Flush()
	}
	return err
}

func (c *csvRun) broken(line int, err error) {
	c.sum.Broken++
	c.begun = true
	err = fmt.Errorf("line %d: %w", line, err)
	if c.opt.Broken != nil {
		c.opt.Broken(err)
	} else if len(c.listed) < maxListed {
		c.listed = append(c.listed, err)
	}
}

// split cuts a row at the commas outside quotes into c.fields, unquoted.
func (c *csvRun) split(row string) {
	c.fields = c.fields[:0]
	for quoted, start, i := false, 0, 0; i <= len(row); i++ {
		switch {
		case i < len(row) && row[i] == '"':
			quoted = !quoted
		case i == len(row) || row[i] == ',' && !quoted:
			f := strings.TrimSpace(row[start:i])
			if len(f) >= 2 && f[0] == '"' && f[len(f)-1] == '"' {
				f = strings.TrimSpace(f[1 : len(f)-1])
			}
			c.fields = append(c.fields, f)
			start = i + 1
		}
	}
}

// header tells whether the first row is one, and takes the columns from it.
func (c *csvRun) header() bool {
	for _, f := range c.fields {
		if _, err := strconv.ParseFloat(f, 64); err == nil {
			return false
		}
		if _, err := parseTime(f); err == nil {
			return false
		}
	}
	if len(c.fields) < 2 {
		return false
	}
	for i, f := range c.fields {
		switch strings.ToLower(f) {
		case "timestamp":
			c.time = i
		case "value":
			c.value = i
		}
	}
	if c.time == c.value { // one of the two has another name
		c.time, c.value = 0, 1
	}
	return true
}

func (c *csvRun) parse() (time.Time, float64, error) {
	if n := max(c.time, c.value) + 1; len(c.fields) < n {
		return time.Time{}, 0, fmt.Errorf("has %d of %d columns, want timestamp,value with a comma between", len(c.fields), n)
	}
	at, err := parseTime(c.fields[c.time])
	if err != nil {
		return time.Time{}, 0, err
	}
	text := c.fields[c.value]
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case text == "":
		return at, 0, errors.New("the value is empty: leave the row out where nothing is known, write 0 where nothing was counted")
	case math.IsInf(v, 0), math.IsNaN(v): // too large for a float, too
		return at, 0, fmt.Errorf("value %q is not finite, want a number, 0 or more", short(text))
	case err != nil:
		return at, 0, fmt.Errorf("value %q is not a number", short(text))
	case v < 0:
		return at, 0, fmt.Errorf("value %q is negative, want a count, 0 or more", short(text))
	}
	return at, v, nil
}

func parseTime(s string) (time.Time, error) {
	if v, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(v) < 1e14 {
		if math.Abs(v) >= 1e11 {
			v /= 1000
		}
		sec := math.Floor(v)
		return time.Unix(int64(sec), int64((v-sec)*1e9)).UTC(), nil
	}
	for _, layout := range [...]string{time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00",
		"2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("timestamp %q is not understood, want RFC 3339, 2006-01-02 15:04:05 or Unix seconds", short(s))
}

// short keeps what a message quotes to a readable length.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
