package intake

import (
	"bufio"
	"context"
	"io"
	"time"
)

// Stream publishes articles as they come, from a file or from a pipe that
// never ends.
type Stream struct {
	To       Sink
	Report   func(file string, line int, err error) // is told of each broken line; may be nil
	Progress func(file string, sum Result)          // is told of the sum after each batch; may be nil
}

// linger is how long a line waits for others.
const linger = time.Second

// Publish reads JSON lines, gzipped or not, to the end of the input or of ctx;
// no line waits longer than a second for others. With ErrStopped everything
// that was read is stored. Any other error is that of the reader or the sink.
func (s *Stream) Publish(ctx context.Context, file string, r io.Reader) (Result, error) {
	p := &pump{to: s.To, report: about(s.Report, file)}
	if s.Progress != nil {
		p.flushed = func() { s.Progress(file, p.res) }
	}
	var next func() (Line, error)
	err := p.follow(ctx, linger, func() (Line, error) {
		if next == nil { // not before, since a pipe may have nothing to read for hours
			var in *bufio.Reader
			var err error
			if in, err = open(r); err != nil {
				return Line{}, err
			}
			next = lines(in)
		}
		return next()
	})
	return p.res, named(file, err)
}

// ToBrokers is a Sink that publishes news at once. Brokers that are away are
// waited for until the context ends.
func ToBrokers(out Publisher, now func() time.Time) Sink {
	return &desk{out: out, now: now, patience: patience, stubborn: true}
}

// patience is how long brokers that are away are waited for before articles
// get a new time.
const patience = 20 * time.Second
