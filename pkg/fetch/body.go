package fetch

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

const acceptEncoding = "gzip, br, zstd, deflate"

// errStalled is the cause with which a body that drips is given up.
var errStalled = errors.New("stalled")

// readBody reads and decompresses a body within the limits. cut: the
// connection ended before the body did; wire: bytes transferred.
func (c *Client) readBody(ctx context.Context, stall context.CancelCauseFunc, res *http.Response) (body []byte, wire int64, cut bool, err error) {
	in := &meter{r: res.Body, min: float64(c.cfg.MinRate), grace: c.cfg.IdleTimeout, started: time.Now()}
	in.timer = time.AfterFunc(c.cfg.IdleTimeout, func() { stall(errStalled) })
	defer in.timer.Stop()
	in.stall = func() { stall(errStalled) }

	out, done, err := decompress(bufio.NewReaderSize(in, 16<<10), res.Header.Get("Content-Encoding"), c.cfg.MaxBody)
	if err != nil {
		return nil, in.n, false, c.bodyError(ctx, in, err)
	}
	defer done()
	var buf bytes.Buffer
	if n := res.ContentLength; n > 0 {
		buf.Grow(int(min(n, c.cfg.MaxBody, 1<<20)) + bytes.MinRead)
	}
	for {
		n, err := io.CopyN(&buf, out, 64<<10)
		total := int64(buf.Len())
		if total > 1<<20 && total > in.n*int64(c.cfg.MaxRatio) {
			return nil, in.n, false, fail(ClassBomb, nil, "%d bytes inflate to more than %d; the answer is refused as a decompression bomb", in.n, total)
		}
		if total > c.cfg.MaxBody {
			return nil, in.n, false, fail(ClassTooLarge, nil, "the answer is larger than %d bytes (fetch.max_body)", c.cfg.MaxBody)
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && n < 64<<10:
			return buf.Bytes(), in.n, false, nil
		case broken(ctx, err) && buf.Len() > 0:
			return buf.Bytes(), in.n, true, nil
		default:
			return nil, in.n, false, c.bodyError(ctx, in, err)
		}
	}
}

// broken tells a connection that ended too early from other failures.
func broken(ctx context.Context, err error) bool {
	return ctx.Err() == nil && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET))
}

// bodyError tells data that does not decompress from a failing connection.
func (c *Client) bodyError(ctx context.Context, in *meter, err error) error {
	if in.err != nil && !errors.Is(in.err, io.EOF) || ctx.Err() != nil || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		return fail(ClassBomb, err, "the answer asks for more memory to decompress than it may have")
	}
	return fail(ClassProtocol, err, "the answer cannot be decompressed: %v", err)
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
	}
	if took := time.Since(m.started); err == nil && took > m.grace && float64(m.n) < m.min*took.Seconds() {
		m.stall()
		m.err = errStalled
		return n, errStalled
	}
	return n, err
}

// decompress undoes Content-Encoding. A body without the mark of its encoding
// is taken as it is, since servers forget to encode what they announce; one
// with the mark of gzip is unpacked even if nothing announces it.
func decompress(in *bufio.Reader, header string, maxBody int64) (out io.Reader, done func(), err error) {
	var encodings []string
	for _, e := range strings.Split(strings.ToLower(header), ",") {
		if e = strings.TrimSpace(e); e != "" && e != "identity" && e != "none" && e != "utf-8" {
			encodings = append(encodings, e)
		}
	}
	if len(encodings) > 2 {
		return nil, nil, fail(ClassBomb, nil, "the answer is compressed %d times over", len(encodings))
	}
	done = func() {}
	if len(encodings) == 0 {
		encodings = []string{"gzip"}
	}
	out = in
	for i := len(encodings) - 1; i >= 0; i-- {
		r, ok := out.(*bufio.Reader)
		if !ok {
			r = bufio.NewReader(out)
		}
		out = r
		magic, _ := r.Peek(4)
		switch encodings[i] {
		case "gzip", "x-gzip":
			if !bytes.HasPrefix(magic, []byte{0x1f, 0x8b}) {
				continue
			}
			if out, err = gzip.NewReader(r); err != nil {
				return nil, nil, err
			}
		case "deflate":
			switch {
			case len(magic) > 1 && magic[0]&0x0f == 8 && (int(magic[0])<<8|int(magic[1]))%31 == 0:
				if out, err = zlib.NewReader(r); err != nil {
					return nil, nil, err
				}
			case len(magic) > 0 && magic[0] != '<' && magic[0] != '{':
				out = flate.NewReader(r)
			}
		case "br":
			if len(magic) > 0 && magic[0] != '<' && magic[0] != '{' {
				out = brotli.NewReader(r)
			}
		case "zstd":
			if !bytes.HasPrefix(magic, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
				continue
			}
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(uint64(maxBody)+1<<20))
			if err != nil {
				return nil, nil, err
			}
			before := done
			done = func() { z.Close(); before() }
			out = z
		default:
			return nil, nil, fail(ClassProtocol, nil, "the answer is encoded as %q, which was not asked for", fmt.Sprintf("%.40s", encodings[i]))
		}
	}
	return out, done, nil
}
