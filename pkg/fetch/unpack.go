package fetch

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
	"github.com/klauspost/compress/zstd"
)

// Readers are used again: making one costs more than most feeds take to unpack.
var (
	buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 16<<10) }}
	gzips   sync.Pool
	brotlis sync.Pool
	flates  sync.Pool
	zstds   sync.Pool // of zstdReader
)

// zstdReader keeps the limit that a decoder was made with.
type zstdReader struct {
	*zstd.Decoder
	max int64
}

const maxZstdWindow = 8 << 20 // what RFC 9659 lets HTTP use

// unpack undoes Content-Encoding. A body without the mark of its encoding is
// taken as it is, since servers forget to encode what they announce; one with
// the mark of gzip is unpacked even if nothing announces it. done gives the
// readers back.
func unpack(in io.Reader, header string, maxBody int64) (out io.Reader, done func(), err error) {
	encodings, err := encodingsOf(header)
	if err != nil {
		return nil, nil, err
	}
	var held []func()
	done = func() {
		for _, f := range held {
			f()
		}
	}
	out = in
	for i := len(encodings) - 1; i >= 0; i-- {
		r := buffers.Get().(*bufio.Reader)
		r.Reset(out)
		held = append(held, func() { r.Reset(nil); buffers.Put(r) })
		out = r
		mark, _ := r.Peek(4)
		layer, back, err := layer(encodings[i], mark, r, maxBody)
		if err != nil {
			done()
			return nil, nil, err
		}
		if layer != nil {
			out, held = layer, append(held, back)
		}
	}
	return out, done, nil
}

func encodingsOf(header string) ([]string, error) {
	switch header {
	case "":
		return []string{"gzip"}, nil
	case "gzip", "br", "zstd", "deflate":
		return []string{header}, nil
	}
	var out []string
	for _, e := range strings.Split(strings.ToLower(header), ",") {
		if e = strings.TrimSpace(e); e != "" && e != "identity" && e != "none" && e != "utf-8" {
			out = append(out, e)
		}
	}
	if len(out) > 2 {
		return nil, fail(ClassBomb, nil, "the answer is compressed %d times over; tell the publisher", len(out))
	}
	if len(out) == 0 {
		out = []string{"gzip"}
	}
	return out, nil
}

// layer gives the reader for one encoding, nil where the body does not bear its
// mark.
func layer(encoding string, mark []byte, r *bufio.Reader, maxBody int64) (out io.Reader, back func(), err error) {
	text := len(mark) == 0 || mark[0] == '<' || mark[0] == '{'
	switch encoding {
	case "gzip", "x-gzip":
		if !bytes.HasPrefix(mark, []byte{0x1f, 0x8b}) {
			return nil, nil, nil
		}
		z, _ := gzips.Get().(*gzip.Reader)
		if z == nil {
			z = new(gzip.Reader)
		}
		if err := z.Reset(r); err != nil {
			return nil, nil, err
		}
		return z, func() { gzips.Put(z) }, nil
	case "deflate":
		switch {
		case len(mark) > 1 && mark[0]&0x0f == 8 && (int(mark[0])<<8|int(mark[1]))%31 == 0:
			z, err := zlib.NewReader(r)
			return z, func() {}, err
		case text:
			return nil, nil, nil
		}
		z, _ := flates.Get().(io.ReadCloser)
		if z == nil {
			z = flate.NewReader(r)
		} else if err := z.(flate.Resetter).Reset(r, nil); err != nil {
			return nil, nil, err
		}
		return z, func() { flates.Put(z) }, nil
	case "br":
		if text {
			return nil, nil, nil
		}
		z, _ := brotlis.Get().(*brotli.Reader)
		if z == nil {
			z = brotli.NewReader(r)
		} else if err := z.Reset(r); err != nil {
			return nil, nil, err
		}
		return z, func() { brotlis.Put(z) }, nil
	case "zstd":
		if !bytes.HasPrefix(mark, []byte{0x28, 0xb5, 0x2f, 0xfd}) {
			return nil, nil, nil
		}
		z, err := zstdFor(r, maxBody)
		if err != nil {
			return nil, nil, err
		}
		return z, func() {
			if z.Reset(nil) == nil {
				zstds.Put(z)
			}
		}, nil
	}
	return nil, nil, fail(ClassProtocol, nil, "the answer is encoded as %q, which was not asked for; tell the publisher", fmt.Sprintf("%.40s", encoding))
}

func zstdFor(r io.Reader, maxBody int64) (*zstdReader, error) {
	if z, _ := zstds.Get().(*zstdReader); z != nil && z.max == maxBody {
		return z, z.Reset(r)
	}
	d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true),
		zstd.WithDecoderMaxWindow(maxZstdWindow), zstd.WithDecoderMaxMemory(uint64(maxBody)+1<<20))
	if err != nil {
		return nil, err
	}
	return &zstdReader{d, maxBody}, nil
}
