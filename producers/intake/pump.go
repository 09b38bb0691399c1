package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Bounds of one batch.
const (
	batchLines = 500
	batchBytes = 2 << 20 // a longer line is a batch of its own
)

// Line is one record as it came, with its number.
type Line struct {
	No   int
	JSON []byte
	Err  error // why it could not be read; JSON is empty then
}

// Broken says why a line was not taken.
type Broken struct {
	Line  int    `json:"line"`
	Error string `json:"error"`
}

// Sink takes batches. Without an error every line is stored but those that it
// gives back as broken; with one, any of them may be.
type Sink interface {
	Send(ctx context.Context, batch []Line) ([]Broken, error)
}

// Result says what became of an input.
type Result struct {
	Lines     int // that were not blank
	Published int
	Broken    int
}

// pump moves lines from an input to a sink, a batch at a time: what the sink
// does not take yet is not read yet.
type pump struct {
	to      Sink
	report  func(line int, err error) // is told of each broken line, in their order; may be nil
	flushed func()                    // is called after each batch; may be nil

	res     Result
	refused bool // the sink gave an error
	batch   []Line
	size    int
}

// run moves everything that next gives, up to io.EOF.
func (p *pump) run(ctx context.Context, next func() (Line, error)) error {
	for {
		line, err := next()
		if err != nil {
			return p.end(ctx, err)
		}
		if err := p.take(ctx, line); err != nil {
			return err
		}
	}
}

// grace is what a batch may take to be sent once the input has been given up.
const grace = 15 * time.Second

// follow does as run, and lets no line wait longer than linger for others. It
// ends when ctx does, with what was read sent; next may be stuck in a read
// then, and is left behind.
func (p *pump) follow(ctx context.Context, linger time.Duration, next func() (Line, error)) error {
	type step struct {
		Line
		err error
	}
	steps := make(chan step)
	gone := make(chan struct{})
	defer close(gone)
	go func() {
		for {
			line, err := next()
			select {
			case steps <- step{line, err}:
			case <-gone:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	due := time.NewTimer(linger)
	defer due.Stop()
	for {
		var err error
		select {
		case s := <-steps:
			if s.err != nil {
				return p.end(ctx, s.err)
			}
			if len(p.batch) == 0 {
				due.Reset(linger)
			}
			err = p.take(ctx, s.Line)
		case <-due.C:
			err = p.flush(ctx)
		case <-ctx.Done():
			return p.end(ctx, ErrStopped)
		}
		if err != nil {
			return err
		}
	}
}

// ErrStopped says that the input was given up before its end, because the
// context ended; what was read of it is stored.
var ErrStopped = errors.New("stopped before the end of the input")

// end sends the rest, also where the context is over.
func (p *pump) end(ctx context.Context, why error) error {
	if ctx.Err() != nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
	}
	err := p.flush(ctx)
	if why == io.EOF || err != nil && errors.Is(why, ErrStopped) {
		return err
	}
	return errors.Join(why, err)
}

func (p *pump) take(ctx context.Context, line Line) error {
	if len(p.batch) > 0 && p.size+len(line.JSON) > batchBytes {
		if err := p.flush(ctx); err != nil {
			return err
		}
	}
	p.batch, p.size = append(p.batch, line), p.size+len(line.JSON)
	if len(p.batch) >= batchLines || p.size >= batchBytes {
		return p.flush(ctx)
	}
	return nil
}

func (p *pump) flush(ctx context.Context) error {
	if len(p.batch) == 0 {
		return nil
	}
	var broken []Broken
	good := make([]Line, 0, len(p.batch))
	for _, l := range p.batch {
		if l.Err == nil {
			good = append(good, l)
		} else {
			broken = append(broken, Broken{l.No, l.Err.Error()})
		}
	}
	var err error
	if len(good) > 0 {
		var refused []Broken
		refused, err = p.to.Send(ctx, good)
		broken = append(broken, refused...)
		if p.refused = err != nil; !p.refused {
			p.res.Published += len(good) - len(refused)
		}
	}
	p.res.Lines += len(p.batch)
	p.res.Broken += len(broken)
	p.batch, p.size = p.batch[:0], 0
	if p.report != nil {
		slices.SortFunc(broken, func(a, b Broken) int { return a.Line - b.Line })
		for _, b := range broken {
			p.report(b.Line, errors.New(b.Error))
		}
	}
	if p.flushed != nil {
		p.flushed()
	}
	return err
}

// named puts the name of the input before an error.
func named(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", name, err)
}
