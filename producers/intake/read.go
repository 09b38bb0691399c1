package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxLine bounds one record in bytes; a longer one is broken.
const MaxLine = 8 << 20

var (
	errLong       = fmt.Errorf("line is longer than %d MB", MaxLine>>20)
	errLongRecord = fmt.Errorf("record is longer than %d MB", MaxLine>>20)
)

// open unpacks gzip, told by its first bytes.
func open(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, err
		}
		return bufio.NewReaderSize(z, 64<<10), nil
	}
	return in, nil
}

// lines gives the lines of an input which are not blank. Its errors name the
// line that could not be read; io.EOF comes as it is.
func lines(in *bufio.Reader) func() (Line, error) {
	no := 0
	return func() (Line, error) {
		for {
			no++
			b, err := readLine(in)
			switch {
			case errors.Is(err, errLong):
				return Line{No: no, Err: errLong}, nil
			case err == io.EOF:
				return Line{}, err
			case err != nil:
				return Line{}, fmt.Errorf("line %d: %w", no, err)
			}
			if no == 1 {
				b = bytes.TrimPrefix(b, []byte("\ufeff"))
			}
			if b = bytes.TrimSpace(b); len(b) > 0 {
				return Line{No: no, JSON: b}, nil
			}
		}
	}
}

// readLine reads one line of any length, and keeps at most MaxLine of it.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	long := false
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > MaxLine {
			long, line = true, nil
		} else if !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err == nil, errors.Is(err, io.EOF) && (len(line) > 0 || long):
			if long {
				return nil, errLong
			}
			return line, nil
		}
		return nil, err
	}
}

// records gives the elements of a JSON array, or JSON values one after the
// other, numbered from 1. Where the JSON itself is broken nothing after it can
// be told apart: that is the last line, and it is broken.
func records(in *bufio.Reader) func() (Line, error) {
	meter := &meter{in: in}
	dec := json.NewDecoder(meter)
	no, array, over := 0, false, false
	fail := func(err error) (Line, error) {
		var syntax *json.SyntaxError
		switch {
		case errors.Is(err, errLong):
			err = errLongRecord
		case errors.As(err, &syntax):
			err = fmt.Errorf("no JSON: %w", err)
		case meter.err == io.EOF:
			err = errors.New("no JSON: it ends in the middle")
		default:
			return Line{}, fmt.Errorf("record %d: %w", no, err)
		}
		over = true
		return Line{No: no, Err: fmt.Errorf("%w; what follows was not read", err)}, nil
	}
	return func() (Line, error) {
		meter.left = MaxLine
		if no == 0 {
			if head, err := firstByte(in); err != nil {
				return Line{}, err
			} else if array = head == '['; array {
				if _, err := dec.Token(); err != nil {
					no++
					return fail(err)
				}
			}
		}
		if over {
			return Line{}, io.EOF
		}
		no++
		if array && !dec.More() {
			array = false // what follows the array stands alone
			if _, err := dec.Token(); err != nil {
				return fail(err)
			}
		}
		var v json.RawMessage
		switch err := dec.Decode(&v); {
		case err == io.EOF && !array:
			return Line{}, io.EOF
		case err != nil:
			return fail(err)
		case len(v) > MaxLine:
			return Line{No: no, Err: errLongRecord}, nil
		}
		return Line{No: no, JSON: v}, nil
	}
}

// firstByte looks at the first byte that is not white space.
func firstByte(in *bufio.Reader) (byte, error) {
	if bom, _ := in.Peek(3); string(bom) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	for {
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, in.UnreadByte()
		}
	}
}

// meter bounds what a decoder reads for one value, and so its memory.
type meter struct {
	in   io.Reader
	left int
	err  error // the last one of in
}

func (m *meter) Read(b []byte) (int, error) {
	if m.left <= 0 {
		return 0, errLong
	}
	n, err := m.in.Read(b[:min(len(b), m.left)])
	m.left -= n
	if err != nil {
		m.err = err
	}
	return n, err
}
