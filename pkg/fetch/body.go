package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// errStalled is the cause with which a body that drips is given up.
var errStalled = errors.New("stalled")

// scratch is what a body is read into first. One that grew beyond maxScratch
// becomes the body itself.
var scratch = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

const maxScratch = 1 << 20

// readBody reads and decompresses a body within the limits. cut: the
// connection ended before the body did; wire: bytes transferred.
func (ch *chain) readBody(ctx context.Context, res *http.Response) (body []byte, wire int64, cut bool, err error) {
	c := ch.c
	in := &meter{r: res.Body, min: float64(c.cfg.MinRate), grace: c.cfg.IdleTimeout, started: time.Now()}
	in.stall = func() { ch.stop(errStalled) }
	in.timer = time.AfterFunc(c.cfg.IdleTimeout, in.stall)
	defer in.timer.Stop()

	most, advice := c.cfg.MaxBody, "; raise fetch.max_body if this feed is worth it"
	if r := ch.r.MaxBody; r > 0 && r < most {
		most, advice = r, ""
	}
	out, done, err := unpack(in, res.Header.Get("Content-Encoding"), most)
	if err != nil {
		return nil, in.n, false, bodyError(ctx, in, err)
	}
	defer done()
	held := scratch.Get().(*[]byte)
	defer func() {
		if held != nil {
			scratch.Put(held)
		}
	}()
	buf, n := *held, 0
	for {
		if n == len(buf) {
			if len(buf) >= maxScratch && held != nil {
				scratch.Put(held)
				held = nil
			}
			bigger := make([]byte, 2*len(buf))
			copy(bigger, buf)
			if buf = bigger; held != nil {
				*held = buf
			}
		}
		m, err := out.Read(buf[n:])
		n += m
		total := int64(n)
		if ch.take > 0 && total >= ch.take {
			total, err = ch.take, io.EOF
		}
		if total > 1<<20 && total > in.n*int64(c.cfg.MaxRatio) {
			return nil, in.n, false, fail(ClassBomb, nil, "%d bytes inflate to more than %d; the answer is refused as a decompression bomb", in.n, total)
		}
		if total > most {
			return nil, in.n, false, fail(ClassTooLarge, nil, "the answer is larger than %d bytes%s", most, advice)
		}
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.EOF), errors.Is(err, gzip.ErrHeader) && n > 0: // what follows a whole member of gzip is padding
		case ctx.Err() == nil && n > 0 && (in.broken() || errors.Is(err, io.ErrUnexpectedEOF)):
			cut = true
		default:
			return nil, in.n, false, bodyError(ctx, in, err)
		}
		if body = buf[:total:total]; held != nil {
			body = append(make([]byte, 0, total), body...)
		}
		return body, in.n, cut, nil
	}
}

// bodyError tells data that does not decompress from a failing connection.
func bodyError(ctx context.Context, in *meter, err error) error {
	if in.broken() || ctx.Err() != nil || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return fail(ClassBomb, err, "the answer asks for more memory to decompress than it may have; tell the publisher")
	}
	return fail(ClassProtocol, err, "the answer cannot be decompressed (%v); tell the publisher", err)
}

// meter counts what comes in, and gives up on what drips.
type meter struct {
	r       io.Reader
	n       int64
	err     error
	timer   *time.Timer
	stall   func()
	started time.Time
	grace   time.Duration
	min     float64 // bytes a second
}

func (m *meter) Read(p []byte) (int, error) {
	m.timer.Reset(m.grace)
	n, err := m.r.Read(p)
	m.timer.Stop()
	m.n += int64(n)
	if err != nil {
		m.err = err
		return n, err
	}
	if took := time.Since(m.started); took > m.grace && float64(m.n) < m.min*took.Seconds() {
		m.stall()
		m.err = errStalled
		return n, errStalled
	}
	return n, nil
}

// broken tells whether the connection failed before the body's end.
func (m *meter) broken() bool { return m.err != nil && !errors.Is(m.err, io.EOF) }

const (
	drainBytes = 16 << 10
	drainTime  = time.Second
)

// drain reads what is left of an answer that is not wanted, if it is little:
// its connection can be used again then. It gives what it read.
func drain(res *http.Response) []byte {
	defer res.Body.Close()
	if res.ContentLength == 0 {
		return nil
	}
	enough := time.AfterFunc(drainTime, func() { res.Body.Close() })
	defer enough.Stop()
	page, _ := io.ReadAll(io.LimitReader(res.Body, drainBytes)) // what came before it failed will do
	return page
}
