package engine

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// encodings are the content codings of answers, in the order of preference; "deflate" is zlib's
// form, as RFC 9110 has it.
var encodings = []struct {
	name string
	open func(io.Writer) (io.WriteCloser, error)
}{
	{"zstd", func(w io.Writer) (io.WriteCloser, error) {
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20))
	}},
	{"lz4", func(w io.Writer) (io.WriteCloser, error) { return lz4.NewWriter(w), nil }},
	{"gzip", func(w io.Writer) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestSpeed) }},
	{"deflate", func(w io.Writer) (io.WriteCloser, error) { return zlib.NewWriterLevel(w, zlib.BestSpeed) }},
	{"br", func(w io.Writer) (io.WriteCloser, error) { return brotli.NewWriterLevel(w, 2), nil }},
}

// acceptedEncoding picks a coding the client lists with a weight above zero.
func acceptedEncoding(h http.Header) (string, func(io.Writer) (io.WriteCloser, error)) {
	accepted := map[string]bool{}
	for _, item := range strings.Split(h.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
		accepted[strings.ToLower(strings.TrimSpace(name))] = err != nil || q > 0
	}
	for _, e := range encodings {
		if accepted[e.name] {
			return e.name, e.open
		}
	}
	return "", nil
}

// maxWindow bounds what a compressed body may make the decoder allocate.
const maxWindow = 32 << 20

// decodeBody undoes a request's content coding and then ClickHouse's own frames.
func decodeBody(body io.Reader, coding string, frames bool) (io.Reader, error) {
	var err error
	switch strings.ToLower(coding) {
	case "", "identity":
	case "gzip", "x-gzip":
		body, err = gzip.NewReader(body)
	case "deflate":
		body, err = zlib.NewReader(body)
	case "zstd":
		var d *zstd.Decoder
		if d, err = zstd.NewReader(body, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow)); err == nil {
			body = d
		}
	case "lz4":
		body = lz4.NewReader(body)
	case "br":
		body = brotli.NewReader(body)
	default:
		return nil, fail(48, "NOT_IMPLEMENTED", http.StatusUnsupportedMediaType, "Unknown compression method: %s", coding)
	}
	if err != nil {
		return nil, fail(354, "INFLATE_FAILED", http.StatusBadRequest, "body is not %s: %v", coding, err)
	}
	if frames {
		body = &frameReader{body: body}
	}
	return &endingReader{r: body}, nil
}

// endingReader answers every Read after the first error with that error. Not all decoders do: the
// one below frameReader would give its last frame once more.
type endingReader struct {
	r   io.Reader
	err error
}

func (e *endingReader) Read(p []byte) (n int, err error) {
	if e.err != nil {
		return 0, e.err
	}
	n, e.err = e.r.Read(p)
	return n, e.err
}

// frameReader reads ClickHouse's compressed frames; it tells an end between two frames from one
// within a frame.
type frameReader struct {
	body io.Reader
	r    *compress.Reader
	cnt  *countingReader
}

type countingReader struct {
	r io.Reader
	n int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

func (f *frameReader) Read(p []byte) (int, error) {
	if f.r == nil {
		f.cnt = &countingReader{r: f.body}
		f.r = compress.NewReader(f.cnt)
	}
	before := f.cnt.n
	n, err := f.r.Read(p)
	if err == nil {
		return n, nil
	}
	switch {
	case !isEOF(err):
		return 0, fmt.Errorf("compressed frame: %w", err)
	case f.cnt.n == before:
		return 0, io.EOF
	}
	return 0, io.ErrUnexpectedEOF
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// frameSize is how much goes into one compressed frame.
const frameSize = 1 << 20

// frameWriter writes ClickHouse's compressed frames, at least one for each Write.
type frameWriter struct {
	w io.Writer
	c *compress.Writer
}

func newFrameWriter(method string) func(io.Writer) (io.WriteCloser, error) {
	m := compress.LZ4
	switch strings.ToUpper(method) {
	case "ZSTD":
		m = compress.ZSTD
	case "NONE":
		m = compress.None
	}
	return func(w io.Writer) (io.WriteCloser, error) {
		return &frameWriter{w: w, c: compress.NewWriter(compress.LevelZero, m)}, nil
	}
}

func (f *frameWriter) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		piece := p[done:min(done+frameSize, len(p))]
		if err := f.c.Compress(piece); err != nil {
			return done, fmt.Errorf("compress: %w", err)
		}
		if _, err := f.w.Write(f.c.Data); err != nil {
			return done, err
		}
		done += len(piece)
	}
	return done, nil
}

// plain writes what follows uncompressed.
func (f *frameWriter) plain() { f.c = compress.NewWriter(compress.LevelZero, compress.None) }

func (f *frameWriter) Close() error { return nil }
